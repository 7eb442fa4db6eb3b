"""How a message of several segments ends: by what its account says, one function a policy."""

from collections.abc import Callable, Sequence
from enum import Enum

from gateway.model.lifecycle import IS_FINAL, SegmentState, outcome

_DELIVERED = SegmentState.DELIVERED
_OURS = frozenset({SegmentState.WAITING, SegmentState.SENDING, SegmentState.IN_DOUBT})


class Deciding(Enum):
    """Which segments decide. For a message of one segment all are the same."""

    ALL = "all"  # when every segment has ended; delivered if all were
    FIRST_FAILURE = "first_failure"  # the first that was not delivered, at once; else as ALL
    LAST_SEGMENT = "last_segment"  # the one with the highest number, once the carrier has all the others


def _first_failure(states: Sequence[SegmentState]) -> SegmentState | None:
    failed = [state for state in states if IS_FINAL[state] and state is not _DELIVERED]
    return outcome(failed) if failed else outcome(states)


def _last_segment(states: Sequence[SegmentState]) -> SegmentState | None:
    if _OURS.intersection(states) or not IS_FINAL[states[-1]]:
        return None
    if states[-1] is SegmentState.REJECTED:  # perhaps only because a sibling failed
        return outcome([state for state in states if IS_FINAL[state]])
    return states[-1]


OUTCOME: dict[Deciding, Callable[[Sequence[SegmentState]], SegmentState | None]] = {
    Deciding.ALL: outcome,
    Deciding.FIRST_FAILURE: _first_failure,
    Deciding.LAST_SEGMENT: _last_segment,
}
"""The state of a message by its segments' states; None while it is not decided. Once it is, no later word changes it
from decided to undecided."""

"""Plain integers that the hot path adds to; gateway.ops.metrics turns them into metrics when it is asked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.model.histogram import ANSWER_MS, HANDOVER_MS, OUTCOME_MS, RECEIPT_MS, RESPONSE_MS, Histogram
from gateway.model.lifecycle import STATE_NAMES, SegmentState
from gateway.smpp.tally import Tally

PRIORITIES = 4


def by_state() -> list[int]:
    """A place for each SegmentState."""
    return [0] * len(SegmentState)


@dataclass(slots=True)
class CustomerCounts:
    """Of one customer since the start."""

    accepted: int = 0
    repeated: int = 0  # submissions that were answered with the id of an earlier one
    refused: Counter[str] = field(default_factory=Counter)  # by Reason
    settled: Counter[str] = field(default_factory=Counter)  # by final state
    segments_settled: list[int] = field(default_factory=by_state)
    receipts_owed: int = 0  # and messages from phones
    receipts_handed_over: int = 0
    receipts_refused: int = 0
    quota_marks: int = 0  # how often a warning mark was passed
    given_up: int = 0  # receipts and messages from phones that it did not fetch in time
    mo_accepted: int = 0  # messages from phones
    mo_handed_over: int = 0
    mo_refused: int = 0
    # From a submit_sm's arrival to its answer, and from submission (or its due time) to the message's end.
    response_ms: Histogram = field(default_factory=lambda: Histogram(ANSWER_MS))
    outcome_ms: Histogram = field(default_factory=lambda: Histogram(OUTCOME_MS))
    read: Tally = field(default_factory=dict)  # PDUs of sessions that are over
    written: Tally = field(default_factory=dict)

    def ended(self, final: SegmentState, states: Iterable[SegmentState], milliseconds: float) -> None:
        """A message ended, whose segments are in these states, so long after it could leave."""
        self.settled[STATE_NAMES[final]] += 1
        for state in states:
            self.segments_settled[state] += 1
        self.outcome_ms.observe(milliseconds)


@dataclass(slots=True)
class CarrierCounts:
    """Of one carrier since the start."""

    segments_sent: int = 0
    answers: Counter[int] = field(default_factory=Counter)  # by command_status
    answers_lost: int = 0
    answers_late: int = 0  # after they were given up
    binds_refused: Counter[int] = field(default_factory=Counter)  # by command_status
    receipts: Counter[str] = field(default_factory=Counter)  # by the event that they are
    receipts_early: int = 0
    receipts_repeated: int = 0
    receipts_late: int = 0  # for what we had given up
    receipts_contradicting: int = 0  # for what had ended otherwise
    receipts_unknown: int = 0
    receipts_would_match: Counter[str] = field(default_factory=Counter)  # by how else their ids would have to be read
    mo: int = 0  # messages from phones, or parts of them
    mo_unowned: int = 0
    in_doubt: int = 0
    expired: int = 0
    messages_settled: list[int] = field(default_factory=by_state)  # of its messages, and of their segments
    segments_settled: list[int] = field(default_factory=by_state)
    # A segment from its sending to the answer that takes it, and to its receipt; and from the customer's submission to
    # that answer, by priority.
    response_ms: Histogram = field(default_factory=lambda: Histogram(RESPONSE_MS))
    receipt_ms: Histogram = field(default_factory=lambda: Histogram(RECEIPT_MS))
    handover_ms: tuple[Histogram, ...] = field(
        default_factory=lambda: tuple(Histogram(HANDOVER_MS) for _ in range(PRIORITIES))
    )

    def ended(self, final: SegmentState, states: Iterable[SegmentState]) -> None:
        """A message that it had, or that waited for it, ended, whose segments are in these states."""
        self.messages_settled[final] += 1
        for state in states:
            self.segments_settled[state] += 1

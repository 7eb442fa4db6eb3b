"""The life of a segment as one total table, and the one function that moves it.

A message has no state of its own: it is final when all of its segments are, and `outcome` tells how.
docs/lifecycle.md is drawn from the table (gateway.model.diagram).
"""

from collections.abc import Iterable
from enum import IntEnum

from gateway.model.errors import Bug


class SegmentState(IntEnum):
    """Where a segment stands. The numbers are stored; never reuse one."""

    WAITING = 0  # ours, not handed to the carrier
    SENDING = 1  # durable permission to send; its answer is not here yet
    SENT = 2  # the carrier answered ESME_ROK and promised a receipt
    IN_DOUBT = 3  # sent, but nobody knows whether the carrier has it
    DELIVERED = 4
    UNDELIVERABLE = 5
    EXPIRED = 6
    REJECTED = 7
    DELETED = 8
    UNKNOWN = 9


class SegmentEvent(IntEnum):
    """What can happen to a segment."""

    CLAIM = 0  # the dispatcher takes it for a bind
    ACCEPTED = 1  # submit_sm_resp, ESME_ROK: of the try under way or of an earlier one
    REFUSED_FOR_NOW = 2  # submit_sm_resp: try again later
    REFUSED = 3  # submit_sm_resp: never
    ANSWER_LOST = 4  # the link died, the response timer ran out, or we crashed
    RESEND = 5  # the in-doubt policy sends it once more
    RECEIPT_INTERMEDIATE = 6  # a receipt of no final state: the carrier has it
    RECEIPT_DELIVERED = 7
    RECEIPT_UNDELIVERABLE = 8
    RECEIPT_EXPIRED = 9
    RECEIPT_REJECTED = 10
    RECEIPT_DELETED = 11
    RECEIPT_UNKNOWN = 12
    DEADLINE = 13  # validity is over and no receipt came
    ABANDON = 14  # a sibling was refused for good: this one need not go
    GIVE_UP = 15  # the in-doubt policy neither waits nor sends again
    CANCEL = 16  # the customer takes it back before it leaves
    NO_RECEIPT = 17  # as DEADLINE, for a carrier whose silence says nothing


_S, _E = SegmentState, SegmentEvent

FINAL = frozenset({_S.DELIVERED, _S.UNDELIVERABLE, _S.EXPIRED, _S.REJECTED, _S.DELETED, _S.UNKNOWN})

# What a receipt says of a segment that is alive.
FINAL_OF = {
    _E.RECEIPT_DELIVERED: _S.DELIVERED,
    _E.RECEIPT_UNDELIVERABLE: _S.UNDELIVERABLE,
    _E.RECEIPT_EXPIRED: _S.EXPIRED,
    _E.RECEIPT_REJECTED: _S.REJECTED,
    _E.RECEIPT_DELETED: _S.DELETED,
    _E.RECEIPT_UNKNOWN: _S.UNKNOWN,
}


def _moves() -> dict[tuple[SegmentState, SegmentEvent], SegmentState]:
    """What can happen where.

    A segment in doubt that is sent once more has two tries under way, and the first one may speak after all: by a
    receipt that carries our reference, or by an answer that comes late. So the carrier's word that it has the segment
    counts wherever the segment stands, and one try that arrived outweighs another that was refused or lost.
    """
    moves: dict[tuple[SegmentState, SegmentEvent], SegmentState] = {
        (_S.WAITING, _E.CLAIM): _S.SENDING,
        (_S.WAITING, _E.REFUSED_FOR_NOW): _S.WAITING,  # late, of an earlier try: it waits already
        (_S.WAITING, _E.REFUSED): _S.REJECTED,
        (_S.WAITING, _E.ABANDON): _S.REJECTED,
        (_S.WAITING, _E.DEADLINE): _S.EXPIRED,
        (_S.WAITING, _E.CANCEL): _S.DELETED,
        (_S.SENDING, _E.REFUSED_FOR_NOW): _S.WAITING,
        (_S.SENDING, _E.REFUSED): _S.REJECTED,
        (_S.SENDING, _E.ANSWER_LOST): _S.IN_DOUBT,
        (_S.SENDING, _E.DEADLINE): _S.SENDING,  # its answer or its loss decides, soon
        (_S.SENT, _E.REFUSED_FOR_NOW): _S.SENT,
        (_S.SENT, _E.REFUSED): _S.SENT,
        (_S.SENT, _E.ANSWER_LOST): _S.SENT,
        (_S.SENT, _E.DEADLINE): _S.EXPIRED,
        (_S.IN_DOUBT, _E.REFUSED_FOR_NOW): _S.WAITING,
        (_S.IN_DOUBT, _E.REFUSED): _S.REJECTED,
        (_S.IN_DOUBT, _E.RESEND): _S.WAITING,
        (_S.IN_DOUBT, _E.GIVE_UP): _S.UNKNOWN,
        (_S.IN_DOUBT, _E.DEADLINE): _S.EXPIRED,
        (_S.IN_DOUBT, _E.ANSWER_LOST): _S.IN_DOUBT,  # once more: we crashed while it was
        (_S.WAITING, _E.NO_RECEIPT): _S.EXPIRED,
        (_S.SENDING, _E.NO_RECEIPT): _S.SENDING,
        (_S.SENT, _E.NO_RECEIPT): _S.UNKNOWN,
        (_S.IN_DOUBT, _E.NO_RECEIPT): _S.UNKNOWN,
    }
    for state in (_S.SENDING, _S.SENT, _S.IN_DOUBT):
        moves[state, _E.ABANDON] = state  # it may be on the phone already
    for state in (_S.WAITING, _S.SENDING, _S.SENT, _S.IN_DOUBT):
        moves[state, _E.ACCEPTED] = moves[state, _E.RECEIPT_INTERMEDIATE] = _S.SENT
        moves |= {(state, event): to for event, to in FINAL_OF.items()}
    for state in FINAL:  # the first final word stands; what comes late is counted by whoever sees it
        late = (*FINAL_OF, _E.RECEIPT_INTERMEDIATE, _E.ACCEPTED, _E.REFUSED, _E.REFUSED_FOR_NOW, _E.ANSWER_LOST)
        moves |= dict.fromkeys(((state, event) for event in (*late, _E.DEADLINE, _E.NO_RECEIPT, _E.ABANDON)), state)
    return moves


MOVES = _moves()

# Pairs that our own code must never produce; a test holds that every pair is in MOVES or here.
IMPOSSIBLE = frozenset((state, event) for state in _S for event in _E if (state, event) not in MOVES)

_TABLE: tuple[tuple[SegmentState | None, ...], ...] = tuple(
    tuple(MOVES.get((state, event)) for event in _E) for state in _S
)

IS_FINAL: tuple[bool, ...] = tuple(state in FINAL for state in _S)

# By number: `name` of a member takes six times as long, and every message comes by some of them.
STATE_NAMES: tuple[str, ...] = tuple(state.name for state in _S)
EVENT_NAMES: tuple[str, ...] = tuple(event.name for event in _E)


def move(state: SegmentState, event: SegmentEvent) -> SegmentState:
    """Return the state after `event`. Raise Bug for a pair that cannot happen."""
    to = _TABLE[state][event]
    if to is None:
        raise Bug(f"segment {state.name}: {event.name} cannot happen")
    return to


def outcome(states: Iterable[SegmentState]) -> SegmentState | None:
    """Return the message's final state, or None while a segment is alive.

    Delivered when every segment was; else the state of the first segment that was not. That a segment needed not go any
    more (REJECTED by ABANDON) says nothing beside a sibling that ended otherwise: the sibling was the cause.
    """
    failed: SegmentState | None = None
    for state in states:
        if not IS_FINAL[state]:
            return None
        if state is not _S.DELIVERED and (failed is None or failed is _S.REJECTED):
            failed = state
    return _S.DELIVERED if failed is None else failed

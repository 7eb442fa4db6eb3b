"""Which receipts a message owes to its customer: at its end, and before it where the account wants to know more."""

from collections.abc import Callable, Iterator

from gateway.flow.message import DELIVERED, FIRST_SEGMENT_BIT, MESSAGE_STATE, Message, Told
from gateway.model.ids import IdSource
from gateway.model.lifecycle import IS_FINAL, SegmentState
from gateway.smpp.constants import INTERMEDIATE_NOTIFICATION, MessageState
from gateway.store.contract import ReceiptOwed


def receipts_owed(message: Message, final: SegmentState, done_at: int, ids: IdSource) -> tuple[ReceiptOwed, ...]:
    """What the customer asked for, at the end: a receipt for each id that it was told, or for each segment.

    Segments that nobody waits for any more, since others decided, are told as UNKNOWN.
    """
    if message.account.receipts.per_segment and not message.row.part_ids:
        return tuple(_of_segments(message, done_at, ids, lambda _: message.reason, over=True))
    receipts: tuple[ReceiptOwed, ...] = ()
    delivered = message.states.count(DELIVERED)
    state, error, reason = int(MESSAGE_STATE[final]), message.error, message.reason
    for told in message.told():
        if told.wants(delivered=final is DELIVERED):
            receipt = _receipt(message, told, ids.next(done_at), state, error, delivered, done_at, reason, 0)
            receipts = (*receipts, receipt)
    return receipts


def receipts_meanwhile(
    message: Message, said: MessageState | None, now: int, ids: IdSource, reason_of: Callable[[bytes], str]
) -> tuple[ReceiptOwed, ...]:
    """What there is to tell of a message that is alive. `said` is what a carrier's intermediate receipt said.

    Each state once: that it is ENROUTE as soon as the carrier has all of it, and what the carrier tells itself. `now`
    is in ms since 1970.
    """
    style = message.account.receipts
    receipts: list[ReceiptOwed] = []
    if style.intermediate:
        state = said or (MessageState.ENROUTE if message.all_taken else None)
        if state is not None and not message.said >> state & 1:
            message.said |= 1 << state
            delivered = message.states.count(DELIVERED)
            receipts += (
                _receipt(message, told, ids.next(now), int(state), b"", delivered, now, "", 0)
                for told in message.told()
                if told.registered_delivery & INTERMEDIATE_NOTIFICATION
            )
    if style.per_segment and not message.row.part_ids:
        receipts += _of_segments(message, now, ids, reason_of, over=False)
    return tuple(receipts)


def _of_segments(
    message: Message, now: int, ids: IdSource, reason_of: Callable[[bytes], str], *, over: bool
) -> Iterator[ReceiptOwed]:
    """Of segments that ended (all, when it is over) and were not told of yet."""
    (told,) = message.told()
    for index, state in enumerate(message.states):
        bit = FIRST_SEGMENT_BIT << index
        if message.said & bit or not (over or IS_FINAL[state]):
            continue
        message.said |= bit
        delivered = state is DELIVERED
        if told.wants(delivered=delivered):
            error = message.errors[index]
            reason = "" if delivered else reason_of(error)
            code = int(MESSAGE_STATE.get(state, MessageState.UNKNOWN))
            yield _receipt(message, told, ids.next(now), code, error, int(delivered), now, reason, index + 1)


def _receipt(
    message: Message,
    told: Told,
    owed_id: int,
    state: int,
    error: bytes,
    delivered: int,
    at: int,
    reason: str,
    segment: int,
) -> ReceiptOwed:
    row = message.row
    return ReceiptOwed(
        row.customer,
        owed_id,
        told.message_id,
        row.source_ton,
        row.source_npi,
        row.source_addr,
        row.dest_ton,
        row.dest_npi,
        row.destination_addr,
        state,
        error,
        row.segments,
        delivered,
        row.submitted_at,
        at,
        told.user_message_reference,
        reason,
        segment,
    )

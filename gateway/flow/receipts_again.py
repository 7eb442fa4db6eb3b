"""The last receipts of a message that ended, once more, from what the archive knows of it."""

from gateway.flow.message import MESSAGE_STATE, Told, unpack_parts
from gateway.model.ids import IdSource
from gateway.model.lifecycle import SegmentState
from gateway.store.archive import Ended
from gateway.store.contract import ReceiptOwed


def receipts_again(ended: Ended, now: int, ids: IdSource) -> tuple[ReceiptOwed, ...]:
    """One for each id that the customer was told and asked a receipt for, with an `owed_id` of `now` (ms since 1970).

    It tells of the whole message, also where the account wants a receipt for each segment. The addresses are as the
    archive has them: masked where it masks them.
    """
    record, history = ended.record, ended.history
    own = Told(record.message_id, history.registered_delivery, history.user_message_reference)
    final = SegmentState[record.outcome]
    return tuple(
        ReceiptOwed(
            record.customer,
            ids.next(now),
            told.message_id,
            history.source_ton,
            history.source_npi,
            record.source_addr.encode("latin-1"),
            history.dest_ton,
            history.dest_npi,
            history.destination,
            int(MESSAGE_STATE[final]),
            record.error.encode("latin-1"),
            record.segments,
            record.delivered,
            record.submitted_at,
            record.done_at,
            told.user_message_reference,
            record.reason,
        )
        for told in (unpack_parts(history.part_ids) if history.part_ids else [own])
        if told.wants(delivered=final is SegmentState.DELIVERED)
    )

"""Receipts of messages that ended, handed out once more."""

from gateway.flow.message import Told, pack_parts
from gateway.flow.receipts_again import receipts_again
from gateway.model.ids import IdSource, moment_of
from gateway.smpp.constants import MessageState
from gateway.store.archive import Ended, History
from tests.gateway.store.rows import LAST_LIFE, record

NOW = 1_900_000_000_000


def ended(**changes: object) -> Ended:
    history = History(
        life=LAST_LIFE,
        source_ton=1,
        source_npi=1,
        sender=b"",
        dest_ton=1,
        dest_npi=1,
        destination=b"09012345678",
        data_coding=8,
        binary=False,
        text=b"",
        other_elements=b"",
        reference=0,
        priority=0,
        registered_delivery=1,
        user_message_reference=b"\0\7",
        part_ids=b"",
        due_at=0,
        expires_at=0,
        sealed=False,
    )
    return Ended("2027-01", record(7 << 33), history._replace(**changes))  # type: ignore[arg-type]


def test_what_was_told_is_told_again_under_a_fresh_place() -> None:
    (receipt,) = receipts_again(ended(), NOW, IdSource(0))
    assert receipt.message_id == 7 << 33
    assert receipt.message_state == MessageState.DELIVERED
    assert (receipt.source_addr, receipt.destination_addr) == (b"81501234567", b"09012345678")
    assert receipt.user_message_reference == b"\0\7"
    assert moment_of(receipt.owed_id) == NOW
    assert receipt.done_at == record(7 << 33).done_at


def test_who_asked_for_none_gets_none() -> None:
    assert receipts_again(ended(registered_delivery=0), NOW, IdSource(0)) == ()
    assert receipts_again(ended(registered_delivery=2), NOW, IdSource(0)) == ()


def test_one_for_each_part_that_asked() -> None:
    parts = pack_parts((Told(11 << 33, 1, b""), Told(12 << 33, 0, b""), Told(13 << 33, 1, b"\1\2")))
    receipts = receipts_again(ended(part_ids=parts), NOW, IdSource(0))
    assert [one.message_id for one in receipts] == [11 << 33, 13 << 33]
    assert receipts[0].owed_id < receipts[1].owed_id


def test_the_reason_goes_along() -> None:
    one = ended()
    failed = one._replace(record=one.record._replace(outcome="UNDELIVERABLE", error="034", reason="absent"))
    (receipt,) = receipts_again(failed, NOW, IdSource(0))
    assert (receipt.error, receipt.reason, receipt.message_state) == (b"034", "absent", MessageState.UNDELIVERABLE)

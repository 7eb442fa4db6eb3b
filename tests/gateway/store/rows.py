"""Rows for the store's tests."""

from gateway.store.contract import (
    BillingRecord,
    MessageAccepted,
    MessageParked,
    MessageSettled,
    PartAccepted,
    ReceiptEarly,
    ReceiptOwed,
)
from gateway.store.from_phones import MoOwed, MoPartAccepted

LIFE = b'[[0,"","",0,0,0,0,0]]'
LAST_LIFE = b'[[4,"c1","000",1,0,1800000000100,1800000000200,1800000001000]]'


def accepted(message_id: int, life: bytes = LIFE) -> MessageAccepted:
    return MessageAccepted(
        message_id=message_id,
        customer="demo",
        source_ton=1,
        source_npi=1,
        source_addr=b"81501234567",
        sender=b"",
        dest_ton=1,
        dest_npi=1,
        destination_addr=b"09012345678",
        e164=b"819012345678",
        carrier="one",
        serving="one",
        known_by="number block",
        ported="unknown",
        data_coding=8,
        binary=False,
        text="更新のお知らせ".encode("utf-16-be"),
        other_elements=b"",
        characters=7,
        segments=1,
        units=1,
        reference=0,
        priority=0,
        kind="",
        registered_delivery=1,
        user_message_reference=b"\x00\x07",
        part_ids=b"",
        submitted_at=1_800_000_000_000,
        due_at=0,
        expires_at=1_800_000_100_000,
        check_sen=0,
        life=life,
    )


def record(message_id: int) -> BillingRecord:
    return BillingRecord(
        message_id, "demo", "one", "number block", "unknown", "81501234567", "819012345678", 7, 1, 1,
        "DELIVERED", "000", 1_800_000_000_000, 1_800_000_001_000, "standard/1", 1000, 1000,
    )  # fmt: skip


def parked(message_id: int, waits: int = 0) -> MessageParked:
    row = accepted(message_id)
    return MessageParked(row._replace(due_at=waits), waits)


def owed(owed_id: int, customer: str = "demo") -> ReceiptOwed:
    return ReceiptOwed(
        customer, owed_id, owed_id - 1, 1, 1, b"81501234567", 1, 1, b"09012345678", 2, b"000", 1, 1,
        1_800_000_000_000, 1_800_000_001_000, b"",
    )  # fmt: skip


def settled(message_id: int) -> MessageSettled:
    return MessageSettled(record(message_id), LAST_LIFE, (owed(message_id + 1),))


def part(part_id: int) -> PartAccepted:
    return PartAccepted(
        part_id=part_id,
        told_id=part_id + 1000,
        customer="demo",
        source_ton=1,
        source_npi=1,
        source_addr=b"81501234567",
        dest_ton=1,
        dest_npi=1,
        destination_addr=b"09012345678",
        e164=b"819012345678",
        reference=7,
        wide=False,
        total=3,
        number=1,
        data_coding=8,
        octets=b"\x30\x42",
        other_elements=b"",
        priority=0,
        registered_delivery=1,
        user_message_reference=b"",
        validity_period=b"",
        submitted_at=1_800_000_000_000,
    )


def early(carrier_id: bytes, state: int = 2) -> ReceiptEarly:
    return ReceiptEarly("one", carrier_id, state, b"000", 1_800_000_000_000)


def mo(owed_id: int, customer: str = "demo") -> MoOwed:
    return MoOwed(
        customer, owed_id, "one", 1, 1, b"819012345678", 1, 1, b"81501234567", 0x40, 0, 0, 8,
        b"\x05\x00\x03\x07\x02\x01\x30\x42", b"\x02\x04\x00\x02\x00\x07", 1_800_000_000_000,
    )  # fmt: skip


def mo_part(part_id: int, number: int = 1) -> MoPartAccepted:
    return MoPartAccepted(*mo(part_id), 7, False, 2, number)

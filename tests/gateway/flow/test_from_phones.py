"""Messages from phones: to whom they belong, durable before they are acknowledged, joined when asked, never lost."""

from itertools import permutations
from typing import Any

import pytest

from gateway.flow.from_phones import MAX_SHORT_MESSAGE_OCTETS
from gateway.settings.models import Settings
from gateway.smpp.pdu import AlertNotification, DataSm, DeliverSm, SubmitSm
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import World, message, receipt, settings, silent, text

OURS = b"815012345678"
PHONE = b"819030000001"
PIECES = (text(67), text(134)[134:], text(10))


def owning(**changes: Any) -> Settings:
    """The customer `shop` has a number."""
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "numbers": ["05012345678"]}
    return settings(customers={"shop": shop | changes})


def from_phone(short_message: bytes = b"hello", **fields: Any) -> DeliverSm:
    addresses: dict[str, Any] = {"source_addr": PHONE, "destination_addr": OURS}
    return DeliverSm(short_message=short_message, **(addresses | fields))


def part(number: int, reference: int = 7, **fields: Any) -> DeliverSm:
    header = bytes((5, 0, 3, reference, len(PIECES), number))
    return from_phone(header + PIECES[number - 1], esm_class=0x40, data_coding=8, **fields)


def send(world: World, carrier: Any, *pdus: Any) -> list[int]:
    """The statuses that the carrier got."""
    before = len(carrier.answers())
    for pdu in pdus:
        carrier.session.request(pdu, None, world.now)
        world.pump()
    return [answer.command_status for answer in carrier.answers()[before:]]


def test_it_goes_to_the_owner_as_it_came() -> None:
    world = World(owning())
    customer = world.customer()
    tlvs = ((int(Tag.USER_MESSAGE_REFERENCE), b"\0\1"), (0x1501, b"vendor"))
    pdu = from_phone("もしもし".encode("utf_16_be"), data_coding=8, protocol_id=1, priority_flag=2, tlvs=tlvs)
    assert send(world, world.carrier(), pdu) == [CommandStatus.ESME_ROK]
    (got,) = customer.requests(DeliverSm)
    assert got == DeliverSm(
        source_addr=PHONE,
        destination_addr=OURS,
        short_message="もしもし".encode("utf_16_be"),
        data_coding=8,
        protocol_id=1,
        priority_flag=2,
        tlvs=tlvs,
        sequence_number=got.sequence_number,
    )
    assert world.store.disk.owed == {}
    counts = world.flow.accounts["shop"].counts
    assert (counts.mo_accepted, counts.mo_handed_over) == (1, 1)


def test_a_data_sm_goes_on_as_a_deliver_sm() -> None:
    world = World(owning())
    customer = world.customer()
    payload = ((int(Tag.MESSAGE_PAYLOAD), text(300)),)
    pdu = DataSm(source_addr=PHONE, destination_addr=OURS, data_coding=8, tlvs=payload)
    assert send(world, world.carrier(), pdu) == [CommandStatus.ESME_ROK]
    (got,) = customer.requests(DeliverSm)
    assert (got.short_message, got.tlvs) == (b"", payload)


def test_nobodys_number_is_refused() -> None:
    world = World(owning())
    statuses = send(world, world.carrier(), from_phone(destination_addr=b"815000000000"))
    assert statuses == [CommandStatus.ESME_RX_R_APPN]
    assert world.flow.carriers["one"].counts.mo_unowned == 1


def test_it_is_acknowledged_after_the_disk() -> None:
    world = World(owning())
    carrier = world.carrier()
    world.commits_left = 0
    assert send(world, carrier, from_phone()) == []
    world.commits_left = None
    world.pump()
    assert [answer.command_status for answer in carrier.answers()] == [CommandStatus.ESME_ROK]


def test_a_disk_that_refuses_says_later() -> None:
    world = World(owning())
    world.store.stuck = "the disk is full"
    assert send(world, world.carrier(), from_phone()) == [CommandStatus.ESME_RX_T_APPN]


def test_it_waits_for_the_customer_also_through_a_crash_in_order_with_receipts() -> None:
    world = World(owning())
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message())
    world.cut(customer)
    send(world, carrier, from_phone(b"first"), receipt(b"1"), from_phone(b"second"))
    after = world.crash()
    customer = after.customer()
    texts = [pdu.short_message for pdu in customer.requests(DeliverSm)]
    assert [texts[0], texts[2]] == [b"first", b"second"]
    assert b"stat:DELIVRD" in texts[1]
    assert after.store.disk.owed == {}


def test_unacknowledged_it_comes_again() -> None:
    world = World(owning())
    customer = world.customer()
    customer.answer = silent
    send(world, world.carrier(), from_phone())
    world.cut(customer)
    again = world.customer()
    assert len(again.requests(DeliverSm)) == 1
    assert world.store.disk.owed == {}


def test_parts_go_as_they_are_unless_asked() -> None:
    world = World(owning())
    customer = world.customer()
    send(world, world.carrier(), part(1), part(3))
    assert [pdu.short_message[:6] for pdu in customer.requests(DeliverSm)] == [b"\5\0\3\7\3\1", b"\5\0\3\7\3\3"]


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_joined_in_any_order(order: tuple[int, ...]) -> None:
    world = World(owning(join_parts=True))
    customer = world.customer()
    carrier = world.carrier()
    assert send(world, carrier, *(part(number) for number in order)) == [CommandStatus.ESME_ROK] * 3
    (whole,) = customer.requests(DeliverSm)
    assert whole.tlv(Tag.MESSAGE_PAYLOAD) == b"".join(PIECES)
    assert (whole.short_message, whole.esm_class, whole.data_coding) == (b"", 0, 8)
    assert world.store.disk.mo_parts == {}
    assert world.store.disk.owed == {}


def test_a_short_whole_is_no_payload() -> None:
    world = World(owning(join_parts=True))
    customer = world.customer()
    pieces = [from_phone(bytes((5, 0, 3, 1, 2, number)) + b"half", esm_class=0x40) for number in (1, 2)]
    send(world, world.carrier(), *pieces)
    (whole,) = customer.requests(DeliverSm)
    assert whole.short_message == b"halfhalf"
    assert len(whole.short_message) <= MAX_SHORT_MESSAGE_OCTETS


def test_joined_by_sar_over_two_binds_and_a_crash() -> None:
    def sar(number: int) -> DeliverSm:
        tlvs = (
            (int(Tag.SAR_MSG_REF_NUM), b"\0\7"),
            (int(Tag.SAR_TOTAL_SEGMENTS), b"\2"),
            (int(Tag.SAR_SEGMENT_SEQNUM), bytes((number,))),
        )
        return from_phone(b"part%d" % number, tlvs=tlvs)

    world = World(owning(join_parts=True))
    send(world, world.carrier(), sar(2))
    after = world.crash()
    assert after.flow.recovery.parts == 1
    customer = after.customer()
    send(after, after.carrier(), sar(1))
    (whole,) = customer.requests(DeliverSm)
    assert (whole.short_message, whole.tlvs) == (b"part1part2", ())


def test_a_repeated_part_is_acknowledged_and_not_counted() -> None:
    world = World(owning(join_parts=True))
    customer = world.customer()
    statuses = send(world, world.carrier(), part(1), part(1), part(2), part(3))
    assert statuses == [CommandStatus.ESME_ROK] * 4
    assert len(customer.requests(DeliverSm)) == 1


def test_what_never_becomes_whole_goes_as_it_is() -> None:
    world = World(owning(join_parts=True))
    customer = world.customer()
    send(world, world.carrier(), part(1), part(3))
    assert customer.requests(DeliverSm) == []
    world.advance(301.0)
    assert [pdu.short_message[:6] for pdu in customer.requests(DeliverSm)] == [b"\5\0\3\7\3\1", b"\5\0\3\7\3\3"]
    assert world.store.disk.mo_parts == {}


def test_parts_that_do_not_fit_together_go_as_they_are() -> None:
    world = World(owning(join_parts=True))
    customer = world.customer()
    other = from_phone(bytes((5, 0, 3, 7, 3, 2)) + b"latin", esm_class=0x40, data_coding=3)
    send(world, world.carrier(), part(1), other, part(3))
    assert [pdu.data_coding for pdu in customer.requests(DeliverSm)] == [8, 3, 8]


def test_without_room_to_wait_a_part_goes_as_it_is() -> None:
    shop = {
        "system_id": "shop",
        "password": "secret",
        "tariff": "standard",
        "numbers": ["05012345678"],
        "join_parts": True,
    }
    world = World(settings(customers={"shop": shop}, reassembly={"max_open": 1}))
    customer = world.customer()
    send(world, world.carrier(), part(1), part(1, reference=8))
    assert [pdu.short_message[3] for pdu in customer.requests(DeliverSm)] == [8]


def test_a_malformed_header_is_the_customers_to_read() -> None:
    world = World(owning(join_parts=True))
    customer = world.customer()
    assert send(world, world.carrier(), from_phone(b"\x09broken", esm_class=0x40)) == [CommandStatus.ESME_ROK]
    assert [pdu.short_message for pdu in customer.requests(DeliverSm)] == [b"\x09broken"]


def test_an_alert_goes_to_the_owner_who_is_bound() -> None:
    world = World(owning())
    carrier = world.carrier()
    customer = world.customer()
    pdu = AlertNotification(source_addr=PHONE, esme_addr=OURS, sequence_number=9)
    carrier.session.tell(pdu)
    world.pump()
    (got,) = customer.requests(AlertNotification)
    assert (got.source_addr, got.esme_addr) == (PHONE, OURS)
    world.cut(customer)
    carrier.session.tell(pdu)
    world.pump()
    assert world.flow.carriers["one"].counts.mo_unowned == 1


def test_it_costs_the_customers_messages_nothing() -> None:
    world = World(owning())
    carrier = world.carrier()
    customer = world.customer()
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK
    assert len(carrier.requests(SubmitSm)) == 1


def test_parts_that_are_given_up_are_owed_behind_what_is_owed_already() -> None:
    """Their own ids are older than what the outbox has read."""
    world = World(owning(join_parts=True))
    carrier = world.carrier()
    send(world, carrier, part(1), from_phone(b"later"))
    customer = world.customer()
    assert [one.short_message for one in customer.requests(DeliverSm)] == [b"later"]
    customer.answer = silent
    send(world, carrier, *[from_phone(b"%d" % number) for number in range(3)])
    world.cut(customer)
    world.advance(world.settings.reassembly.wait_seconds + 1)
    again = world.customer()
    assert len(again.requests(DeliverSm)) == 4
    ids = [owed_id for _, owed_id in sorted(world.store.disk.owed)]
    assert ids == sorted(ids)
    assert world.store.disk.owed == {}

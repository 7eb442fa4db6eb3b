"""Customers' own parts: durable, in any order, over any bind; joined, refused as a whole, or given up with receipts."""

from itertools import permutations
from typing import Any

import pytest

from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.receipt import read_receipt
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import DOCOMO_NUMBER, World, message, receipt, settings, text

WHOLE = text(160)
PIECES = [WHOLE[:134], WHOLE[134:268], WHOLE[268:]]


def part(number: int, reference: int = 7, **fields: Any) -> SubmitSm:
    """Part `number` of three."""
    octets = bytes((5, 0, 3, reference, 3, number)) + PIECES[number - 1]
    return message(esm_class=0x40, short_message=octets, **fields)


def sar(number: int) -> SubmitSm:
    tlvs = (
        (int(Tag.SAR_MSG_REF_NUM), b"\0\7"),
        (int(Tag.SAR_TOTAL_SEGMENTS), b"\3"),
        (int(Tag.SAR_SEGMENT_SEQNUM), bytes((number,))),
    )
    return message(short_message=PIECES[number - 1], tlvs=tlvs)


def sent_text(carrier: Any) -> bytes:
    return b"".join(pdu.short_message[7:] for pdu in carrier.requests(SubmitSm))


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
@pytest.mark.parametrize("form", [part, sar])
def test_any_order_is_the_same_message(order: tuple[int, ...], form: Any) -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    answers = [world.submit(customer, form(number)) for number in order]
    assert all(answer.command_status == CommandStatus.ESME_ROK for answer in answers)
    assert len({answer.message_id for answer in answers}) == 3
    assert sent_text(carrier) == WHOLE
    for number in (1, 2, 3):
        carrier.session.request(receipt(b"%d" % number), None, world.now)
    world.pump()
    (record,) = world.records
    assert (record.units, record.segments, record.characters) == (3, 3, 160)
    told = {read_receipt(pdu).message_id for pdu in customer.requests(DeliverSm)}  # type: ignore[union-attr]
    assert told == {answer.message_id for answer in answers}
    assert world.store.disk.parts == {}


def test_over_two_binds() -> None:
    world = World()
    carrier = world.carrier()
    first, second = world.customer(), world.customer()
    world.submit(first, part(1))
    world.submit(second, part(3))
    world.submit(first, part(2))
    assert sent_text(carrier) == WHOLE


def test_a_part_is_durable_before_it_is_acknowledged_and_survives_a_crash() -> None:
    world = World()
    customer = world.customer()
    world.submit(customer, part(1))
    world.submit(customer, part(2))
    assert len(world.store.disk.parts) == 2
    after = world.crash()
    assert after.flow.recovery.parts == 2
    carrier = after.carrier()
    after.submit(after.customer(), part(3))
    assert sent_text(carrier) == WHOLE
    assert after.store.disk.parts == {}


def test_a_repeated_part_gets_its_id_again() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    first = world.submit(customer, part(1))
    again = world.submit(customer, part(1))
    assert again.message_id == first.message_id
    for number in (2, 3):
        world.submit(customer, part(number))
    assert sent_text(carrier) == WHOLE


def test_references_do_not_mix() -> None:
    world = World()
    customer = world.customer()
    for number in (1, 2):
        world.submit(customer, part(number, reference=7))
        world.submit(customer, part(number, reference=8))
    assert len(world.store.disk.parts) == 4
    world.submit(customer, part(3, reference=8))
    assert len(world.store.disk.parts) == 2
    assert len(world.store.disk.messages) == 1


def test_the_same_reference_to_another_phone_is_another_message() -> None:
    world = World()
    customer = world.customer()
    for destination in (DOCOMO_NUMBER, b"09030000002"):
        for number in (1, 2):
            world.submit(customer, part(number, destination=destination))
    world.submit(customer, part(3))
    assert [row.destination_addr for row in world.store.disk.messages.values()] == [DOCOMO_NUMBER]


def test_what_never_becomes_whole_fails_with_receipts() -> None:
    world = World()
    customer = world.customer()
    answers = [world.submit(customer, part(number)) for number in (1, 3)]
    world.advance(299.0)
    assert world.records == []
    world.advance(2.0)
    (record,) = world.records
    assert (record.outcome, record.units, record.charge_sen) == ("EXPIRED", 0, 0)
    told = [read_receipt(pdu).message_id for pdu in customer.requests(DeliverSm)]  # type: ignore[union-attr]
    assert told == [answer.message_id for answer in answers]
    assert world.store.disk.parts == {}


def test_a_whole_that_is_too_long_fails_with_receipts() -> None:
    world = World()
    customer = world.customer()
    for number in range(1, 11):
        octets = bytes((5, 0, 3, 7, 10, number)) + text(67)
        answer = world.submit(customer, message(esm_class=0x40, short_message=octets))
        assert answer.command_status == CommandStatus.ESME_ROK
    (record,) = world.records
    assert (record.outcome, record.charge_sen) == ("REJECTED", 0)
    assert len(customer.requests(DeliverSm)) == 10


def test_a_part_that_could_go_nowhere_is_refused() -> None:
    world = World()
    answer = world.submit(world.customer(), part(1, destination=b"07099000001"))
    assert answer.command_status == CommandStatus.ESME_RINVDSTADR
    assert world.store.disk.parts == {}


def test_too_many_open_messages() -> None:
    world = World(settings(reassembly={"max_open": 1}))
    customer = world.customer()
    assert world.submit(customer, part(1)).command_status == CommandStatus.ESME_ROK
    assert world.submit(customer, part(1, reference=8)).command_status == CommandStatus.ESME_RMSGQFUL
    assert world.submit(customer, part(2)).command_status == CommandStatus.ESME_ROK
    assert world.submit(customer, part(3)).command_status == CommandStatus.ESME_ROK
    assert world.submit(customer, part(1, reference=8)).command_status == CommandStatus.ESME_ROK


def test_what_never_becomes_whole_may_go_as_it_is() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "incomplete": "send"}
    world = World(settings(customers={"shop": shop}))
    carrier = world.carrier()
    customer = world.customer()
    for number in (1, 3):
        world.submit(customer, part(number))
    world.advance(301.0)
    assert sent_text(carrier) == PIECES[0] + PIECES[2]
    assert world.store.disk.parts == {}
    for number in (1, 2):
        carrier.session.request(receipt(b"%d" % number), None, world.now)
    world.pump()
    assert [(record.outcome, record.characters) for record in world.records] == [("DELIVERED", 93)]
    assert len(customer.requests(DeliverSm)) == 2


def test_a_character_cut_in_two_by_the_customer_is_whole_again() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    octets = "家族👨‍👩‍👧で".encode("utf_16_be")
    for number, piece in enumerate((octets[:6], octets[6:]), 1):  # inside a surrogate pair
        world.submit(customer, message(esm_class=0x40, short_message=bytes((5, 0, 3, 9, 2, number)) + piece))
    (pdu,) = carrier.requests(SubmitSm)
    assert pdu.short_message == octets

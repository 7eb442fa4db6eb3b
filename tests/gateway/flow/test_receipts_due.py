"""Receipts that customers get by what their accounts say: before the end, for each segment, decided otherwise."""

from typing import Any

import pytest

from gateway.flow.message import FIRST_SEGMENT_BIT
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.receipt import read_receipt
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import Centre, Peer, World, message, profile, receipt, settings, silent

LONG = 150  # characters: three segments
NOTIFY = 0x11  # registered_delivery: the final outcome, and what comes before it
SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


def world_of(carrier: dict[str, Any] | None = None, **receipts: Any) -> World:
    carriers = {"one": profile(**(carrier or {})), "two": profile()}
    return World(settings(carriers=carriers, customers={"shop": {**SHOP, "receipts": receipts}}))


def tell(world: World, carrier: Peer, carrier_id: int, stat: bytes = b"DELIVRD", err: bytes = b"000") -> None:
    carrier.session.request(receipt(b"%d" % carrier_id, stat, err), None, world.now)
    world.pump()


def states(customer: Peer) -> list[tuple[int, MessageState]]:
    """esm_class and message_state of each receipt that came."""
    return [(pdu.esm_class, MessageState(pdu.tlv(Tag.MESSAGE_STATE)[0])) for pdu in customer.requests(DeliverSm)]


def places(customer: Peer) -> list[tuple[int, int, MessageState]]:
    """Number of the segment, of how many, and its state, of each receipt that came."""
    return [
        (
            pdu.tlv(Tag.SAR_SEGMENT_SEQNUM)[0],
            pdu.tlv(Tag.SAR_TOTAL_SEGMENTS)[0],
            MessageState(pdu.tlv(Tag.MESSAGE_STATE)[0]),
        )
        for pdu in customer.requests(DeliverSm)
    ]


def test_told_when_the_carrier_has_it_and_at_the_end() -> None:
    world = world_of(intermediate=True)
    carrier, customer = world.carrier(), world.customer()
    answer = world.submit(customer, message(registered_delivery=NOTIFY))
    assert states(customer) == [(0x20, MessageState.ENROUTE)]
    tell(world, carrier, 1)
    assert states(customer) == [(0x20, MessageState.ENROUTE), (0x04, MessageState.DELIVERED)]
    first = read_receipt(customer.requests(DeliverSm)[0])
    assert first is not None
    assert (first.message_id, first.stat, first.intermediate) == (answer.message_id, b"ENROUTE", True)
    assert world.store.disk.owed == {}


def test_only_when_the_carrier_has_all_segments() -> None:
    world = world_of({"session": {"window": 2}}, intermediate=True)
    carrier, customer = world.carrier(centre=Centre(accepts=False)), world.customer()
    world.submit(customer, message(characters=LONG, registered_delivery=NOTIFY))
    for number in (1, 2, 3):
        assert states(customer) == []
        sent = carrier.requests(SubmitSm)[number - 1]
        carrier.session.submit_sm_resp(sent.sequence_number, CommandStatus.ESME_ROK, b"%x" % number)
        world.pump()
    assert states(customer) == [(0x20, MessageState.ENROUTE)]


def test_what_the_carrier_tells_is_told_once_each() -> None:
    world = world_of(intermediate=True)
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(registered_delivery=NOTIFY))
    for stat in (b"ACCEPTD", b"ENROUTE", b"ACCEPTD", b"BUFFRED"):
        tell(world, carrier, 1, stat)
    assert [state for _, state in states(customer)] == [MessageState.ENROUTE, MessageState.ACCEPTED]
    assert world.flow.carriers["one"].counts.receipts["RECEIPT_INTERMEDIATE"] == 4
    assert [answer.command_status for answer in carrier.answers()] == [0] * 4


@pytest.mark.parametrize(
    ("account", "asked", "told"),
    [(True, 0x10, 1), (True, 0x11, 1), (True, 0x01, 0), (True, 0x20, 0), (False, 0x11, 0)],
)
def test_before_the_end_only_for_an_account_and_a_message_that_want_it(account: bool, asked: int, told: int) -> None:
    world = world_of(intermediate=account)
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(registered_delivery=asked))
    tell(world, carrier, 1, b"ENROUTE")
    assert len(customer.requests(DeliverSm)) == told
    tell(world, carrier, 1)
    assert len(customer.requests(DeliverSm)) == told + (asked & 1)
    assert [one.outcome for one in world.records] == ["DELIVERED"]


@pytest.mark.parametrize("asked", range(256))
def test_the_bill_does_not_know_what_was_asked_for(asked: int) -> None:
    world = world_of(intermediate=True)
    carrier, customer = world.carrier(), world.customer()
    assert world.submit(customer, message(registered_delivery=asked)).command_status == 0
    tell(world, carrier, 1)
    assert [(one.outcome, one.charge_sen) for one in world.records] == [("DELIVERED", 1_000)]
    wanted = (asked & 3 in {1, 3}) + bool(asked & 0x10)  # acknowledgements of phones (0x0c) and the rest say nothing
    assert len(customer.requests(DeliverSm)) == wanted


def test_a_word_of_the_carrier_ends_a_doubt() -> None:
    world = World(settings(carriers={"one": profile(in_doubt="wait"), "two": profile()}))
    carrier = world.carrier(centre=Centre(accepts=False))
    customer = world.customer()
    world.submit(customer, message())
    (sent,) = carrier.requests(SubmitSm)
    reference = sent.tlv(Tag.USER_MESSAGE_REFERENCE)
    world.cut(carrier)
    again = world.carrier()
    note = receipt(b"77", b"ENROUTE")
    again.session.request(
        DeliverSm(
            source_addr=note.source_addr,
            destination_addr=note.destination_addr,
            esm_class=0x20,
            short_message=note.short_message,
            tlvs=((Tag.USER_MESSAGE_REFERENCE, reference),),
        ),
        None,
        world.now,
    )
    world.pump()
    world.advance(120.0)
    assert again.requests(SubmitSm) == []  # it need not go again
    tell(world, again, 77)
    assert [one.outcome for one in world.records] == ["DELIVERED"]


def test_a_receipt_for_each_segment() -> None:
    world = world_of(per_segment=True)
    carrier, customer = world.carrier(), world.customer()
    answer = world.submit(customer, message(characters=LONG))
    tell(world, carrier, 2)
    assert places(customer) == [(2, 3, MessageState.DELIVERED)]
    tell(world, carrier, 2)
    tell(world, carrier, 1, b"UNDELIV", b"034")
    tell(world, carrier, 3)
    assert places(customer) == [
        (2, 3, MessageState.DELIVERED),
        (1, 3, MessageState.UNDELIVERABLE),
        (3, 3, MessageState.DELIVERED),
    ]
    read = [read_receipt(pdu) for pdu in customer.requests(DeliverSm)]
    assert [(one.message_id, one.sub, one.dlvrd, one.err) for one in read if one] == [
        (answer.message_id, b"001", b"001", b"000"),
        (answer.message_id, b"001", b"000", b"034"),
        (answer.message_id, b"001", b"001", b"000"),
    ]
    assert [(one.outcome, one.delivered) for one in world.records] == [("UNDELIVERABLE", 2)]
    assert world.store.disk.owed == {}


def test_each_segment_is_told_once_through_a_crash() -> None:
    world = world_of(per_segment=True)
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(characters=LONG))
    world.cut(customer)
    tell(world, carrier, 1)
    after = world.crash()
    (alive,) = after.flow.live._messages.values()
    assert alive.said & FIRST_SEGMENT_BIT
    carrier, customer = after.carrier(), after.customer()
    for carrier_id in (1, 2, 3, 1):
        tell(after, carrier, carrier_id)
    assert [place for place, _, _ in places(customer)] == [1, 2, 3]


def test_a_short_message_is_its_only_segment() -> None:
    world = world_of(per_segment=True)
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message())
    tell(world, carrier, 1)
    assert places(customer) == [(1, 1, MessageState.DELIVERED)]


def test_the_customers_own_parts_have_a_receipt_each_all_the_same() -> None:
    world = world_of(per_segment=True)
    carrier, customer = world.carrier(), world.customer()
    answers = []
    for number in (1, 2):
        udh = bytes((5, 0, 3, 9, 2, number))
        part = SubmitSm(
            source_addr=b"0312345678", dest_addr_ton=1, dest_addr_npi=1, destination_addr=b"09030000001",
            esm_class=0x40, registered_delivery=1, data_coding=8, short_message=udh + "あ".encode("utf-16-be") * 60,
        )  # fmt: skip
        answers.append(world.submit(customer, part).message_id)
    sent = len(carrier.requests(SubmitSm))
    for carrier_id in range(1, sent + 1):
        tell(world, carrier, carrier_id)
    read = [read_receipt(pdu) for pdu in customer.requests(DeliverSm)]
    assert [one.message_id for one in read if one] == answers
    assert customer.requests(DeliverSm)[0].tlv(Tag.SAR_SEGMENT_SEQNUM) is None


def test_the_first_failure_decides_at_once_and_what_waits_goes_no_more() -> None:
    world = world_of({"pace": {"segments_per_second": 1.0, "burst_segments": 2}}, decides="first_failure")
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(characters=LONG))
    assert len(carrier.requests(SubmitSm)) == 2
    tell(world, carrier, 2, b"UNDELIV", b"034")
    assert [(one.outcome, one.error, one.charge_sen) for one in world.records] == [("UNDELIVERABLE", "034", 0)]
    assert [state for _, state in states(customer)] == [MessageState.UNDELIVERABLE]
    world.advance(10.0)
    assert len(carrier.requests(SubmitSm)) == 2
    tell(world, carrier, 1)  # it arrived, and changes nothing
    assert len(world.records) == len(customer.requests(DeliverSm)) == 1
    assert world.flow.carriers["one"].sent == {}
    assert not world.flow.live


@pytest.mark.parametrize("in_doubt", ["resend", "wait", "fail"])
@pytest.mark.parametrize("later", ["answered", "refused", "slower", "lost"])
def test_what_was_under_way_when_it_was_decided_leaves_nothing_behind(in_doubt: str, later: str) -> None:
    world = world_of({"in_doubt": in_doubt}, decides="first_failure")
    carrier, customer = world.carrier(centre=Centre(accepts=False)), world.customer()
    world.submit(customer, message(characters=LONG))
    first, second, third = carrier.requests(SubmitSm)
    carrier.session.submit_sm_resp(first.sequence_number, CommandStatus.ESME_ROK, b"1")
    tell(world, carrier, 1, b"REJECTD")
    assert len(world.records) == 1
    if later == "lost":
        world.cut(carrier)
    else:
        status = {"answered": 0, "refused": 0x0B, "slower": 0x58}[later]
        for number, sent in ((2, second), (3, third)):
            carrier.session.submit_sm_resp(sent.sequence_number, status, b"%x" % number)
    world.pump()
    world.advance(5.0)
    ours = world.flow.carriers["one"]
    assert (ours.sent, ours.doubtful, ours.binds[0].in_flight) == ({}, {}, 0)
    assert world.carrier().requests(SubmitSm) == []
    assert len(world.records) == len(customer.requests(DeliverSm)) == 1


def test_the_last_segment_decides_once_the_others_are_with_the_carrier() -> None:
    world = world_of(decides="last_segment")
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(characters=LONG))
    tell(world, carrier, 1, b"UNDELIV")
    assert world.records == []
    tell(world, carrier, 3)
    assert [(one.outcome, one.delivered) for one in world.records] == [("DELIVERED", 1)]
    assert len(customer.requests(DeliverSm)) == 1
    tell(world, carrier, 2)
    assert len(world.records) == 1
    assert world.flow.carriers["one"].sent == {}


def test_segments_that_nobody_waits_for_any_more_are_told_as_unknown() -> None:
    world = world_of(decides="last_segment", per_segment=True)
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(characters=LONG))
    tell(world, carrier, 3)
    assert sorted(places(customer)) == [
        (1, 3, MessageState.UNKNOWN),
        (2, 3, MessageState.UNKNOWN),
        (3, 3, MessageState.DELIVERED),
    ]


def test_the_reason_is_in_the_record_and_in_the_receipt_of_who_wants_it() -> None:
    errors = {"temporary": [0x58], "reasons": {"err": {"034": "absent"}, "status": {0x0B: "unknown_number"}}}
    world = world_of({"errors": errors}, reason_tlv=0x1405)
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message())
    tell(world, carrier, 1, b"UNDELIV", b"034")
    carrier.answer = lambda peer, pdu: (
        peer.session.submit_sm_resp(pdu.sequence_number, 0x0B) if isinstance(pdu, SubmitSm) else None
    )
    world.submit(customer, message())
    assert [(one.error, one.reason) for one in world.records] == [("034", "absent"), ("0000000b", "unknown_number")]
    absent, unknown = customer.requests(DeliverSm)
    assert absent.tlv(0x1405) == b"absent\0"
    assert b"err:034" in absent.short_message
    assert unknown.tlv(0x1405) == b"unknown_number\0"
    assert unknown.tlv(Tag.NETWORK_ERROR_CODE) == b"\7\0\x0b"
    assert b"err:00b" in unknown.short_message


def test_redirected_is_charged_as_delivered() -> None:
    errors = {"temporary": [], "reasons": {"err": {"255": "redirected"}}}
    world = world_of({"errors": errors})
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message())
    tell(world, carrier, 1, b"UNDELIV", b"255")
    assert [(one.outcome, one.reason, one.charge_sen) for one in world.records] == [
        ("UNDELIVERABLE", "redirected", 1_000)
    ]


def test_an_account_that_wants_nothing_more_is_told_nothing_before_the_end() -> None:
    world = world_of()
    carrier, customer = world.carrier(), world.customer()
    customer.answer = silent
    world.submit(customer, message(characters=LONG, registered_delivery=NOTIFY))
    for carrier_id in (1, 2):
        tell(world, carrier, carrier_id)
    assert world.store.disk.owed == {}

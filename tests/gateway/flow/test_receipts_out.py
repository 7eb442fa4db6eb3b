"""Receipts to customers: in our id and words, until acknowledged, waiting for those who are away."""

from typing import Any

import pytest

from gateway.flow.receipts_out import HEAD, LOOKS
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import BindTransmitter, DataSm, DeliverSm, Pdu, QuerySm
from gateway.smpp.receipt import read_receipt
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from gateway.store.archive import Ended, History
from tests.gateway.flow.world import Centre, Peer, World, acknowledge, message, profile, receipt, settings, silent

FROM_START_JST = b"2611240916"  # 00:16:40 UTC


def finish(world: World, carrier: Any, *carrier_ids: int, stat: bytes = b"DELIVRD", err: bytes = b"000") -> None:
    for carrier_id in carrier_ids:
        if not carrier.session.unanswered % 500:  # within the window
            world.pump()
        carrier.session.request(receipt(b"%d" % carrier_id, stat, err), None, world.now)
    world.pump()


def test_what_the_customer_reads() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    reference = ((Tag.USER_MESSAGE_REFERENCE, b"\x12\x34"),)
    answer = world.submit(customer, message(tlvs=reference))
    finish(world, carrier, 1)
    (pdu,) = customer.requests(DeliverSm)
    assert pdu.esm_class == 0x04
    assert (pdu.source_addr, pdu.destination_addr) == (b"09030000001", b"0312345678")
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (1, 1)
    assert pdu.tlv(Tag.RECEIPTED_MESSAGE_ID) == answer.message_id + b"\0"
    assert pdu.tlv(Tag.MESSAGE_STATE) == bytes((MessageState.DELIVERED,))
    assert pdu.tlv(Tag.USER_MESSAGE_REFERENCE) == b"\x12\x34"
    assert pdu.short_message.startswith(
        b"id:%b sub:001 dlvrd:001 submit date:%b done date:%b stat:DELIVRD err:000"
        % (answer.message_id, FROM_START_JST, FROM_START_JST)
    )
    assert world.store.disk.owed == {}


def test_the_carriers_error_goes_along() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message())
    finish(world, carrier, 1, stat=b"UNDELIV", err=b"034")
    (pdu,) = customer.requests(DeliverSm)
    assert b"err:034" in pdu.short_message
    assert pdu.tlv(Tag.NETWORK_ERROR_CODE) == b"\x03\x00\x22"


@pytest.mark.parametrize(
    ("asked", "stat", "told"),
    [
        (0, b"DELIVRD", 0),
        (0, b"UNDELIV", 0),
        (1, b"DELIVRD", 1),
        (1, b"UNDELIV", 1),
        (2, b"DELIVRD", 0),
        (2, b"UNDELIV", 1),
        (3, b"DELIVRD", 1),
        (3, b"UNDELIV", 0),
    ],
)
def test_only_what_was_asked_for_and_always_a_record(asked: int, stat: bytes, told: int) -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message(registered_delivery=asked))
    finish(world, carrier, 1, stat=stat)
    assert len(customer.requests(DeliverSm)) == told
    assert len(world.records) == 1


def test_who_is_away_finds_them_in_order() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    answers = [world.submit(customer, message()).message_id for _ in range(5)]
    world.cut(customer)
    finish(world, carrier, 1, 2, 3, 4, 5)
    assert len(world.store.disk.owed) == 5
    back = world.customer()
    ids = [read_receipt(pdu).message_id for pdu in back.requests(DeliverSm)]  # type: ignore[union-attr]
    assert ids == answers
    assert world.store.disk.owed == {}


def test_a_transmitter_gets_none() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer(bind=BindTransmitter(system_id=b"shop", password=b"secret", interface_version=0x34))
    world.submit(customer, message())
    finish(world, carrier, 1)
    assert customer.requests(DeliverSm) == []
    assert len(world.store.disk.owed) == 1
    assert len(world.customer().requests(DeliverSm)) == 1


def test_not_acknowledged_is_owed_still() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    customer.answer = silent
    for _ in range(3):
        world.submit(customer, message())
    finish(world, carrier, 1, 2, 3)
    first = [pdu.short_message for pdu in customer.requests(DeliverSm)]
    assert len(first) == 3
    world.cut(customer)
    world.pump()
    assert [pdu.short_message for pdu in world.customer().requests(DeliverSm)] == first


def test_not_answered_in_time_is_sent_again() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    customer.answer = silent
    world.submit(customer, message())
    finish(world, carrier, 1)
    customer.answer = acknowledge
    world.advance(31.0)
    assert len(customer.requests(DeliverSm)) == 2
    assert world.store.disk.owed == {}


def test_within_the_window() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "receipt_window": 2}
    world = World(settings(customers={"shop": shop}))
    carrier = world.carrier()
    customer = world.customer()
    customer.answer = silent
    for _ in range(5):
        world.submit(customer, message())
    finish(world, carrier, 1, 2, 3, 4, 5)
    handed = customer.requests(DeliverSm)
    assert len(handed) == 2
    customer.answer = acknowledge
    customer.session.deliver_sm_resp(handed[0].sequence_number, CommandStatus.ESME_ROK)
    world.pump()
    assert len(customer.requests(DeliverSm)) == 5


def test_later_means_later_and_in_order() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()

    def busy(peer: Any, pdu: Pdu) -> None:
        if isinstance(pdu, DeliverSm):
            peer.session.deliver_sm_resp(pdu.sequence_number, CommandStatus.ESME_RMSGQFUL)

    customer.answer = busy
    for _ in range(2):
        world.submit(customer, message())
    finish(world, carrier, 1, 2)
    before = len(customer.requests(DeliverSm))
    assert len(world.store.disk.owed) == 2
    customer.answer = acknowledge
    world.advance(1.1)
    assert world.store.disk.owed == {}
    assert len(customer.requests(DeliverSm)) == before + 2


def test_a_refusal_is_its_last_word() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()

    def refuses(peer: Any, pdu: Pdu) -> None:
        if isinstance(pdu, DeliverSm):
            peer.session.deliver_sm_resp(pdu.sequence_number, CommandStatus.ESME_RX_P_APPN)

    customer.answer = refuses
    world.submit(customer, message())
    finish(world, carrier, 1)
    assert world.store.disk.owed == {}
    assert world.flow.accounts["shop"].counts.receipts_refused == 1


def test_more_than_the_head_waits_on_disk() -> None:
    fast = profile(pace={"segments_per_second": 1e6, "burst_segments": 1_000_000}, session={"window": 5_000})
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "window": 5_000}
    world = World(settings(carriers={"one": fast, "two": fast}, customers={"shop": shop}))
    carrier = world.carrier()
    customer = world.customer()
    count = HEAD + 50
    for _ in range(count):
        customer.session.request(message(), None, world.now)
    world.pump()
    world.cut(customer)
    finish(world, carrier, *range(1, count + 1))
    assert len(world.store.disk.owed) == count
    assert world.flow.receipts_out.depth("shop") <= HEAD
    back = world.customer()
    assert len(back.requests(DeliverSm)) == count
    assert world.store.disk.owed == {}


def test_what_is_not_fetched_for_too_long_is_given_up_and_counted() -> None:
    world = World(settings(receipt_wait={"keep_days": 1.0}))
    customer = world.customer()
    carrier = world.carrier(centre=Centre(receipts=True))
    customer.answer = silent
    for _ in range(3):
        world.submit(customer, message())
    world.cut(customer)
    world.pump()
    assert len(world.store.disk.owed) == 3
    world.advance(86_000)
    assert len(world.store.disk.owed) == 3
    world.advance(1_000)
    assert world.store.disk.owed == {}
    assert world.flow.accounts["shop"].counts.given_up == 3
    assert world.customer().requests(DeliverSm) == []
    assert carrier.session.state.name == "BOUND_TRX"


def late_world() -> tuple[World, Any, Peer]:
    """A receipt was not answered in time: it is on its way a second time, and the customer saw both."""
    world = World()
    carrier, customer = world.carrier(), world.customer()
    customer.answer = silent
    world.submit(customer, message())
    finish(world, carrier, 1)
    world.advance(31.0)
    assert len(customer.requests(DeliverSm)) == 2
    return world, carrier, customer


def test_a_late_answer_ends_it_and_the_second_one_changes_nothing() -> None:
    world, _, customer = late_world()
    first, second = customer.requests(DeliverSm)
    customer.session.deliver_sm_resp(first.sequence_number, CommandStatus.ESME_ROK)
    world.pump()
    assert world.store.disk.owed == {}
    world.advance(31.0)  # the second is never answered
    world.pump()
    assert len(customer.requests(DeliverSm)) == 2
    customer.session.deliver_sm_resp(second.sequence_number, CommandStatus.ESME_ROK)
    world.pump()
    counts = world.flow.accounts["shop"].counts
    assert (counts.receipts_handed_over, counts.receipts_refused) == (1, 0)
    assert world.flow.receipts_out._outboxes["shop"].late == {}
    (bind,) = world.flow.accounts["shop"].binds
    assert bind.receipts_in_flight == 0


def test_a_late_answer_ends_what_waits() -> None:
    world, _, customer = late_world()
    first, _ = customer.requests(DeliverSm)
    world.flow.receipts_out.held = True
    world.advance(31.0)  # the second is not answered either, and no third goes
    assert world.flow.receipts_out.depth("shop") == 1
    customer.session.deliver_sm_resp(first.sequence_number, CommandStatus.ESME_ROK)
    world.pump()
    assert world.flow.receipts_out.depth("shop") == 0
    assert world.store.disk.owed == {}
    assert world.flow.receipts_out._outboxes["shop"].late == {}


@pytest.mark.parametrize("status", [CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RTHROTTLED])
def test_a_late_not_now_ends_nothing(status: CommandStatus) -> None:
    world, _, customer = late_world()
    first, second = customer.requests(DeliverSm)
    customer.session.deliver_sm_resp(first.sequence_number, status)
    world.pump()
    assert len(world.store.disk.owed) == 1
    customer.session.deliver_sm_resp(second.sequence_number, CommandStatus.ESME_ROK)
    world.pump()
    assert world.store.disk.owed == {}
    assert world.flow.receipts_out._outboxes["shop"].late == {}


def test_a_late_answer_after_the_second_one_was_answered_changes_nothing() -> None:
    world, _, customer = late_world()
    first, second = customer.requests(DeliverSm)
    for one in (second, first):
        customer.session.deliver_sm_resp(one.sequence_number, CommandStatus.ESME_ROK)
        world.pump()
    assert world.flow.accounts["shop"].counts.receipts_handed_over == 1
    assert world.store.disk.owed == {}


def test_a_late_answer_while_it_goes_over_a_bind_that_dies() -> None:
    world, _, customer = late_world()
    first, _ = customer.requests(DeliverSm)
    customer.session.deliver_sm_resp(first.sequence_number, CommandStatus.ESME_ROK)
    world.pump()
    world.cut(customer)
    assert world.customer().requests(DeliverSm) == []
    assert world.store.disk.owed == {}


def ended_of(world: World, record: Any) -> Ended:
    history = History(
        b"[]", 0, 0, b"", 1, 1, b"09030000001", 8, False, b"", b"", 0, 0, 1, b"\0\7", b"", 0, 0, False
    )  # fmt: skip
    return Ended("2026-11", record, history)


def test_receipts_pushed_again_come_again_and_through_a_crash() -> None:
    world = World(settings(receipt_wait={"keep_days": 1.0}))
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message())
    finish(world, carrier, 1)
    (first,) = customer.requests(DeliverSm)
    world.cut(customer)
    world.advance(3 * 86_400)
    assert world.flow.receipts_out.push_again([ended_of(world, world.records[0])]) == 1
    world.pump()
    assert len(world.store.disk.owed) == 1
    after = world.crash()
    after.advance(1_000.0)  # it is owed since it was pushed: nobody gives it up
    (again,) = after.customer().requests(DeliverSm)
    assert again.short_message == first.short_message
    assert again.tlv(Tag.USER_MESSAGE_REFERENCE) == b"\0\7"
    assert after.store.disk.owed == {}


def test_nothing_is_pushed_for_a_customer_that_is_no_more() -> None:
    world = World()
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message())
    finish(world, carrier, 1)
    gone = world.records[0]._replace(customer="gone")
    assert world.flow.receipts_out.push_again([ended_of(world, gone)]) == 0


def test_ids_in_decimal_everywhere() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "receipts": {"ids": "decimal"}}
    world = World(settings(customers={"shop": shop}))
    carrier, customer = world.carrier(), world.customer()
    told = world.submit(customer, message()).message_id
    assert told.isdigit()
    assert len(told) == 18
    asked = QuerySm(message_id=told, source_addr=b"0312345678")
    answer = world.submit(customer, asked)
    assert (answer.command_status, answer.message_id) == (0, told)
    finish(world, carrier, 1)
    (pdu,) = customer.requests(DeliverSm)
    assert pdu.tlv(Tag.RECEIPTED_MESSAGE_ID) == told + b"\0"
    assert pdu.short_message.startswith(b"id:%b " % told)
    before = b"%016x" % int(told)  # as it was told before the account was changed
    assert world.submit(customer, QuerySm(message_id=before, source_addr=b"0312345678")).command_status == 0
    payload = DataSm(
        source_addr=b"0312345678",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=b"09030000001",
        data_coding=8,
        tlvs=((Tag.MESSAGE_PAYLOAD, "あ".encode("utf-16-be")),),
    )
    assert world.submit(customer, payload).message_id.isdigit()


def test_times_in_utc() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "receipts": {"times": "utc"}}
    world = World(settings(customers={"shop": shop}))
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message())
    finish(world, carrier, 1)
    assert b"submit date:2611240016 " in customer.requests(DeliverSm)[0].short_message


def test_the_oldest_that_is_owed_is_known_in_memory_and_on_disk() -> None:
    world = World()
    carrier, customer = world.carrier(), world.customer()
    out = world.flow.receipts_out
    assert out.oldest("shop") == 0
    customer.answer = silent
    for _ in range(2):
        world.submit(customer, message())
    world.cut(customer)
    finish(world, carrier, 1)
    first = world.clock.wall_ms()
    world.now += 5
    finish(world, carrier, 2)
    assert out.oldest("shop") == first
    after = world.crash()
    assert after.flow.receipts_out.oldest("shop") == 0  # nobody has looked
    for _ in range(LOOKS):
        after.flow.receipts_out.look()
        after.pump()
    assert after.flow.receipts_out.oldest("shop") == first
    after.customer()
    assert after.flow.receipts_out.oldest("shop") == 0
    assert after.store.disk.owed == {}

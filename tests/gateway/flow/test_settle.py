"""What answers, losses and receipts make of a message; one record, whatever happens."""

from typing import Any

import pytest

from gateway.flow.message import EVENT_OF_STATE
from gateway.model.lifecycle import SegmentEvent, SegmentState
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, Peer, World, message, profile, receipt, refuse, settings, silent


def deliver(world: World, carrier: Any, carrier_id: bytes, stat: bytes = b"DELIVRD") -> None:
    carrier.session.request(receipt(carrier_id, stat), None, world.now)
    world.pump()


def test_delivered_is_billed() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    answer = world.submit(customer, message(characters=71))
    deliver(world, carrier, b"1")
    assert world.records == []
    deliver(world, carrier, b"2")
    (record,) = world.records
    assert b"%016x" % record.message_id == answer.message_id
    assert (record.customer, record.carrier, record.outcome) == ("shop", "one", "DELIVERED")
    assert (record.units, record.segments, record.characters) == (2, 2, 71)
    assert (record.unit_price_sen, record.charge_sen, record.tariff) == (1000, 2000, "standard/1")
    assert not world.flow.live
    assert not world.store.disk.messages


@pytest.mark.parametrize(
    ("stat", "outcome"),
    [
        (b"UNDELIV", "UNDELIVERABLE"),
        (b"EXPIRED", "EXPIRED"),
        (b"REJECTD", "REJECTED"),
        (b"DELETED", "DELETED"),
        (b"UNKNOWN", "UNKNOWN"),
        (b"WHATEVR", "UNKNOWN"),
    ],
)
def test_not_delivered_is_not_billed(stat: bytes, outcome: str) -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message())
    deliver(world, carrier, b"1", stat)
    (record,) = world.records
    assert (record.outcome, record.charge_sen) == (outcome, 0)


def test_one_segment_of_two_fails() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message(characters=71))
    deliver(world, carrier, b"1")
    deliver(world, carrier, b"2", b"UNDELIV")
    (record,) = world.records
    assert (record.outcome, record.charge_sen) == ("UNDELIVERABLE", 0)
    (told,) = customer.requests(DeliverSm)
    assert b"stat:UNDELIV" in told.short_message


def test_a_receipt_twice_bills_once() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message())
    for _ in range(3):
        deliver(world, carrier, b"1")
    assert len(world.records) == 1
    assert len(customer.requests(DeliverSm)) == 1
    assert world.flow.carriers["one"].counts.receipts_repeated == 2
    assert all(answer.command_status == CommandStatus.ESME_ROK for answer in carrier.answers())


def test_a_contradicting_receipt_changes_nothing() -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message())
    deliver(world, carrier, b"1")
    deliver(world, carrier, b"1", b"UNDELIV")
    assert [record.outcome for record in world.records] == ["DELIVERED"]


def test_refused_for_good() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = refuse(CommandStatus.ESME_RINVDSTADR)
    customer = world.customer()
    world.submit(customer, message())
    (record,) = world.records
    assert (record.outcome, record.error, record.charge_sen) == ("REJECTED", "0000000b", 0)
    (told,) = customer.requests(DeliverSm)
    assert b"stat:REJECTD" in told.short_message


def test_the_rest_of_a_refused_message_does_not_go() -> None:
    world = World(settings(carriers={"one": profile(session={"window": 1}), "two": profile()}))
    carrier = world.carrier()
    carrier.answer = refuse(CommandStatus.ESME_RINVDSTADR)
    world.submit(world.customer(), message(characters=660))
    assert len(carrier.requests(SubmitSm)) == 1
    (record,) = world.records
    assert record.outcome == "REJECTED"


def test_a_lost_answer_is_in_doubt_and_sent_again() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    customer = world.customer()
    world.submit(customer, message())
    world.cut(carrier)
    world.pump()
    again = world.carrier()
    assert len(again.requests(SubmitSm)) == 1
    counts = world.flow.carriers["one"].counts
    assert (counts.answers_lost, counts.in_doubt) == (1, 1)
    deliver(world, again, b"1")
    assert [record.outcome for record in world.records] == ["DELIVERED"]


def test_a_lost_answer_may_be_the_end() -> None:
    world = World(settings(carriers={"one": profile(in_doubt="fail"), "two": profile()}))
    carrier = world.carrier()
    carrier.answer = silent
    customer = world.customer()
    world.submit(customer, message())
    world.cut(carrier)
    world.pump()
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("UNKNOWN", 0)]
    assert len(customer.requests(DeliverSm)) == 1


def test_no_answer_in_time_is_a_lost_answer() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    world.advance(31.0)
    assert world.flow.carriers["one"].counts.answers_lost == 1
    assert len(carrier.requests(SubmitSm)) == 2


def test_what_waits_past_its_validity_expires() -> None:
    world = World()
    customer = world.customer()
    world.submit(customer, message(validity_period=b"000000010000000R"))
    world.advance(3_599.0)
    assert world.records == []
    world.advance(2.0)
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("EXPIRED", 0)]
    carrier = world.carrier()
    assert carrier.requests(SubmitSm) == []


def test_what_the_carrier_has_may_still_have_its_receipt_for_the_margin() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    for _ in range(2):
        world.submit(customer, message(validity_period=b"000000010000000R"))
    world.advance(3_601.0)
    assert world.records == []
    deliver(world, world.carrier() if carrier.session.closing else carrier, b"1")
    assert [record.outcome for record in world.records] == ["DELIVERED"]
    world.advance(3_600.0)
    assert [record.outcome for record in world.records] == ["DELIVERED", "EXPIRED"]


def test_every_final_state_of_a_carrier_has_its_event() -> None:
    final = set(MessageState) - {MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED}
    assert set(EVENT_OF_STATE) == {int(state) for state in final}
    assert SegmentEvent.RECEIPT_INTERMEDIATE not in EVENT_OF_STATE.values()


OK = CommandStatus.ESME_ROK


def given_up(world: World, carrier: Peer) -> SubmitSm:
    """A segment was sent, its time is over. Return what the carrier got."""
    carrier.answer = silent
    world.submit(world.customer(), message())
    world.advance(31.0)
    (first, *_) = carrier.requests(SubmitSm)
    assert isinstance(first, SubmitSm)
    return first


def say(world: World, carrier: Peer, request: SubmitSm, status: int = OK, carrier_id: bytes = b"a1") -> None:
    carrier.session.submit_sm_resp(request.sequence_number, status, b"" if status else carrier_id)
    world.pump()


def state(world: World) -> SegmentState:
    (one,) = world.flow.live._messages.values()
    return one.states[0]


def held(world: World) -> tuple[Peer, SubmitSm]:
    """One segment whose first try is given up and that waits for its second."""
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    world.flow.carriers["one"].paused_until = world.now + 100.0
    world.advance(31.0)
    assert state(world) is SegmentState.WAITING
    (first,) = carrier.requests(SubmitSm)
    return carrier, first


def test_accepted_while_it_waits_it_goes_no_more() -> None:
    world = World()
    carrier, first = held(world)
    say(world, carrier, first)
    assert state(world) is SegmentState.SENT
    world.advance(100.0)
    assert len(carrier.requests(SubmitSm)) == 1
    deliver(world, carrier, b"161")
    assert [record.outcome for record in world.records] == ["DELIVERED"]
    counts = world.flow.carriers["one"].counts
    assert (counts.answers_late, counts.answers_lost) == (1, 1)


def test_it_is_durable_that_it_was_accepted_late() -> None:
    world = World()
    carrier, first = held(world)
    say(world, carrier, first)
    after = world.crash()
    again = after.carrier()
    assert again.requests(SubmitSm) == []
    deliver(after, again, b"161")
    assert [record.outcome for record in after.records] == ["DELIVERED"]


def test_refused_while_it_waits_is_the_end() -> None:
    world = World()
    carrier, first = held(world)
    say(world, carrier, first, CommandStatus.ESME_RINVDSTADR)
    assert [(record.outcome, record.error) for record in world.records] == [("REJECTED", "0000000b")]


def test_refused_for_now_while_it_waits_changes_nothing() -> None:
    world = World()
    carrier, first = held(world)
    say(world, carrier, first, CommandStatus.ESME_RTHROTTLED)
    assert state(world) is SegmentState.WAITING
    world.advance(100.0)
    assert len(carrier.requests(SubmitSm)) == 2


@pytest.mark.parametrize("status", [CommandStatus.ESME_RINVDSTADR, CommandStatus.ESME_RTHROTTLED])
def test_refused_while_it_is_sent_again_moves_nothing(status: int) -> None:
    world = World()
    carrier = world.carrier()
    first = given_up(world, carrier)
    bind = world.flow.carriers["one"].binds[0]
    assert (len(carrier.requests(SubmitSm)), bind.in_flight) == (2, 1)
    say(world, carrier, first, status)
    assert state(world) is SegmentState.SENDING
    assert bind.in_flight == 1
    say(world, carrier, carrier.requests(SubmitSm)[1])
    assert state(world) is SegmentState.SENT
    assert bind.in_flight == 0


@pytest.mark.parametrize("second_says", [OK, CommandStatus.ESME_RINVDSTADR, CommandStatus.ESME_RTHROTTLED])
def test_accepted_while_it_is_sent_again_the_first_ids_receipt_decides(second_says: int) -> None:
    world = World()
    carrier = world.carrier()
    first = given_up(world, carrier)
    one = world.flow.carriers["one"]
    say(world, carrier, first, carrier_id=b"a1")
    assert state(world) is SegmentState.SENT
    assert one.binds[0].in_flight == 1
    say(world, carrier, carrier.requests(SubmitSm)[1], second_says, carrier_id=b"b2")
    assert state(world) is SegmentState.SENT
    assert one.binds[0].in_flight == 0
    deliver(world, carrier, b"178", b"UNDELIV")
    assert world.records == []
    deliver(world, carrier, b"161")
    assert [record.outcome for record in world.records] == ["DELIVERED"]
    assert one.sent == {}
    world.advance(101.0)
    assert len(carrier.requests(SubmitSm)) == 2


def test_an_answer_after_the_end_leaves_nothing_behind() -> None:
    world = World()
    carrier = world.carrier()
    first = given_up(world, carrier)
    say(world, carrier, first, carrier_id=b"a1")
    deliver(world, carrier, b"161")
    assert len(world.records) == 1
    say(world, carrier, carrier.requests(SubmitSm)[1], carrier_id=b"b2")
    one = world.flow.carriers["one"]
    assert one.sent == {}
    assert one.settled(b"b2") is not None
    assert one.binds[0].in_flight == 0
    assert len(world.records) == 1


def test_accepted_after_the_policy_gave_it_up_is_too_late() -> None:
    world = World(settings(carriers={"one": profile(in_doubt="fail"), "two": profile()}))
    carrier = world.carrier()
    first = given_up(world, carrier)
    say(world, carrier, first)
    deliver(world, carrier, b"161")
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("UNKNOWN", 0)]
    one = world.flow.carriers["one"]
    assert (one.sent, one.early) == ({}, {})
    assert one.binds[0].in_flight == 0


def test_accepted_before_the_second_try_left_it_does_not_leave() -> None:
    world = World()
    carrier, first = held(world)
    one = world.flow.carriers["one"]
    one.paused_until = 0.0
    world.flow.end_of_turn()  # the second try is claimed, not durable
    assert state(world) is SegmentState.SENDING
    (link,) = [link for link, peer in world._pairs if peer is carrier]
    carrier.session.submit_sm_resp(first.sequence_number, OK, b"a1")
    link.handle(link.session.receive(carrier.session.take_output(), world.now))
    world.pump()
    assert len(carrier.requests(SubmitSm)) == 1
    assert (state(world), one.binds[0].in_flight) == (SegmentState.SENT, 0)


def test_a_refusal_of_the_second_try_abandons_no_siblings_of_what_arrived() -> None:
    world = World(settings(carriers={"one": profile(session={"window": 1}), "two": profile()}))
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message(characters=100))
    world.advance(31.0)
    first, second = carrier.requests(SubmitSm)
    say(world, carrier, first)
    carrier.answer = refuse(CommandStatus.ESME_RTHROTTLED)
    say(world, carrier, second, CommandStatus.ESME_RINVDSTADR)
    (one,) = world.flow.live._messages.values()
    assert one.states == [SegmentState.SENT, SegmentState.WAITING]


def test_the_customer_hears_of_it_once() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    customer = world.customer()
    world.submit(customer, message())
    world.advance(31.0)
    first, second = carrier.requests(SubmitSm)
    say(world, carrier, second, carrier_id=b"b2")
    say(world, carrier, first, carrier_id=b"a1")
    for number in (b"161", b"178"):
        deliver(world, carrier, number)
    assert len(customer.requests(DeliverSm)) == 1


def test_silence_is_unknown_where_the_profile_says_so() -> None:
    world = World(settings(carriers={"one": profile(without_receipt="unknown", validity_hours=1.0), "two": profile()}))
    world.carrier(centre=Centre())
    world.submit(world.customer(), message())
    world.advance(2 * 3_600 + 1)
    assert [(record.outcome, record.charge_sen) for record in world.records] == [("UNKNOWN", 0)]

"""From lanes to binds: pace, windows, order, and the octets that go."""

from gateway.model.lifecycle import SegmentState
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.states import SessionState
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import AU_NUMBER, World, message, profile, receipt, refuse, settings, silent


def test_what_the_carrier_gets() -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message(characters=133, priority_flag=2))
    first, second, third = carrier.requests(SubmitSm)
    assert first.destination_addr == b"819030000001"
    assert first.source_addr == b"0312345678"
    assert (first.dest_addr_ton, first.dest_addr_npi) == (1, 1)
    assert (first.esm_class, first.data_coding, first.registered_delivery, first.priority_flag) == (0x40, 8, 1, 2)
    assert [pdu.short_message[:3] for pdu in (first, second, third)] == [b"\x06\x08\x04"] * 3
    assert [pdu.short_message[5:7] for pdu in (first, second, third)] == [b"\3\1", b"\3\2", b"\3\3"]
    assert len(first.short_message) == 7 + 132


def test_a_payload_carrier_gets_one() -> None:
    text = {"first": 70, "following": 67, "concatenation": "payload", "max_characters": 660, "units": [660]}
    world = World(settings(carriers={"one": profile(), "two": profile(text=text)}))
    carrier = world.carrier("two")
    world.submit(world.customer(), message(AU_NUMBER, characters=660))
    (pdu,) = carrier.requests(SubmitSm)
    assert pdu.short_message == b""
    assert len(pdu.tlv(Tag.MESSAGE_PAYLOAD)) == 1320


def test_a_short_validity_goes_along() -> None:
    world = World(now=0.0)
    carrier = world.carrier()
    customer = world.customer()
    world.submit(customer, message(validity_period=b"000000010000000R"))
    world.submit(customer, message())
    short, long = carrier.requests(SubmitSm)
    assert short.validity_period == b"261124010000000+"
    assert long.validity_period == b""


def test_nothing_leaves_before_its_claim_is_durable() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    customer.session.request(message(), None, world.now)
    for _ in range(5):
        world._octets()
        world.flow.end_of_turn()
        world.store.flush()
    assert carrier.requests(SubmitSm) == []
    world.pump()
    assert len(carrier.requests(SubmitSm)) == 1


def test_never_more_than_the_window() -> None:
    world = World(settings(carriers={"one": profile(session={"window": 3}), "two": profile()}))
    carrier = world.carrier()
    carrier.answer = silent
    customer = world.customer()
    for _ in range(10):
        world.submit(customer, message())
    sent = carrier.requests(SubmitSm)
    assert len(sent) == 3
    carrier.session.submit_sm_resp(sent[0].sequence_number, CommandStatus.ESME_ROK, b"a")
    world.pump()
    assert len(carrier.requests(SubmitSm)) == 4


def test_never_faster_than_the_pace() -> None:
    pace = {"segments_per_second": 2.0, "burst_segments": 2}
    world = World(settings(carriers={"one": profile(pace=pace), "two": profile()}))
    carrier = world.carrier()
    customer = world.customer()
    for _ in range(6):
        world.submit(customer, message())
    assert len(carrier.requests(SubmitSm)) == 2
    again = world.flow.end_of_turn()
    assert again is not None
    assert abs(again - 0.5) < 1e-3
    world.advance(1.0)
    assert len(carrier.requests(SubmitSm)) == 4


def test_binds_share_the_work() -> None:
    bind = {"host": "127.0.0.1", "port": 27761, "system_id": "gw", "password": "secret", "count": 2}
    world = World(settings(carriers={"one": profile(binds=[bind]), "two": profile()}))
    customer = world.customer()
    for _ in range(10):
        world.submit(customer, message())
    first, second = world.carrier(place=0), world.carrier(place=1)
    assert len(first.requests(SubmitSm)) == 10  # only one bind was up
    for _ in range(10):
        world.submit(customer, message())
    assert len(second.requests(SubmitSm)) >= 4
    assert len(first.requests(SubmitSm)) + len(second.requests(SubmitSm)) == 20


def test_higher_priority_first_and_order_within() -> None:
    world = World()
    customer = world.customer()
    for priority in (0, 3, 1, 3):
        world.submit(customer, message(priority_flag=priority))
    carrier = world.carrier()
    assert [pdu.priority_flag for pdu in carrier.requests(SubmitSm)] == [3, 3, 1, 0]


def test_a_bind_that_dies_before_the_claim_is_durable_costs_nothing() -> None:
    world = World()
    carrier = world.carrier()
    customer = world.customer()
    customer.session.request(message(), None, world.now)
    for _ in range(3):
        world._octets()
        world.flow.end_of_turn()
        world.store.flush()
    world.cut(carrier)
    world.pump()
    (live,) = world.store.disk.messages.values()
    assert b"[[0," in live.life
    again = world.carrier()
    assert len(again.requests(SubmitSm)) == 1


def test_refused_for_now_pauses_the_carrier_and_keeps_the_order() -> None:
    world = World()
    carrier = world.carrier()
    accept, carrier.answer = carrier.answer, refuse(CommandStatus.ESME_RTHROTTLED)
    customer = world.customer()
    for characters in (10, 11, 12):
        world.submit(customer, message(characters=characters))
    assert len(carrier.requests(SubmitSm)) == 1  # then it pauses
    carrier.answer = accept
    world.advance(1.1)
    assert [len(pdu.short_message) // 2 for pdu in carrier.requests(SubmitSm)] == [10, 10, 11, 12]
    states = {segment.states[0] for segment in world.flow.live._messages.values()}
    assert states == {SegmentState.SENT}


def test_nothing_is_sent_while_no_receipts_can_come() -> None:
    modes = ("transmitter", "receiver")
    binds = [{"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "secret", "mode": mode} for mode in modes]
    for without, sent in ((False, 0), (True, 1)):
        one = profile(binds=binds, send_without_receiver=without)
        world = World(settings(carriers={"one": one, "two": profile()}))
        transmitter, _ = world.flow.carriers["one"].binds
        peer = world.carrier(place=0)
        assert transmitter.session is not None
        transmitter.session.state = SessionState.BOUND_TX  # as if bound so
        world.submit(world.customer(), message())
        assert len(peer.requests(SubmitSm)) == sent
        receiving = world.carrier(place=1)
        assert len(peer.requests(SubmitSm)) + len(receiving.requests(SubmitSm)) == 1


def test_a_drained_bind_gets_nothing_new_and_the_other_all() -> None:
    bind = {"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "secret", "count": 2}
    world = World(settings(carriers={"one": profile(binds=[bind]), "two": profile()}))
    first, second = world.carrier(place=0), world.carrier(place=1)
    world.flow.carriers["one"].binds[0].drained = True
    customer = world.customer()
    for _ in range(5):
        world.submit(customer, message())
    assert (len(first.requests(SubmitSm)), len(second.requests(SubmitSm))) == (0, 5)
    first.session.request(receipt(b"1"), None, world.now)  # receipts are taken on any bind
    world.pump()
    assert len(world.records) == 1

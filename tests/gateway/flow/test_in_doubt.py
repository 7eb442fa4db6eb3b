"""A carrier whose policy is `wait`: a receipt with our reference ends the doubt, else the segment goes once more."""

from dataclasses import replace
from typing import Any

from gateway.model.lifecycle import SegmentState
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import Centre, World, message, profile, receipt, settings


def waiting_world(**changes: Any) -> World:
    """Carrier `one` waits for a receipt before it sends what is in doubt again."""
    return World(
        settings(carriers={"one": profile(in_doubt="wait", in_doubt_wait_seconds=20.0, **changes), "two": profile()})
    )


def doubtful(world: World, count: int = 1) -> list[SubmitSm]:
    """Messages that were sent and not answered before the link went; what the carrier saw."""
    carrier = world.carrier(centre=Centre(accepts=False))
    customer = world.customer()
    for _ in range(count):
        world.submit(customer, message())
    sent: list[SubmitSm] = carrier.requests(SubmitSm)
    world.cut(carrier)
    world.pump()
    assert [one.states for one in world.flow.live._messages.values()] == [[SegmentState.IN_DOUBT]] * count
    return sent


def with_reference(sent: SubmitSm, carrier_id: bytes) -> DeliverSm:
    one = receipt(carrier_id)
    return replace(one, tlvs=((Tag.USER_MESSAGE_REFERENCE, sent.tlv(Tag.USER_MESSAGE_REFERENCE) or b""),))


def test_in_doubt_wait_a_receipt_with_our_reference_ends_the_doubt() -> None:
    world = waiting_world()
    sent = doubtful(world, 2)
    carrier = world.carrier(centre=Centre(receipts=True))
    for number, pdu in enumerate(sent):
        carrier.session.request(with_reference(pdu, b"%d" % (70 + number)), None, world.now)
    world.pump()
    assert [record.outcome for record in world.records] == ["DELIVERED"] * 2
    assert carrier.requests(SubmitSm) == []
    assert world.flow.carriers["one"].doubtful == {}
    world.advance(60)
    assert carrier.requests(SubmitSm) == []


def test_in_doubt_wait_sends_again_when_no_receipt_came() -> None:
    world = waiting_world()
    doubtful(world)
    carrier = world.carrier(centre=Centre(receipts=True))
    world.advance(19)
    assert carrier.requests(SubmitSm) == []
    world.advance(2)
    assert len(carrier.requests(SubmitSm)) == 1
    (record,) = world.records
    assert (record.outcome, record.attempts) == ("DELIVERED", 2)
    assert world.flow.carriers["one"].doubtful == {}


def test_in_doubt_wait_waits_anew_after_a_crash() -> None:
    world = waiting_world()
    (sent,) = doubtful(world)
    after = world.crash()
    carrier = after.carrier(centre=Centre(receipts=True))
    after.advance(10)
    assert carrier.requests(SubmitSm) == []
    carrier.session.request(with_reference(sent, b"70"), None, after.now)
    after.pump()
    assert [record.outcome for record in after.records] == ["DELIVERED"]
    assert carrier.requests(SubmitSm) == []


def test_in_doubt_wait_never_outlives_the_validity() -> None:
    world = waiting_world(validity_hours=0.002, receipt_margin_hours=0.0)
    doubtful(world)
    world.advance(8)
    assert [record.outcome for record in world.records] == ["EXPIRED"]
    assert world.flow.carriers["one"].doubtful == {}


def test_two_that_no_receipt_could_tell_apart_match_neither() -> None:
    world = waiting_world()
    first, _ = doubtful(world, 2)
    carrier = world.flow.carriers["one"]
    assert len(carrier.doubtful) == 2
    carrier.doubtful = dict.fromkeys(carrier.doubtful)
    peer = world.carrier(centre=Centre())
    peer.session.request(with_reference(first, b"70"), None, world.now)
    world.pump()
    assert world.records == []
    assert len(carrier.early) == 1

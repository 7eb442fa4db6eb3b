"""What a receipt of a segment in doubt is matched by."""

from dataclasses import replace
from typing import Any

from gateway.flow.claims import doubt_key, reference_of
from gateway.model.lifecycle import SegmentState
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.smpp.tlv import Tag
from tests.gateway.flow.world import Centre, World, message, profile, receipt, settings


def test_segments_and_messages_have_references_of_their_own() -> None:
    world = World()
    customer = world.customer()
    for _ in range(200):
        world.submit(customer, message(characters=133))
    alive = list(world.flow.live._messages.values())
    references = [reference_of(one, index) for one in alive for index in range(3)]
    assert {len(reference) for reference in references} == {2}
    assert len(set(references)) > 550  # of 600, out of 65,536: what chance leaves
    assert all(len({reference_of(one, index) for index in range(3)}) == 3 for one in alive)


def test_a_number_is_the_same_with_and_without_its_country() -> None:
    world = World()
    world.submit(world.customer(), message())
    (one,) = world.flow.live._messages.values()
    assert doubt_key(one, 0) == (b"30000001", reference_of(one, 0))


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

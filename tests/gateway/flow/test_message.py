"""A message's life as the store keeps it, its record and its receipts."""

import orjson
import pytest

from gateway.flow.message import (
    MESSAGE_STATE,
    MOST_REFUSALS,
    NO_ANSWER,
    Message,
    Told,
    initial_life,
    pack_parts,
)
from gateway.model.lifecycle import FINAL, SegmentEvent, SegmentState
from gateway.smpp.pdu import SubmitSm
from tests.gateway.flow.test_reroute import ELSEWHERE, Answering
from tests.gateway.flow.test_reroute import world as both_ways
from tests.gateway.flow.world import World, message, receipt, settings, silent
from tests.gateway.store.rows import accepted


def alive(characters: int) -> Message:
    world = World()
    world.submit(world.customer(), message(characters=characters))
    return next(iter(world.flow.live._messages.values()))


def test_life_comes_back_as_it_was() -> None:
    one = alive(133)
    assert one.life() == initial_life(3)
    one.move(0, SegmentEvent.CLAIM)
    one.move(0, SegmentEvent.ACCEPTED)
    one.carrier_ids[0] = b"\xff\x00id"
    one.errors[1] = b"034"
    again = Message.recovered(one.account, one.row._replace(life=one.life()), one.expires)
    assert (again.states, again.carrier_ids, again.errors) == (one.states, one.carrier_ids, one.errors)


@pytest.mark.parametrize("segments", [1, 2, 11])
def test_a_life_begins_waiting(segments: int) -> None:
    one = alive(10)
    again = Message.recovered(one.account, one.row._replace(segments=segments, life=initial_life(segments)), 0.0)
    assert again.states == [SegmentState.WAITING] * segments
    assert again.outcome is None


def test_only_what_waits_is_moved() -> None:
    one = alive(133)
    one.move(0, SegmentEvent.CLAIM)
    one.move_waiting(SegmentEvent.ABANDON)
    assert one.states == [SegmentState.SENDING, SegmentState.REJECTED, SegmentState.REJECTED]
    one.move(0, SegmentEvent.ACCEPTED)
    one.move_all(SegmentEvent.DEADLINE)
    assert one.states == [SegmentState.EXPIRED, SegmentState.REJECTED, SegmentState.REJECTED]


def test_the_error_is_that_of_the_first_that_has_one() -> None:
    one = alive(133)
    assert one.error == b""
    one.errors[1], one.errors[2] = b"034", b"035"
    assert one.error == b"034"


def test_every_final_state_can_be_told() -> None:
    assert set(MESSAGE_STATE) == FINAL


def test_parts_come_back_as_they_were() -> None:
    parts = (Told(1 << 62, 1, b""), Told(5, 2, b"\x12\x34"))
    one = alive(10)
    one.row = one.row._replace(part_ids=pack_parts(parts))
    assert one.told() == list(parts)


@pytest.mark.parametrize(
    ("asked", "delivered", "wanted"),
    [
        (0, True, False),
        (1, True, True),
        (1, False, True),
        (2, True, False),
        (2, False, True),
        (3, True, True),
        (3, False, False),
        (0x11, True, True),
        (0x10, True, False),
        (0x1D, False, True),
    ],
)
def test_the_lower_two_bits_ask_for_a_final_receipt(asked: int, delivered: bool, wanted: bool) -> None:
    assert Told(1, asked, b"").wants(delivered=delivered) is wanted


def test_it_is_untouched_until_a_segment_is_promised_to_a_bind() -> None:
    one = alive(71)
    seen = [one.untouched]
    for event in (SegmentEvent.CLAIM, SegmentEvent.REFUSED_FOR_NOW):  # then the carrier said that it does not have it
        one.move(1, event)
        seen.append(one.untouched)
    one.doubts[1] = 1
    assert [*seen, one.untouched] == [True, False, True, False]


def test_only_what_was_told_in_the_place_of_its_own_id_counts_as_told() -> None:
    world = World()
    world.submit(world.customer(), message())
    (one,) = world.flow.live._messages.values()
    assert one.told_ids() == ()
    one.row = one.row._replace(part_ids=pack_parts((Told(7, 1, b""), Told(8, 0, b""))))
    assert one.told_ids() == (7, 8)


def test_an_id_is_kept_as_its_carrier_wrote_it_too() -> None:
    world = World()
    carrier = world.carrier()
    names = iter((b"00A1", b"00A2"))
    carrier.answer = lambda peer, pdu: (
        peer.session.submit_sm_resp(pdu.sequence_number, 0, next(names)) if isinstance(pdu, SubmitSm) else None
    )
    world.submit(world.customer(), message(characters=100))
    (one,) = world.flow.live._messages.values()
    assert one.carrier_ids == [b"a1", b"a2"]
    assert one.raw_ids == {0: b"00A1", 1: b"00A2"}
    (again,) = world.crash().flow.live._messages.values()
    assert (again.carrier_ids, again.raw_ids, again.times) == (one.carrier_ids, one.raw_ids, one.times)
    assert again.life() == one.life()


def told(world: World) -> tuple[Message, list[dict[str, object]]]:
    """The one message that is alive, and what is noted of its segments."""
    (one,) = world.flow.live._messages.values()
    return one, [segment[8] if len(segment) > 8 else {} for segment in orjson.loads(one.life())]


def test_what_did_not_take_a_segment_is_noted_and_outlives_a_restart() -> None:
    world = World()
    carrier = world.carrier()
    answers = iter((0x58, 0x14, 0, 0))
    carrier.answer = lambda peer, pdu: (
        peer.session.submit_sm_resp(pdu.sequence_number, next(answers), b"00A1") if isinstance(pdu, SubmitSm) else None
    )
    world.submit(world.customer(), message())
    for _ in range(60):
        world.advance(1)
    one, (notes,) = told(world)
    assert one.attempts == [3]
    (first, second) = one.bad_answers[0]  # type: ignore[index]
    assert (first[1], second[1]) == (0x58, 0x14)
    assert first[0] < second[0]
    assert notes == {"wrote": "00A1", "answers": [list(first), list(second)]}
    again, kept = told(world.crash())
    assert (again.bad_answers, kept) == (one.bad_answers, [notes])


def test_only_the_last_refusals_are_kept() -> None:
    one = Message(World().flow.accounts["shop"], accepted(0x20), 0.0)
    for at in range(50):
        one.refused(0, 0x58, at)
    assert one.bad_answers == {0: tuple((at, 0x58) for at in range(50 - MOST_REFUSALS, 50))}


def test_an_answer_that_never_came_is_noted() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message())
    world.cut(carrier)
    world.pump()
    one, _ = told(world)
    assert [status for _, status in one.bad_answers[0]] == [NO_ANSWER]  # type: ignore[index]


def test_what_a_receipt_calls_a_segment_is_noted_where_the_answer_said_otherwise() -> None:
    world = World()
    carrier = world.carrier()
    world.submit(world.customer(), message(characters=100))
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    assert told(world)[1] == [{}, {}]
    for _ in range(8):
        world.submit(world.customer(), message())
    world.submit(world.customer(), message(characters=100))
    one = list(world.flow.live._messages.values())[-1]
    assert one.carrier_ids == [b"b", b"c"]
    carrier.session.request(receipt(b"11"), None, world.now)
    world.pump()
    assert one.receipt_ids == {0: b"11"}
    again = world.crash().flow.live._messages[one.row.message_id]
    assert again.receipt_ids == {0: b"11"}


def test_the_rule_that_chose_and_what_was_left_before_outlive_a_restart() -> None:
    rules = [{"name": "urgent", "priorities": [3], "routes": [{"to": "two"}, {"to": "one"}]}]
    world = World(settings(routing={"routes": {"two": {"serves": ["one"]}}, "rules": rules}))
    world.submit(world.customer(), message(priority_flag=3))
    one, (notes,) = told(world)
    assert (one.row.carrier, notes) == ("two", {"rule": "urgent"})
    assert orjson.loads(world.crash().flow.live._messages[one.row.message_id].life())[0][8] == {"rule": "urgent"}
    new = one.successor(one.row, one.expires, "next")
    assert (new.rule, new.left) == ("next", ("two",))
    assert orjson.loads(new.row.life)[0][8] == {"rule": "next", "left": ["two"]}


def test_an_id_in_canonical_form_is_kept_once() -> None:
    world = World()
    world.carrier()
    world.submit(world.customer(), message())
    (one,) = world.flow.live._messages.values()
    assert (one.carrier_ids, one.raw_ids) == ([b"1"], None)


def test_what_was_left_and_why_is_kept_with_the_message() -> None:
    w = both_ways()
    w.carrier("one", centre=Answering(ELSEWHERE))
    w.carrier("two")
    w.submit(w.customer(), message())
    (row,) = w.store.disk.messages.values()
    notes = orjson.loads(row.life)[0][8]
    assert (notes["rule"], notes["left"]) == ("both", ["one"])
    assert [status for _, status in notes["answers"]] == [ELSEWHERE]
    (again,) = w.crash().flow.live._messages.values()
    assert (again.rule, again.left) == ("both", ("one",))

"""When customers are read less: only while our own processor is what is slow, and never for long at a time."""

from typing import Any

import pytest

from gateway.flow.carrier import Carrier
from gateway.flow.yielding import HOLD_SECONDS, LATELY_SECONDS, LEAST_WAITING, Yielding
from tests.gateway.flow.world import Centre, World, message, profile, settings


def crowded_world(**changes: Any) -> tuple[World, Carrier]:
    """More waits for carrier `one` than its windows hold, and it answers nothing yet."""
    one = profile(session={"window": 100}, **changes)
    world = World(settings(carriers={"one": one, "two": profile()}))
    customer = world.customer()
    for place in range(LEAST_WAITING + 200):
        customer.session.request(message(), None, world.now)
        if place % 100 == 99:  # its window
            world.pump()
    world.carrier(centre=Centre(accepts=False))
    return world, world.flow.carriers["one"]


def test_nothing_waits_and_everybody_is_read() -> None:
    world = World()
    assert world.flow.yielding.look(world.now) == 0.0
    assert not world.flow.crowded


def test_who_answers_fast_and_has_much_waiting_makes_a_crowd() -> None:
    _, carrier = crowded_world()
    yielding = Yielding([carrier])
    assert yielding.look(1.0) == 0.0  # it has answered nothing: it is what is slow
    carrier.counts.segments_sent += 50
    assert yielding.look(1.001) == pytest.approx(HOLD_SECONDS)
    assert yielding.look(1.011) == pytest.approx(HOLD_SECONDS - 0.010)


def test_a_hold_ends_by_itself_and_one_turn_reads() -> None:
    _, carrier = crowded_world()
    yielding = Yielding([carrier])
    carrier.counts.segments_sent += 100
    assert yielding.look(1.0) > 0.0
    carrier.counts.segments_sent += 100
    assert yielding.look(1.0 + HOLD_SECONDS) == 0.0
    assert yielding.look(1.0 + HOLD_SECONDS + 0.001) > 0.0


def test_a_carrier_that_stopped_answering_is_no_reason() -> None:
    _, carrier = crowded_world()
    yielding = Yielding([carrier])
    carrier.counts.segments_sent += 100
    assert yielding.look(1.0) > 0.0
    assert yielding.look(1.0 + LATELY_SECONDS) == 0.0


def test_a_carrier_that_answers_a_little_is_what_is_slow() -> None:
    _, carrier = crowded_world()
    yielding = Yielding([carrier])
    for turn in range(20):
        carrier.counts.segments_sent += 1  # of 100 in flight
        assert yielding.look(1.0 + turn / 1000) == 0.0


@pytest.mark.parametrize("how", ["rate", "pause", "few", "down"])
def test_what_limits_by_itself_is_no_reason(how: str) -> None:
    slow = {"pace": {"segments_per_second": 1.0, "burst_segments": 100}} if how == "rate" else {}
    world, carrier = crowded_world(**slow)
    assert len(carrier.lanes) == LEAST_WAITING + 100
    if how == "pause":
        carrier.paused_until = 2.0
    elif how == "few":
        while len(carrier.lanes) > LEAST_WAITING:
            carrier.lanes.take()
    else:
        assert how in {"rate", "down"}
    yielding = Yielding([carrier])
    carrier.counts.segments_sent += 0 if how == "down" else 100
    now = world.now if how == "rate" else 1.0
    assert yielding.look(now) == 0.0


def test_the_flow_tells_it_at_the_end_of_a_turn() -> None:
    world, carrier = crowded_world()
    carrier.counts.segments_sent += 100
    assert world.flow.end_of_turn() is not None
    assert world.flow.crowded
    world.now += 1.0
    world.flow.end_of_turn()
    assert not world.flow.crowded

"""Which carriers are fit to take a message."""

from typing import Any

import pytest

from gateway.flow.fitness import EVERYTHING, Fitness
from gateway.routing.failover import FailoverLimits
from tests.gateway.flow.world import Centre, World, message, profile, settings


def fitness(world: World, slow: float | None = None, paused: bool = False, down: float = 30.0) -> Fitness:
    flow = world.flow
    return Fitness(flow.carriers, flow.parking, flow.clock, FailoverLimits(slow, paused), down)


def test_a_bind_that_sends() -> None:
    world = World()
    one = fitness(world)
    assert not one.usable("one")
    peer = world.carrier("one")
    assert (one.usable("one"), one.usable("two")) == (True, False)
    bind, carrier = world.flow.carriers["one"].binds[0], world.flow.carriers["one"]
    bind.drained = True
    assert not one.usable("one")
    bind.drained, carrier.held = False, True
    assert not one.usable("one")
    carrier.held = False
    world.cut(peer)
    assert not one.usable("one")


def test_a_carrier_whose_receipts_have_nowhere_to_go_takes_nothing() -> None:
    kinds = [
        {"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "x", "mode": mode}
        for mode in ("transmitter", "receiver")
    ]
    world = World(settings(carriers={"one": profile(binds=kinds), "two": profile()}))
    one, carrier = fitness(world), world.flow.carriers["one"]
    carrier.binds[0].session = world.flow.carriers["two"].binds[0].session
    assert one.state("one").binds_up == 0
    carrier.send_without_receiver = True
    assert one.state("one").binds_up == 0


def test_a_pause() -> None:
    world = World()
    world.carrier("one")
    world.flow.carriers["one"].paused_until = world.now + 1.0
    assert fitness(world).usable("one")
    assert not fitness(world, paused=True).usable("one")
    world.now += 1.0
    assert fitness(world, paused=True).usable("one")


@pytest.mark.parametrize("store", [{}, {"queue_in_memory": 4}], ids=["in memory", "on disk too"])
def test_what_waits_counts_wherever_it_waits(store: dict[str, Any]) -> None:
    pace = {"segments_per_second": 2.0, "burst_segments": 1}
    world = World(
        settings(
            carriers={"one": profile(pace=pace, session={"window": 1}), "two": profile()},
            store={"directory": "nowhere"} | store,
        )
    )
    world.carrier("one", centre=Centre(accepts=False))
    customer = world.customer()
    for _ in range(22):
        customer.session.request(message(), None, world.now)
    world.pump()
    assert fitness(world).state("one").waiting_segments == 21
    assert fitness(world, slow=10.5).usable("one")
    assert not fitness(world, slow=10.0).usable("one")
    assert fitness(world, slow=10.0).excess(["one"]) == {"one": 1.0}
    assert fitness(world, slow=10.5).excess(["one"]) == {}
    assert fitness(world).excess(["one"]) == {}


def test_a_short_absence_empties_nothing() -> None:
    world = World()
    one = fitness(world, down=30.0)
    world.now += 29.9
    assert one.excess(["one"]) == {}
    world.now += 0.2
    assert one.excess(["one", "two"]) == {"one": EVERYTHING, "two": EVERYTHING}
    peer = world.carrier("one")
    assert one.excess(["one"]) == {}
    world.cut(peer)
    world.now += 29.9
    assert one.excess(["one"]) == {}
    world.now += 0.2
    assert one.excess(["one"]) == {"one": EVERYTHING}

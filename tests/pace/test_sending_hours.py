"""Sending hours in the flow: what waits for them, where, and what is too late for them."""

from typing import Any

import pytest

from gateway.smpp.pdu import SubmitSm
from tests.gateway.flow.world import Centre, Peer, World, message, profile, settings

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


def shop(**changes: Any) -> World:
    return World(settings(customers={"shop": SHOP | changes}))


def submit(world: World, count: int, **fields: Any) -> None:
    customer = world.customer()
    for number in range(count):
        world.submit(customer, message(source_addr=b"%d" % number, **fields))


def senders(peer: Peer) -> list[bytes]:
    return [pdu.source_addr for pdu in peer.requests(SubmitSm)]


# The world begins at 1,000 s: 09:16:40 in Japan.

HOUR = 3600.0
NIGHT = {"otherwise": {"opens": "08:00", "closes": "21:00"}}
EARLY = {"otherwise": {"opens": "12:00", "closes": "21:00"}}


def until(world: World, hour: float) -> None:
    """To this hour of the day in Japan, or of the next."""
    day_ms = 86_400_000
    now = (world.clock.wall_ms() + 9 * 3_600_000) % day_ms
    world.advance(((hour * 3_600_000 - now) % day_ms) / 1000)


def test_outside_its_hours_a_message_waits_until_they_open() -> None:
    world = shop(sending_hours=EARLY)
    peer = world.carrier()
    submit(world, 2)
    until(world, 11.99)
    assert senders(peer) == []
    assert len(world.flow.parking) == 2
    until(world, 12.0)
    assert senders(peer) == [b"0", b"1"]


def test_within_its_hours_it_goes() -> None:
    world = shop(sending_hours=NIGHT)
    peer = world.carrier()
    submit(world, 1)
    assert senders(peer) == [b"0"]


@pytest.mark.parametrize("characters", [10, 200])
def test_hours_that_end_hold_what_waits_in_the_lane(characters: int) -> None:
    world = shop(sending_hours=NIGHT)
    submit(world, 3, characters=characters)
    until(world, 21.0)
    peer = world.carrier()
    assert senders(peer) == []
    assert world.flow.accounts["shop"].shut_out == 3
    until(world, 7.99)
    assert senders(peer) == []
    until(world, 8.0)
    segments = 1 if characters == 10 else 4
    assert senders(peer) == [b"%d" % number for number in range(3) for _ in range(segments)]
    assert world.flow.accounts["shop"].shut_out == 0


def test_a_message_that_began_to_leave_goes_on_after_hours() -> None:
    world = World(
        settings(
            customers={"shop": SHOP | {"sending_hours": NIGHT}},
            carriers={"one": profile(session={"window": 1}), "two": profile()},
        )
    )
    centre = Centre(accepts=False)
    submit(world, 2, characters=200)
    peer = world.carrier(centre=centre)
    assert senders(peer) == [b"0"]
    until(world, 21.0)
    centre.accepts = True
    world.cut(peer)
    world.pump()
    again = world.carrier(centre=centre)
    assert senders(again) == [b"0"] * 4


def test_hours_that_open_too_late_are_the_end_of_it() -> None:
    world = shop(sending_hours={"otherwise": {"opens": "21:00", "closes": "23:00"}})
    peer = world.carrier()
    submit(world, 1, validity_period=b"000000020000000R")  # two hours
    world.advance(2.1 * HOUR)
    world.advance(1.0)
    assert [record.outcome for record in world.records] == ["EXPIRED"]
    until(world, 22.0)
    assert senders(peer) == []


def test_the_validity_begins_when_they_open() -> None:
    world = World(
        settings(
            customers={"shop": SHOP | {"sending_hours": EARLY}},
            carriers={"one": profile(validity_hours=1.0), "two": profile()},
        )
    )
    peer = world.carrier()
    submit(world, 1)
    until(world, 12.0)
    assert senders(peer) == [b"0"]


def test_kinds_have_hours_of_their_own() -> None:
    by_kind = {"collection": {"opens": "12:00", "closes": "21:00"}}
    world = World(
        settings(
            customers={
                "shop": SHOP | {"sending_hours": {"by_kind": by_kind}, "message_kind": "collection"},
                "free": SHOP | {"system_id": "free", "sending_hours": {"by_kind": by_kind}},
            }
        )
    )
    peer = world.carrier()
    submit(world, 1)
    assert senders(peer) == []
    world.submit(world.customer(b"free"), message(source_addr=b"7"))
    assert senders(peer) == [b"7"]


def test_hours_hold_over_a_crash() -> None:
    world = shop(sending_hours=NIGHT)
    submit(world, 2)
    until(world, 22.0)
    after = world.crash()
    peer = after.carrier()
    assert senders(peer) == []
    until(after, 8.0)
    assert senders(peer) == [b"0", b"1"]

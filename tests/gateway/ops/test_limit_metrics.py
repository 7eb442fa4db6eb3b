"""Which customers are limited, and by what."""

from typing import Any

import pytest

from gateway.flow.limits_now import Limit
from gateway.ops.limit_metrics import customers, families
from tests.gateway.flow.world import Centre, World, message, profile, settings
from tests.gateway.ops.test_metrics import watched

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


def world_with(**changes: Any) -> World:
    one = profile(session={"window": 2})
    other = SHOP | {"system_id": "other"}
    return World(settings(customers={"shop": SHOP | changes, "other": other}, carriers={"one": one, "two": profile()}))


def limits(world: World) -> dict[str, Limit]:
    return dict(customers(watched(world)))


def test_nobody_is_limited() -> None:
    assert limits(world_with()) == {}


def test_what_waits_has_the_limit_of_its_carrier() -> None:
    world = world_with()
    shop = world.customer()
    world.submit(shop, message())
    assert limits(world) == {"shop": Limit.CARRIER_DOWN}
    world.carrier(centre=Centre(accepts=False))
    for _ in range(3):
        world.submit(shop, message())
    assert limits(world) == {"shop": Limit.WINDOW}


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"throttle": {"segments_per_second": 1.0, "burst_segments": 1}}, Limit.RATE),
        ({"quota": {"day": {"messages": 1}}}, Limit.QUOTA),
    ],
)
def test_its_own_limits(changes: dict[str, Any], limit: Limit) -> None:
    world = world_with(**changes)
    world.carrier(centre=Centre(receipts=True))
    shop = world.customer()
    for _ in range(2):
        world.submit(shop, message())
    assert limits(world) == {"shop": limit}


def test_overload() -> None:
    world = world_with()
    world.flow.accounts["other"].overloaded = True
    (family,) = families(watched(world))
    assert list(family.rows) == [(("other", "overload"), 1)]


def test_a_look_up_that_is_waited_for() -> None:
    service = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "two"}}
    world = World(settings(lookups={"order": ["service"], "http": {"service": service}}))
    world.submit(world.customer(), message())
    assert limits(world) == {"shop": Limit.LOOK_UP}

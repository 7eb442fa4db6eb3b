"""Customers above their rate, and a gateway that has too much: who is refused, who is read more slowly."""

from typing import Any

import pytest

from gateway.smpp.pdu import SubmitSmResp
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, World, message, settings

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


def shop(**changes: Any) -> World:
    return World(settings(customers={"shop": SHOP | changes}))


def test_above_the_rate_it_is_refused_as_the_account_chose() -> None:
    throttle = {"segments_per_second": 1.0, "burst_segments": 2}
    for above, status in (
        ("throttled", CommandStatus.ESME_RTHROTTLED),
        ("queue_full", CommandStatus.ESME_RMSGQFUL),
    ):
        world = shop(throttle=throttle | {"above": above})
        customer = world.customer()
        statuses = [int(world.submit(customer, message()).command_status) for _ in range(3)]
        assert statuses == [0, 0, status]


def test_or_it_is_read_more_slowly() -> None:
    world = shop(throttle={"segments_per_second": 10.0, "burst_segments": 2, "above": "slow"})
    customer = world.customer()
    link = world._pairs[-1][0]
    for _ in range(5):
        customer.session.request(message(), None, world.now)
    world.pump()
    assert [answer.command_status for answer in customer.answers() if isinstance(answer, SubmitSmResp)] == [0] * 5
    assert link.hold_seconds() == pytest.approx(0.3)
    assert link.hold_seconds() == 0.0


def test_who_is_far_above_is_refused_all_the_same() -> None:
    world = shop(throttle={"segments_per_second": 1.0, "burst_segments": 1, "above": "slow"})
    customer = world.customer()
    statuses = [int(world.submit(customer, message()).command_status) for _ in range(10)]
    assert statuses == [0] * 6 + [CommandStatus.ESME_RTHROTTLED] * 4


def test_overload_refuses_the_largest_first() -> None:
    whole = settings(
        store={"directory": "nowhere", "max_waiting_messages": 100},
        customers={"shop": SHOP, "small": SHOP | {"system_id": "small"}},
    )
    world = World(whole)
    large, small = world.customer(), world.customer(b"small")
    for _ in range(75):
        world.submit(large, message())
    for _ in range(5):
        world.submit(small, message())
    world.advance(1.0)
    assert world.submit(large, message()).command_status == CommandStatus.ESME_RMSGQFUL
    assert world.flow.accounts["shop"].counts.refused == {"OVERLOADED": 1}
    assert world.submit(small, message()).command_status == CommandStatus.ESME_ROK
    world.carrier(centre=Centre(receipts=True))
    world.advance(1.0)
    assert world.submit(large, message()).command_status == CommandStatus.ESME_ROK


def test_a_slow_disk_is_overload_too() -> None:
    world = World()
    customer = world.customer()
    world.submit(customer, message())
    world.store.commit_seconds = 2.0
    world.advance(1.0)
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_RMSGQFUL
    world.store.commit_seconds = 0.1
    world.advance(1.0)
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK

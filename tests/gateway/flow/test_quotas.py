"""Quotas in the flow: refused above, the mark told once, kept over a crash."""

from typing import Any

import pytest

from gateway.flow import quotas
from gateway.smpp.status import CommandStatus
from gateway.throttle.above import LONGEST_HOLD_SECONDS
from tests.gateway.flow.world import World, message, settings

DAY_SECONDS = 86_400


def shop(**changes: Any) -> World:
    return World(
        settings(customers={"shop": {"system_id": "shop", "password": "secret", "tariff": "standard"} | changes})
    )


def statuses(world: World, count: int, **fields: Any) -> list[int]:
    customer = world.customer()
    return [int(world.submit(customer, message(**fields)).command_status) for _ in range(count)]


OK, REFUSED = CommandStatus.ESME_ROK, CommandStatus.ESME_RSUBMITFAIL


def test_messages_of_a_day() -> None:
    world = shop(quota={"day": {"messages": 3}})
    assert statuses(world, 4) == [OK, OK, OK, REFUSED]
    assert world.flow.accounts["shop"].counts.refused == {"QUOTA": 1}
    assert world.flow.accounts["shop"].quota_used_up
    assert len(world.flow.live) == 3
    world.advance(DAY_SECONDS)
    assert statuses(world, 1) == [OK]
    assert not world.flow.accounts["shop"].quota_used_up


def test_units_count_and_a_shorter_message_still_fits() -> None:
    world = shop(quota={"month": {"units": 3}})
    assert statuses(world, 2, characters=100) == [OK, REFUSED]  # of two units each
    assert statuses(world, 2) == [OK, REFUSED]


def test_yen_at_the_price_of_the_list() -> None:
    world = shop(quota={"day": {"yen": "25"}})
    assert statuses(world, 3) == [OK, OK, REFUSED]


def test_what_another_refusal_stops_is_not_counted() -> None:
    world = shop(quota={"day": {"messages": 1}})
    assert statuses(world, 1, destination=b"12") == [CommandStatus.ESME_RINVDSTADR]
    assert statuses(world, 1) == [OK]


def test_the_mark_is_told_once() -> None:
    world = shop(quota={"day": {"messages": 10}, "warn_percent": 50})
    statuses(world, 10)
    assert world.flow.accounts["shop"].counts.quota_marks == 1
    assert quotas.shares(world.flow.accounts["shop"], world.clock.wall_ms())["day"] == {
        "messages": 10,
        "units": 10,
        "sen": 10_000,
    }


def test_a_crash_forgets_a_second_at_most() -> None:
    world = shop(quota={"day": {"messages": 10}})
    statuses(world, 6)
    world.advance(1.0)
    statuses(world, 2)  # not kept yet
    after = world.crash()
    assert statuses(after, 5) == [OK] * 4 + [REFUSED]


def test_a_stop_forgets_nothing() -> None:
    world = shop(quota={"day": {"messages": 3}})
    statuses(world, 3)
    world.flow.hold()
    world.pump()
    assert statuses(world.crash(), 1) == [REFUSED]


def test_it_is_written_only_when_it_changed() -> None:
    world = shop(quota={"day": {"messages": 3}})
    statuses(world, 1)
    (fact,) = quotas.changed(world.flow.accounts.values())
    assert (fact.kind, fact.owner) == (quotas.KIND, "shop")
    assert quotas.changed(world.flow.accounts.values()) == []


@pytest.mark.parametrize("quota", [None, {"day": {"messages": 10**6}}])
def test_who_has_room_is_not_held_up(quota: dict[str, Any] | None) -> None:
    world = shop(quota=quota)
    assert statuses(world, 20) == [OK] * 20
    assert (quotas.shares(world.flow.accounts["shop"], 0) == {}) is (quota is None)


@pytest.mark.parametrize(
    ("above", "status", "seconds"),
    [
        ("fail", CommandStatus.ESME_RSUBMITFAIL, 0.0),
        ("throttled", CommandStatus.ESME_RTHROTTLED, 0.0),
        ("queue_full", CommandStatus.ESME_RMSGQFUL, 0.0),
        ("slow", CommandStatus.ESME_RTHROTTLED, LONGEST_HOLD_SECONDS),
    ],
)
def test_what_is_above_is_the_account_s_choice(above: str, status: CommandStatus, seconds: float) -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard"}
    world = World(settings(customers={"shop": shop | {"quota": {"day": {"messages": 1}, "above": above}}}))
    customer = world.customer()
    assert world.submit(customer, message()).command_status == 0
    assert world.submit(customer, message()).command_status == status
    assert world.flow.accounts["shop"].hold_seconds == seconds  # whoever reads the bind takes it

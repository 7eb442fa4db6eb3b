"""What is told of a customer: its PDUs over all of its sessions, and how long its receipts have waited."""

import pytest

from gateway.ops.customer_metrics import families
from tests.gateway.flow.world import Centre, Peer, World, message, silent
from tests.gateway.ops.test_metrics import of, scrape, watched


def pdus(world: World, direction: str, command: str, status: str = "ESME_ROK") -> float:
    found = scrape(world)
    key = ("customer_pdus_total", tuple(sorted({
        "customer": "shop", "direction": direction, "command": command, "status": status
    }.items())))  # fmt: skip
    return found.get(key, 0)


def away_and_owed(world: World) -> Peer:
    customer = world.customer()
    world.carrier(centre=Centre(receipts=True))
    customer.answer = silent
    world.submit(customer, message())
    world.cut(customer)
    world.pump()
    return customer


def test_pdus_of_sessions_that_are_over_and_of_those_that_are_up_add_up() -> None:
    world = World()
    world.carrier(centre=Centre(receipts=True))
    first, second = world.customer(), world.customer()
    for customer in (first, second, second):
        world.submit(customer, message())
    world.submit(second, message(destination=b"0312345678"))
    assert pdus(world, "read", "submit_sm") == 4
    world.cut(first)
    assert pdus(world, "read", "submit_sm") == 4
    assert pdus(world, "read", "bind_transceiver") == 2
    assert pdus(world, "written", "submit_sm_resp") == 3
    assert pdus(world, "written", "submit_sm_resp", "ESME_RINVDSTADR") == 1
    assert pdus(world, "written", "deliver_sm") == pdus(world, "read", "deliver_sm_resp") == 3


def test_scrapes_do_not_count_twice() -> None:
    world = World()
    world.customer()
    assert [pdus(world, "read", "bind_transceiver") for _ in range(3)] == [1, 1, 1]


def test_a_customer_that_is_away_is_seen_to_be_owed_something_for_longer_and_longer() -> None:
    world = World()
    assert of(scrape(world), "customer_oldest_receipt_age_seconds", customer="shop") == 0
    away_and_owed(world)
    world.now += 30
    assert of(scrape(world), "customer_oldest_receipt_age_seconds", customer="shop") == pytest.approx(30)
    assert of(scrape(world), "receipts_owed_total", customer="shop") == 1
    world.customer()
    assert of(scrape(world), "customer_oldest_receipt_age_seconds", customer="shop") == 0


def test_after_a_start_it_is_known_as_soon_as_somebody_has_looked() -> None:
    before = World()
    away_and_owed(before)
    before.now += 100
    world = before.crash()
    world.advance(60)
    assert of(scrape(world), "customer_oldest_receipt_age_seconds", customer="shop") == pytest.approx(160)


def test_every_family_of_customers_has_the_label() -> None:
    assert all(one.labels[0] == "customer" for one in families(watched(World())))

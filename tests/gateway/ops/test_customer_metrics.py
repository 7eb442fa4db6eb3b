"""What is told of a customer: its PDUs over all of its sessions, and how long its receipts have waited."""

import pytest

from gateway.ops.customer_metrics import families
from tests.gateway.flow.world import Centre, Peer, World, message, receipt, settings, silent
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


def test_all_that_is_owed_is_counted_in_memory_on_disk_on_its_way_and_after_a_start() -> None:
    world = World()
    carrier = world.carrier(centre=Centre(receipts=True))
    customer = world.customer()
    customer.answer = silent
    for _ in range(3):
        world.submit(customer, message())
    assert of(scrape(world), "customer_receipts_unacknowledged", customer="shop") == 3
    world.cut(customer)
    world.pump()
    assert of(scrape(world), "customer_receipts_unacknowledged", customer="shop") == 3
    world.cut(carrier)
    again = world.crash()
    assert of(scrape(again), "customer_receipts_unacknowledged", customer="shop") == 3
    assert of(scrape(again), "customer_receipts_waiting", customer="shop") == 0
    again.customer()
    assert of(scrape(again), "customer_receipts_unacknowledged", customer="shop") == 0


def test_answers_are_timed_from_the_request_until_it_is_durable_and_ends_from_the_submission() -> None:
    world = World()
    carrier, customer = world.carrier(), world.customer()
    customer.session.request(message(), None, world.now)
    world.now += 0.03
    world.pump()
    world.now += 30
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    series = scrape(world)
    assert of(series, "customer_response_seconds_count", customer="shop") == 1
    assert of(series, "customer_outcome_seconds_bucket", customer="shop", le="10.0") == 0
    assert of(series, "customer_outcome_seconds_bucket", customer="shop", le="60.0") == 1
    assert of(series, "segments_settled_total", customer="shop", state="delivered") == 1


def test_a_refusal_is_no_answer_that_takes() -> None:
    world = World()
    customer = world.customer()
    world.submit(customer, message(destination=b"0312345678"))
    assert of(scrape(world), "customer_response_seconds_count", customer="shop") == 0


def test_what_it_may_send_is_told_of_who_is_limited() -> None:
    account = {"system_id": "shop", "password": "secret", "tariff": "standard"}
    throttle = {"segments_per_second": 7.0, "burst_segments": 7}
    limited, free = account | {"throttle": throttle}, account | {"system_id": "free"}
    series = scrape(World(settings(customers={"shop": limited, "free": free})))
    assert of(series, "customer_allowed_segments_per_second", customer="shop") == 7
    assert ("customer_allowed_segments_per_second", (("customer", "free"),)) not in series


def test_every_family_of_customers_has_the_label() -> None:
    assert all(one.labels[0] == "customer" for one in families(watched(World())))

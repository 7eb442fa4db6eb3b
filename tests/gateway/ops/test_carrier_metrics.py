"""What is told of a carrier: times of answers and receipts, its lanes, what limits it, its binds and their PDUs."""

import pytest

from gateway.flow.limits_now import Limit
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, World, message, profile, receipt, refuse, settings, silent
from tests.gateway.ops.test_metrics import Series, of, scrape

BIND = {"host": "127.0.0.1", "port": 27761, "system_id": "gw", "password": "secret"}


def limit(series: Series, carrier: str = "one") -> str:
    found = [
        dict(labels)["limit"]
        for (name, labels), value in series.items()
        if name == "carrier_limit" and dict(labels)["carrier"] == carrier and value == 1
    ]
    assert len(found) == 1
    return found[0]


def bucket(series: Series, name: str, le: str, **labels: str) -> float:
    return of(series, f"{name}_bucket", le=le, **labels)


def test_times_of_answer_handover_and_receipt_are_those_that_passed() -> None:
    world = World()
    carrier = world.carrier()
    carrier.answer = silent
    world.submit(world.customer(), message(priority_flag=3))
    (request,) = carrier.requests(SubmitSm)
    world.now += 0.2
    carrier.session.submit_sm_resp(request.sequence_number, CommandStatus.ESME_ROK, b"1")
    world.pump()
    world.now += 4
    carrier.session.request(receipt(b"1"), None, world.now)
    world.pump()
    series = scrape(world)
    assert bucket(series, "carrier_response_seconds", "0.1", carrier="one") == 0
    assert bucket(series, "carrier_response_seconds", "0.25", carrier="one") == 1
    assert of(series, "carrier_response_seconds_sum", carrier="one") == pytest.approx(0.2, abs=0.002)
    assert bucket(series, "carrier_receipt_seconds", "2.0", carrier="one") == 0
    assert bucket(series, "carrier_receipt_seconds", "5.0", carrier="one") == 1
    assert bucket(series, "carrier_handover_seconds", "2.0", carrier="one", priority="3") == 1
    assert of(series, "carrier_handover_seconds_count", carrier="one", priority="0") == 0


def test_the_wait_for_a_bind_counts_for_the_handover_and_not_for_the_answer() -> None:
    world = World()
    world.submit(world.customer(), message())
    world.now += 3
    world.carrier()
    series = scrape(world)
    assert bucket(series, "carrier_handover_seconds", "2.0", carrier="one", priority="0") == 0
    assert bucket(series, "carrier_handover_seconds", "5.0", carrier="one", priority="0") == 1
    assert bucket(series, "carrier_response_seconds", "0.005", carrier="one") == 1


def test_lanes_tell_what_waits_by_priority_in_memory_and_on_disk_and_for_how_long() -> None:
    store = {"directory": "nowhere", "queue_in_memory": 4, "messages_in_memory": 10}
    world = World(settings(store=store))
    customer = world.customer()
    for _ in range(7):
        world.submit(customer, message())
    world.now += 10
    world.submit(customer, message(characters=100, priority_flag=2))
    world.now += 5
    series = scrape(world)
    assert of(series, "lane_segments_waiting", carrier="one", priority="0") == 4
    assert of(series, "lane_messages_parked", carrier="one", priority="0") == 3
    assert of(series, "lane_segments_waiting", carrier="one", priority="2") == 2
    assert of(series, "lane_oldest_age_seconds", carrier="one", priority="0") == pytest.approx(15)
    assert of(series, "lane_oldest_age_seconds", carrier="one", priority="2") == pytest.approx(5)
    assert of(series, "lane_oldest_age_seconds", carrier="one", priority="3") == 0
    assert limit(series) == Limit.CARRIER_DOWN.value
    assert limit(series, "two") == Limit.NOTHING.value


def test_what_limits_is_the_window_when_nothing_is_answered() -> None:
    world = World(settings(carriers={"one": profile(session={"window": 2}), "two": profile()}))
    carrier, customer = world.carrier(), world.customer()
    carrier.answer = silent
    for _ in range(3):
        world.submit(customer, message())
    series = scrape(world)
    assert limit(series) == Limit.WINDOW.value
    assert of(series, "carrier_allowed_segments_per_second", carrier="one") == 1000


def test_binds_count_how_often_they_came_and_went_and_keep_their_pdus() -> None:
    world = World()
    customer = world.customer()
    for _ in range(2):
        carrier = world.carrier()
        world.submit(customer, message())
        world.cut(carrier)
        world.pump()
    world.carrier(centre=Centre())
    series = scrape(world)
    bind = {"carrier": "one", "bind": "one-0-0"}
    assert of(series, "carrier_binds_made_total", **bind) == 3
    assert of(series, "carrier_binds_lost_total", **bind) == 2
    assert of(series, "carrier_connections_failed_total", **bind) == 5
    written = {**bind, "direction": "written", "status": "ESME_ROK"}
    assert of(series, "carrier_bind_pdus_total", command="bind_transceiver", **written) == 3
    assert of(series, "carrier_bind_pdus_total", command="submit_sm", **written) == 2


def test_each_bind_has_its_own_times_and_lost_answers() -> None:
    world = World(settings(carriers={"one": profile(binds=[BIND, BIND]), "two": profile()}))
    first, second = world.carrier(place=0), world.carrier(place=1)
    first.answer = second.answer = silent
    customer = world.customer()
    world.submit(customer, message())
    world.submit(customer, message())
    (request,) = second.requests(SubmitSm)
    world.now += 0.2
    second.session.submit_sm_resp(request.sequence_number, CommandStatus.ESME_RTHROTTLED, b"")
    world.pump()
    world.cut(first)
    world.pump()
    series = scrape(world)
    one, two = {"carrier": "one", "bind": "one-0-0"}, {"carrier": "one", "bind": "one-1-0"}
    assert bucket(series, "carrier_bind_response_seconds", "0.1", **two) == 0
    assert bucket(series, "carrier_bind_response_seconds", "0.25", **two) == 1
    assert of(series, "carrier_bind_response_seconds_count", **one) == 0
    assert of(series, "carrier_response_seconds_count", carrier="one") == 0
    assert of(series, "carrier_bind_answers_lost_total", **one) >= 1
    assert of(series, "carrier_bind_answers_lost_total", **two) == 0


def test_what_ended_is_told_by_route_and_state_once() -> None:
    world = World()
    carrier, customer = world.carrier(), world.customer()
    world.submit(customer, message(characters=100))
    for carrier_id, stat in ((b"1", b"DELIVRD"), (b"2", b"UNDELIV"), (b"2", b"UNDELIV")):
        carrier.session.request(receipt(carrier_id, stat), None, world.now)
        world.pump()
    series = scrape(world)
    assert of(series, "carrier_messages_settled_total", carrier="one", state="undeliverable") == 1
    for state in ("delivered", "undeliverable"):
        assert of(series, "carrier_segments_settled_total", carrier="one", state=state) == 1
    assert not any(dict(labels).get("carrier") == "two" for name, labels in series if "settled" in name)


def test_a_bind_with_a_pace_of_its_own_tells_it() -> None:
    pace = {"segments_per_second": 100.0, "burst_segments": 100}
    both = pace | {"each_bind": {"segments_per_second": 3.0, "burst_segments": 3}}
    series = scrape(World(settings(carriers={"one": profile(pace=both), "two": profile(pace=pace)})))
    assert of(series, "carrier_bind_allowed_segments_per_second", carrier="one", bind="one-0-0") == 3
    assert sum(name == "carrier_bind_allowed_segments_per_second" for name, _ in series) == 1


def test_a_drained_bind_is_draining_until_it_is_down() -> None:
    world = World()
    world.carrier()
    bind = world.flow.carriers["one"].binds[0]
    bind.drained = True
    labels = {"carrier": "one", "bind": "one-0-0"}
    assert of(scrape(world), "carrier_bind_draining", **labels) == 1
    bind.session = None
    assert of(scrape(world), "carrier_bind_draining", **labels) == 0
    assert of(scrape(world), "carrier_bind_drained", **labels) == 1


def test_refusals_are_in_the_pdus_of_the_bind_by_status() -> None:
    world = World()
    carrier, customer = world.carrier(), world.customer()
    carrier.answer = refuse(CommandStatus.ESME_RINVDSTADR)
    world.submit(customer, message())
    series = scrape(world)
    labels = {"carrier": "one", "bind": "one-0-0", "direction": "read", "command": "submit_sm_resp"}
    assert of(series, "carrier_bind_pdus_total", status="ESME_RINVDSTADR", **labels) == 1
    assert of(series, "carrier_response_seconds_count", carrier="one") == 0

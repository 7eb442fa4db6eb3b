"""What a scrape says of a gateway that has worked: real flow, real sessions, and a parser that is not ours."""

import asyncio
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway import __version__
from gateway.model.errors import Reason
from gateway.model.histogram import ANSWER_MS, BATCH_CHANGES, COMMIT_MS, LAG_MS, OUTCOME_MS, Histogram
from gateway.ops import customer_metrics, logs
from gateway.ops.metrics import FlowCollector
from gateway.ops.routing_metrics import RoutingFigures
from gateway.ops.watched import Ends, Watched
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import World, message, profile, receipt, refuse, settings, silent

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass
class Store:
    """The figures of a store."""

    stuck: str = ""
    behind: bool = False
    batches: int = 7
    changes: int = 21
    repeated_records: int = 0
    archive_stuck: str = ""
    pid: int = os.getpid()
    commit_ms: Histogram = field(default_factory=lambda: Histogram(COMMIT_MS))
    batch_changes: Histogram = field(default_factory=lambda: Histogram(BATCH_CHANGES))


@dataclass
class Listener:
    """The figures of a door."""

    turned_away: int = 3
    refused: int = 4
    certificates: dict[str, Ends] = field(default_factory=dict)
    connections: set[object] = field(default_factory=lambda: {1, 2})


@dataclass
class Binds:
    """The figures of the binds to carriers."""

    failed: dict[tuple[str, str], int] = field(default_factory=lambda: {("one", "one-0-0"): 5})
    files: dict[str, Path] = field(default_factory=dict)

    def connections_failed(self) -> dict[tuple[str, str], int]:
        """As the real ones tell it."""
        return self.failed

    def certificate_files(self) -> dict[str, Path]:
        """As the real ones tell it."""
        return self.files


def routing(world: World) -> RoutingFigures:
    flow = world.flow
    return RoutingFigures(flow.network, flow.reroute.counts, flow.lessons.learned, flow.lessons.imported)


def watched(world: World, **changes: Any) -> Watched:
    whole: dict[str, Any] = {
        "accounts": world.flow.accounts,
        "carriers": world.flow.carriers,
        "live": world.flow.live,
        "parked": world.flow.parking,
        "unfinished": world.flow.reassemble,
        "customers": world.flow.customers,
        "receipts_out": world.flow.receipts_out,
        "routing": routing(world),
        "binds": Binds(),
        "lag_ms": Histogram(LAG_MS),
        "store": Store(),
        "listener": Listener(),
        "draining": lambda: world.flow.accept.draining,
        "now": lambda: world.now,
        "wall_ms": world.clock.wall_ms,
        "started": world.now,
        "started_ms": world.clock.wall_ms(),
    }
    return Watched(**(whole | changes))


def text(world: World, **changes: Any) -> str:
    return FlowCollector(watched(world, **changes)).text().decode()


def scrape(world: World, **changes: Any) -> Series:
    found: Series = {}
    for family in text_string_to_metric_families(text(world, **changes)):
        for sample in family.samples:
            key = (sample.name.removeprefix("smpp_gateway_"), tuple(sorted(sample.labels.items())))
            assert key not in found, f"{key} is there twice"
            found[key] = sample.value
    return found


def of(series: Series, name: str, **labels: str) -> float:
    return series[name, tuple(sorted(labels.items()))]


@pytest.fixture
def world() -> World:
    return World()


def test_a_gateway_that_has_done_nothing_tells_zeros(world: World) -> None:
    series = scrape(world)
    assert of(series, "messages_accepted_total", customer="shop") == 0
    assert of(series, "segments_sent_total", carrier="one") == of(series, "segments_sent_total", carrier="two") == 0
    assert of(series, "carrier_bind_up", carrier="one", bind="one-0-0") == 0
    assert of(series, "carrier_bind_window_segments", carrier="one", bind="one-0-0") == 10
    assert of(series, "messages_alive") == of(series, "draining") == of(series, "store_stuck") == 0
    assert (of(series, "connections"), of(series, "connections_turned_away_total")) == (2, 3)
    assert (of(series, "store_batches_total"), of(series, "store_changes_total")) == (7, 21)
    assert of(series, "build_info", version=__version__) == 1
    assert of(series, "start_time_seconds") == world.clock.wall_ms() / 1000


def test_a_message_that_goes_all_the_way_is_counted_at_every_station(world: World) -> None:
    carrier, customer = world.carrier("one"), world.customer()
    world.submit(customer, message(characters=100))
    series = scrape(world)
    assert of(series, "messages_accepted_total", customer="shop") == 1
    assert (
        of(series, "segments_sent_total", carrier="one") == of(series, "segments_awaiting_receipt", carrier="one") == 2
    )
    assert of(series, "carrier_answers_total", carrier="one", status="ESME_ROK") == 2
    assert of(series, "carrier_bind_up", carrier="one", bind="one-0-0") == 1
    assert of(series, "customer_binds", customer="shop") == 1
    assert of(series, "messages_alive") == 1
    carrier.session.request(receipt(b"1"), None, world.now)
    carrier.session.request(receipt(b"2", b"UNDELIV", b"009"), None, world.now)
    carrier.session.request(receipt(b"2", b"UNDELIV", b"009"), None, world.now)
    carrier.session.request(receipt(b"77"), None, world.now)
    world.pump()
    series = scrape(world)
    assert of(series, "carrier_receipts_total", carrier="one", state="delivered") == 1
    assert of(series, "carrier_receipts_total", carrier="one", state="undeliverable") == 1
    assert of(series, "carrier_receipts_repeated_total", carrier="one") == 1
    assert (
        of(series, "carrier_receipts_early_total", carrier="one")
        == of(series, "early_receipts_waiting", carrier="one")
        == 1
    )
    assert of(series, "messages_settled_total", customer="shop", state="undeliverable") == 1
    assert of(series, "receipts_handed_over_total", customer="shop") == 1
    assert of(series, "messages_alive") == of(series, "segments_awaiting_receipt", carrier="one") == 0


def test_what_waits_and_what_is_paused_is_seen(world: World) -> None:
    customer = world.customer()
    world.submit(customer, message(characters=200))
    assert of(scrape(world), "segments_waiting", carrier="one") == 4
    carrier = world.carrier("one")
    carrier.answer = refuse(CommandStatus.ESME_RTHROTTLED)
    world.submit(customer, message())
    series = scrape(world)
    assert of(series, "carrier_answers_total", carrier="one", status="ESME_RTHROTTLED") >= 1
    assert of(series, "carrier_paused", carrier="one") == 1
    assert of(series, "carrier_paused", carrier="two") == 0
    world.now += 60
    assert of(scrape(world), "carrier_paused", carrier="one") == 0


def test_answers_that_never_come_are_seen(world: World) -> None:
    carrier, customer = world.carrier("one"), world.customer()
    carrier.answer = silent
    world.submit(customer, message())
    assert of(scrape(world), "carrier_bind_segments_in_flight", carrier="one", bind="one-0-0") == 1
    world.cut(carrier)
    world.pump()
    series = scrape(world)
    assert (
        of(series, "carrier_answers_lost_total", carrier="one")
        == of(series, "segments_in_doubt_total", carrier="one")
        == 1
    )
    assert of(series, "carrier_bind_up", carrier="one", bind="one-0-0") == 0


def test_refusals_are_told_by_reason(world: World) -> None:
    customer = world.customer()
    world.submit(customer, message(destination=b"0312345678"))
    world.flow.accept.draining = True
    world.submit(customer, message())
    series = scrape(world)
    assert of(series, "draining") == 1
    reasons = {dict(labels)["reason"]: n for (name, labels), n in series.items() if name == "messages_refused_total"}
    assert reasons == {"not_mobile": 1, "draining": 1}
    assert set(reasons) <= {reason.name.lower() for reason in Reason}


def test_statuses_that_a_carrier_makes_up_share_one_series(world: World) -> None:
    answers = world.flow.carriers["one"].counts.answers
    for status in range(0x400, 0x400 + 5_000):
        answers[status] += 1
    answers[0x58] += 2
    series = scrape(world)
    told = {dict(labels)["status"]: n for (name, labels), n in series.items() if name == "carrier_answers_total"}
    assert told["other"] + sum(n for status, n in told.items() if status != "other") == 5_002
    assert told["ESME_RTHROTTLED"] == 2
    assert len(told) < 100


def test_a_store_in_trouble_is_seen(world: World) -> None:
    series = scrape(world, store=Store(stuck="disk I/O error", behind=True, repeated_records=1))
    assert of(series, "store_stuck") == of(series, "store_behind") == of(series, "store_repeated_records_total") == 1
    assert "disk I/O" not in text(world, store=Store(stuck="disk I/O error"))


def test_both_processes_are_told_and_one_that_is_gone_is_left_out(world: World) -> None:
    series = scrape(world)
    for process in ("gateway", "store"):
        assert of(series, "process_resident_memory_bytes", process=process) > 1 << 20
        assert of(series, "process_cpu_seconds_total", process=process) > 0
    assert ("process_cpu_seconds_total", (("process", "store"),)) not in scrape(world, store=Store(pid=2**22 + 1))


def test_dropped_log_lines_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "dropped", lambda: 12)
    assert of(scrape(world), "log_lines_dropped_total") == 12


def test_names_follow_the_conventions_and_labels_are_those_that_are_bounded(world: World) -> None:
    world.carrier("one")
    world.submit(world.customer(), message())
    for family in text_string_to_metric_families(text(world)):
        assert re.fullmatch(r"smpp_gateway_[a-z]+(_[a-z]+)*", family.name)
        assert family.documentation.endswith(".")
        assert not re.search(r"_(ms|milliseconds|kb|mb|percent|count)(_|$)", family.name)
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert (family.type == "histogram") == bool(re.search(r"_(bucket|sum|count)$", sample.name))
            assert set(sample.labels) <= {
                "customer",
                "carrier",
                "bind",
                "reason",
                "state",
                "status",
                "process",
                "version",
                "priority",
                "limit",
                "reading",
                "direction",
                "command",
                "outcome",
                "what",
                "listener",
                "le",
                "to",
                "source",
                "result",
                "act",
                "way",
                "notice",
                "fault",
            }


def test_no_number_no_text_and_no_id_is_in_a_scrape(world: World) -> None:
    world.carrier("one")
    answer = world.submit(world.customer(), message(destination=b"09030000001"))
    told = text(world)
    assert "30000001" not in told
    assert answer.message_id.decode() not in told
    assert "あ" not in told


def test_a_scrape_of_many_customers_stays_in_proportion() -> None:
    one = {"password": "secret", "tariff": "standard"}
    many = {f"shop-{n}": one | {"system_id": f"s{n}"} for n in range(200)}
    world = World(
        settings(customers=many, carriers={"one": profile()}, portability={"library_names": {"NTT Docomo": "one"}})
    )
    series = scrape(world)
    histograms = len(ANSWER_MS) + len(OUTCOME_MS) + 2 * len(("+Inf", "sum", "count"))
    per_customer = len(customer_metrics.COUNTERS) + len(customer_metrics.GAUGES) + 3 + histograms
    assert sum(1 for _, labels in series if dict(labels).get("customer")) == 200 * per_customer


def test_scrapes_do_not_disturb(world: World) -> None:
    assert scrape(world).keys() == scrape(world).keys()
    assert asyncio.run(world.store.load()).messages == []

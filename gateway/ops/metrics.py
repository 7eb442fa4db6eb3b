"""The plain counters of the flow as metrics, read when somebody scrapes: the hot path pays little for them.

Labels are names that the operator wrote (customer, carrier, bind) or members of our own small tables; never a number, a
message id, an address of a peer or whatever else it can make up.
"""

import os
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.ops import (
    carrier_metrics,
    customer_metrics,
    door_metrics,
    limit_metrics,
    logs,
    notice_metrics,
    routing_metrics,
)
from gateway.ops.families import Exposition, Family, counter, gauge, histogram, metric
from gateway.ops.processes import used
from gateway.ops.watched import Watched

COUNTERS: tuple[tuple[str, str, Callable[[Watched], float]], ...] = (
    ("store_batches", "Batches handed to the store.", lambda one: one.store.batches),
    ("store_changes", "Changes handed to the store.", lambda one: one.store.changes),
    ("store_repeated_records", "Billing records that were there already.", lambda one: one.store.repeated_records),
    ("log_lines_dropped", "Log lines that nobody took in time.", lambda _: logs.dropped()),
)
GAUGES: tuple[tuple[str, str, Callable[[Watched], float]], ...] = (
    ("messages_alive", "Messages that are not final.", lambda one: len(one.live)),
    ("messages_unfinished", "Messages of which parts are missing.", lambda one: len(one.unfinished)),
    (
        "messages_parked",
        "Messages that wait on disk only, for their lane or their moment.",
        lambda one: len(one.parked),
    ),
    ("messages_scheduled", "Those of them that are not due.", lambda one: one.parked.scheduled),
    ("store_stuck", "Whether nothing becomes durable at the moment.", lambda one: bool(one.store.stuck)),
    ("store_behind", "Whether intake waits for the store.", lambda one: one.store.behind),
    (
        "store_archive_stuck",
        "Whether what ended does not get to its month's file.",
        lambda one: bool(one.store.archive_stuck),
    ),
    ("draining", "Whether the gateway takes nothing new.", lambda one: one.draining()),
    ("start_time_seconds", "When the process started, Unix time.", lambda one: one.started_ms / 1000),
    (
        "clock_shift_seconds",
        "How far the wall clock has moved against the monotonic one since the start; ids, receipts and bills use it.",
        lambda one: (one.wall_ms() - one.started_ms) / 1000 - (one.now() - one.started),
    ),
)


def _reloads(watched: Watched) -> Iterator[Family]:
    reloads = watched.reloads
    yield counter(
        "config_reloads",
        "Configurations that were read anew, by what came of it.",
        ("result",),
        [(("applied",), reloads.applied), (("refused",), reloads.refused)],
    )
    yield gauge(
        "config_reload_failed", "1 while the last configuration that was read was refused.", (), [((), reloads.failed)]
    )
    yield gauge(
        "config_applied_timestamp_seconds",
        "When a configuration was taken over last, or the start.",
        (),
        [((), (reloads.applied_ms or watched.started_ms) / 1000)],
    )


class FlowCollector(Collector):
    """Reads everything that is watched, in the loop that changes it."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._certificates = door_metrics.CarrierCertificates()
        self._exposition = Exposition()

    def families(self) -> Iterator[Family]:
        """Everything, in the order of docs/operations.md."""
        watched = self._watched
        yield gauge("build_info", "The version that runs.", ("version",), [((__version__,), 1)])
        yield from (counter(name, words, (), [((), read(watched))]) for name, words, read in COUNTERS)
        yield from (gauge(name, words, (), [((), read(watched))]) for name, words, read in GAUGES)
        store = watched.store
        yield histogram(
            "store_commit_seconds", "From handing a batch over until it is durable.", (), [((), store.commit_ms)]
        )
        yield histogram("store_batch_changes", "Changes of a batch.", (), [((), store.batch_changes)], scale=1)
        yield histogram(
            "event_loop_lag_seconds", "How much later than asked the loop came back.", (), [((), watched.lag_ms)]
        )
        yield from door_metrics.families(watched, self._certificates)
        yield from customer_metrics.families(watched)
        yield from limit_metrics.families(watched)
        yield from carrier_metrics.families(watched)
        yield from routing_metrics.families(watched.routing)
        yield from notice_metrics.families(watched.notices)
        yield from _reloads(watched)
        yield from self._processes()

    def text(self) -> bytes:
        """Prometheus' text format."""
        return self._exposition.text(self.families())

    def collect(self) -> Iterator[Metric]:
        """The same for whoever has prometheus_client."""
        return map(metric, self.families())

    def _processes(self) -> Iterator[Family]:
        both = {"gateway": used(os.getpid()), "store": used(self._watched.store.pid)}
        cpu = [((name,), one.cpu_seconds) for name, one in both.items() if one]
        memory = [((name,), one.resident_octets) for name, one in both.items() if one]
        yield counter("process_cpu_seconds", "CPU time used, all threads.", ("process",), cpu)
        yield gauge("process_resident_memory_bytes", "Memory in use.", ("process",), memory)


def registry(watched: Watched) -> CollectorRegistry:
    """A registry of its own, with nothing but our metrics in it."""
    own = CollectorRegistry()
    own.register(FlowCollector(watched))
    return own

"""The plain counters of the flow as Prometheus metrics, read when somebody scrapes: the hot path pays nothing for them.

Labels are names that the operator wrote (customer, carrier, bind) or members of our own small tables; never a number, a
message id, an address or whatever else a peer can make up.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import NamedTuple, Protocol, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier, CarrierBind
from gateway.ops import logs
from gateway.ops.processes import used
from gateway.smpp.status import CommandStatus

PREFIX = "smpp_gateway_"
OTHER = "other"  # statuses that no table of ours knows: carriers have their own

Rows = Iterable[tuple[tuple[str, ...], float]]


class StoreFigures(Protocol):
    """What is told about the store."""

    stuck: str
    archive_stuck: str
    batches: int
    changes: int
    repeated_records: int

    @property
    def behind(self) -> bool:
        """Whether intake stopped reading because of it."""

    @property
    def pid(self) -> int:
        """Its process."""


class ListenerFigures(Protocol):
    """What is told about the customers' door."""

    turned_away: int

    @property
    def connections(self) -> Sized:
        """Those that are open."""


class Watched(NamedTuple):
    """What is looked at. `now` is monotonic seconds, `started_ms` ms since 1970, `outbox` receipts by customer."""

    accounts: Mapping[str, Account]
    carriers: Mapping[str, Carrier]
    live: Sized
    parked: Sized
    unfinished: Sized
    outbox: Callable[[str], int]
    store: StoreFigures
    listener: ListenerFigures
    draining: Callable[[], bool]
    now: Callable[[], float]
    started_ms: int


T = TypeVar("T")
Figure = tuple[str, str, Callable[[T], float]]

CUSTOMER_COUNTERS: tuple[Figure[Account], ...] = (
    ("messages_accepted", "Messages accepted, whole ones.", lambda one: one.counts.accepted),
    ("receipts_handed_over", "Receipts that the customer acknowledged.", lambda one: one.counts.receipts_handed_over),
    ("receipts_refused", "Receipts that the customer refused for good.", lambda one: one.counts.receipts_refused),
    ("receipts_given_up", "Receipts and messages that it did not fetch in time.", lambda one: one.counts.given_up),
    ("messages_repeated", "Submissions answered with an earlier one's id.", lambda one: one.counts.repeated),
)
CUSTOMER_BREAKDOWNS: tuple[tuple[str, str, str, Callable[[Account], Counter[str]]], ...] = (
    ("messages_refused", "Messages refused, by reason.", "reason", lambda one: one.counts.refused),
    ("messages_settled", "Messages that ended, by final state.", "state", lambda one: one.counts.settled),
)
CUSTOMER_GAUGES: tuple[Figure[Account], ...] = (
    ("customer_binds", "Binds of the customer that are up.", lambda one: len(one.binds)),
    (
        "customer_receipts_in_flight",
        "Receipts on their way to the customer.",
        lambda one: sum(bind.receipts_in_flight for bind in one.binds),
    ),
)
CARRIER_COUNTERS: tuple[Figure[Carrier], ...] = (
    ("segments_sent", "Segments that the carrier took.", lambda one: one.counts.segments_sent),
    ("carrier_answers_lost", "Segments whose answer never came.", lambda one: one.counts.answers_lost),
    ("carrier_answers_late", "Answers that came after they were given up.", lambda one: one.counts.answers_late),
    ("segments_in_doubt", "Segments that the in-doubt policy decided on.", lambda one: one.counts.in_doubt),
    ("carrier_receipts_early", "Receipts that came before their response.", lambda one: one.counts.receipts_early),
    ("carrier_receipts_repeated", "Receipts for what was final already.", lambda one: one.counts.receipts_repeated),
    ("carrier_receipts_late", "Receipts for what was given up before.", lambda one: one.counts.receipts_late),
    (
        "carrier_receipts_contradicting",
        "Receipts that say otherwise than the first one.",
        lambda one: one.counts.receipts_contradicting,
    ),
    ("carrier_receipts_unknown", "Receipts that never matched a segment.", lambda one: one.counts.receipts_unknown),
    ("messages_expired", "Messages that ended by their deadline.", lambda one: one.counts.expired),
)
CARRIER_GAUGES: tuple[Figure[Carrier], ...] = (
    ("segments_waiting", "Segments in the carrier's lanes.", lambda one: len(one.lanes)),
    ("segments_awaiting_receipt", "Segments that the carrier has and that are not final.", lambda one: len(one.sent)),
    ("early_receipts_waiting", "Receipts that wait for their response.", lambda one: len(one.early)),
)
BIND_GAUGES: tuple[Figure[CarrierBind], ...] = (
    ("carrier_bind_up", "Whether the bind is up.", lambda one: one.session is not None),
    ("carrier_bind_drained", "Whether an operator took the bind out of service.", lambda one: one.drained),
    ("carrier_bind_segments_in_flight", "Segments whose answer is awaited.", lambda one: one.in_flight),
    ("carrier_bind_window_segments", "Segments that may be in flight at a time.", lambda one: one.window),
)
WHOLE_COUNTERS: tuple[Figure[Watched], ...] = (
    ("connections_turned_away", "Connections above the limit.", lambda one: one.listener.turned_away),
    ("store_batches", "Batches handed to the store.", lambda one: one.store.batches),
    ("store_changes", "Changes handed to the store.", lambda one: one.store.changes),
    ("store_repeated_records", "Billing records that were there already.", lambda one: one.store.repeated_records),
    ("log_lines_dropped", "Log lines that nobody took in time.", lambda _: logs.dropped()),
)
WHOLE_GAUGES: tuple[Figure[Watched], ...] = (
    ("messages_alive", "Messages that are not final.", lambda one: len(one.live)),
    ("messages_unfinished", "Messages of which parts are missing.", lambda one: len(one.unfinished)),
    ("connections", "Connections of customers.", lambda one: len(one.listener.connections)),
    ("store_stuck", "Whether nothing becomes durable at the moment.", lambda one: bool(one.store.stuck)),
    ("store_behind", "Whether intake waits for the store.", lambda one: one.store.behind),
    (
        "store_archive_stuck",
        "Whether what ended does not get to its month's file.",
        lambda one: bool(one.store.archive_stuck),
    ),
    (
        "messages_parked",
        "Messages that wait on disk only, for their lane or their moment.",
        lambda one: len(one.parked),
    ),
    ("draining", "Whether the gateway takes nothing new.", lambda one: one.draining()),
    ("start_time_seconds", "When the process started, Unix time.", lambda one: one.started_ms / 1000),
)


class FlowCollector(Collector):
    """Reads everything that is watched, in the loop that changes it."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        """prometheus_client calls it at every scrape."""
        watched = self._watched
        yield _gauge("build_info", "The version that runs.", ("version",), [((__version__,), 1)])
        yield from (_counter(name, words, (), [((), read(watched))]) for name, words, read in WHOLE_COUNTERS)
        yield from (_gauge(name, words, (), [((), read(watched))]) for name, words, read in WHOLE_GAUGES)
        yield from self._customers(watched.accounts)
        yield from self._carriers(watched.carriers)
        yield from self._processes()

    def _customers(self, accounts: Mapping[str, Account]) -> Iterator[Metric]:
        labels = ("customer",)
        for name, words, read in CUSTOMER_COUNTERS:
            yield _counter(name, words, labels, (((key,), read(one)) for key, one in accounts.items()))
        for name, words, label, counts in CUSTOMER_BREAKDOWNS:
            rows = (((key, what.lower()), n) for key, one in accounts.items() for what, n in counts(one).items())
            yield _counter(name, words, ("customer", label), rows)
        for name, words, read in CUSTOMER_GAUGES:
            yield _gauge(name, words, labels, (((key,), read(one)) for key, one in accounts.items()))
        owed = (((key,), self._watched.outbox(key)) for key in accounts)
        yield _gauge(
            "customer_receipts_waiting",
            "Receipts that wait in memory for the customer; more may be on disk.",
            labels,
            owed,
        )

    def _carriers(self, carriers: Mapping[str, Carrier]) -> Iterator[Metric]:
        labels = ("carrier",)
        for name, words, read in CARRIER_COUNTERS:
            yield _counter(name, words, labels, (((key,), read(one)) for key, one in carriers.items()))
        answers = (row for key, one in carriers.items() for row in _by_status(key, one.counts.answers))
        yield _counter("carrier_answers", "Answers to submit_sm, by command_status.", ("carrier", "status"), answers)
        refused = (row for key, one in carriers.items() for row in _by_status(key, one.counts.binds_refused))
        yield _counter("carrier_binds_refused", "Binds refused, by command_status.", ("carrier", "status"), refused)
        receipts = (
            ((key, event.removeprefix("RECEIPT_").lower()), n)
            for key, one in carriers.items()
            for event, n in one.counts.receipts.items()
        )
        yield _counter("carrier_receipts", "Receipts for segments, by state.", ("carrier", "state"), receipts)
        for name, words, read in CARRIER_GAUGES:
            yield _gauge(name, words, labels, (((key,), read(one)) for key, one in carriers.items()))
        now = self._watched.now()
        paused = (((key,), now < one.paused_until) for key, one in carriers.items())
        yield _gauge("carrier_paused", "Whether the carrier asked for a pause.", labels, paused)
        binds = [(key, bind) for key, one in carriers.items() for bind in one.binds]
        for name, words, of_bind in BIND_GAUGES:
            yield _gauge(name, words, ("carrier", "bind"), (((key, bind.name), of_bind(bind)) for key, bind in binds))

    def _processes(self) -> Iterator[Metric]:
        both = {"gateway": used(os.getpid()), "store": used(self._watched.store.pid)}
        cpu = [((name,), one.cpu_seconds) for name, one in both.items() if one]
        memory = [((name,), one.resident_octets) for name, one in both.items() if one]
        yield _counter("process_cpu_seconds", "CPU time used, all threads.", ("process",), cpu)
        yield _gauge("process_resident_memory_bytes", "Memory in use.", ("process",), memory)


def _by_status(carrier: str, answers: Mapping[int, int]) -> Rows:
    by_name: Counter[str] = Counter()
    for status, count in answers.items():
        by_name[CommandStatus(status).name if status in _KNOWN_STATUSES else OTHER] += count
    return [((carrier, name), count) for name, count in by_name.items()]


_KNOWN_STATUSES = frozenset(CommandStatus)


def _counter(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = CounterMetricFamily(PREFIX + name, words, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _gauge(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, words, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def registry(watched: Watched) -> CollectorRegistry:
    """A registry of its own, with nothing but our metrics in it."""
    own = CollectorRegistry()
    own.register(FlowCollector(watched))
    return own

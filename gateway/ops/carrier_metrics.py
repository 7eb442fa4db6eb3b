"""What is told of each carrier, of its lanes and of its binds."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from gateway.flow.carrier import Carrier, CarrierBind
from gateway.flow.counts import PRIORITIES
from gateway.flow.limit_facts import facts_of_carrier
from gateway.flow.limits_now import Limit, limit_of_carrier
from gateway.flow.message import Message
from gateway.model.histogram import Histogram
from gateway.ops.families import Family, Rows, counter, ended_rows, gauge, histogram
from gateway.ops.watched import Watched
from gateway.smpp.status import CommandStatus
from gateway.smpp.tally import Tally, add_all, names_of

OTHER = "other"  # statuses that no table of ours knows: carriers have their own
LABELS = ("carrier",)

COUNTERS: tuple[tuple[str, str, Callable[[Carrier], float]], ...] = (
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
    ("carrier_phone_messages", "Messages from phones, or parts of them.", lambda one: one.counts.mo),
    (
        "carrier_phone_messages_unowned",
        "Those to a number that no customer has.",
        lambda one: one.counts.mo_unowned,
    ),
)
GAUGES: tuple[tuple[str, str, Callable[[Carrier], float]], ...] = (
    ("segments_waiting", "Segments in the carrier's lanes.", lambda one: len(one.lanes)),
    ("segments_awaiting_receipt", "Segments that the carrier has and that are not final.", lambda one: len(one.sent)),
    ("segments_doubtful", "Segments in doubt that wait for a receipt to tell.", lambda one: len(one.doubtful)),
    ("early_receipts_waiting", "Receipts that wait for their response.", lambda one: len(one.early)),
)
BIND_GAUGES: tuple[tuple[str, str, Callable[[CarrierBind], float]], ...] = (
    ("carrier_bind_up", "Whether the bind is up.", lambda one: one.session is not None),
    ("carrier_bind_drained", "Whether an operator took the bind out of service.", lambda one: one.drained),
    (
        "carrier_bind_draining",
        "Whether it is on its way there: answers are awaited, then it unbinds.",
        lambda one: one.drained and one.session is not None,
    ),
    ("carrier_bind_segments_in_flight", "Segments whose answer is awaited.", lambda one: one.in_flight),
    ("carrier_bind_window_segments", "Segments that may be in flight at a time.", lambda one: one.window),
)
BIND_COUNTERS: tuple[tuple[str, str, Callable[[CarrierBind], float]], ...] = (
    ("carrier_binds_made", "How often the bind came up.", lambda one: one.times_bound),
    ("carrier_binds_lost", "How often the bind went down, for whatever reason.", lambda one: one.times_lost),
    ("carrier_bind_answers_lost", "Segments sent over it whose answer never came.", lambda one: one.answers_lost),
)
SETTLED = {
    "messages": "Messages that ended on this route, by final state.",
    "segments": "Their segments, by final state.",
}
HISTOGRAMS: tuple[tuple[str, str, Callable[[Carrier], Histogram]], ...] = (
    (
        "carrier_response_seconds",
        "From sending a segment to the answer that takes it, of segments that were sent once.",
        lambda one: one.counts.response_ms,
    ),
    (
        "carrier_receipt_seconds",
        "From sending a segment to its final receipt.",
        lambda one: one.counts.receipt_ms,
    ),
)


def families(watched: Watched) -> Iterator[Family]:
    """All of them; rows are read when they are written."""
    carriers = watched.carriers
    for name, words, read in COUNTERS:
        yield counter(name, words, LABELS, (((key,), read(one)) for key, one in carriers.items()))
    yield from _by_kind(carriers)
    for name, words, read in GAUGES:
        yield gauge(name, words, LABELS, (((key,), read(one)) for key, one in carriers.items()))
    yield from _lanes(watched)
    yield from _pace(watched)
    for name, words, of in HISTOGRAMS:
        yield histogram(name, words, LABELS, (((key,), of(one)) for key, one in carriers.items()))
    yield histogram(
        "carrier_handover_seconds",
        "From a customer's submission (or its due time) to the carrier's answer that takes the segment.",
        ("carrier", "priority"),
        (
            ((key, str(priority)), one.counts.handover_ms[priority])
            for key, one in carriers.items()
            for priority in range(PRIORITIES)
        ),
    )
    yield from _binds(watched)


def _by_kind(carriers: Mapping[str, Carrier]) -> Iterator[Family]:
    answers = (row for key, one in carriers.items() for row in _by_status(key, one.counts.answers))
    yield counter("carrier_answers", "Answers to submit_sm, by command_status.", ("carrier", "status"), answers)
    refused = (row for key, one in carriers.items() for row in _by_status(key, one.counts.binds_refused))
    yield counter("carrier_binds_refused", "Binds refused, by command_status.", ("carrier", "status"), refused)
    receipts = (
        ((key, event.removeprefix("RECEIPT_").lower()), n)
        for key, one in carriers.items()
        for event, n in one.counts.receipts.items()
    )
    yield counter("carrier_receipts", "Receipts for segments, by state.", ("carrier", "state"), receipts)
    for what in ("messages", "segments"):
        yield counter(
            f"carrier_{what}_settled",
            SETTLED[what],
            ("carrier", "state"),
            ended_rows((key, getattr(one.counts, f"{what}_settled")) for key, one in carriers.items()),
        )
    would = (((key, how), n) for key, one in carriers.items() for how, n in one.counts.receipts_would_match.items())
    yield counter(
        "carrier_receipts_would_match",
        "Receipts that match nothing as their ids are read, by how they would.",
        ("carrier", "reading"),
        would,
    )


def _lanes(watched: Watched) -> Iterator[Family]:
    labels = ("carrier", "priority")
    every = [(key, one, priority) for key, one in watched.carriers.items() for priority in range(PRIORITIES)]
    yield gauge(
        "lane_segments_waiting",
        "Segments that wait in memory, by priority_flag.",
        labels,
        (((key, str(priority)), one.lanes.depth(priority)) for key, one, priority in every),
    )
    parked = watched.parked.depths()
    yield gauge(
        "lane_messages_parked",
        "Messages that wait behind them, on disk.",
        labels,
        (((key, str(priority)), parked[key, priority]) for key, _, priority in every),
    )
    now_ms = watched.wall_ms()
    yield gauge(
        "lane_oldest_age_seconds",
        "How long ago the oldest message was submitted of those that are next in their lanes.",
        labels,
        (((key, str(priority)), oldest_age(one, priority, now_ms)) for key, one, priority in every),
    )


def _submitted(item: tuple[Message, int]) -> float:
    row = item[0].row
    return max(row.submitted_at, row.due_at)


def oldest_age(carrier: Carrier, priority: int, now_ms: int) -> float:
    """For how many seconds the oldest waits that is next in its lane; 0: nothing does."""
    item = carrier.lanes.oldest(priority, _submitted)
    return 0 if item is None else max(0, now_ms - _submitted(item)) / 1000


def _pace(watched: Watched) -> Iterator[Family]:
    now, carriers = watched.now(), watched.carriers
    paused = (((key,), now < _paused_until(one)) for key, one in carriers.items())
    yield gauge("carrier_paused", "Whether the carrier asked for a pause.", LABELS, paused)
    yield gauge(
        "carrier_allowed_segments_per_second",
        "What contract and carrier allow at the moment; rate(segments_sent) is what is used of it.",
        LABELS,
        (((key,), one.bucket.rate(now)) for key, one in carriers.items()),
    )
    held = watched.store.behind or bool(watched.store.stuck)
    parked: Counter[str] = Counter()
    for (key, _), count in watched.parked.depths().items():
        parked[key] += count
    limits = {
        key: limit_of_carrier(facts_of_carrier(one, parked[key], held, now), now) for key, one in carriers.items()
    }
    yield gauge(
        "carrier_limit",
        "What keeps the carrier's traffic from going faster: 1 for the one that does.",
        ("carrier", "limit"),
        (((key, limit.value), limit is found) for key, found in limits.items() for limit in Limit),
    )


def _paused_until(carrier: Carrier) -> float:
    adaptive = carrier.bucket.adaptive
    return carrier.paused_until if adaptive is None else max(carrier.paused_until, adaptive.paused_until)


def _binds(watched: Watched) -> Iterator[Family]:
    labels, now = ("carrier", "bind"), watched.now()
    binds = [(key, bind) for key, one in watched.carriers.items() for bind in one.binds]
    for name, words, read in BIND_GAUGES:
        yield gauge(name, words, labels, (((key, bind.name), read(bind)) for key, bind in binds))
    for name, words, read in BIND_COUNTERS:
        yield counter(name, words, labels, (((key, bind.name), read(bind)) for key, bind in binds))
    yield gauge(
        "carrier_bind_allowed_segments_per_second",
        "What the bind may be sent, where its profile limits each bind.",
        labels,
        (((key, bind.name), bind.bucket.rate(now)) for key, bind in binds if bind.bucket is not None),
    )
    yield histogram(
        "carrier_bind_response_seconds",
        "From writing a submit_sm to its answer, whatever that says.",
        labels,
        (((key, bind.name), bind.response_ms) for key, bind in binds),
    )
    yield counter(
        "carrier_connections_failed",
        "Connections to the carrier that were never made.",
        labels,
        watched.binds.connections_failed().items(),
    )
    yield counter(
        "carrier_bind_pdus",
        "PDUs read from the bind and written to it.",
        ("carrier", "bind", "direction", "command", "status"),
        (
            ((key, bind.name, direction, *names_of(kind)), n)
            for key, bind in binds
            for direction, tally in _pdus(bind)
            for kind, n in tally.items()
        ),
    )


def _pdus(bind: CarrierBind) -> Iterable[tuple[str, Tally]]:
    """Of the sessions that are over, and of the one that is up."""
    if bind.session is None:
        return (("read", bind.read), ("written", bind.written))
    read, written = bind.read.copy(), bind.written.copy()
    add_all(read, bind.session.read)
    add_all(written, bind.session.written)
    return (("read", read), ("written", written))


def _by_status(carrier: str, answers: Mapping[int, int]) -> Rows:
    by_name: Counter[str] = Counter()
    for status, count in answers.items():
        by_name[CommandStatus(status).name if status in _KNOWN_STATUSES else OTHER] += count
    return [((carrier, name), count) for name, count in by_name.items()]


_KNOWN_STATUSES = frozenset(CommandStatus)

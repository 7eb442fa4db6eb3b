"""What is told of each customer."""

from collections import Counter
from collections.abc import Callable, Iterator

from gateway.flow.account import Account
from gateway.model.histogram import Histogram
from gateway.ops.families import Family, counter, ended_rows, gauge, histogram
from gateway.ops.watched import Watched
from gateway.smpp.tally import Tally, add_all, names_of

COUNTERS: tuple[tuple[str, str, Callable[[Account], float]], ...] = (
    ("messages_accepted", "Messages accepted, whole ones.", lambda one: one.counts.accepted),
    ("receipts_owed", "Receipts and messages from phones that became owed.", lambda one: one.counts.receipts_owed),
    ("receipts_handed_over", "Receipts that the customer acknowledged.", lambda one: one.counts.receipts_handed_over),
    ("receipts_refused", "Receipts that the customer refused for good.", lambda one: one.counts.receipts_refused),
    ("receipts_given_up", "Receipts and messages that it did not fetch in time.", lambda one: one.counts.given_up),
    ("messages_repeated", "Submissions answered with an earlier one's id.", lambda one: one.counts.repeated),
    ("quota_marks_passed", "How often a warning mark of a quota was passed.", lambda one: one.counts.quota_marks),
    ("phone_messages_accepted", "Messages from phones for the customer.", lambda one: one.counts.mo_accepted),
    ("phone_messages_handed_over", "Those that it acknowledged.", lambda one: one.counts.mo_handed_over),
    ("phone_messages_refused", "Those that it refused for good.", lambda one: one.counts.mo_refused),
)
BREAKDOWNS: tuple[tuple[str, str, str, Callable[[Account], Counter[str]]], ...] = (
    ("messages_refused", "Messages refused, by reason.", "reason", lambda one: one.counts.refused),
    ("messages_settled", "Messages that ended, by final state.", "state", lambda one: one.counts.settled),
)
GAUGES: tuple[tuple[str, str, Callable[[Account], float]], ...] = (
    ("customer_binds", "Binds of the customer that are up.", lambda one: len(one.binds)),
    ("customer_quota_used_up", "Whether a quota of it is used up.", lambda one: one.quota_used_up),
    (
        "customer_requests_in_flight",
        "Requests of the customer that we have not answered.",
        lambda one: sum(max(0, bind.session.owed) for bind in one.binds),
    ),
    (
        "customer_receipts_in_flight",
        "Receipts on their way to the customer.",
        lambda one: sum(bind.receipts_in_flight for bind in one.binds),
    ),
)
HISTOGRAMS: tuple[tuple[str, str, Callable[[Account], Histogram]], ...] = (
    (
        "customer_response_seconds",
        "From the arrival of a submit_sm or data_sm to the answer that takes it.",
        lambda one: one.counts.response_ms,
    ),
    (
        "customer_outcome_seconds",
        "From a customer's submission (or its due time) to the end of the message.",
        lambda one: one.counts.outcome_ms,
    ),
)
LABELS = ("customer",)


def families(watched: Watched) -> Iterator[Family]:
    """All of them; rows are read when they are written."""
    accounts = watched.accounts
    for name, words, read in COUNTERS:
        yield counter(name, words, LABELS, (((key,), read(one)) for key, one in accounts.items()))
    for name, words, label, counts in BREAKDOWNS:
        rows = (((key, what.lower()), n) for key, one in accounts.items() for what, n in counts(one).items())
        yield counter(name, words, ("customer", label), rows)
    yield counter(
        "segments_settled",
        "Segments of messages that ended, by final state.",
        ("customer", "state"),
        ended_rows((key, one.counts.segments_settled) for key, one in accounts.items()),
    )
    for name, words, read in GAUGES:
        yield gauge(name, words, LABELS, (((key,), read(one)) for key, one in accounts.items()))
    yield gauge(
        "customer_allowed_segments_per_second",
        "What the customer may send, where that is limited; rate(segments_settled) is what came of it.",
        LABELS,
        (((key,), one.bucket.rate(0.0)) for key, one in accounts.items() if one.bucket is not None),
    )
    for name, words, of in HISTOGRAMS:
        yield histogram(name, words, LABELS, (((key,), of(one)) for key, one in accounts.items()))
    out = watched.receipts_out
    yield gauge(
        "customer_receipts_waiting",
        "Receipts that wait in memory for the customer; more may be on disk.",
        LABELS,
        (((key,), out.depth(key)) for key in accounts),
    )
    yield gauge(
        "customer_receipts_unacknowledged",
        "Receipts and messages from phones that are owed to the customer: in memory, on disk, and on their way.",
        LABELS,
        (((key,), out.owed(key)) for key in accounts),
    )
    now_ms = watched.wall_ms()
    oldest = ((key, out.oldest(key)) for key in accounts)
    yield gauge(
        "customer_oldest_receipt_age_seconds",
        "For how long the oldest is owed that waits for the customer, in memory or on disk; 0: nothing waits.",
        LABELS,
        (((key,), max(0, now_ms - since) / 1000 if since else 0) for key, since in oldest),
    )
    yield counter(
        "customer_pdus",
        "PDUs read from the customer's binds and written to them.",
        ("customer", "direction", "command", "status"),
        (
            ((key, direction, *names_of(kind)), n)
            for key, one in accounts.items()
            for direction, tally in _pdus(one)
            for kind, n in tally.items()
        ),
    )


def _pdus(account: Account) -> tuple[tuple[str, Tally], tuple[str, Tally]]:
    """Of the sessions that are over, and of those that are up."""
    read, written = account.counts.read, account.counts.written
    if account.binds:
        read, written = read.copy(), written.copy()
        for bind in account.binds:
            add_all(read, bind.session.read)
            add_all(written, bind.session.written)
    return ("read", read), ("written", written)

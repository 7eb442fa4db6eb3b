"""What is told of each customer."""

from collections import Counter
from collections.abc import Callable, Iterator

from gateway.flow.account import Account
from gateway.ops.families import Family, counter, gauge
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
LABELS = ("customer",)


def families(watched: Watched) -> Iterator[Family]:
    """All of them; rows are read when they are written."""
    accounts = watched.accounts
    for name, words, read in COUNTERS:
        yield counter(name, words, LABELS, (((key,), read(one)) for key, one in accounts.items()))
    for name, words, label, counts in BREAKDOWNS:
        rows = (((key, what.lower()), n) for key, one in accounts.items() for what, n in counts(one).items())
        yield counter(name, words, ("customer", label), rows)
    for name, words, read in GAUGES:
        yield gauge(name, words, LABELS, (((key,), read(one)) for key, one in accounts.items()))
    out = watched.receipts_out
    yield gauge(
        "customer_receipts_waiting",
        "Receipts that wait in memory for the customer; more may be on disk.",
        LABELS,
        (((key,), out.depth(key)) for key in accounts),
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

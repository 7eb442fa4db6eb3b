"""Records become charges in the ledger: each message once, however often and in whatever order its record is read."""

from collections.abc import Iterable, Mapping
from itertools import islice

from gateway.billing.rating import NoPrice
from gateway.billing.tariff import REDIRECTED, Facts, Tariff
from gateway.finance.months import after
from gateway.finance.source import Charged, ChargedFacts
from gateway.model.money import Sen
from gateway.store.contract import BillingRecord
from gateway.store.ledger import Ledger, Line

CHUNK = 50_000  # records in one transaction
MOST_KNOWN = 100_000  # kinds of record remembered; there are far fewer

DELIVERED, PARTLY, REDIRECT, FAILED, TEST = "delivered", "partly delivered", "redirected", "failed", "test"

_Record = BillingRecord | ChargedFacts


def facts_of(record: _Record) -> Facts:
    """What of a record decides its charge."""
    return Facts(
        record.outcome,
        record.units,
        record.segments,
        record.delivered,
        record.sent_at > 0,
        record.reason,
        bool(record.test),
    )


def result_of(record: _Record) -> str:
    """How people call the outcome."""
    if record.test:
        return TEST
    if record.outcome == "DELIVERED":
        return DELIVERED
    if record.reason == REDIRECTED:
        return REDIRECT
    return PARTLY if record.delivered else FAILED


def carrier_of(record: _Record) -> str:
    """Whose service was used: the profile that took the message, else whose number it was."""
    return record.route or record.carrier


def line_of(record: _Record, tariffs: Mapping[str, Tariff], month: str) -> tuple[Line, int]:
    """The line of a record's charge, billed in `month`, and its billed units. NoPrice for an unknown tariff."""
    tariff = tariffs.get(record.tariff)
    if tariff is None:
        raise NoPrice(
            f"records of {record.customer} name tariff {record.tariff}, which the configuration has no more: "
            "records outlive a price list, so give new prices a new key and keep the old one"
        )
    carrier = carrier_of(record)
    price = tariff.tiers_for(carrier, record.kind)[0].unit_price
    check = Sen(0 if record.test else record.check_sen)
    line = Line(month, record.customer, record.tariff, carrier, record.kind, result_of(record), price, check)
    return line, tariff.billed_units(facts_of(record))


def billing_month(ledger: Ledger, month: str) -> str:
    """The month in which records of `month` are billed: itself, or the first one after it that is open."""
    closed = set(ledger.closed())
    while month in closed:
        month = after(month)
    return month


def post(
    ledger: Ledger, records: Iterable[Charged], archive_month: str, tariffs: Mapping[str, Tariff], now_ms: int
) -> int:
    """Post the records of a month's archive that are new; how many were. NoPrice stops before the chunk that has it."""
    posted = 0
    known: dict[
        tuple[object, ...], tuple[int, int]
    ] = {}  # what is the same for all records that differ only in their id
    known_for = ""
    source = iter(records)
    while chunk := list(islice(source, CHUNK)):
        with ledger.writing():
            month = billing_month(ledger, archive_month)
            if month != known_for or len(known) > MOST_KNOWN:
                known.clear()
                known_for = month
            charges = []
            for row in chunk:
                facts = row[2:]
                found = known.get(facts)
                if found is None:
                    line, units = line_of(ChargedFacts._make(facts), tariffs, month)
                    found = known[facts] = (ledger.line_id(line), units)
                charges.append((row[1], *found))
            posted += ledger.post(charges, archive_month, max(row[0] for row in chunk), now_ms)
    return posted

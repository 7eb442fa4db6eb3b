"""What closing a month costs: seconds and memory for a month of synthetic records in the store's own files.

Run as `python -m bench.billing --records 2000000`; one JSON line last. Making the month is timed apart; the closing
runs in a process of its own, so its memory is its own.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from gateway.billing.tariff import Tariff, Tier
from gateway.finance.accounts import Books
from gateway.finance.closing import close
from gateway.finance.export import MESSAGE_COLUMNS, message_rows, to_csv
from gateway.finance.source import records_after
from gateway.finance.usage import usage
from gateway.model.money import Sen
from gateway.settings.billing import AccountBillingSettings, BillingSettings
from gateway.store import months
from gateway.store.contract import BillingRecord
from gateway.store.ledger import Ledger
from gateway.store.schema import RECORD_FIELDS

MONTH = "2026-11"
CUSTOMERS = tuple(f"customer-{number:02d}" for number in range(20))
CARRIERS = ("one", "two", "three", "four")
KINDS = ("", "otp", "notice", "campaign")
LISTED = Tariff(
    "standard",
    "2026-04",
    (Tier(5_000, Sen(1000)), Tier(10_000, Sen(950)), Tier(50_000, Sen(900)), Tier(None, Sen(850))),
)
BOOKS = Books(
    {LISTED.label: LISTED},
    {name: AccountBillingSettings() for name in CUSTOMERS},
    {name: name for name in CARRIERS},
    BillingSettings(),
)


class Figures(NamedTuple):
    """What was measured. Memory is the closing process's most, in MB; seconds are wall time."""

    records: int
    make_s: float
    close_s: float
    records_per_s: int
    again_s: float
    usage_s: float
    export_s: float
    rss_mb: float
    ledger_mb: float
    invoices: int
    total_yen: int


def records(count: int, seed: int = 1) -> Iterator[BillingRecord]:
    """A month of messages in the order of their ends: nine in ten delivered, 1 to 10 units, some checked, few tests."""
    chance = random.Random(seed)
    first, end = months.bounds(MONTH)
    for number in range(count):
        units = min(10, 1 + int(chance.expovariate(0.8)))
        delivered = chance.random() < 0.9
        carrier = CARRIERS[number % 4]
        done = first + (end - first) * number // count
        yield BillingRecord(
            (1 << 56) + number * 8 + chance.randrange(8), CUSTOMERS[chance.randrange(20)], carrier, "number block",
            "unknown", "0501234567", f"8190{number % 10**8:08d}", units * 66, units, units,
            "DELIVERED" if delivered else "UNDELIVERABLE", "000", done - 5_000, done, LISTED.label, 1000,
            1000 * units if delivered else 0, carrier, KINDS[chance.randrange(4)], units if delivered else 0, units,
            done - 4_000, "", 350 if number % 10 == 0 else 0, number % 1_000 == 0,
        )  # fmt: skip


def make(directory: Path, count: int) -> None:
    """The month's file, as the store leaves it."""
    path = months.path_of(directory, MONTH)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS month", (str(path),))
        months.migrate(connection)
        marks = ", ".join("?" * (len(RECORD_FIELDS) + 1))
        connection.execute("BEGIN")
        connection.executemany(
            f"INSERT INTO month.record (seq, {', '.join(RECORD_FIELDS)}) VALUES ({marks})",
            ((seq, *record) for seq, record in enumerate(records(count), 1)),
        )
        connection.execute("COMMIT")


def measure(directory: Path, count: int) -> Figures:
    """Close the month in `directory`, close it again, ask for a customer's usage, and export it."""
    now = months.bounds(MONTH)[1] + 1
    with closing(Ledger(directory)) as ledger:
        began = time.perf_counter()
        closed = close(ledger, directory, BOOKS, MONTH, now)
        closing_took = time.perf_counter() - began
        began = time.perf_counter()
        if close(ledger, directory, BOOKS, MONTH, now).invoices != closed.invoices:
            raise RuntimeError("closing again changed an invoice")
        again_took = time.perf_counter() - began
        began = time.perf_counter()
        usage(ledger, directory, BOOKS, CUSTOMERS[0], MONTH, now)
        usage_took = time.perf_counter() - began
    began = time.perf_counter()
    with (directory / "month.csv").open("wb") as out:
        to_csv(MESSAGE_COLUMNS, message_rows((one.record for one in records_after(directory, MONTH)), 4), out)
    export_took = time.perf_counter() - began
    return Figures(
        count,
        0.0,
        round(closing_took, 2),
        round(count / closing_took),
        round(again_took, 3),
        round(usage_took, 3),
        round(export_took, 2),
        round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        round(sum(file.stat().st_size for file in directory.glob("ledger.sqlite3*")) / 1e6, 1),
        len(closed.invoices),
        sum(one.total_yen for one in closed.invoices),
    )


def _child(directory: Path, count: int, answer: Connection) -> None:
    answer.send(tuple(measure(directory, count)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.billing", description=__doc__)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--directory", type=Path, help="on the disk to measure; default: the temporary directory")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.directory) as name:
        directory = Path(name)
        began = time.perf_counter()
        make(directory, chosen.records)
        made = time.perf_counter() - began
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        child = spawn.Process(target=_child, args=(directory, chosen.records, theirs))
        child.start()
        theirs.close()
        figures = Figures(*ours.recv())._replace(make_s=round(made, 2))
        child.join()
    for key, figure in figures._asdict().items():
        print(f"{key:20} {figure:>12}")
    print(json.dumps({"bench": "billing", **figures._asdict()}))


if __name__ == "__main__":
    main()

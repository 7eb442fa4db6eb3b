"""The books: `ledger.sqlite3` in the store's directory, double entry and append-only, apart from the hot store.

Two kinds of row move money. A `charge` says that a message's units (and its check) go from the customer's receivable to
revenue; a `transfer` moves an amount between two named accounts. Each is both of its sides at once, so postings sum to
zero by their form; the view `posting` writes them out. Triggers refuse UPDATE and DELETE: what was wrong is
corrected by another row that names it, its author and the reason.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from gateway.model.errors import GatewayError
from gateway.model.money import Sen

FILE_NAME = "ledger.sqlite3"

REVENUE_MESSAGES, REVENUE_CHECKS, REVENUE_OPTIONS = "revenue:messages", "revenue:checks", "revenue:options"
REVENUE_CORRECTIONS, REVENUE_ROUNDING = "revenue:corrections", "revenue:rounding"
TAX, CASH = "tax", "cash"

_MESSAGE_ID = re.compile(r"[0-9a-f]{1,15}|[0-7][0-9a-f]{15}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)

_TABLES = """
    CREATE TABLE line (
        line_id INTEGER PRIMARY KEY, month TEXT NOT NULL, customer TEXT NOT NULL, tariff TEXT NOT NULL,
        carrier TEXT NOT NULL, kind TEXT NOT NULL, result TEXT NOT NULL, unit_price_sen INTEGER NOT NULL,
        check_sen INTEGER NOT NULL,
        UNIQUE (month, customer, tariff, carrier, kind, result, unit_price_sen, check_sen)
    ) STRICT;
    CREATE TABLE charge (
        message_id INTEGER PRIMARY KEY, line_id INTEGER NOT NULL REFERENCES line,
        units INTEGER NOT NULL CHECK (units >= 0)
    ) STRICT;
    CREATE TABLE sweep (
        sweep_id INTEGER PRIMARY KEY, archive_month TEXT NOT NULL, last_seq INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE subtotal (
        sweep_id INTEGER NOT NULL REFERENCES sweep, line_id INTEGER NOT NULL REFERENCES line,
        messages INTEGER NOT NULL, units INTEGER NOT NULL, PRIMARY KEY (line_id, sweep_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE transfer (
        transfer_id INTEGER PRIMARY KEY, month TEXT NOT NULL, customer TEXT NOT NULL, source TEXT NOT NULL,
        reference TEXT NOT NULL, debit TEXT NOT NULL, credit TEXT NOT NULL, sen INTEGER NOT NULL CHECK (sen > 0),
        corrects TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
        UNIQUE (source, reference), CHECK (debit <> credit),
        CHECK (source <> 'correction' OR (corrects <> '' AND who <> '' AND why <> ''))
    ) STRICT;
    CREATE INDEX transfer_month ON transfer (month, customer);
    CREATE TABLE closing (month TEXT PRIMARY KEY, at INTEGER NOT NULL, alive INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE invoice (
        month TEXT NOT NULL REFERENCES closing, customer TEXT NOT NULL, document BLOB NOT NULL,
        PRIMARY KEY (month, customer)
    ) STRICT, WITHOUT ROWID;
    CREATE VIEW posting AS
        SELECT 'record' AS source, message_id AS reference, line.month, customer, 'receivable:' || customer AS account,
            units * unit_price_sen + check_sen AS sen FROM charge JOIN line USING (line_id)
        UNION ALL SELECT 'record', message_id, line.month, customer, 'revenue:messages', -units * unit_price_sen
            FROM charge JOIN line USING (line_id)
        UNION ALL SELECT 'record', message_id, line.month, customer, 'revenue:checks', -check_sen
            FROM charge JOIN line USING (line_id)
        UNION ALL SELECT source, transfer_id, month, customer, debit, sen FROM transfer
        UNION ALL SELECT source, transfer_id, month, customer, credit, -sen FROM transfer;
"""

_GUARDS = "".join(
    f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;\n"
    for table in ("line", "charge", "sweep", "subtotal", "transfer", "closing", "invoice")
    for verb in ("UPDATE", "DELETE")
)

# Never edit one that was released; append.
MIGRATIONS = (_TABLES + _GUARDS,)


class LedgerError(GatewayError):
    """The books refuse: a month that is closed, a row that is there already, a row that names nothing."""


class Line(NamedTuple):
    """What charges have in common. `month` is the one they are billed in; prices are list prices in sen."""

    month: str
    customer: str
    tariff: str
    carrier: str
    kind: str
    result: str
    unit_price_sen: Sen
    check_sen: Sen


class Total(NamedTuple):
    """How many messages and billed units a line has so far."""

    line: Line
    messages: int
    units: int


class Transfer(NamedTuple):
    """An amount from one account to another: `debit` gains it. `reference` is unique within its source."""

    month: str
    customer: str
    source: str  # correction, option, closing, tax, credit, settlement, payment
    reference: str
    debit: str
    credit: str
    sen: Sen
    corrects: str = ""  # of a correction: "record ID" (hexadecimal) or "transfer NUMBER"
    who: str = ""
    why: str = ""


def receivable(customer: str) -> str:
    """The account of what the customer owes us."""
    return f"receivable:{customer}"


def prepaid(customer: str) -> str:
    """The account of what the customer paid before; what it has is below zero, as it is ours to owe."""
    return f"prepaid:{customer}"


class Ledger:
    """The open file. One writer at a time; readers never wait."""

    def __init__(self, directory: Path) -> None:
        """Open the books of a store's directory, and make them if there are none. LedgerError for a newer version."""
        self._connection = connection = sqlite3.connect(directory / FILE_NAME, isolation_level=None, timeout=30.0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")  # so that INSERT OR REPLACE is refused as well
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            connection.close()
            raise LedgerError(f"the ledger has version {version}, this program knows {len(MIGRATIONS)}")
        for number in range(version, len(MIGRATIONS)):
            connection.executescript(f"BEGIN IMMEDIATE;{MIGRATIONS[number]}PRAGMA user_version={number + 1};COMMIT;")
        self._lines: dict[Line, int] = {}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All of what is written within, or nothing."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            self._lines.clear()
            raise
        self._connection.execute("COMMIT")

    # Records ----------------------------------------------------------------------------------------------------------

    def line_id(self, line: Line) -> int:
        """The number of a line, a new one if need be. Within `writing`."""
        found = self._lines.get(line)
        if found is None:
            marks = " AND ".join(f"{name} = ?" for name in Line._fields)
            row = self._connection.execute(f"SELECT line_id FROM line WHERE {marks}", line).fetchone()  # noqa: S608
            if row is None:
                names = ", ".join(Line._fields)
                query = f"INSERT INTO line ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING line_id"  # noqa: S608
                row = self._connection.execute(query, line).fetchone()
            found = self._lines[line] = int(row[0])
        return found

    def post(self, charges: Sequence[tuple[int, int, int]], archive_month: str, last_seq: int, at: int) -> int:
        """Post (message_id, line_id, units) read from a month's archive up to `last_seq`. Within `writing`.

        A message that was posted before is left as it is. Returns how many were new.
        """
        ids = [charge[0] for charge in charges]
        query = "SELECT message_id FROM charge WHERE message_id IN (SELECT value FROM json_each(?))"
        known: set[int] = set()
        if self._connection.execute("SELECT 1 FROM charge LIMIT 1").fetchone():
            known = {row[0] for row in self._connection.execute(query, (orjson.dumps(ids).decode(),))}
        if known or len(set(ids)) < len(ids):
            charges = [
                new for new in {charge[0]: charge for charge in reversed(charges)}.values() if new[0] not in known
            ]
        self._connection.executemany("INSERT INTO charge (message_id, line_id, units) VALUES (?, ?, ?)", charges)
        query = "INSERT INTO sweep (archive_month, last_seq, at) VALUES (?, ?, ?) RETURNING sweep_id"
        sweep = self._connection.execute(query, (archive_month, last_seq, at)).fetchone()[0]
        messages, units = Counter[int](), Counter[int]()
        for _, line_id, count in charges:
            messages[line_id] += 1
            units[line_id] += count
        rows = [(sweep, line_id, count, units[line_id]) for line_id, count in messages.items()]
        self._connection.executemany(
            "INSERT INTO subtotal (sweep_id, line_id, messages, units) VALUES (?, ?, ?, ?)", rows
        )
        return len(charges)

    def swept(self, archive_month: str) -> int:
        """Up to which row of a month's archive everything is posted."""
        query = "SELECT max(last_seq) FROM sweep WHERE archive_month = ?"
        return self._connection.execute(query, (archive_month,)).fetchone()[0] or 0

    def totals(self, month: str, customer: str | None = None) -> list[Total]:
        """The running totals of a billing month, in a stable order."""
        fields = ", ".join(Line._fields)
        rows = self._connection.execute(
            f"SELECT {fields}, sum(messages), sum(units) FROM line JOIN subtotal USING (line_id)"  # noqa: S608
            " WHERE month = ?1 AND (?2 IS NULL OR customer = ?2) GROUP BY line_id"
            " ORDER BY customer, tariff, carrier, kind, result, unit_price_sen, check_sen",
            (month, customer),
        )
        return [Total(Line._make(row[:-2]), row[-2], row[-1]) for row in rows]

    def has_charge(self, message_id: int) -> bool:
        """Whether a message was posted."""
        found = self._connection.execute("SELECT 1 FROM charge WHERE message_id = ?", (message_id,)).fetchone()
        return found is not None

    # Transfers --------------------------------------------------------------------------------------------------------

    def transfer(self, transfer: Transfer, at: int) -> int:
        """Write one; its number. LedgerError if its month is closed, it repeats one, or corrects nothing that is."""
        if transfer.month in self.closed():
            raise LedgerError(f"{transfer.month} is closed")
        if transfer.source == "correction" and not self._is_there(transfer.corrects):
            raise LedgerError(f"there is no {transfer.corrects or 'posting named'} to correct")
        names = ", ".join((*Transfer._fields, "at"))
        marks = ", ".join("?" * (len(Transfer._fields) + 1))
        try:
            query = f"INSERT INTO transfer ({names}) VALUES ({marks}) RETURNING transfer_id"  # noqa: S608
            return int(self._connection.execute(query, (*transfer, at)).fetchone()[0])
        except sqlite3.IntegrityError as error:
            raise LedgerError(f"{transfer.source} {transfer.reference}: {error}") from None

    def transfers(
        self, month: str, customer: str | None = None, sources: Iterable[str] = ()
    ) -> list[tuple[int, Transfer]]:
        """Those of a month with their numbers, in the order in which they were written."""
        wanted = set(sources)
        query = f"SELECT transfer_id, {', '.join(Transfer._fields)} FROM transfer WHERE month = ? ORDER BY transfer_id"  # noqa: S608
        found = ((row[0], Transfer._make(row[1:])) for row in self._connection.execute(query, (month,)))
        return [one for one in found if customer in {None, one[1].customer} and (not wanted or one[1].source in wanted)]

    def last_transfer(self) -> int:
        """The number of the newest transfer, 0 without any."""
        return self._connection.execute("SELECT max(transfer_id) FROM transfer").fetchone()[0] or 0

    def top_ups(self, after: int) -> list[tuple[int, str, Sen]]:
        """Prepayments newer than a transfer's number: (number, customer, amount)."""
        query = "SELECT transfer_id, customer, sen FROM transfer WHERE transfer_id > ? AND source = 'credit' ORDER BY 1"
        return [
            (number, customer, Sen(amount)) for number, customer, amount in self._connection.execute(query, (after,))
        ]

    def balance(self, account: str) -> Sen:
        """What an account comes to, of all time: debits less credits."""
        query = "SELECT coalesce(sum(sen), 0) FROM posting WHERE account = ?"
        return Sen(self._connection.execute(query, (account,)).fetchone()[0])

    def prepaid_balance(self, customer: str) -> Sen:
        """What is left of a customer's prepayments. Only transfers touch it, so it is quick."""
        query = (
            "SELECT coalesce(sum(CASE credit WHEN ?1 THEN sen ELSE -sen END), 0) FROM transfer"
            " WHERE ?1 IN (debit, credit)"
        )
        return Sen(self._connection.execute(query, (prepaid(customer),)).fetchone()[0])

    def _is_there(self, named: str) -> bool:
        kind, _, number = named.partition(" ")
        if kind == "record" and _MESSAGE_ID.fullmatch(number):
            return self.has_charge(int(number, 16))
        if kind != "transfer" or not _NUMBER.fullmatch(number):
            return False
        query = "SELECT 1 FROM transfer WHERE transfer_id = ?"
        return self._connection.execute(query, (int(number),)).fetchone() is not None

    # Months -----------------------------------------------------------------------------------------------------------

    def closed(self) -> list[str]:
        """Months that are closed, oldest first."""
        return [row[0] for row in self._connection.execute("SELECT month FROM closing ORDER BY month")]

    def open_months(self) -> list[str]:
        """Months that have charges and no closing, oldest first."""
        query = "SELECT DISTINCT month FROM line WHERE month NOT IN (SELECT month FROM closing) ORDER BY month"
        return [row[0] for row in self._connection.execute(query)]

    def close_month(self, month: str, alive: int, documents: Iterable[tuple[str, bytes]], at: int) -> None:
        """Close a month with its invoices (customer, document). LedgerError if it is closed. Within `writing`."""
        try:
            self._connection.execute("INSERT INTO closing (month, at, alive) VALUES (?, ?, ?)", (month, at, alive))
        except sqlite3.IntegrityError:
            raise LedgerError(f"{month} is closed") from None
        rows = [(month, customer, document) for customer, document in documents]
        self._connection.executemany("INSERT INTO invoice (month, customer, document) VALUES (?, ?, ?)", rows)

    def documents(self, month: str) -> dict[str, bytes]:
        """The invoices of a closed month as they were issued, by customer."""
        rows = self._connection.execute("SELECT customer, document FROM invoice WHERE month = ? ORDER BY 1", (month,))
        return {row[0]: row[1] for row in rows}

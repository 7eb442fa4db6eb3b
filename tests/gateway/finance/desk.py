"""A finance desk for tests: records in the store's own files, price lists, and a month to close."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from gateway.billing.tariff import Tariff, Tier
from gateway.finance.accounts import Books
from gateway.finance.closing import Closed, close
from gateway.finance.months import ends_ms, starts_ms
from gateway.model.money import Sen, sen
from gateway.settings.billing import AccountBillingSettings, BillingSettings, IssuerSettings
from gateway.store import months, schema
from gateway.store.contract import BillingRecord, MessageAccepted
from gateway.store.ledger import Ledger
from tests.gateway.store.rows import accepted

MONTH = "2026-11"
START = starts_ms(MONTH)
AFTER = ends_ms(MONTH)

STANDARD = Tariff(
    "standard",
    "1",
    (
        Tier(5_000, sen("10")),
        Tier(10_000, sen("9.5")),
        Tier(50_000, sen("9")),
        Tier(100_000, sen("8.5")),
    ),
)
BOOKS = Books(
    {STANDARD.label: STANDARD},
    {"shop": AccountBillingSettings(recipient="例示商事株式会社", address=("東京都港区 1-1",))},
    {"one": "第一モバイル", "two": "第二モバイル"},
    BillingSettings(
        issuer=IssuerSettings(
            name="例示通信株式会社", registration_number="T1234567890123", address=("東京都千代田区 1-1",)
        )
    ),
)


def record(message_id: int, units: int = 1, **other: object) -> BillingRecord:
    """A delivered message of `shop` in November; `other` are fields that differ."""
    plain = BillingRecord(
        message_id, "shop", "one", "number block", "unknown", "0501234567", "819012345678", 7, units, units,
        "DELIVERED", "000", START + 1_000, START + 2_000, STANDARD.label, 1000, 1000 * units, "one", "", units, units,
        START + 1_500, "", 0, False,
    )  # fmt: skip
    return plain._replace(**other)  # type: ignore[arg-type]


def failed(message_id: int, units: int = 1, **other: object) -> BillingRecord:
    """One that was not delivered."""
    fields: dict[str, object] = {"outcome": "UNDELIVERABLE", "delivered": 0, "charge_sen": 0, "reason": "absent"}
    return record(message_id, units, **(fields | other))


def life(carrier_ids: Iterable[str], state: int = 4) -> bytes:
    """Where each segment stands, as the flow writes it."""
    return ("[" + ",".join(f'[{state},"{one}","000",1,0]' for one in carrier_ids) + "]").encode()


def archive(directory: Path, records: Iterable[BillingRecord], lives: dict[int, bytes] | None = None) -> None:
    """Append records to the files of their months, as the store leaves them."""
    by_month: dict[str, list[BillingRecord]] = defaultdict(list)
    for one in records:
        by_month[months.month_of(one.done_at)].append(one)
    for month, ended in by_month.items():
        path = months.path_of(directory, month)
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            connection.execute("ATTACH ? AS month", (str(path),))
            months.migrate(connection)
            last = connection.execute("SELECT coalesce(max(seq), 0) FROM month.record").fetchone()[0]
            connection.execute("BEGIN")
            for seq, one in enumerate(ended, last + 1):
                _insert(connection, "month.record", ("seq", *BillingRecord._fields), (seq, *one))
                kept = (lives or {}).get(one.message_id, life([f"{one.message_id:x}"]))
                fields = dict.fromkeys(schema.HISTORY_FIELDS, 0) | dict.fromkeys(
                    ("sender", "destination", "text", "other_elements", "user_message_reference", "part_ids"), b""
                )
                fields |= {"life": kept}
                _insert(connection, "month.history", ("seq", *fields, "sealed"), (seq, *fields.values(), 0))
            connection.execute("COMMIT")


def hot(
    directory: Path,
    records: Iterable[BillingRecord] = (),
    alive: Iterable[MessageAccepted] = (),
    parked: Iterable[MessageAccepted] = (),
    seq: int = 1,
) -> None:
    """Put records that are not archived yet, and messages that are alive, into the hot file."""
    with closing(sqlite3.connect(directory / schema.FILE_NAME, isolation_level=None)) as connection:
        schema.migrate(connection)
        columns = connection.execute("PRAGMA table_info(done)").fetchall()
        for place, one in enumerate(records, seq):
            values: dict[str, object] = {name: b"" if kind == "BLOB" else 0 for _, name, kind, *_ in columns}
            values |= one._asdict() | {"seq": place, "life": life([f"{one.message_id:x}"])}
            _insert(connection, "done", tuple(values), tuple(values.values()))
        for message in alive:
            _insert(connection, "message", MessageAccepted._fields, message)
        for message in parked:
            _insert(connection, "parked", (*MessageAccepted._fields, "waits"), (*message, 0))


def waiting(message_id: int, submitted_at: int = START + 1_000) -> MessageAccepted:
    """A message that has not ended."""
    return accepted(message_id)._replace(customer="shop", submitted_at=submitted_at)


def closed(directory: Path, books: Books = BOOKS, month: str = MONTH, now_ms: int = 0) -> Closed:
    """Close a month, just after its end if no time is given."""
    with closing(Ledger(directory)) as ledger:
        return close(ledger, directory, books, month, now_ms or ends_ms(month) + 1)


def _insert(connection: sqlite3.Connection, table: str, fields: tuple[str, ...], values: tuple[object, ...]) -> None:
    marks = ", ".join("?" * len(fields))
    connection.execute(f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({marks})", values)


def volume(units: int, first_id: int = 1) -> list[BillingRecord]:
    """Delivered records of ten units each, and one for the rest: so many units together."""
    whole, rest = divmod(units, 10)
    found = [record(first_id + number, 10) for number in range(whole)]
    return [*found, record(first_id + whole, rest)] if rest else found


def price(units: int) -> Sen:
    """What so many units come to in the standard list."""
    return Sen(next(tier.unit_price for tier in STANDARD.tiers if tier.up_to and units <= tier.up_to) * units)

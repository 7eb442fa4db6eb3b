"""Reads what ended: records and histories of the months, and what is on its way there. Never writes.

For the command line and the NOC, beside a gateway that runs or one that does not.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from gateway.model.privacy import Numbers, written
from gateway.store import months
from gateway.store.contract import BillingRecord, Outcome
from gateway.store.schema import FILE_NAME, HISTORY_FIELDS, RECORD_FIELDS

PAGE = 10_000  # rows read at a time

_RECORD = ", ".join(RECORD_FIELDS)
_HISTORY = ", ".join(HISTORY_FIELDS)
_DONE_AT = 1 + RECORD_FIELDS.index("done_at")
_FOUND = f"SELECT seq, {_RECORD}, {_HISTORY}"


class History(NamedTuple):
    """What is known of a message beside its billing record. `text` is as it was stored, sealed when `sealed`."""

    life: bytes
    source_ton: int
    source_npi: int
    sender: bytes
    dest_ton: int
    dest_npi: int
    destination: bytes
    data_coding: int
    binary: bool
    text: bytes
    other_elements: bytes
    reference: int
    priority: int
    registered_delivery: int
    user_message_reference: bytes
    part_ids: bytes
    due_at: int
    expires_at: int
    sealed: bool


class Ended(NamedTuple):
    """A message that ended."""

    month: str
    record: BillingRecord
    history: History


class Mentions(NamedTuple):
    """What to search for: ids that a customer was told, E.164 digits, carriers' ids in canonical form, references."""

    told_ids: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    carrier_ids: tuple[bytes, ...] = ()
    references: tuple[bytes, ...] = ()


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. sqlite3.OperationalError when there is no such file."""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10.0)


class Archive:
    """The months below a store's directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()

    def months(self) -> list[str]:
        """The months in which anything ended, oldest first, e.g. 2026-11."""
        files = (self._directory / months.DIRECTORY).glob(f"*{months.SUFFIX}")
        found = {path.name.removesuffix(months.SUFFIX) for path in files}
        hot = self._directory / FILE_NAME
        if hot.exists():
            with closing(read_only(hot)) as connection:
                found |= {months.month_of(at) for (at,) in connection.execute("SELECT DISTINCT done_at FROM done")}
        return sorted(found)

    def records(self, month: str) -> Iterator[BillingRecord]:
        """Every billing record of a month, in the order of their ends. In bounded memory."""
        path = months.path_of(self._directory, month)
        hot = self._directory / FILE_NAME
        last = 0
        for row in _month_rows(path, last):
            last = row[0]
            yield BillingRecord._make(row[1:])
        if not hot.exists():
            return
        first_ms, end_ms = months.bounds(month)
        with closing(read_only(hot)) as connection:
            query = f"SELECT seq, {_RECORD} FROM done"  # noqa: S608
            late = [row for row in _pages(connection, query, last) if first_ms <= row[_DONE_AT] < end_ms]
        for row in _month_rows(path, last):  # what left `done` between the two looks is in the file now
            last = row[0]
            yield BillingRecord._make(row[1:])
        yield from (BillingRecord._make(row[1:]) for row in late if row[0] > last)

    def by_id(self, told_id: int) -> list[Ended]:
        """The messages that have this id, or whose customer was told it."""
        return self.any_of(Mentions(told_ids=(told_id,)))

    def by_number(self, e164: str) -> list[Ended]:
        """The messages to a number, E.164 digits; where numbers are masked, also those to others that look the same."""
        return self.any_of(Mentions(numbers=(e164,)))

    def by_carrier_id(self, route: str, carrier_id: bytes) -> list[Ended]:
        """The messages that have a segment to which the carrier gave this id (in canonical form)."""
        return [one for one in self.any_of(Mentions(carrier_ids=(carrier_id,))) if one.record.route == route]

    def by_reference(self, customer: str, reference: bytes) -> list[Ended]:
        """The messages that carry a customer's own reference."""
        return [one for one in self.any_of(Mentions(references=(reference,))) if one.record.customer == customer]

    def any_of(self, mentions: Mentions, most: int | None = None) -> list[Ended]:
        """The messages that mention any of these, in the order of their ends; only about the `most` last ones."""
        secret = self._secret() if mentions.numbers else b""
        numbers = {written(one, how, secret) for one in mentions.numbers for how in Numbers}
        hashes = {
            *(months.of_id(one) for one in mentions.told_ids),
            *(months.of_number(one.encode()) for one in numbers),
            *(months.of_carrier_id(one) for one in mentions.carrier_ids),
            *(months.of_reference(one) for one in mentions.references),
        }
        found = self._find(hashes, partial(_mentions, mentions, numbers), most)
        return [found[seq] for seq in sorted(found)]

    def _secret(self) -> bytes:
        hot = self._directory / FILE_NAME
        if not hot.exists():
            return b""
        with closing(read_only(hot)) as connection:
            (secret,) = connection.execute("SELECT secret FROM sealing").fetchone()
            return bytes(secret)

    def of_customer(self, customer: str, since: int, most: int) -> list[Ended]:
        """What ended of a customer since a moment (ms since 1970), in the order of the ends; the `most` first ones."""
        hot = self._hot(lambda one: one.record.customer == customer and one.record.done_at >= since)
        found: dict[int, Ended] = {}
        for month in self.months():
            path = months.path_of(self._directory, month)
            if path.exists() and months.bounds(month)[1] > since and len(found) < most:
                with closing(read_only(path)) as connection:
                    query = (
                        f"{_FOUND}, sealed FROM record JOIN history USING (seq)"
                        " WHERE done_at >= ? AND customer = ? ORDER BY seq LIMIT ?"
                    )
                    for row in connection.execute(query, (since, customer, most - len(found))):
                        found[row[0]] = _ended(month, row)
        found |= hot
        return [found[seq] for seq in sorted(found)][:most]

    def outcomes(self, customer: str, told_id: int) -> list[Outcome]:
        """How the messages ended that this customer knows by this id."""
        ended = (one.record for one in self.by_id(told_id) if one.record.customer == customer)
        return [Outcome(one.source_addr.encode("latin-1"), one.outcome, one.error, one.done_at) for one in ended]

    def _find(self, hashes: set[int], wanted: Callable[[Ended], bool], most: int | None) -> dict[int, Ended]:
        found = self._hot(wanted)
        for month in reversed(self.months()):
            path = months.path_of(self._directory, month)
            if path.exists() and (most is None or len(found) < most):
                with closing(read_only(path)) as connection:
                    for row in _mentioned(connection, hashes):
                        one = _ended(month, row)
                        if wanted(one):
                            found[row[0]] = one
                        if most is not None and len(found) >= most:
                            break
        return found

    def _hot(self, wanted: Callable[[Ended], bool]) -> dict[int, Ended]:
        """What is on its way to the months' files."""
        hot = self._directory / FILE_NAME
        if not hot.exists():
            return {}
        with closing(read_only(hot)) as connection:
            rows = connection.execute(f"{_FOUND}, key_id != x'' FROM done, sealing")
            every = ((row[0], _ended(months.month_of(row[_DONE_AT]), row)) for row in rows)
            return {seq: one for seq, one in every if wanted(one)}


def _mentions(mentions: Mentions, numbers: set[str], one: Ended) -> bool:
    """Whether it is one of those: rows are found by a hash, which others may have too."""
    record, history = one.record, one.history
    if record.message_id in mentions.told_ids or record.destination_addr in numbers:
        return True
    if history.user_message_reference and history.user_message_reference in mentions.references:
        return True
    life, part_ids = history.life, history.part_ids
    return any(b'"%b"' % carrier_id in life for carrier_id in mentions.carrier_ids) or (
        bool(part_ids)
        and (
            any(b"[%d," % told_id in part_ids for told_id in mentions.told_ids)
            or any(b'"%b"' % reference.hex().encode() in part_ids for reference in mentions.references)
        )
    )


def _ended(month: str, row: tuple[Any, ...]) -> Ended:
    after_record = 1 + len(RECORD_FIELDS)
    return Ended(month, BillingRecord._make(row[1:after_record]), History._make(row[after_record:]))


def _month_rows(path: Path, last: int) -> Iterator[tuple[Any, ...]]:
    if path.exists():
        with closing(read_only(path)) as connection:
            yield from _pages(connection, f"SELECT seq, {_RECORD} FROM record", last)  # noqa: S608


def _pages(connection: sqlite3.Connection, query: str, last: int) -> Iterator[tuple[Any, ...]]:
    """In pages, so that no reader keeps the write-ahead log from being emptied for long."""
    while True:
        page = connection.execute(f"{query} WHERE seq > ? ORDER BY seq LIMIT ?", (last, PAGE)).fetchall()
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1][0]


def _mentioned(connection: sqlite3.Connection, hashes: set[int]) -> Iterator[tuple[Any, ...]]:
    """The rows that mention any of these, the newest first: one look into each chunk, all in one statement."""
    # Each by itself: asked for both at once, SQLite reads the whole table.
    ends = "SELECT (SELECT min(seq) FROM record), (SELECT max(seq) FROM record)"
    first, last = connection.execute(ends).fetchone()
    if first is None or not hashes:
        return
    places = ", ".join("?" * len(hashes))
    yield from connection.execute(
        "WITH RECURSIVE chunks (one) AS (SELECT ? UNION ALL SELECT one - 1 FROM chunks WHERE one > ?)"  # noqa: S608
        f" {_FOUND}, sealed FROM chunks CROSS JOIN mention ON chunk = chunks.one AND hash IN ({places})"
        " CROSS JOIN record USING (seq) CROSS JOIN history USING (seq)",
        (last >> months.CHUNK_SHIFT, first >> months.CHUNK_SHIFT, *hashes),
    )

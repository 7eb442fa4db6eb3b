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
        needle = b"[%d," % told_id
        return self._ordered(
            months.of_id(told_id), lambda one: one.record.message_id == told_id or needle in one.history.part_ids
        )

    def by_number(self, e164: str) -> list[Ended]:
        """The messages to a number, E.164 digits; where numbers are masked, also those to others that look the same."""
        found: dict[int, Ended] = {}
        for how in Numbers:
            number = written(e164, how, self._secret())
            found |= self._find(months.of_number(number.encode()), partial(_is_to, number))
        return [found[seq] for seq in sorted(found)]

    def _secret(self) -> bytes:
        hot = self._directory / FILE_NAME
        if not hot.exists():
            return b""
        with closing(read_only(hot)) as connection:
            (secret,) = connection.execute("SELECT secret FROM sealing").fetchone()
            return bytes(secret)

    def by_carrier_id(self, route: str, carrier_id: bytes) -> list[Ended]:
        """The messages that have a segment to which the carrier gave this id (in canonical form)."""
        needle = b'"%b"' % carrier_id
        return self._ordered(
            months.of_carrier_id(route.encode(), carrier_id),
            lambda one: one.record.route == route and needle in one.history.life,
        )

    def by_reference(self, customer: str, reference: bytes) -> list[Ended]:
        """The messages that carry a customer's own reference."""
        needle = reference.hex().encode()
        return self._ordered(
            months.of_reference(customer.encode(), reference),
            lambda one: (
                one.record.customer == customer
                and (one.history.user_message_reference == reference or needle in one.history.part_ids)
            ),
        )

    def outcomes(self, customer: str, told_id: int) -> list[Outcome]:
        """How the messages ended that this customer knows by this id."""
        ended = (one.record for one in self.by_id(told_id) if one.record.customer == customer)
        return [Outcome(one.source_addr.encode("latin-1"), one.outcome, one.error, one.done_at) for one in ended]

    def _ordered(self, hashed: int, wanted: Callable[[Ended], bool]) -> list[Ended]:
        found = self._find(hashed, wanted)
        return [found[seq] for seq in sorted(found)]

    def _find(self, hashed: int, wanted: Callable[[Ended], bool]) -> dict[int, Ended]:
        found: dict[int, Ended] = {}
        hot = self._directory / FILE_NAME
        if hot.exists():
            with closing(read_only(hot)) as connection:
                for row in connection.execute(f"{_FOUND}, 0 FROM done"):
                    _keep(found, months.month_of(row[_DONE_AT]), row, wanted)
        for month in self.months():
            path = months.path_of(self._directory, month)
            if path.exists():
                with closing(read_only(path)) as connection:
                    for row in _mentioned(connection, hashed):
                        _keep(found, month, row, wanted)
        return found


def _is_to(number: str, one: Ended) -> bool:
    return one.record.destination_addr == number


def _keep(found: dict[int, Ended], month: str, row: tuple[Any, ...], wanted: Callable[[Ended], bool]) -> None:
    after_record = 1 + len(RECORD_FIELDS)
    one = Ended(month, BillingRecord._make(row[1:after_record]), History._make(row[after_record:]))
    if wanted(one):
        found[row[0]] = one


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


def _mentioned(connection: sqlite3.Connection, hashed: int) -> Iterator[tuple[Any, ...]]:
    first, last = connection.execute("SELECT min(seq), max(seq) FROM record").fetchone()
    if first is None:
        return
    for chunk in range(first >> months.CHUNK_SHIFT, (last >> months.CHUNK_SHIFT) + 1):
        yield from connection.execute(
            f"{_FOUND}, sealed FROM mention JOIN record USING (seq) JOIN history USING (seq)"
            " WHERE chunk = ? AND hash = ?",
            (chunk, hashed),
        )

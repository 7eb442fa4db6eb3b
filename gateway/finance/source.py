"""What finance reads of the store: the records of a month from a place on, and the messages that are still alive.

Read-only, beside a gateway that runs or one that does not.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from gateway.store import months
from gateway.store.archive import read_only
from gateway.store.contract import BillingRecord
from gateway.store.schema import FILE_NAME

PAGE = 10_000  # rows read at a time

_FIELDS = ", ".join(BillingRecord._fields)

Charged = tuple[Any, ...]
"""A row of `seq`, `message_id`, and the fields of ChargedFacts."""


class Numbered(NamedTuple):
    """A record and its place in the order in which messages ended; the places of a month only grow."""

    seq: int
    record: BillingRecord


class ChargedFacts(NamedTuple):
    """What of a record decides its charge and the line that it is under; `sent_at` is 1 when it was sent, else 0."""

    customer: str
    tariff: str
    route: str
    carrier: str
    kind: str
    outcome: str
    units: int
    segments: int
    delivered: int
    sent_at: int
    reason: str
    test: bool
    check_sen: int


_CHARGED = "message_id, " + ", ".join(ChargedFacts._fields).replace("sent_at", "min(sent_at, 1)")


class Segment(NamedTuple):
    """One segment of a message that ended. `state` is a SegmentState's number; `carrier_id` is in canonical form."""

    record: BillingRecord
    number: int  # from 1
    state: int
    carrier_id: str
    error: str


class Held(NamedTuple):
    """What a message that is alive may come to depends on these."""

    customer: str
    carrier: str
    kind: str
    units: int
    check_sen: int
    submitted_at: int


class OpenMessage(NamedTuple):
    """A message that has not ended. `submitted_at` is ms since 1970."""

    message_id: int
    customer: str
    carrier: str
    submitted_at: int


def records_after(directory: Path, month: str, seq: int = 0) -> Iterator[Numbered]:
    """The records of a month that ended after a place, in their order. In bounded memory."""
    for row in _rows(directory, month, seq, _FIELDS):
        yield Numbered(row[0], BillingRecord._make(row[1:]))


def charged_after(directory: Path, month: str, seq: int = 0) -> Iterator[Charged]:
    """The same, of each record only what its charge depends on: half the work where it is all that is wanted."""
    return _rows(directory, month, seq, _CHARGED)


def charged_of(one: Numbered) -> Charged:
    """The row that `charged_after` reads of a record."""
    facts = ChargedFacts._make(getattr(one.record, name) for name in ChargedFacts._fields)
    return (one.seq, one.record.message_id, *facts._replace(sent_at=min(facts.sent_at, 1)))


def segments_after(directory: Path, month: str, seq: int = 0) -> Iterator[Segment]:
    """The segments of a month's messages, in the order in which the messages ended. In bounded memory."""
    path = directory.absolute() / FILE_NAME
    hot = list(_lives(path, "done", seq)) if path.exists() else []
    last = seq
    first_ms, end_ms = months.bounds(month)
    path = months.path_of(directory.absolute(), month)
    if path.exists():
        for place, record, life in _lives(path, "record JOIN history USING (seq)", seq):
            last = place
            yield from _segments(record, life)
    for place, record, life in hot:
        if place > last and first_ms <= record.done_at < end_ms:
            yield from _segments(record, life)


def open_messages(directory: Path, month: str) -> Iterator[OpenMessage]:
    """The messages submitted in a month that have not ended, parked ones too, in the order of their ids."""
    path = directory.absolute() / FILE_NAME
    if not path.exists():
        return
    first_ms, end_ms = months.bounds(month)
    fields = ", ".join(OpenMessage._fields)
    query = (
        f"SELECT * FROM (SELECT {fields} FROM message UNION ALL SELECT {fields} FROM parked)"  # noqa: S608
        " WHERE message_id > ? ORDER BY message_id LIMIT ?"
    )
    last = -1
    with closing(read_only(path)) as connection:
        while page := connection.execute(query, (last, PAGE)).fetchall():
            last = page[-1][0]
            yield from (OpenMessage._make(row) for row in page if first_ms <= row[3] < end_ms)


def alive(directory: Path) -> Iterator[Held]:
    """Every message that has not ended, parked ones too."""
    path = directory.absolute() / FILE_NAME
    if path.exists():
        fields = ", ".join(Held._fields)
        query = f"SELECT {fields} FROM message UNION ALL SELECT {fields} FROM parked"  # noqa: S608
        with closing(read_only(path)) as connection:
            yield from map(Held._make, connection.execute(query))


def _rows(directory: Path, month: str, seq: int, fields: str) -> Iterator[tuple[Any, ...]]:
    """`seq` and these fields. The hot store is looked at first: what it moves meanwhile is found in the file."""
    hot: list[tuple[Any, ...]] = []
    path = directory.absolute() / FILE_NAME
    if path.exists():
        with closing(read_only(path)) as connection:
            hot = list(_pages(connection, f"SELECT seq, {fields} FROM done", seq, months.bounds(month)))  # noqa: S608
    path = months.path_of(directory.absolute(), month)
    if path.exists():
        with closing(read_only(path)) as connection:
            for row in _pages(connection, f"SELECT seq, {fields} FROM record", seq):  # noqa: S608
                seq = row[0]
                yield row
    yield from (row for row in hot if row[0] > seq)


def _lives(path: Path, tables: str, last: int) -> Iterator[tuple[int, BillingRecord, bytes]]:
    query = f"SELECT seq, {_FIELDS}, life FROM {tables} WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
    with closing(read_only(path)) as connection:
        while page := connection.execute(query, (last, PAGE)).fetchall():
            last = page[-1][0]
            yield from ((row[0], BillingRecord._make(row[1:-1]), row[-1]) for row in page)


def _segments(record: BillingRecord, life: bytes) -> Iterator[Segment]:
    """As the flow wrote them: state, carrier's id and error first, whatever else after."""
    for number, (state, carrier_id, error, *_) in enumerate(orjson.loads(life), 1):
        yield Segment(record, number, state, carrier_id, error)


def _pages(
    connection: sqlite3.Connection, query: str, last: int, bounds: tuple[int, int] | None = None
) -> Iterator[tuple[Any, ...]]:
    """In pages, so that no reader keeps the write-ahead log from being emptied for long. `bounds`: of done_at."""
    within = "" if bounds is None else f" AND done_at >= {bounds[0]:d} AND done_at < {bounds[1]:d}"
    while page := connection.execute(f"{query} WHERE seq > ?{within} ORDER BY seq LIMIT ?", (last, PAGE)).fetchall():
        yield from page
        last = page[-1][0]

"""Whether a store keeps what it promises, asked of its files as they lie there. Never writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import orjson

from gateway.model.lifecycle import IS_FINAL
from gateway.store import months
from gateway.store.archive import read_only
from gateway.store.schema import FILE_NAME

MOST_TOLD = 10  # examples of one violation


class Finding(NamedTuple):
    """Something that must not be. `rows` are examples, `number` is how many there are."""

    file: str
    promise: str
    number: int
    rows: tuple[str, ...]


# Each finds rows that break the promise; the first column names them.
_HOT = (
    (
        "a message is in one place: alive, parked or done",
        """SELECT message_id FROM message WHERE message_id IN (SELECT message_id FROM parked)
        UNION SELECT message_id FROM message WHERE message_id IN (SELECT message_id FROM done)
        UNION SELECT message_id FROM parked WHERE message_id IN (SELECT message_id FROM done)""",
    ),
    (
        "an id that was told is of a message parked or done",
        """SELECT told_id FROM told WHERE message_id NOT IN (SELECT message_id FROM parked)
        AND message_id NOT IN (SELECT message_id FROM done)""",
    ),
    ("a last receipt is owed for a message that ended", ("SELECT owed_id FROM receipt_owed WHERE segment = 0"
     " AND message_state NOT IN (0, 1, 6) AND message_id IN"
     " (SELECT message_id FROM message UNION SELECT message_id FROM parked)")),
)  # fmt: skip
_RECORDS = (
    ("a message has one record", "SELECT message_id FROM {table} GROUP BY message_id HAVING count(*) > 1"),
    ("only what was delivered is charged", ("SELECT message_id FROM {table} WHERE outcome <> 'DELIVERED'"
     " AND charge_sen <> 0 AND delivered = 0")),
    ("no charge is negative", ("SELECT message_id FROM {table} WHERE charge_sen < 0 OR unit_price_sen < 0"
     " OR check_sen < 0")),
    ("nothing ends before it begins", "SELECT message_id FROM {table} WHERE segments < 1 OR delivered > segments"),
)  # fmt: skip
_MONTH = (
    ("a record has its history", "SELECT seq FROM record WHERE seq NOT IN (SELECT seq FROM history)"),
    ("a history has its record", "SELECT seq FROM history WHERE seq NOT IN (SELECT seq FROM record)"),
    ("a record can be found", "SELECT seq FROM record WHERE seq NOT IN (SELECT seq FROM mention)"),
    ("nothing is behind the last row", ("SELECT seq FROM record WHERE seq > (SELECT value FROM state"
     " WHERE name = 'last_seq')")),
)  # fmt: skip


def check(directory: Path) -> list[Finding]:
    """Everything that is wrong with a store. A gateway may be running. sqlite3.Error when a file cannot be read."""
    directory = directory.absolute()
    findings: list[Finding] = []
    with closing(read_only(directory / FILE_NAME)) as hot:
        findings += _sound(hot, FILE_NAME)
        if not findings:
            findings += _broken(hot, FILE_NAME, _HOT)
            findings += _broken(hot, FILE_NAME, _RECORDS, table="done")
            findings += _lives(hot)
    for path in sorted((directory / months.DIRECTORY).glob(f"*{months.SUFFIX}")):
        with closing(read_only(path)) as month:
            wrong = _sound(month, path.name)
            if not wrong:
                wrong = [*_broken(month, path.name, _RECORDS, table="record"), *_broken(month, path.name, _MONTH)]
                wrong += _of_another_month(month, path.name)
            findings += wrong
    findings += _twice(directory)
    return findings


def _sound(connection: sqlite3.Connection, file: str) -> list[Finding]:
    rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    return [] if rows == ["ok"] else [Finding(file, "the file is sound", len(rows), tuple(rows[:MOST_TOLD]))]


def _broken(
    connection: sqlite3.Connection, file: str, promises: tuple[tuple[str, str], ...], **words: str
) -> Iterator[Finding]:
    for promise, query in promises:
        rows = [row[0] for row in connection.execute(query.format(**words))]
        if rows:
            yield Finding(file, promise, len(rows), tuple(f"{row:016x}" for row in rows[:MOST_TOLD]))


def _lives(hot: sqlite3.Connection) -> Iterator[Finding]:
    """What is alive has a segment that is not final."""
    ended = []
    for message_id, life in hot.execute("SELECT message_id, life FROM message"):
        if all(IS_FINAL[segment[0]] for segment in orjson.loads(life)):
            ended.append(message_id)
    if ended:
        examples = tuple(f"{message_id:016x}" for message_id in ended[:MOST_TOLD])
        yield Finding(FILE_NAME, "what is alive has not ended", len(ended), examples)


def _of_another_month(month: sqlite3.Connection, file: str) -> Iterator[Finding]:
    first, end = months.bounds(file.removesuffix(months.SUFFIX))
    query = "SELECT message_id FROM record WHERE done_at < ? OR done_at >= ?"
    rows = [row[0] for row in month.execute(query, (first, end))]
    if rows:
        examples = tuple(f"{message_id:016x}" for message_id in rows[:MOST_TOLD])
        yield Finding(file, "a record is in the month in which it ended", len(rows), examples)


def _twice(directory: Path) -> list[Finding]:
    """One record a message over all files. A row on its way is in two of them, with one seq."""
    seen: dict[int, int] = {}
    twice: set[int] = set()
    sources = [(directory / FILE_NAME, "done")]
    sources += [(path, "record") for path in sorted((directory / months.DIRECTORY).glob(f"*{months.SUFFIX}"))]
    for path, table in sources:
        with closing(read_only(path)) as connection:
            for seq, message_id in connection.execute(f"SELECT seq, message_id FROM {table}"):  # noqa: S608
                if seen.setdefault(message_id, seq) != seq:
                    twice.add(message_id)
    if not twice:
        return []
    examples = tuple(f"{message_id:016x}" for message_id in sorted(twice)[:MOST_TOLD])
    return [Finding("all files", "a message has one record", len(twice), examples)]

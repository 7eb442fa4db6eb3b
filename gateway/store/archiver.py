"""Moves what is done from the hot file to the files of the months, a bite at a time, each row once.

A bite is committed to the month's file first, which remembers the last `seq` that it has; then the rows leave the hot
file. A crash between the two finds the rows in both, and copies nothing twice.
"""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from gateway.model.privacy import Numbers, Privacy, written
from gateway.store import months
from gateway.store.transaction import transaction

BITE = 512  # rows a commit
BLANKED = 2_048  # texts a commit
DAY_MS = 86_400_000
PLAIN = Privacy()
CHECKPOINT_PAGES = 2000

_ROWS = (
    "SELECT seq, done_at, message_id, customer, destination_addr, user_message_reference, part_ids, life"
    " FROM main.done WHERE seq > ? ORDER BY seq LIMIT ?"
)
# The last row of a bite, all of which ended before a moment. Rows are in the order of their ends, save for a clock
# that was set back: then a younger row is blanked a little early.
_OLD = (
    "SELECT max(seq) FROM (SELECT seq, done_at FROM month.record WHERE seq > ? ORDER BY seq LIMIT ?) WHERE done_at < ?"
)
_FORGET = (
    # The ids that a customer was told are found in the month's file from now on.
    "DELETE FROM main.told WHERE customer = ? AND told_id = ? AND message_id = ?",
    "DELETE FROM main.done WHERE seq <= ?",
    "UPDATE main.archived SET last_id = max(last_id, ?)",
)


class Archiver:
    """Lives beside the engine, on its connection. Between its transactions only."""

    def __init__(
        self, connection: sqlite3.Connection, directory: Path, privacy: Privacy = PLAIN, *, sealed: bool = False
    ) -> None:
        self._connection = connection
        self._directory = directory
        self._sealed = sealed
        self._privacy = privacy
        (secret,) = connection.execute("SELECT secret FROM main.sealing").fetchone()
        self._write = partial(written, how=privacy.numbers, secret=secret)
        connection.create_function("number", 1, self._write, deterministic=True)
        connection.create_function("destination", 1, self._destination, deterministic=True)
        self._attached = ""
        self._moved = 0  # the last seq that is in a month's file, durably
        self._greatest_id = 0
        self._told: list[tuple[str, int, int]] = []
        (self.backlog,) = connection.execute("SELECT count(*) FROM main.done").fetchone()

    def move(self, most: int = BITE) -> int:
        """Copy the oldest rows to their months, durably. Return how many; they leave the hot file with `forget`."""
        rows = self._connection.execute(_ROWS, (self._moved, most)).fetchall()
        if not rows:
            return 0
        first, last = self._moved, rows[-1][0]
        by_month: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            by_month.setdefault(months.month_of(row[1]), []).append(row)
        for month, of_month in sorted(by_month.items()):
            self._copy(month, first, last, of_month)
        self._moved = last
        self._greatest_id = max(self._greatest_id, *[row[2] for row in rows])
        self._told += [(row[3], part[0], row[2]) for row in rows if row[6] for part in orjson.loads(row[6])]
        self.backlog -= len(rows)
        return len(rows)

    def _copy(self, month: str, first: int, last: int, rows: list[tuple[Any, ...]]) -> None:
        execute = self._connection.execute
        self._attach(month)
        with transaction(self._connection):
            (has,) = execute("SELECT value FROM month.state WHERE name = 'last_seq'").fetchone()
            first = max(first, has)
            span = (first, last, *months.bounds(month))
            copy_records, copy_history = months.COPY if self._privacy.numbers is Numbers.WHOLE else months.COPY_HIDDEN
            execute(copy_records, span)
            execute(copy_history, (*span, self._sealed))
            mentions = sorted([key for row in rows if row[0] > first for key in self._mentions(row)])
            self._connection.executemany("INSERT INTO month.mention (chunk, hash, seq) VALUES (?, ?, ?)", mentions)
            execute("UPDATE month.state SET value = ? WHERE name = 'last_seq' AND value < ?", (last, last))

    def _destination(self, written_by_customer: bytes) -> bytes:
        return self._write(written_by_customer.decode("latin-1")).encode("latin-1")

    def blank(self, now: int) -> bool:
        """Blank the oldest texts whose days are over. Whether there may be more."""
        if not self._privacy.blank_text_days:
            return False
        before = now - self._privacy.blank_text_days * DAY_MS
        for path in sorted((self._directory / months.DIRECTORY).glob(f"*{months.SUFFIX}")):
            month = path.name.removesuffix(months.SUFFIX)
            if months.bounds(month)[0] < before and self._blank_month(month, before):
                return True
        return False

    def _blank_month(self, month: str, before: int) -> bool:
        execute = self._connection.execute
        self._attach(month)
        (blanked,) = execute("SELECT value FROM month.state WHERE name = 'blanked_seq'").fetchone()
        (last,) = execute(_OLD, (blanked, BLANKED, before)).fetchone()
        if last is None:
            return False
        with transaction(self._connection):
            execute("UPDATE month.history SET text = x'' WHERE seq > ? AND seq <= ?", (blanked, last))
            execute("UPDATE month.state SET value = ? WHERE name = 'blanked_seq'", (last,))
        return True

    def _attach(self, month: str) -> None:
        if month == self._attached:
            return
        execute = self._connection.execute
        if self._attached:
            execute("DETACH month")
            self._attached = ""
        path = months.path_of(self._directory, month)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            months.create(path)
        execute("ATTACH ? AS month", (str(path),))
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={CHECKPOINT_PAGES}"):
                execute(f"PRAGMA month.{pragma}")
            months.migrate(self._connection)
        except BaseException:
            execute("DETACH month")
            raise
        self._attached = month

    def _mentions(self, row: tuple[Any, ...]) -> list[tuple[int, int, int]]:
        """The keys of one row of _ROWS."""
        seq, _, message_id, _, destination, reference, part_ids, life = row
        chunk = seq >> months.CHUNK_SHIFT
        hashes = {months.of_id(message_id), months.of_number(self._write(destination).encode())}
        if part_ids:
            for part_id, _, part_reference in orjson.loads(part_ids):
                hashes.add(months.of_id(part_id))
                if part_reference:
                    hashes.add(months.of_reference(bytes.fromhex(part_reference)))
        if reference:
            hashes.add(months.of_reference(reference))
        for segment in orjson.loads(life):
            if segment[1]:
                hashes.add(months.of_carrier_id(segment[1].encode("latin-1")))
        return [(chunk, one, seq) for one in hashes]

    @property
    def to_forget(self) -> bool:
        """Whether rows in the hot file are in a month's file already."""
        return self._moved > 0 and self._greatest_id > 0

    def forget(self) -> None:
        """Within a transaction of the engine's: what was moved leaves the hot file."""
        told, done, last_id = _FORGET
        if self._told:
            self._connection.executemany(told, self._told)
        self._connection.execute(done, (self._moved,))
        self._connection.execute(last_id, (self._greatest_id,))

    def forgotten(self) -> None:
        """That transaction is durable."""
        self._told.clear()
        self._greatest_id = 0

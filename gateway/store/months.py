"""The file of a month: what ended in it, append-only, and how to find one of ten million by what it mentions.

`record` is what finance reads, `history` what the NOC reads beside it; both go by `seq`, the order in which messages
ended. `mention` finds rows by an id, number or reference. Its key begins with the chunk of `seq`, so that only the end
of the file is written: an index over the whole month would be written all over, and grow slower with every row.
"""

import os
import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from gateway.store.schema import HISTORY_FIELDS, RECORD_FIELDS

DIRECTORY = "archive"
SUFFIX = ".sqlite3"
CHUNK_SHIFT: Final = 14  # 16,384 rows
_JST = timedelta(hours=9)
_HOUR_MS = 3_600_000

# Never edit one that was released; append.
MIGRATIONS = (
    """
    CREATE TABLE month.record (
        seq INTEGER PRIMARY KEY, message_id INTEGER NOT NULL, customer TEXT NOT NULL, carrier TEXT NOT NULL,
        known_by TEXT NOT NULL, ported TEXT NOT NULL, source_addr TEXT NOT NULL, destination_addr TEXT NOT NULL,
        characters INTEGER NOT NULL, segments INTEGER NOT NULL, units INTEGER NOT NULL, outcome TEXT NOT NULL,
        error TEXT NOT NULL, submitted_at INTEGER NOT NULL, done_at INTEGER NOT NULL, tariff TEXT NOT NULL,
        unit_price_sen INTEGER NOT NULL, charge_sen INTEGER NOT NULL, route TEXT NOT NULL, kind TEXT NOT NULL,
        delivered INTEGER NOT NULL, attempts INTEGER NOT NULL, sent_at INTEGER NOT NULL, reason TEXT NOT NULL,
        check_sen INTEGER NOT NULL, test INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE month.history (
        seq INTEGER PRIMARY KEY, life BLOB NOT NULL, source_ton INTEGER NOT NULL, source_npi INTEGER NOT NULL,
        sender BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL, destination BLOB NOT NULL,
        data_coding INTEGER NOT NULL, binary INTEGER NOT NULL, text BLOB NOT NULL, other_elements BLOB NOT NULL,
        reference INTEGER NOT NULL, priority INTEGER NOT NULL, registered_delivery INTEGER NOT NULL,
        user_message_reference BLOB NOT NULL, part_ids BLOB NOT NULL, due_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, sealed INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE month.mention (
        chunk INTEGER NOT NULL, hash INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (chunk, hash, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE month.state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO month.state (name, value) VALUES ('last_seq', 0), ('blanked_seq', 0);
    """,
)

_SPAN = "FROM main.done WHERE seq > ?1 AND seq <= ?2 AND done_at >= ?3 AND done_at < ?4 ORDER BY seq"
_RECORD, _HISTORY = ", ".join(RECORD_FIELDS), ", ".join(HISTORY_FIELDS)


def _copy(record: str, history: str) -> tuple[str, str]:
    return (
        f"INSERT INTO month.record (seq, {_RECORD}) SELECT seq, {record} {_SPAN}",
        f"INSERT INTO month.history (seq, {_HISTORY}, sealed) SELECT seq, {history}, ?5 {_SPAN}",
    )


COPY = _copy(_RECORD, _HISTORY)
# The same with the recipient's number masked or hashed.
COPY_HIDDEN = _copy(
    _RECORD.replace("destination_addr", "number(destination_addr)"),
    _HISTORY.replace("destination,", "destination(destination),"),
)


def month_of(ms: int) -> str:
    """The month of a moment (ms since 1970) in Japan: 2026-11."""
    return _month_of_hour(ms // _HOUR_MS)


@lru_cache
def _month_of_hour(hour: int) -> str:
    return f"{datetime.fromtimestamp(hour * 3600, UTC) + _JST:%Y-%m}"


def bounds(month: str) -> tuple[int, int]:
    """First ms of a month in Japan, and of the next one. ValueError when it is not written like 2026-11."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    following = (first + timedelta(days=32)).replace(day=1)
    return int((first - _JST).timestamp() * 1000), int((following - _JST).timestamp() * 1000)


def path_of(directory: Path, month: str) -> Path:
    """Where a month's file is, in the store's directory."""
    return directory / DIRECTORY / f"{month}{SUFFIX}"


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the attached `month` to this version's tables. ValueError if a newer version wrote it."""
    version: int = connection.execute("PRAGMA month.user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise ValueError(f"a month's file has version {version}, this program knows {len(MIGRATIONS)}")
    for number in range(version, len(MIGRATIONS)):
        script = f"BEGIN IMMEDIATE;{MIGRATIONS[number]};PRAGMA month.user_version={number + 1};COMMIT;"
        connection.executescript(script)


def create(path: Path) -> None:
    """A month's file with its tables, there as a whole or not at all: whoever reads never finds half of one."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS month", (str(beside),))
        connection.execute("PRAGMA month.synchronous=FULL")
        migrate(connection)
    beside.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# What a row is found by. The hash only narrows the search down: whoever finds a row compares.
def of_id(message_id: int) -> int:
    """By an id that the customer was told, or the message's own."""
    return zlib.crc32(b"i%x" % message_id)


def of_number(e164: bytes) -> int:
    """By the destination, as the record has it."""
    return zlib.crc32(b"n" + e164)


def of_carrier_id(carrier_id: bytes) -> int:
    """By the id that a carrier gave a segment, in canonical form; whoever searches may not know which carrier."""
    return zlib.crc32(b"c" + carrier_id)


def of_reference(reference: bytes) -> int:
    """By a customer's own reference."""
    return zlib.crc32(b"r" + reference)

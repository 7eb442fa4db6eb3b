"""The SQLite engine: one connection, one writer, WAL with synchronous=FULL, a batch a transaction.

Between batches `archive` moves what is done to the files of the months.
"""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import IO, Any

from gateway import clock
from gateway.model.privacy import Privacy
from gateway.store.archiver import Archiver
from gateway.store.schema import DONE, FILE_NAME, QUERIES, STATEMENTS, Batch, migrate
from gateway.store.seal import QUERIES as SEALED_QUERIES
from gateway.store.seal import STATEMENTS as SEALED
from gateway.store.seal import TABLES, Sealer
from gateway.store.transaction import transaction

PLAIN = Privacy()

# Pages of the write-ahead log (4 KiB each) after which a commit also checkpoints.
CHECKPOINT_PAGES = 4000
CACHE_KIB = 65_536
# How long a foreign writer (a tool of the operator's) is waited for before the store says that it is stuck.
BUSY_SECONDS = 0.25

# SQLite's primary result codes that time can mend: a full or failing disk, a foreign writer, permissions, memory. All
# others (a corrupt file, a broken constraint, a table that is not there) stay what they are however often one tries.
TRANSIENT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
# Kinds of SQLITE_IOERR in which the file system says that what it holds is broken.
BROKEN = frozenset({sqlite3.SQLITE_IOERR_CORRUPTFS, sqlite3.SQLITE_IOERR_DATA})
_PRIMARY = 0xFF  # an extended result code has its primary one in the low octet


class StoreBusyError(Exception):
    """Another process holds the store."""


def is_transient(failure: Exception) -> bool:
    """Whether to try again later may help."""
    if isinstance(failure, sqlite3.Error):
        code: int = getattr(failure, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code & _PRIMARY in TRANSIENT and code not in BROKEN
    return isinstance(failure, (OSError, MemoryError))


class SqliteEngine:
    """Synchronous; lives in the store process. What it raises, `is_transient` judges; what it raised for is undone."""

    def __init__(self, directory: Path, privacy: Privacy = PLAIN) -> None:
        _make(directory)
        self._lock = _take_lock(directory / "lock")
        try:
            self._connection = sqlite3.connect(
                directory / FILE_NAME, BUSY_SECONDS, isolation_level=None, cached_statements=64
            )
        except BaseException:
            self._lock.close()
            raise
        try:
            self._prepare()
            self._sealer = self._unlock(privacy.key)
            self._archiver = Archiver(self._connection, directory, privacy, sealed=self._sealer is not None)
            _sync(directory)
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        execute = self._connection.execute
        (journal,) = execute("PRAGMA journal_mode=WAL").fetchone()
        if journal != "wal":
            raise OSError(f"the file system cannot hold a write-ahead log (journal mode {journal})")
        for pragma in (
            "synchronous=FULL",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            f"cache_size=-{CACHE_KIB}",
            "temp_store=MEMORY",
        ):
            execute(f"PRAGMA {pragma}")
        migrate(self._connection)
        execute("DELETE FROM kept WHERE until > 0 AND until < ?", (clock.wall_ms(),))

    def _unlock(self, key: bytes) -> Sealer | None:
        """Take the key, and seal what was there before there was one. ValueError for a missing or another key."""
        (known,) = self._connection.execute("SELECT key_id FROM sealing").fetchone()
        if not key:
            if known:
                raise ValueError("its texts are sealed: the configuration must give the key (store.key)")
            return None
        sealer = Sealer(key)
        if known and known != sealer.key_id:
            raise ValueError("its texts are sealed with another key than the one in the configuration")
        if not known:
            self._seal_all(sealer)
        return sealer

    def _seal_all(self, sealer: Sealer) -> None:
        execute = self._connection.execute
        self._connection.create_function("seal", 2, sealer.seal)
        with transaction(self._connection):
            for table, key, columns in TABLES:
                values = ", ".join(f"{column} = seal({column}, {key})" for column in columns)
                execute(f"UPDATE {table} SET {values}")  # noqa: S608 - our own table's names
            execute("UPDATE sealing SET key_id = ?", (sealer.key_id,))

    def commit(self, batch: Batch) -> int:
        """Make a batch durable, all of it or nothing. Return how many ends had no message to end (0, or a bug)."""
        execute = self._connection.executemany
        repeated = 0
        sealer, archiver = self._sealer, self._archiver
        forgets = archiver.to_forget
        with transaction(self._connection):
            for number, rows in enumerate(batch):
                if rows:
                    if sealer is not None and number in SEALED:  # the batch stays as it is: it may be tried again
                        rows = [*sealer.seal_rows(rows, SEALED[number])]
                    cursor = execute(STATEMENTS[number], rows)
                    if number == DONE:
                        repeated = len(rows) - cursor.rowcount
            if forgets:
                archiver.forget()
        archiver.backlog += len(batch[DONE]) - repeated
        if forgets:
            archiver.forgotten()
        return repeated

    @property
    def backlog(self) -> int:
        """How much is done and not in its month's file yet, or is there and still here too."""
        return self._archiver.backlog or self._archiver.to_forget

    def blank(self, now: int) -> bool:
        """Blank some of the texts that are old enough at `now` (ms since 1970). Whether there is more to do."""
        return self._archiver.blank(now)

    def archive(self) -> None:
        """Move a bite of what is done to its month; when all of it is there, let it go here."""
        if not self._archiver.move() and self._archiver.to_forget:
            self.commit([[] for _ in STATEMENTS])

    def query(self, name: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Rows of one of QUERIES."""
        rows = self._connection.execute(QUERIES[name], arguments).fetchall()
        if self._sealer is not None and name in SEALED_QUERIES:
            return self._sealer.open_rows(rows, SEALED_QUERIES[name])
        return rows

    def close(self) -> None:
        """Checkpoint, close, let the lock go."""
        try:
            self._connection.close()
        finally:
            self._lock.close()


def _make(directory: Path) -> None:
    """Make the directory, for its owner only, and its name durable."""
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for one in missing:
        _sync(one.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_lock(path: Path) -> IO[bytes]:
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StoreBusyError(f"another process uses the store in {path.parent}") from None
    except BaseException:
        lock.close()
        raise
    return lock

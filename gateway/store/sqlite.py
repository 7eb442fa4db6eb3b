"""The SQLite engine: one connection, one writer, WAL with synchronous=FULL, a batch a transaction."""

import fcntl
import sqlite3
from pathlib import Path
from typing import IO, Any

from gateway.store.schema import FILE_NAME, QUERIES, RECORD, STATEMENTS, Batch, migrate

# Pages of the write-ahead log (4 KiB each) after which a commit also checkpoints.
CHECKPOINT_PAGES = 4000
CACHE_KIB = 65_536


class StoreBusyError(Exception):
    """Another process holds the store."""


class SqliteEngine:
    """Synchronous; lives in the store process. Raises sqlite3.OperationalError when the disk refuses a batch."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = self._take_lock(directory / "lock")
        self._connection = sqlite3.connect(directory / FILE_NAME, isolation_level=None, cached_statements=64)
        try:
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                f"wal_autocheckpoint={CHECKPOINT_PAGES}",
                f"cache_size=-{CACHE_KIB}",
                "temp_store=MEMORY",
            ):
                self._connection.execute(f"PRAGMA {pragma}")
            migrate(self._connection)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _take_lock(path: Path) -> IO[bytes]:
        lock = path.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StoreBusyError(f"another process uses the store in {path.parent}") from None
        return lock

    def commit(self, batch: Batch) -> int:
        """Make a batch durable, all of it or nothing. Return how many billing records existed already (0, or a bug)."""
        execute = self._connection.executemany
        repeated = 0
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for number, rows in enumerate(batch):
                if rows:
                    cursor = execute(STATEMENTS[number], rows)
                    if number == RECORD:
                        repeated = len(rows) - cursor.rowcount
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return repeated

    def query(self, name: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Rows of one of QUERIES."""
        return self._connection.execute(QUERIES[name], arguments).fetchall()

    def close(self) -> None:
        """Checkpoint, close, let the lock go."""
        self._connection.close()
        self._lock.close()

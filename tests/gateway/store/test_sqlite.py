"""The SQLite engine: all of a batch or nothing, one process at a time, a second record is counted and not written."""

import sqlite3
from pathlib import Path

import pytest

from gateway.store import schema
from gateway.store.batch import Batch
from gateway.store.contract import Change, MessageSettled
from gateway.store.sqlite import SqliteEngine, StoreBusyError
from tests.gateway.store.rows import accepted, record, settled


def rows(*changes: Change) -> schema.Batch:
    batch = Batch()
    for change in changes:
        batch.add(change)
    return batch.rows()


def test_it_syncs_at_every_commit(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    engine.commit(rows(accepted(20)))
    assert (tmp_path / f"{schema.FILE_NAME}-wal").stat().st_size > 0
    settings = {
        name: engine._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2}
    engine.close()


def test_a_batch_that_fails_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    broken = rows(accepted(20), accepted(30))
    broken[schema.MOVED] = [(20, b"life", "one too many")]
    with pytest.raises(sqlite3.ProgrammingError):
        engine.commit(broken)
    assert engine.query("messages", (0, 10)) == []
    engine.commit(rows(accepted(40)))
    assert [row[0] for row in engine.query("messages", (0, 10))] == [40]
    engine.close()


def test_a_message_has_one_record_whatever_happens(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    assert engine.commit(rows(settled(20))) == 0
    again = MessageSettled(record(20)._replace(charge_sen=99), ())
    assert engine.commit(rows(again, settled(30))) == 1
    charges = engine._connection.execute("SELECT message_id, charge_sen FROM billing_record").fetchall()
    assert charges == [(20, 1000), (30, 1000)]
    engine.close()


def test_two_engines_never_share_a_store(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    with pytest.raises(StoreBusyError, match="another process"):
        SqliteEngine(tmp_path)
    engine.close()
    SqliteEngine(tmp_path).close()


def test_the_directory_is_for_the_owner_only(tmp_path: Path) -> None:
    SqliteEngine(tmp_path / "store").close()
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700

"""The SQLite engine: all of a batch or nothing, one process at a time, a second record is counted and not written."""

import sqlite3
from pathlib import Path

import pytest

from gateway.store import schema
from gateway.store.batch import Batch
from gateway.store.contract import Change, Kept, MessageSettled
from gateway.store.sqlite import SqliteEngine, StoreBusyError, is_transient
from tests.gateway.store.rows import LAST_LIFE, accepted, record, settled


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
    assert engine.commit(rows(accepted(20), settled(20), accepted(30))) == 0
    again = MessageSettled(record(20)._replace(charge_sen=99), LAST_LIFE, ())
    assert engine.commit(rows(again, settled(30))) == 1
    charges = engine._connection.execute("SELECT message_id, charge_sen FROM done").fetchall()
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


def failure_of(engine: SqliteEngine, batch: schema.Batch) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as caught:
        engine.commit(batch)
    return caught.value


def test_a_full_disk_is_transient_and_the_same_batch_goes_through_when_there_is_room(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    engine.commit(rows(accepted(20)))
    (pages,) = engine._connection.execute("PRAGMA page_count").fetchone()
    engine._connection.execute(f"PRAGMA max_page_count={pages}")
    batch = rows(*(accepted(message_id) for message_id in range(30, 300)), settled(20))
    for _ in range(3):
        failure = failure_of(engine, batch)
        assert failure.sqlite_errorname == "SQLITE_FULL"
        assert is_transient(failure)
        assert [row[0] for row in engine.query("messages", (0, 10))] == [20]
    engine._connection.execute("PRAGMA max_page_count=1000000")
    assert engine.commit(batch) == 0
    assert len(engine.query("messages", (0, 1000))) == 270
    engine.close()


def test_what_only_a_bug_writes_is_not_transient(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    engine.commit(rows(accepted(20)))
    for batch in (
        rows(accepted(20)),  # an id given twice
        rows(accepted(30)._replace(customer=None)),  # type: ignore[arg-type]
        rows(accepted(30)._replace(text="text")),  # type: ignore[arg-type]
    ):
        failure = failure_of(engine, batch)
        assert isinstance(failure, sqlite3.IntegrityError)
        assert not is_transient(failure)
    engine._connection.execute("DROP TABLE message")
    assert not is_transient(failure_of(engine, rows(accepted(30))))
    engine.close()


def test_a_corrupt_file_is_not_transient(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    engine.commit(rows(*(accepted(message_id) for message_id in range(1, 500))))
    engine.close()
    file = tmp_path / schema.FILE_NAME
    octets = file.read_bytes()
    file.write_bytes(octets[:100] + b"\xa5" * (len(octets) - 100))
    with pytest.raises(sqlite3.DatabaseError) as caught:
        SqliteEngine(tmp_path).query("messages", (0, 1000))
    assert not is_transient(caught.value)


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        (sqlite3.SQLITE_BUSY, True),
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_IOERR, True),
        (sqlite3.SQLITE_IOERR_FSYNC, True),
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_READONLY, True),
        (sqlite3.SQLITE_CANTOPEN, True),
        (sqlite3.SQLITE_CORRUPT, False),
        (sqlite3.SQLITE_IOERR_CORRUPTFS, False),
        (sqlite3.SQLITE_NOTADB, False),
        (sqlite3.SQLITE_ERROR, False),
        (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, False),
        (None, False),  # raised by the sqlite3 module itself
    ],
)
def test_time_mends_a_disk_and_not_a_file(code: int | None, transient: bool) -> None:
    failure = sqlite3.OperationalError("x")
    if code is not None:
        failure.sqlite_errorcode = code
    assert is_transient(failure) is transient


def test_other_failures() -> None:
    assert is_transient(OSError("x"))
    assert is_transient(MemoryError())
    assert not is_transient(ValueError("x"))


def test_a_directory_is_made_with_those_above_it(tmp_path: Path) -> None:
    SqliteEngine(tmp_path / "a" / "b").close()
    assert (tmp_path / "a" / "b" / schema.FILE_NAME).exists()


def test_an_engine_that_does_not_open_lets_the_lock_go(tmp_path: Path) -> None:
    file = tmp_path / schema.FILE_NAME
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        SqliteEngine(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        SqliteEngine(tmp_path)
    file.rmdir()
    SqliteEngine(tmp_path).close()


def test_facts_whose_time_is_over_are_gone_at_the_next_start(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    engine.commit(
        rows(
            Kept("a", "demo", b"1", b"", 1_000), Kept("a", "demo", b"2", b"", 0), Kept("a", "demo", b"3", b"", 1 << 50)
        )
    )
    engine.close()
    again = SqliteEngine(tmp_path)
    assert [row[2] for row in again.query("kept", ())] == [b"2", b"3"]
    again.close()

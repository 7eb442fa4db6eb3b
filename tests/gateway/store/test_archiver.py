"""What is done gets to its month once, wherever a crash or a full disk comes between."""

import sqlite3
from pathlib import Path

import orjson
import pytest

from gateway.store import months
from gateway.store.archive import Archive
from gateway.store.batch import Batch
from gateway.store.contract import Change, MessageSettled
from gateway.store.schema import FILE_NAME
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.rows import LAST_LIFE, accepted, record

OCTOBER, NOVEMBER = months.bounds("2026-10")[1] - 1, months.bounds("2026-10")[1]


def commit(engine: SqliteEngine, *changes: Change) -> None:
    batch = Batch()
    for change in changes:
        batch.add(change)
    engine.commit(batch.rows())


def end(engine: SqliteEngine, message_id: int, done_at: int = NOVEMBER, told: tuple[int, ...] = ()) -> None:
    part_ids = orjson.dumps([(one, 1, "") for one in told]) if told else b""
    row = accepted(message_id)._replace(part_ids=part_ids)
    commit(engine, row, MessageSettled(record(message_id)._replace(done_at=done_at), LAST_LIFE, (), told))


def archive_all(engine: SqliteEngine) -> None:
    while engine.backlog:
        engine.archive()


def counts(directory: Path) -> dict[str, int]:
    """Rows of each file, by SQL."""
    found = {}
    for path in [directory / FILE_NAME, *sorted((directory / "archive").glob("*.sqlite3"))]:
        connection = sqlite3.connect(path)
        table = "done" if path.name == FILE_NAME else "record"
        (found[path.name],) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        connection.close()
    return found


def ids(directory: Path, month: str) -> list[int]:
    return [one.message_id for one in Archive(directory).records(month)]


def test_each_record_goes_to_the_month_in_which_it_ended(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    for message_id, done_at in ((20, OCTOBER), (30, NOVEMBER), (40, OCTOBER), (50, NOVEMBER)):
        end(engine, message_id, done_at)
    archive_all(engine)
    engine.close()
    assert counts(tmp_path) == {FILE_NAME: 0, "2026-10.sqlite3": 2, "2026-11.sqlite3": 2}
    assert (ids(tmp_path, "2026-10"), ids(tmp_path, "2026-11")) == ([20, 40], [30, 50])
    assert Archive(tmp_path).months() == ["2026-10", "2026-11"]


def test_what_a_message_mentions_twice_is_one_key(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    part_ids = orjson.dumps([(7, 1, "0102"), (8, 1, "0102"), (20, 1, "")])
    row = accepted(20)._replace(part_ids=part_ids, user_message_reference=b"\1\2", segments=2)
    life = orjson.dumps([[4, "a1", "", 1, 0, 1, 2, 3]] * 2)
    commit(engine, row, MessageSettled(record(20)._replace(done_at=NOVEMBER), life, ()))
    archive_all(engine)
    engine.close()
    connection = sqlite3.connect(tmp_path / "archive" / "2026-11.sqlite3")
    (keys,) = connection.execute("SELECT count(*) FROM mention").fetchone()
    connection.close()
    assert keys == 3 + 1 + 1 + 1  # ids, number, reference, carrier's id


@pytest.mark.parametrize("lives", [1, 2, 3])
def test_a_crash_between_the_two_files_copies_nothing_twice(tmp_path: Path, lives: int) -> None:
    for life in range(lives):
        engine = SqliteEngine(tmp_path)
        for number in range(3):
            end(engine, 10 * life + number + 1, (OCTOBER, NOVEMBER)[number % 2])
        engine.archive()  # in the months' files, and here still: then the process dies
        engine._connection.close()
        engine._lock.close()
        assert sorted(ids(tmp_path, "2026-10") + ids(tmp_path, "2026-11")) == [
            10 * past + number + 1 for past in range(life + 1) for number in range(3)
        ]
    engine = SqliteEngine(tmp_path)
    archive_all(engine)
    engine.close()
    assert counts(tmp_path) == {FILE_NAME: 0, "2026-10.sqlite3": 2 * lives, "2026-11.sqlite3": lives}


def test_ids_go_on_above_what_left_for_the_archive(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    end(engine, 5_000, told=(7_000,))
    assert engine.query("ended", ("demo", 7_000, "demo", 7_000)) != []
    archive_all(engine)
    assert engine.query("last_id", ()) == [(5_000,)]
    assert engine._connection.execute("SELECT count(*) FROM told").fetchone() == (0,)
    engine.close()


def test_a_month_that_cannot_be_written_keeps_its_rows_here(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "2026-11.sqlite3").write_bytes(b"no database, but something else entirely" * 100)
    end(engine, 20)
    with pytest.raises(sqlite3.DatabaseError):
        engine.archive()
    end(engine, 30)  # life goes on
    (tmp_path / "archive" / "2026-11.sqlite3").unlink()
    archive_all(engine)
    engine.close()
    assert ids(tmp_path, "2026-11") == [20, 30]


def test_it_moves_a_bite_at_a_time_and_lets_go_with_the_next_batch(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    for number in range(1, 8):
        end(engine, number)
    assert engine._archiver.move(3) == 3
    assert (engine.backlog, counts(tmp_path)) == (4, {FILE_NAME: 7, "2026-11.sqlite3": 3})
    commit(engine, accepted(100))
    assert counts(tmp_path) == {FILE_NAME: 4, "2026-11.sqlite3": 3}
    assert ids(tmp_path, "2026-11") == [1, 2, 3, 4, 5, 6, 7]
    engine.close()

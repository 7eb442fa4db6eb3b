"""A copy of a store in use is a store; a month goes only when all of it is elsewhere."""

import gzip
import sqlite3
from pathlib import Path

import orjson
import pytest

from gateway.store import backup
from gateway.store.archive import Archive
from gateway.store.check import check
from gateway.store.months import path_of
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.rows import accepted, settled
from tests.gateway.store.test_archiver import archive_all, commit

MONTH = "2027-01"


def filled(directory: Path) -> SqliteEngine:
    engine = SqliteEngine(directory)
    for message_id in (20, 30, 40):
        commit(engine, accepted(message_id), settled(message_id))
    commit(engine, accepted(50))
    return engine


@pytest.mark.parametrize("moved", [0, 2, 3])
def test_a_copy_taken_while_rows_move_has_each_once_and_lives(tmp_path: Path, moved: int) -> None:
    engine = filled(tmp_path / "store")
    engine._archiver.move(moved)
    backup.backup(tmp_path / "store", tmp_path / "copy")
    engine.close()
    assert check(tmp_path / "copy") == []
    again = SqliteEngine(tmp_path / "copy")
    assert [row[0] for row in again.query("messages", (0, 10))] == [50]
    commit(again, settled(50))
    archive_all(again)
    again.close()
    assert [one.message_id for one in Archive(tmp_path / "copy").records(MONTH)] == [20, 30, 40, 50]
    assert check(tmp_path / "copy") == []


def test_a_copy_of_the_hot_file_first_misses_nothing_that_leaves_it_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = filled(tmp_path / "store")
    original = backup._sync

    def moves_meanwhile(path: Path) -> None:
        original(path)
        if path.name == "gateway.sqlite3":
            archive_all(engine)

    engine._archiver.move(1)  # the month's file is there
    monkeypatch.setattr(backup, "_sync", moves_meanwhile)
    backup.backup(tmp_path / "store", tmp_path / "copy")
    engine.close()
    assert check(tmp_path / "copy") == []
    assert [one.message_id for one in Archive(tmp_path / "copy").records(MONTH)] == [20, 30, 40]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    filled(tmp_path / "store").close()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").touch()
    with pytest.raises(FileExistsError):
        backup.backup(tmp_path / "store", tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["mine"]


def archived(directory: Path) -> Path:
    engine = filled(directory)
    archive_all(engine)
    engine.close()
    return path_of(directory, MONTH)


def test_an_export_has_every_field_of_every_row(tmp_path: Path) -> None:
    archived(tmp_path / "store")
    path = tmp_path / "month.jsonl.gz"
    assert backup.export(tmp_path / "store", MONTH, path) == 3
    with gzip.open(path) as lines:
        first, *_ = (orjson.loads(line) for line in lines)
    assert (first["message_id"], first["outcome"], first["charge_sen"]) == (20, "DELIVERED", 1000)
    assert bytes.fromhex(first["text"]) == accepted(20).text
    assert first["life"][0][0] == 4
    with pytest.raises(FileExistsError):
        backup.export(tmp_path / "store", MONTH, path)


def test_a_month_goes_when_its_export_is_whole(tmp_path: Path) -> None:
    file = archived(tmp_path / "store")
    path = tmp_path / "month.jsonl.gz"
    backup.export(tmp_path / "store", MONTH, path)
    backup.prune(tmp_path / "store", MONTH, path)
    assert not file.exists()
    assert Archive(tmp_path / "store").months() == []
    SqliteEngine(tmp_path / "store").close()


@pytest.mark.parametrize("harm", ["cut", "short", "gone"])
def test_a_month_stays_while_its_export_is_not_whole(tmp_path: Path, harm: str) -> None:
    file = archived(tmp_path / "store")
    path = tmp_path / "month.jsonl.gz"
    backup.export(tmp_path / "store", MONTH, path)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif harm == "short":
        path.write_bytes(gzip.compress(b"{}\n"))
    else:
        path.unlink()
    with pytest.raises((ValueError, OSError, EOFError)):
        backup.prune(tmp_path / "store", MONTH, path)
    assert file.exists()


def test_there_is_no_export_of_no_month(tmp_path: Path) -> None:
    archived(tmp_path / "store")
    with pytest.raises(sqlite3.OperationalError):
        backup.export(tmp_path / "store", "2020-01", tmp_path / "x")

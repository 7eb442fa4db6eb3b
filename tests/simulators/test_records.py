import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simulators.records import HOT, connect
from tests.simulators.store_files import write


def test_a_row_on_its_way_counts_once_and_one_that_is_there_twice_counts_twice(tmp_path: Path) -> None:
    write(tmp_path / HOT, "done", [{"seq": 3, "message_id": 30}, {"seq": 4, "message_id": 40}])
    write(tmp_path / "archive" / "2026-10.sqlite3", "record", [{"seq": 1, "message_id": 10}])
    november = [{"seq": 2, "message_id": 10}, {"seq": 3, "message_id": 30}]
    write(tmp_path / "archive" / "2026-11.sqlite3", "record", november)
    with closing(connect(tmp_path)) as store:
        found = store.execute("SELECT message_id FROM billing_record ORDER BY seq").fetchall()
    assert found == [(10,), (10,), (30,), (40,)]


def test_it_cannot_write(tmp_path: Path) -> None:
    write(tmp_path / HOT, "done", [])
    with closing(connect(tmp_path)) as store, pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.execute("DELETE FROM done")


def test_no_store_is_no_empty_store(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path)

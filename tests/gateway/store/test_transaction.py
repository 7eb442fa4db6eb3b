import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.transaction import transaction


def write(one: sqlite3.Connection, number: int, failure: str | BaseException) -> None:
    with transaction(one):
        one.execute("INSERT INTO kept VALUES (?)", (number,))
        if isinstance(failure, BaseException):
            raise failure
        one.execute(failure)


def test_all_or_nothing(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "one", isolation_level=None)) as one:
        one.execute("CREATE TABLE kept (a INTEGER CHECK (a > 0))")
        write(one, 1, "SELECT 1")
        for failure in ("INSERT INTO kept VALUES (-1)", "nonsense"):
            with pytest.raises(sqlite3.Error):
                write(one, 2, failure)
        with pytest.raises(KeyboardInterrupt):
            write(one, 3, KeyboardInterrupt())
        assert not one.in_transaction
        assert one.execute("SELECT a FROM kept").fetchall() == [(1,)]

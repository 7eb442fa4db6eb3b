"""Files like those of a store, with what a test wants in them."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from simulators.records import COLUMNS, HOT


def write(path: Path, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """A file with one table of records; columns that a row does not name are null."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"CREATE TABLE {table} (seq INTEGER PRIMARY KEY, {', '.join(COLUMNS)}, life)")
        for row in rows:
            places = ", ".join("?" * len(row))
            file.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))


def write_done(directory: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """A store's hot file with these records."""
    write(directory / HOT, "done", rows)

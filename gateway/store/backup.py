"""A copy of a store while it runs, and the end of months that nobody needs here any more."""

import gzip
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson

from gateway.store import months
from gateway.store.archive import History, read_only
from gateway.store.contract import BillingRecord
from gateway.store.schema import FILE_NAME, HISTORY_FIELDS, RECORD_FIELDS

PAGES = 1_000  # copied at a time; a writer waits no longer than that takes


def backup(directory: Path, to: Path) -> list[Path]:
    """Copy all files of a store into an empty or new directory, each as of one moment. The copies, in order.

    The hot file comes first: what leaves it meanwhile is in its month's copy too, and counts once. FileExistsError when
    there is something already.
    """
    directory = directory.absolute()
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(to.iterdir()):
        raise FileExistsError(f"{to} is not empty")
    (to / months.DIRECTORY).mkdir(mode=0o700)
    sources = [directory / FILE_NAME, *sorted((directory / months.DIRECTORY).glob(f"*{months.SUFFIX}"))]
    copies = []
    for source in sources:
        copy = to / source.relative_to(directory)
        with closing(read_only(source)) as original, closing(sqlite3.connect(copy)) as target:
            original.backup(target, pages=PAGES)
        copy.chmod(0o600)
        _sync(copy)
        copies.append(copy)
    _sync(to / months.DIRECTORY)
    _sync(to)
    return copies


def export(directory: Path, month: str, to: Path) -> int:
    """Write a month's records and histories as gzipped JSON lines, durably. How many; texts are hexadecimal.

    sqlite3.Error when there is no such month; FileExistsError when the export is there already.
    """
    count = 0
    beside = to.with_name(to.name + ".part")
    with closing(read_only(months.path_of(directory.absolute(), month))) as connection:
        with beside.open("xb") as file, gzip.GzipFile(fileobj=file, mode="wb") as packed:
            for record, history in _rows(connection):
                packed.write(orjson.dumps(_line(record, history)) + b"\n")
                count += 1
        (there,) = connection.execute("SELECT count(*) FROM record").fetchone()
    if count != there:
        raise OSError(f"{there} records of {month} became {count} lines")
    _sync(beside)
    os.link(beside, to)  # unlike a rename, it does not replace
    beside.unlink()
    _sync(to.parent)
    return count


def lines(path: Path) -> int:
    """How many lines an export has. OSError or EOFError when it is not whole."""
    with gzip.open(path) as packed:
        return sum(1 for _ in packed)


def prune(directory: Path, month: str, exported: Path) -> None:
    """Delete a month's file, of which there is an export. ValueError when that does not have all of it."""
    path = months.path_of(directory.absolute(), month)
    with closing(read_only(path)) as connection:
        (there,) = connection.execute("SELECT count(*) FROM record").fetchone()
    if lines(exported) != there:
        raise ValueError(f"{exported} does not hold the {there} records of {month}")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    _sync(path.parent)


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[BillingRecord, History]]:
    columns = ", ".join((*RECORD_FIELDS, *HISTORY_FIELDS))
    query = f"SELECT {columns}, sealed FROM record JOIN history USING (seq) ORDER BY seq"  # noqa: S608
    for row in connection.execute(query):
        yield BillingRecord._make(row[: len(RECORD_FIELDS)]), History._make(row[len(RECORD_FIELDS) :])


def _line(record: BillingRecord, history: History) -> dict[str, object]:
    more = {name: value.hex() if isinstance(value, bytes) else value for name, value in history._asdict().items()}
    return record._asdict() | more | {"life": orjson.loads(history.life)}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

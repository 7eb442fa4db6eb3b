"""Files of two columns, a number or its beginning and a carrier: read to the end, with every bad row told at once."""

import csv
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from sys import intern
from typing import NamedTuple, TypeVar

from gateway.model.errors import GatewayError

K = TypeVar("K")

# A file of another kind would fill memory and screen with its rows; the first hundred say enough.
MOST_BAD_ROWS_A_FILE = 100

# The carrier of a number that nobody serves whom we can reach.
NOBODY = ""


class BadRow(NamedTuple):
    """What is wrong where. `line` counts from 1; 0 means the file as a whole."""

    file: Path
    line: int
    message: str


class BadRows(GatewayError):
    """Number files that cannot be taken as they are. `rows` are all that is wrong with all of them."""

    def __init__(self, rows: Iterable[BadRow]) -> None:
        self.rows = tuple(rows)
        super().__init__("; ".join(f"{row.file}:{row.line}: {row.message}" for row in self.rows))


def read_tables(
    files: Iterable[Path], column: str, key_of: Callable[[str], K], carriers: Collection[str]
) -> dict[K, str]:
    """Rows `column,carrier` of CSV files in UTF-8, each under its head line; a later file is laid over an earlier one.

    `key_of` makes a key of the first column; ValueError from it makes a bad row. A carrier is one of `carriers`, or
    NOBODY. BadRows tells what is wrong, never a number.
    """
    table: dict[K, str] = {}
    bad: list[BadRow] = []
    for file in files:
        rows, wrong = _read(file, column, key_of, {one: intern(one) for one in (*carriers, NOBODY)})
        table |= rows
        bad += wrong
    if bad:
        raise BadRows(bad)
    return table


def _read(
    file: Path, column: str, key_of: Callable[[str], K], carriers: Mapping[str, str]
) -> tuple[dict[K, str], list[BadRow]]:
    rows: dict[K, str] = {}
    bad: list[BadRow] = []
    line = 0
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            reader = csv.reader(text, strict=True)
            if next(reader, None) != [column, "carrier"]:
                return rows, [BadRow(file, 1, f"the first line must be: {column},carrier")]
            for row in reader:
                line = reader.line_num
                wrong = _add(rows, row, column, key_of, carriers)
                if wrong:
                    bad.append(BadRow(file, line, wrong))
                if len(bad) == MOST_BAD_ROWS_A_FILE:
                    bad.append(BadRow(file, line, "the rest was not read: too much is wrong"))
                    break
    except csv.Error as error:
        bad.append(BadRow(file, line + 1, f"the rest cannot be read as CSV: {error}"))
    except OSError as error:
        bad.append(BadRow(file, 0, f"the file cannot be read: {error.strerror}"))
    return rows, bad


def _add(
    rows: dict[K, str],
    row: list[str],
    column: str,
    key_of: Callable[[str], K],
    carriers: Mapping[str, str],
) -> str:
    """Take one row in. What is wrong with it, or nothing."""
    if not row:
        return ""
    if len(row) != 2:
        return f"a row has two columns: {column},carrier"
    try:
        key = key_of(row[0])
    except ValueError as error:
        return f"{column}: {error}"
    if key in rows:
        return f"{column}: stands in this file already"
    carrier = row[1].strip()
    if carrier not in carriers:
        return f"carrier: no profile and no route is called {carrier[:40]!r}"
    rows[key] = carriers[carrier]
    return ""

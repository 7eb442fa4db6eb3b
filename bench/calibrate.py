"""A loop that always does the same, of the kind of work that a message is: how fast this machine is just now.

Octets packed and unpacked, small tuples and dicts made, JSON written, rows put into SQLite, and there copied: so that
interpreters that were built differently change it about as they change the gateway, of whose work about as much is not
theirs. It uses nothing of the gateway's: a figure of the gateway's, divided by this, can be compared with one of
another machine, hour or interpreter.
"""

import json
import sqlite3
import struct
from contextlib import closing
from statistics import median
from time import process_time
from typing import NamedTuple

ROUNDS = 5
TURNS = 2_000
COPIES = 90
HEADER = struct.Struct(">IIII")
COLUMNS = 20


class Row(NamedTuple):
    """About as much as a message has."""

    number: int
    address: bytes
    text: bytes
    at: int


def calibrate(rounds: int = ROUNDS, turns: int = TURNS) -> float:
    """Microseconds of processor time a turn, the median of some rounds."""
    return median(_round(turns) for _ in range(rounds))


def _round(turns: int) -> float:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for table in ("row", "copy"):
            columns = ", ".join(f"c{number}" for number in range(COLUMNS))
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns})")
        insert = f"INSERT INTO row VALUES ({', '.join('?' * (COLUMNS + 1))})"
        began = process_time()
        for first in range(0, turns, 100):
            rows = [_turn(number) for number in range(first, first + 100)]
            connection.execute("BEGIN")
            connection.executemany(insert, rows)
            for _ in range(COPIES):
                connection.execute("INSERT INTO copy SELECT * FROM row")
                connection.execute("DELETE FROM copy WHERE c0 >= 0")
            connection.execute("COMMIT")
            connection.executemany("DELETE FROM row WHERE id = ?", [(row[0],) for row in rows])
        return (process_time() - began) * 1e6 / turns


def _turn(number: int) -> tuple[object, ...]:
    seen: dict[int, Row] = {}
    for step in range(8):
        frame = HEADER.pack(16 + step, 4, 0, number) + b"%016x" % number + b"\0" + bytes(40)
        length, command, status, sequence = HEADER.unpack_from(frame)
        row = Row(sequence + command + status, frame[16:32], frame[length:], number * 1_000)
        seen[step] = row._replace(at=row.at + step) if step % 4 == 0 else row
        json.dumps([row.number, row.at, row.address.decode("ascii")])
    return (number, *(value for row in list(seen.values())[:5] for value in row))

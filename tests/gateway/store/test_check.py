"""Each promise, broken on purpose in a real store, is found; a sound store is sound at any moment."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.check import check
from gateway.store.contract import MessageSettled
from gateway.store.schema import FILE_NAME
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.rows import LAST_LIFE, accepted, owed, parked, record, settled
from tests.gateway.store.test_archiver import archive_all, commit

MONTH = "2027-01.sqlite3"  # the month of the rows


@pytest.fixture
def store(tmp_path: Path) -> Path:
    engine = SqliteEngine(tmp_path)
    for message_id in (20, 30):
        commit(engine, accepted(message_id), settled(message_id))
    archive_all(engine)
    commit(engine, accepted(40), MessageSettled(record(40), LAST_LIFE, (owed(41),), (7,)), accepted(50), parked(60))
    engine.close()
    return tmp_path


def promises(store: Path) -> list[str]:
    return [one.promise for one in check(store)]


def test_a_store_is_sound_at_rest_and_on_the_way(store: Path) -> None:
    assert check(store) == []
    engine = SqliteEngine(store)
    assert check(store) == []
    engine._archiver.move()
    assert check(store) == []  # what is on its way is in two files, and one record
    engine.close()


@pytest.mark.parametrize(
    ("file", "sql", "promise"),
    [
        (FILE_NAME, "INSERT INTO parked SELECT *, 0 FROM message", "a message is in one place: alive, parked or done"),
        (FILE_NAME, "INSERT INTO told VALUES ('demo', 1, 999)", "an id that was told is of a message parked or done"),
        (FILE_NAME, "UPDATE receipt_owed SET message_id = 50", "a last receipt is owed for a message that ended"),
        (FILE_NAME, f"UPDATE message SET life = x'{LAST_LIFE.hex()}'", "what is alive has not ended"),
        (FILE_NAME, "UPDATE done SET message_id = 20", "a message has one record"),
        (FILE_NAME, "UPDATE done SET outcome = 'EXPIRED'", "only what was delivered is charged"),
        (MONTH, "UPDATE record SET charge_sen = -1", "no charge is negative"),
        (MONTH, "UPDATE record SET message_id = 20", "a message has one record"),
        (MONTH, "UPDATE record SET delivered = 9", "nothing ends before it begins"),
        (MONTH, "DELETE FROM history WHERE seq = 1", "a record has its history"),
        (MONTH, "DELETE FROM record WHERE seq = 1", "a history has its record"),
        (MONTH, "DELETE FROM mention", "a record can be found"),
        (MONTH, "UPDATE state SET value = 1 WHERE name = 'last_seq'", "nothing is behind the last row"),
        (MONTH, "UPDATE record SET done_at = 0", "a record is in the month in which it ended"),
    ],
)  # fmt: skip
def test_what_is_broken_is_found(store: Path, file: str, sql: str, promise: str) -> None:
    path = store / file if file == FILE_NAME else store / "archive" / file
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)
    assert promise in promises(store)


def test_a_damaged_file_is_told_as_such(store: Path) -> None:
    path = store / "archive" / MONTH
    octets = bytearray(path.read_bytes())
    octets[4096 * 2 : 4096 * 2 + 2000] = b"\xff" * 2000
    path.write_bytes(octets)
    try:
        found = promises(store)
    except sqlite3.DatabaseError:
        found = ["the file is sound"]  # so broken that it cannot be asked
    assert found[0] == "the file is sound"


def test_no_store_is_no_sound_store(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        check(tmp_path)

"""Sealed texts are on no disk as they are, come back whole, open with their key only, and only for their own row."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.privacy import Numbers, Privacy
from gateway.store.archive import Archive
from gateway.store.batch import Batch
from gateway.store.contract import Change, MessageAccepted, MessageReplaced, MessageSettled, PartsJoined
from gateway.store.schema import QUERIES, STATEMENTS
from gateway.store.seal import QUERIES as SEALED_QUERIES
from gateway.store.seal import STATEMENTS as SEALED_STATEMENTS
from gateway.store.seal import SealBrokenError, Sealer
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.rows import LAST_LIFE, accepted, mo, mo_part, parked, part, record

KEY, OTHER = bytes(range(32)), bytes(32)
SEALED = Privacy(KEY)
AT = MessageAccepted._fields.index("text")
TEXT = "秘密の本文".encode("utf_16_be") * 4


def commit(engine: SqliteEngine, *changes: Change) -> None:
    batch = Batch()
    for change in changes:
        batch.add(change)
    engine.commit(batch.rows())


def everything() -> list[Change]:
    row = accepted(20)._replace(text=TEXT)
    return [
        row,
        parked(30)._replace(row=accepted(30)._replace(text=TEXT)),
        part(40)._replace(octets=TEXT),
        mo(50)._replace(short_message=TEXT, tlvs=TEXT),
        mo_part(60)._replace(short_message=TEXT, tlvs=TEXT),
        accepted(70)._replace(text=TEXT),
        MessageSettled(record(70), LAST_LIFE, ()),
    ]


def on_disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


def texts(engine: SqliteEngine) -> list[bytes]:
    found = [engine.query("messages", (0, 10))[0][AT], engine.query("parked_told", ("demo", 30, "demo", 30))[0][AT]]
    (one,) = engine.query("parts", (0, 10))
    (two,) = engine.query("mo_owed", ("demo", 0, 10))
    (three,) = engine.query("mo_parts", ())
    return [*found, one[15], two[13], two[14], three[13], three[14]]


@given(st.binary(max_size=300), st.integers(0, 2**63 - 1))
def test_what_was_sealed_opens(octets: bytes, row_id: int) -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(octets, row_id)
    assert sealer.open(sealed, row_id) == octets
    for wrong in (Sealer(OTHER).open, lambda value, number: sealer.open(value, number ^ 1)):
        with pytest.raises(SealBrokenError):
            wrong(sealed, row_id)
    with pytest.raises(SealBrokenError):
        sealer.open(sealed[:-1] + bytes((sealed[-1] ^ 1,)), row_id)


def test_a_key_has_a_length_and_tells_nothing_by_its_id() -> None:
    with pytest.raises(ValueError, match="32 octets, not 31"):
        Sealer(bytes(31))
    assert Sealer(KEY).key_id != Sealer(OTHER).key_id
    assert Sealer(KEY).key_id not in KEY


def test_no_text_is_on_the_disk_as_it_is(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path, SEALED)
    commit(engine, *everything())
    assert TEXT not in on_disk(tmp_path)
    assert texts(engine) == [TEXT] * 7
    commit(engine, MessageReplaced(accepted(20)._replace(text=TEXT[::-1])), PartsJoined((40,)))
    while engine.backlog:
        engine.archive()
    engine.close()
    assert TEXT not in on_disk(tmp_path)
    assert TEXT[::-1] not in on_disk(tmp_path)
    (one,) = Archive(tmp_path).by_id(70)
    assert one.history.sealed
    assert Sealer(KEY).open(one.history.text, 70) == TEXT
    again = SqliteEngine(tmp_path, SEALED)
    (found,) = again.query("messages", (0, 10))
    again.close()
    assert found[AT] == TEXT[::-1]


def test_a_store_that_had_no_key_is_sealed_when_it_gets_one(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    commit(engine, *everything())
    engine.close()
    engine = SqliteEngine(tmp_path, SEALED)
    assert texts(engine) == [TEXT] * 7
    engine._connection.execute("VACUUM")
    engine.close()
    assert TEXT not in on_disk(tmp_path)
    again = SqliteEngine(tmp_path, SEALED)
    assert texts(again) == [TEXT] * 7
    again.close()


@pytest.mark.parametrize(("key", "why"), [(b"", "must give the key"), (OTHER, "another key")])
def test_without_its_key_it_does_not_open_and_is_left_alone(tmp_path: Path, key: bytes, why: str) -> None:
    engine = SqliteEngine(tmp_path, SEALED)
    commit(engine, accepted(20))
    engine.close()
    with pytest.raises(ValueError, match=why):
        SqliteEngine(tmp_path, Privacy(key))
    SqliteEngine(tmp_path, SEALED).close()


def test_whatever_writes_or_reads_a_text_is_in_the_tables() -> None:
    """A statement or query that is added must not forget the seal."""
    for number, statement in enumerate(STATEMENTS):
        writes = statement.startswith(("INSERT", "UPDATE")) and (" text" in statement or "octets" in statement)
        writes |= statement.startswith("INSERT") and "short_message" in statement
        copies = "SELECT" in statement  # from one table to another: sealed already
        assert (number in SEALED_STATEMENTS) == (writes and not copies), statement
    for name, query in QUERIES.items():
        reads = any(f" {word}," in query or f".{word}," in query for word in ("text", "octets", "short_message"))
        assert (name in SEALED_QUERIES) == reads, name


def month_of_three(tmp_path: Path, privacy: Privacy) -> Archive:
    engine = SqliteEngine(tmp_path, privacy)
    for message_id in (20, 30, 40):
        row = accepted(message_id)._replace(text=TEXT)
        commit(engine, row, MessageSettled(record(message_id)._replace(done_at=message_id * 86_400_000), LAST_LIFE, ()))
    while engine.backlog:
        engine.archive()
    while engine.blank(52 * 86_400_000):
        pass
    engine.close()
    return Archive(tmp_path)


@pytest.mark.parametrize("key", [b"", KEY])
def test_texts_are_blanked_when_their_days_are_over(tmp_path: Path, key: bytes) -> None:
    archive = month_of_three(tmp_path, Privacy(key, blank_text_days=20))
    assert [bool(archive.by_id(message_id)[0].history.text) for message_id in (20, 30, 40)] == [False, False, True]
    assert len(archive.by_id(20)) == 1


@pytest.mark.parametrize("numbers", [Numbers.MASKED, Numbers.HASHED])
def test_months_keep_no_whole_number_when_they_must_not(tmp_path: Path, numbers: Numbers) -> None:
    archive = month_of_three(tmp_path, Privacy(numbers=numbers))
    (one,) = archive.by_id(30)
    assert one.record.destination_addr not in {"", "819012345678"}
    months = [path.read_bytes() for path in (tmp_path / "archive").glob("*")]
    assert not any(b"819012345678" in octets or b"09012345678" in octets for octets in months)
    assert len(archive.by_number("819012345678")) == 3


def test_a_batch_that_is_tried_again_is_sealed_once(tmp_path: Path) -> None:
    """As when the disk was full."""
    engine = SqliteEngine(tmp_path, SEALED)
    batch = Batch()
    batch.add(accepted(20)._replace(text=TEXT))
    rows = batch.rows()
    for _ in range(2):
        engine._connection.execute("PRAGMA query_only=ON")
        with pytest.raises(sqlite3.OperationalError):
            engine.commit(rows)
    engine._connection.execute("PRAGMA query_only=OFF")
    engine.commit(rows)
    assert engine.query("messages", (0, 10))[0][AT] == TEXT
    engine.close()

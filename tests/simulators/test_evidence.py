import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.sqlite import SqliteEngine
from simulators.evidence import Record, arrivals_of, cases, certain, number, read_store
from simulators.journal import Answered, Entry, Received, Submitted, Unbound
from simulators.phone import Segment


def sent(message: str, part: int = 1, parts: int = 1, bind: int = 1) -> Submitted:
    return Submitted(bind, message, part, parts, "8190", "text", True)


def segment(octets: bytes, *, udhi: bool = False, source: str = "s") -> Segment:
    return Segment("one", "", "1", source, "8190", udhi, False, 8, octets, 0, "DELIVRD")


def part(reference: int, total: int, place: int, text: str) -> Segment:
    return segment(bytes((5, 0, 3, reference, total, place)) + text.encode("utf_16_be"), udhi=True)


def test_a_message_knows_what_was_promised_refused_and_left_open() -> None:
    entries: list[Entry] = [
        sent("a", 1, 3),
        sent("a", 2, 3),
        sent("a", 3, 3),
        Answered(1, "a", 2, 0, "02"),
        Answered(1, "a", 1, 88, ""),
    ]
    (case,) = cases(entries)
    assert (case.ids, case.refused, case.unheard, case.whole) == ({2: "02"}, 1, 1, False)
    assert "02" in case.what
    with pytest.raises(ValueError, match="never sent"):
        cases([Answered(1, "b", 1, 0, "01")])


def test_parts_are_joined_by_place_and_copies_are_kept() -> None:
    found = list(arrivals_of([part(7, 2, 2, "い"), part(8, 2, 1, "う"), part(7, 2, 1, "あ"), part(7, 2, 2, "い")]))
    assert [one.text for one in found] == ["あい", None]
    assert [one.doubled for one in found] == [1, 0]
    single = segment("あ".encode("utf_16_be"))
    assert [(one.text, one.doubled) for one in arrivals_of([single, single])] == [("あ", 1)]


def test_an_acknowledgement_is_certain_once_a_later_message_of_its_bind_is_promised() -> None:
    receipt = Received(1, "01", "DELIVRD", acknowledged=True)
    before: list[Entry] = [sent("a"), receipt, Answered(1, "a", 1, 0, "01")]
    assert certain(before) == {}  # it left before the acknowledgement
    after: list[Entry] = [receipt, sent("a"), Answered(1, "a", 1, 0, "01")]
    assert certain(after) == {0: 2}
    assert certain([receipt, sent("a"), Answered(1, "a", 1, 88, "")]) == {}  # a refusal stores nothing
    assert certain([receipt, sent("a", bind=2), Answered(2, "a", 1, 0, "01")]) == {}
    assert certain([receipt, Unbound(2), Unbound(1)]) == {0: 2}
    assert certain([receipt._replace(acknowledged=False), Unbound(1)]) == {}


def test_ids_are_numbers_in_hexadecimal() -> None:
    assert number("00af") == 0xAF
    assert number("one") == -1


def write_month(directory: Path, month: str, rows: list[tuple[int, int]]) -> None:
    (directory / "archive").mkdir(exist_ok=True)
    with closing(sqlite3.connect(directory / "archive" / f"{month}.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE record (seq, message_id, destination_addr, units, outcome, charge_sen)")
        connection.executemany("INSERT INTO record VALUES (?, ?, '8190', 1, 'DELIVERED', 1000)", rows)


def write_done(directory: Path, rows: list[tuple[int, int]]) -> None:
    with closing(sqlite3.connect(directory / "gateway.sqlite3")) as connection, connection:
        columns = [(row[1], row[2]) for row in connection.execute("PRAGMA table_info(done)")]
        empty: dict[str, object] = {name: {"BLOB": b"", "TEXT": ""}.get(kind, 0) for name, kind in columns}
        for seq, message_id in rows:
            values = empty | {"seq": seq, "message_id": message_id, "destination_addr": "8190", "outcome": "DELIVERED"}
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO done ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def test_a_record_on_its_way_counts_once_and_one_in_two_months_twice(tmp_path: Path) -> None:
    SqliteEngine(tmp_path).close()
    write_done(tmp_path, [(2, 20), (3, 30)])
    write_month(tmp_path, "2026-10", [(1, 10), (2, 20)])
    write_month(tmp_path, "2026-11", [(1, 10)])
    found = read_store(tmp_path)
    assert sorted(record.message_id for record in found.records) == [10, 10, 20, 30]
    assert isinstance(found.records[0], Record)
    assert found.alive == found.owed == frozenset()


def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        read_store(tmp_path)
    assert list(tmp_path.iterdir()) == []  # and is not made

"""A message that ended is found by what it mentions, wherever it is on its way."""

from pathlib import Path

import orjson
import pytest

from gateway.store import archive, months
from gateway.store.archive import Archive, Mentions
from gateway.store.contract import MessageSettled, Outcome
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.rows import LAST_LIFE, accepted, record
from tests.gateway.store.test_archiver import archive_all, commit

DONE_AT = 1_800_000_001_000
MONTH = months.month_of(DONE_AT)


MESSAGES = ((20, "819030000001", "demo"), (30, "819030000002", "demo"), (40, "819030000001", "other"))


def life(carrier_id: str) -> bytes:
    return orjson.dumps([[4, carrier_id, "000", 1, 0, 1, 2, 3]])


@pytest.fixture(params=["hot", "moving", "archived"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    engine = SqliteEngine(tmp_path)
    for message_id, number, customer in MESSAGES:
        row = accepted(message_id)._replace(
            customer=customer, part_ids=orjson.dumps([(message_id + 5, 1, f"0a{message_id:02x}")])
        )
        ended = record(message_id)._replace(customer=customer, destination_addr=number, route="one")
        commit(engine, row, MessageSettled(ended, life(f"c{message_id}"), (), (message_id + 5,)))
    if request.param == "moving":
        engine._archiver.move(2)
    elif request.param == "archived":
        archive_all(engine)
    engine.close()
    return tmp_path


def found(ended: list[archive.Ended]) -> list[int]:
    return [one.record.message_id for one in ended]


def test_by_whatever_it_mentions(store: Path) -> None:
    reader = Archive(store)
    assert found(reader.by_id(20)) == found(reader.by_id(25)) == [20]
    assert found(reader.by_number("819030000001")) == [20, 40]
    assert found(reader.by_carrier_id("one", b"c30")) == [30]
    assert found(reader.by_carrier_id("two", b"c30")) == []
    assert found(reader.by_reference("demo", b"\x0a\x1e")) == [30]
    assert found(reader.by_reference("demo", b"\x00\x07")) == [20, 30]
    assert found(reader.by_reference("other", b"\x0a\x1e")) == []
    assert reader.by_id(99) == []


def test_what_is_found_is_whole(store: Path) -> None:
    (one,) = Archive(store).by_id(30)
    row = accepted(30)
    assert one.month == MONTH
    assert one.record == record(30)._replace(destination_addr="819030000002", route="one")
    assert one.history.text == row.text
    assert one.history.life == life("c30")
    assert (one.history.expires_at, one.history.destination) == (row.expires_at, row.destination_addr)


def test_a_customer_s_own_outcomes_only(store: Path) -> None:
    outcome = Outcome(b"81501234567", "DELIVERED", "000", DONE_AT)
    assert Archive(store).outcomes("demo", 25) == [outcome]
    assert Archive(store).outcomes("other", 25) == []


def test_records_come_once_and_in_order(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in (1, 2, 10):
        monkeypatch.setattr(archive, "PAGE", page)
        assert [one.message_id for one in Archive(store).records(MONTH)] == [20, 30, 40]
    assert list(Archive(store).records("2020-01")) == []


def test_no_store_is_empty(tmp_path: Path) -> None:
    assert Archive(tmp_path / "none").months() == []
    assert list(Archive(tmp_path / "none").records("2026-11")) == []
    assert Archive(tmp_path / "none").by_id(1) == []


def test_records_that_move_while_they_are_read_come_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PAGE", 2)
    engine = SqliteEngine(tmp_path)
    for number in range(1, 21):
        commit(engine, accepted(number), MessageSettled(record(number), LAST_LIFE, ()))
    engine._archiver.move(4)
    seen = []
    for place, one in enumerate(Archive(tmp_path).records(MONTH)):
        seen.append(one.message_id)
        if place % 3 == 0 and engine.backlog:
            engine._archiver.move(2)
            commit(engine, accepted(100 + place))
    engine.close()
    assert seen == list(range(1, 21))


def test_any_of_many_things_in_one_search(store: Path) -> None:
    reader = Archive(store)
    mentions = Mentions(told_ids=(25, 99), numbers=("819030000002",), carrier_ids=(b"c40", b"c99"))
    assert found(reader.any_of(mentions)) == [20, 30, 40]
    assert found(reader.any_of(Mentions(references=(b"\x00\x07",)))) == [20, 30, 40]
    assert found(reader.any_of(Mentions())) == []


def test_what_ended_of_a_customer_since_a_moment(store: Path) -> None:
    reader = Archive(store)
    assert found(reader.of_customer("demo", DONE_AT - 1, 10)) == [20, 30]
    assert found(reader.of_customer("demo", 0, 1)) == [20]
    assert found(reader.of_customer("demo", DONE_AT + 1, 10)) == []
    assert found(reader.of_customer("nobody", 0, 10)) == []


def test_the_last_ones_are_found_first_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "CHUNK_SHIFT", 2)
    engine = SqliteEngine(tmp_path)
    for number in range(1, 31):
        commit(engine, accepted(number), MessageSettled(record(number), LAST_LIFE, ()))
    archive_all(engine)
    engine.close()
    reader = Archive(tmp_path)
    mentions = Mentions(carrier_ids=(b"c1",))
    assert found(reader.any_of(mentions)) == list(range(1, 31))
    assert found(reader.any_of(mentions, most=3))[-1] == 30
    assert len(reader.any_of(mentions, most=3)) == 3

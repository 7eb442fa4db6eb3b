"""A message is found by whatever it mentions, wherever it is: alive, on disk, in parts, just ended, archived."""

from pathlib import Path

import orjson
import pytest

from gateway.flow.receipts_in import LATE
from gateway.model.privacy import Numbers, Privacy
from gateway.store.archive import Mentions
from gateway.store.contract import (
    Kept,
    MessageParked,
    MessageSettled,
    PartAccepted,
    ReceiptEarly,
    ReceiptHandedOver,
    ReceiptOwed,
)
from gateway.store.seal import SealBrokenError
from gateway.store.sqlite import SqliteEngine
from gateway.trace import Story, Trace
from gateway.trace_asked import understood
from tests.gateway.store.rows import accepted, record
from tests.gateway.store.test_archiver import archive_all, commit

NUMBER = "819030000001"
PARTS = orjson.dumps([(0x25, 1, "0a14"), (0x26, 0, "0a15")])
SENT = b'[[2,"c20","",2,1,1800000000100,1800000000200,0],[0,"","",0,0,0,0,0]]'
DONE = b'[[4,"c20","000",1,0,1800000000100,1800000000200,1800000001000]]'
LIFETIMES = ("alive", "parked", "scheduled", "done", "archived")


def stored(directory: Path, where: str, privacy: Privacy = Privacy()) -> Path:  # noqa: B008 - a frozen value
    """One message 0x20 of two told ids, somewhere in its life, beside others."""
    engine = SqliteEngine(directory, privacy)
    row = accepted(0x20, SENT)._replace(e164=NUMBER.encode(), part_ids=PARTS, segments=2)
    for other in (0x30, 0x40):
        commit(engine, accepted(other)._replace(customer="other", user_message_reference=b""))
    if where in {"parked", "scheduled"}:
        row = row._replace(life=b'[[0,"","",0,0,0,0,0]]')
        commit(engine, MessageParked(row, 1_900_000_000_000 if where == "scheduled" else 0, (0x25, 0x26)))
    else:
        commit(engine, row)
    if where in {"done", "archived"}:
        owed = ReceiptOwed(
            "demo", 0x99, 0x25, 1, 1, b"81501234567", 1, 1, b"09030000001", 2, b"000", 1, 1, 0, 0, b"\x0a\x14"
        )
        ended = record(0x20)._replace(destination_addr=NUMBER, route="one")
        commit(engine, MessageSettled(ended, DONE, (owed,), (0x25, 0x26)))
    if where == "archived":
        archive_all(engine)
    engine.close()
    return directory


def find(directory: Path, what: str, kind: str | None = None, **options: object) -> list[Story]:
    return Trace(directory, **options).find(understood(what, "81", kind))  # type: ignore[arg-type]


@pytest.mark.parametrize("where", LIFETIMES)
@pytest.mark.parametrize("what", ["0000000000000020", "00000025", "00000026", "09030000001", "0a15"])
def test_found_by_whatever_it_mentions(tmp_path: Path, where: str, what: str) -> None:
    (story,) = find(stored(tmp_path, where), what)
    assert story["id"] == "00000020"
    assert story["state"] == ("ended" if where in {"done", "archived"} else where)
    assert (story["to"], story["customer"]) == (NUMBER, "demo")
    assert story["told_ids"] == ["00000025", "00000026"]
    assert story["references"] == ["0a14", "0a15"]
    assert "text" not in story


@pytest.mark.parametrize("where", ["alive", "done", "archived"])
def test_found_by_the_carrier_s_id(tmp_path: Path, where: str) -> None:
    (story,) = find(stored(tmp_path, where), "c20", "carrier-id")
    assert story["segments"][0]["carrier_id"] == "c20"
    assert find(tmp_path, "C2", "carrier-id") == []


def test_a_message_that_is_alive_is_told_whole(tmp_path: Path) -> None:
    (story,) = find(stored(tmp_path, "alive"), "00000025", "id")
    assert story["segments"][0] == {
        "state": "sent", "carrier_id": "c20", "carrier_id_in_answer": "c20", "carrier_id_in_receipt": None,
        "error": None, "attempts": 2, "doubts": 1,
        "first_sent_at": 1800000000100, "answered_at": 1800000000200, "ended_at": None, "not_taken": [],
    }  # fmt: skip
    assert story["segments"][1]["state"] == "waiting"
    assert story["decided"]["carrier"] == story["decided"]["serving"] == "one"
    assert (story["decided"]["known_by"], story["decided"]["due_at"]) == ("number block", None)
    assert (story["outcome"], story["from"], story["to_as_written"]) == (None, "81501234567", "09012345678")
    assert [one["state"] for one in story["receipts_to_customer"]] == ["not yet", "not yet"]


@pytest.mark.parametrize("where", ["done", "archived"])
def test_what_ended_is_told_with_receipts_and_charge(tmp_path: Path, where: str) -> None:
    (story,) = find(stored(tmp_path, where), "00000020")
    assert story["outcome"]["state"] == "delivered"
    assert story["outcome"]["ended_at"] == 1_800_000_001_000
    assert (story["charge"]["charge_sen"], story["charge"]["tariff"]) == (1000, "standard/1")
    assert story["receipts_to_customer"] == [
        {"told_id": "00000025", "state": "owed"},
        {"told_id": "00000026", "state": "not asked for"},
    ]
    engine = SqliteEngine(tmp_path)
    commit(engine, ReceiptHandedOver("demo", 0x99))
    engine.close()
    (story,) = find(tmp_path, "00000020")
    assert story["receipts_to_customer"][0]["state"] == "acknowledged or given up"


def test_receipts_that_decided_nothing_are_told(tmp_path: Path) -> None:
    stored(tmp_path, "archived")
    engine = SqliteEngine(tmp_path)
    commit(
        engine,
        ReceiptEarly("one", b"c20", 5, b"020", 1_800_000_002_000),
        Kept(LATE, "one", b"c20", orjson.dumps([0x20, "EXPIRED", "DELIVERED", "000", 1_800_000_003_000]), 0),
        Kept(LATE, "one", b"c21", orjson.dumps([0x21, "EXPIRED", "DELIVERED", "000", 1_800_000_003_000]), 0),
    )
    engine.close()
    (story,) = find(tmp_path, "00000020")
    assert story["receipts_from_carrier"] == [
        {"when": "early", "carrier_id": "c20", "state": "undeliverable", "error": "020",
         "arrived_at": 1_800_000_002_000},
        {"when": "after the end", "carrier_id": "c20", "state": "delivered", "error": "000",
         "arrived_at": 1_800_000_003_000},
    ]  # fmt: skip


def test_ids_as_they_were_written_answers_that_took_nothing_and_why_the_route(tmp_path: Path) -> None:
    notes = {"wrote": "00A1", "receipt": "161", "answers": [[7, 0x58], [8, -1], [9, 0x4321]], "rule": "otp"}
    first = [2, "a1", "", 4, 1, 5, 10, 0, notes | {"left": ["two", "three"]}]
    engine = SqliteEngine(tmp_path)
    commit(engine, accepted(0x20, orjson.dumps([first, [2, "a2", "", 1, 0, 5, 10, 0]])))
    engine.close()
    (story,) = find(tmp_path, "00000020", "id")
    one, two = story["segments"]
    assert (one["carrier_id"], one["carrier_id_in_answer"], one["carrier_id_in_receipt"]) == ("a1", "00A1", "161")
    assert one["not_taken"] == [
        {"at": 7, "status": "ESME_RTHROTTLED"},
        {"at": 8, "status": "no answer"},
        {"at": 9, "status": "0x00004321"},
    ]
    assert (two["carrier_id_in_answer"], two["carrier_id_in_receipt"], two["not_taken"]) == ("a2", None, [])
    assert (story["decided"]["rule"], story["decided"]["left"]) == ("otp", ["two", "three"])


def test_parts_that_wait_for_their_siblings_are_found(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    commit(
        engine,
        PartAccepted(
            0x50, 0x51, "demo", 1, 1, b"03", 1, 1, b"09030000001", NUMBER.encode(), 7, False, 3, 2, 8, b"\x30\x42", b"",
            0, 1, b"\x00\x09", b"", 1_800_000_000_000,
        ),
    )  # fmt: skip
    engine.close()
    for what in ("00000051", "09030000001"):
        (story,) = find(tmp_path, what)
        assert (story["state"], story["decided"]) == ("part", {"part": 2, "of": 3, "reference": 7})


def test_the_newest_of_many(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path)
    for number in range(0x100, 0x140):
        row = accepted(number)._replace(e164=NUMBER.encode())
        ended = record(number)._replace(destination_addr=NUMBER)
        commit(engine, row, MessageSettled(ended, DONE, ()))
        if number == 0x120:
            archive_all(engine)
    engine.close()
    found = Trace(tmp_path).find(Mentions(numbers=(NUMBER,)), most=5)
    assert [one["id"] for one in found] == [f"{number:08x}" for number in range(0x13B, 0x140)]
    assert len(Trace(tmp_path).find(Mentions(numbers=(NUMBER,)), most=1000)) == 0x40


def test_texts_only_when_asked_for(tmp_path: Path) -> None:
    for place, where in enumerate(LIFETIMES):
        directory = tmp_path / str(place)
        (story,) = find(stored(directory, where), "00000020", texts=True)
        assert story["text"] == "更新のお知らせ"


@pytest.mark.parametrize("where", LIFETIMES)
def test_sealed_texts_need_the_key(tmp_path: Path, where: str) -> None:
    key = bytes(range(32))
    stored(tmp_path, where, Privacy(key))
    assert find(tmp_path, "00000020", texts=True)[0]["text"] is None
    assert find(tmp_path, "00000020", texts=True, key=key)[0]["text"] == "更新のお知らせ"
    with pytest.raises(SealBrokenError):
        find(tmp_path, "00000020", texts=True, key=bytes(32))
    assert "text" not in find(tmp_path, "00000020", key=bytes(32))[0]


@pytest.mark.parametrize("how", [Numbers.MASKED, Numbers.HASHED])
def test_numbers_that_are_hidden_in_the_archive_are_found(tmp_path: Path, how: Numbers) -> None:
    stored(tmp_path, "archived", Privacy(numbers=how))
    (story,) = find(tmp_path, "09030000001", "number")
    assert story["to"] != NUMBER


def test_no_store_and_no_such_message(tmp_path: Path) -> None:
    assert find(tmp_path, "00000020") == []
    assert find(stored(tmp_path, "archived"), "00000021", "id") == []


def test_a_search_writes_nothing(tmp_path: Path) -> None:
    stored(tmp_path, "archived")
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "-shm" not in path.name}
    find(tmp_path, "09030000001")
    assert {path: path.read_bytes() for path in files} == files

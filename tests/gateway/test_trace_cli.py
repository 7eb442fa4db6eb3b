"""`trace` on a terminal: everything of a message in words, as JSON, with exit codes; texts and keys only on request."""

import re
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from gateway.model.privacy import Privacy
from gateway.store.sqlite import SqliteEngine
from gateway.trace_cli import moment, trace
from tests.gateway.store.rows import accepted
from tests.gateway.store.test_archiver import commit
from tests.gateway.test_trace import stored

RUNNER = CliRunner()
KEY = bytes(range(32))


def run(directory: Path, *words: str, code: int = 0) -> str:
    result = RUNNER.invoke(trace, [*words, "--state-directory", str(directory)])
    assert result.exit_code == code, result.output
    return result.output


def test_a_whole_life_in_words(tmp_path: Path) -> None:
    said = run(stored(tmp_path, "archived"), "0a15")
    for words in (
        "00000020  ended",
        "demo",
        "00000025, 00000026",
        "0a14, 0a15",
        "09012345678 -> 819030000001",
        "number block",
        "delivered (000)",
        "10.00 yen",
        "segment 1: delivered, carrier's id c20, error 000, sent 2027-01-15 17:00:00.100",
        "receipt to the customer for 00000025: owed",
    ):
        assert words in said
    assert "お知らせ" not in said


def test_why_this_way_and_what_was_not_taken_in_words(tmp_path: Path) -> None:
    notes = {"wrote": "00A1", "receipt": "161", "answers": [[7, 0x58]], "rule": "otp", "left": ["two"]}
    engine = SqliteEngine(tmp_path)
    commit(engine, accepted(0x20, orjson.dumps([[2, "a1", "", 2, 0, 5, 10, 0, notes]])))
    engine.close()
    said = run(tmp_path, "00000020")
    for words in (
        "one, by rule otp, after two",
        "carrier's id a1, 00A1 in its answer, 161 in its receipt",
        "not taken 1970-01-01 09:00:00.007: ESME_RTHROTTLED",
    ):
        assert words in said


@pytest.mark.parametrize("where", ["alive", "parked", "scheduled", "done"])
def test_each_place_is_named(tmp_path: Path, where: str) -> None:
    said = run(stored(tmp_path, where), "00000025", "--as", "id")
    assert f"00000020  {'ended' if where == 'done' else where}" in said


def test_as_json(tmp_path: Path) -> None:
    (story,) = orjson.loads(run(stored(tmp_path, "alive"), "00000020", "--json"))["messages"]
    assert (story["id"], story["state"]) == ("00000020", "alive")


def test_nothing_is_found(tmp_path: Path) -> None:
    assert "nothing is known" in run(stored(tmp_path, "alive"), "00000021", "--as", "id", code=1)


def test_what_makes_no_sense_is_told(tmp_path: Path) -> None:
    stored(tmp_path, "alive")
    assert "no number" in run(tmp_path, "what?", "--as", "number", code=2)
    (tmp_path / "gateway.sqlite3").write_bytes(b"no database" * 1000)
    assert "trace: " in run(tmp_path, "00000020", code=2)


def test_texts_and_keys(tmp_path: Path) -> None:
    stored(tmp_path, "archived", Privacy(KEY))
    good, wrong, bad = (tmp_path / name for name in ("good", "wrong", "bad"))
    good.write_text(KEY.hex() + "\n")
    wrong.write_text(bytes(32).hex())
    bad.write_text("not a key")
    assert "sealed; --key-file opens it" in run(tmp_path, "00000020", "--text")
    assert "更新のお知らせ" in run(tmp_path, "00000020", "--text", "--key-file", str(good))
    assert "does not open" in run(tmp_path, "00000020", "--text", "--key-file", str(wrong), code=2)
    assert "64 hexadecimal digits" in run(tmp_path, "00000020", "--text", "--key-file", str(bad), code=2)


def test_moments_are_those_of_japan() -> None:
    assert moment(1_795_568_374_687) == "2026-11-25 09:59:34.687"
    assert moment(0) == moment(None) == ""


def test_what_is_alive_is_told_with_what_it_waits_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SqliteEngine(tmp_path)
    commit(engine, accepted(0x77))
    engine.close()
    (story,) = orjson.loads(run(tmp_path, "00000077", "--json"))["messages"]
    assert story["limit"] is None  # no gateway runs that could tell
    status = {"carriers": [{"carrier": story["decided"]["carrier"], "limit": "carrier_down"}], "held_customers": []}
    monkeypatch.setattr("gateway.trace_cli.ask", lambda *_: {"ok": True, "result": status})
    assert re.search(r"waits for +carrier down", run(tmp_path, "00000077"))
    (story,) = orjson.loads(run(tmp_path, "00000077", "--json"))["messages"]
    assert story["limit"] == "carrier_down"

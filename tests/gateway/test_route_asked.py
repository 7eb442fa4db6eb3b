"""What a gateway keeps and remembers of a number, and what it would conclude of its sources' answers."""

import sqlite3
from pathlib import Path

import pytest

from gateway.flow.lookups import Act
from gateway.model.values import Ported
from gateway.route_asked import NotDecided, Told, ask_all, kept_fact, remembered, verdict
from gateway.routing.learned import Learned
from gateway.routing.lookup_answers import Answer, Said
from gateway.settings.lookups import LookupSettings
from gateway.store.contract import Kept
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.test_archiver import commit
from tests.gateway.test_steer_cli import Answering, door  # noqa: F401 - a fixture

NUMBER = b"819012345678"
FACT = Learned(int(NUMBER), "one", ("two",), "two", 1_795_000_000_000, 1_999_000_000_000)
REPLY = {
    "source": "tree",
    "said": "KNOWN",
    "carrier": "one",
    "ported": "ported",
    "as_of": 7,
    "called": "d1",
    "seconds_left": 9,
}
SOURCES = ("tree", "service")


def told(**said: Said) -> dict[str, Told]:
    carriers = {Said.KNOWN: "one"}
    return {name: Told(Answer(one, name, carriers.get(one, "")), remembered=False) for name, one in said.items()}


def test_a_fact_is_read_beside_the_gateway_that_writes(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        kept_fact(tmp_path, NUMBER)
    engine = SqliteEngine(tmp_path)
    commit(
        engine,
        Kept("learned", "", NUMBER, FACT.pack(), FACT.expires_at),
        Kept("learned", "", b"819012345679", b"garbage", FACT.expires_at),
        Kept("other", "", b"819012345670", FACT.pack(), FACT.expires_at),
    )
    assert kept_fact(tmp_path, NUMBER) == FACT
    assert kept_fact(tmp_path, b"819012345670") is None
    with pytest.raises(ValueError, match="no fact"):
        kept_fact(tmp_path, b"819012345679")
    engine.close()


def test_a_gateways_memory(door: Answering) -> None:  # noqa: F811
    door.answer = {"ok": True, "result": {"answers": [REPLY, REPLY | {"source": "service", "said": "UNKNOWN"}]}}
    found = remembered(door.directory, NUMBER)
    assert found["tree"] == Told(Answer(Said.KNOWN, "tree", "one", Ported.YES, 7, "d1", 9), remembered=True)
    assert found["service"].answer.said is Said.UNKNOWN
    assert door.requests[0] == {"verb": "looked-up", "arguments": {"number": NUMBER.decode()}}
    door.answer = {"ok": False, "error": "no such verb"}
    assert remembered(door.directory, NUMBER) == {}


def test_nobody_runs(tmp_path: Path) -> None:
    assert remembered(tmp_path, NUMBER) == {}
    (tmp_path / "steering.sock").touch()
    assert remembered(tmp_path, NUMBER) == {}


@pytest.mark.parametrize(
    ("answers", "act", "source"),
    [
        (told(tree=Said.KNOWN), Act.ROUTE, "tree"),
        (told(tree=Said.UNKNOWN, service=Said.KNOWN), Act.ROUTE, "service"),
        (told(tree=Said.SILENT, service=Said.KNOWN), Act.ROUTE, "service"),
        (told(tree=Said.AT_HOME, service=Said.KNOWN), Act.BLOCKS, "tree"),
        (told(tree=Said.UNKNOWN, service=Said.UNKNOWN), Act.BLOCKS, "service"),
    ],
)
def test_the_first_that_decides_wins(answers: dict[str, Told], act: Act, source: str) -> None:
    found = verdict(LookupSettings(), NUMBER, SOURCES, answers)
    assert (found.act, found.answer.source) == (act, source)


def test_what_is_not_known_decides_nothing() -> None:
    for answers in ({}, told(service=Said.KNOWN), told(tree=Said.UNKNOWN)):
        with pytest.raises(NotDecided) as caught:
            verdict(LookupSettings(), NUMBER, SOURCES, answers)
        assert not caught.value.waits


def test_policies_for_silence() -> None:
    silent = told(tree=Said.UNKNOWN, service=Said.SILENT)
    assert verdict(LookupSettings(when_silent="fail"), NUMBER, SOURCES, silent).act is Act.FAIL
    with pytest.raises(NotDecided) as caught:
        verdict(LookupSettings(when_silent="wait"), NUMBER, SOURCES, silent)
    assert caught.value.waits


def test_every_source_is_asked_and_silence_is_an_answer() -> None:
    nobody = {"servers": ("127.0.0.1:9",), "carriers": {}, "try_seconds": 0.01, "tries": 1}
    service = {"url": "http://127.0.0.1:9/{number}", "format": "plain", "carriers": {}}
    settings = LookupSettings.model_validate(
        {"order": SOURCES, "enum": {"tree": nobody}, "http": {"service": service, "unused": service}}
    )
    found = ask_all(settings, NUMBER)
    assert [(name, one.answer.said, one.remembered) for name, one in found.items()] == [
        ("tree", Said.SILENT, False),
        ("service", Said.SILENT, False),
    ]

"""Which source wins, and why, with what a gateway learned and what the network said."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.model.values import Ported
from gateway.route_asked import Told
from gateway.route_found import Known, Routed, route
from gateway.routing.learned import Learned
from gateway.routing.lookup_answers import Answer, Said
from gateway.settings.load import load
from gateway.settings.models import Settings
from tests.gateway.settings.examples import SOUND, write

NUMBER = "09012345678"
BLOCKS = "prefix,carrier\n09012,one\n"
SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {}}


def settings(tmp_path: Path, **lookups: Any) -> Settings:
    """Two carriers, a block of the first, and two services."""
    (tmp_path / "blocks.csv").write_text(BLOCKS, "utf-8")
    lookups = {"order": ["a", "b"], "http": {"a": SERVICE, "b": SERVICE}, **lookups}
    written = SOUND.replace("  library_names:\n    NTT Docomo: one\n", "  block_files: [blocks.csv]\n  learned: {}\n")
    return load(write(tmp_path / "gateway.yaml", f"{written}lookups: {json.dumps(lookups)}\nroutes: {{two: one}}\n"))


def said(source: str, one: Said, carrier: str = "", ported: Ported = Ported.UNKNOWN) -> dict[str, Told]:
    return {source: Told(Answer(one, source, carrier, ported, 5), remembered=False)}


def found(one: Settings, told: dict[str, Told], fact: Learned | None = None) -> Routed:
    return route(one, NUMBER, 0, known=lambda _: Known(fact, "", told))


def winner(routed: Routed) -> list[str]:
    return [one.source for one in routed.answers if routed.decides(one)]


@pytest.mark.parametrize(
    ("told", "carrier", "by", "why"),
    [
        (said("a", Said.KNOWN, "two"), "two", "a", "the first in order that decides"),
        (said("a", Said.UNKNOWN) | said("b", Said.KNOWN, "two"), "two", "b", "the first in order that decides"),
        (said("a", Said.AT_HOME), "one", "a", "the first in order that decides"),
        (
            said("a", Said.UNKNOWN) | said("b", Said.UNKNOWN),
            "one",
            "number block",
            "the network does not know it (lookups.when_unknown: blocks)",
        ),
        (
            said("a", Said.SILENT) | said("b", Said.UNKNOWN),
            "one",
            "number block",
            "the network is silent (lookups.when_silent: blocks)",
        ),
        ({}, "one", "number block", "unless the network says otherwise"),
        (said("a", Said.UNKNOWN), "one", "number block", "unless the network says otherwise"),
    ],
)
def test_who_wins_and_why(tmp_path: Path, told: dict[str, Told], carrier: str, by: str, why: str) -> None:
    routed = found(settings(tmp_path), told)
    assert routed.serving is not None
    assert (routed.serving.carrier, routed.serving.source, routed.why) == (carrier, by, why)
    assert winner(routed) == (["network"] if by in "ab" else ["blocks"])
    assert [name for name, _ in routed.network] == ["a", "b"]


def test_what_was_learned_wins_before_the_network_and_bars_behind_it(tmp_path: Path) -> None:
    one = settings(tmp_path)
    fact = Learned(819012345678, "two", ("one",), "one", 1, 9_999_999_999_999)
    routed = found(one, said("a", Said.KNOWN, "one"), fact)
    assert (winner(routed), routed.later) == (["learned"], False)
    denied = found(one, said("a", Said.KNOWN, "one"), fact._replace(carrier=""))
    assert (denied.serving, winner(denied), denied.later) == (None, [], True)
    assert denied.why == "a names one, which said that the number is not its own"
    assert [answer.barred for answer in denied.answers] == [False, False, False, True]


def test_silence_that_is_waited_for(tmp_path: Path) -> None:
    routed = found(
        settings(tmp_path, when_silent="wait", wait_seconds=20.0), said("a", Said.SILENT) | said("b", Said.SILENT)
    )
    assert routed.why.startswith("for now: the network is silent, and is asked again every 20 seconds")
    assert routed.asks_network


def test_files_tell_their_age(tmp_path: Path) -> None:
    one = settings(tmp_path)
    (blocks,) = [answer for answer in found(one, {}).answers if answer.source == "blocks"]
    assert blocks.as_of == int((tmp_path / "blocks.csv").stat().st_mtime * 1000)
    assert found(one, {}).library == ""

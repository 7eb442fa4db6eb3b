"""The bench measures what it says: sound work on texts of the lengths in its names, and limits that bite."""

import json
import time

import pytest

from bench import text
from gateway.segmenter.cut import Segment, join


@pytest.mark.parametrize("name", [name for name in text.WORK if name.startswith("accept_")])
def test_every_message_is_cut_whole(name: str) -> None:
    segments = text.WORK[name]()
    assert isinstance(segments, list)
    assert all(isinstance(one, Segment) for one in segments)
    characters = len(join(segments)) // 2
    least, longest = (60, 70) if "_70" in name else (600, 660)
    assert least <= characters <= longest


def test_every_limit_is_the_one_that_was_promised() -> None:
    assert (text.MOST_70, text.MOST_660) == (8.0, 60.0)
    limits = {name: text.most(name) for name in text.WORK}
    assert {limits[name] for name in limits if name.startswith("accept_660")} == {60.0}
    assert limits["accept_70"] == limits["accept_70_gsm7"] == limits["accept_70_kana_jis"] == 8.0
    assert limits["read_text_70"] is limits["plan_660_docomo"] is limits["accept_70_replacing"] is None


def test_microseconds_of_one_call() -> None:
    def spin() -> None:
        until = time.perf_counter() + 0.0005
        while time.perf_counter() < until:
            pass

    assert 500 <= text.microseconds(spin, calls=2, rounds=2) < 500_000


@pytest.mark.parametrize(("limit", "code"), [(1e9, 0), (0.0, 1)])
def test_the_last_line_has_all_figures_and_the_exit_code_tells_one_that_is_too_great(
    limit: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(text, "microseconds", lambda work: 1.5)
    monkeypatch.setattr(text, "MOST_70", limit)
    monkeypatch.setattr(text, "MOST_660", 1e9)
    with pytest.raises(SystemExit) as caught:
        text.main()
    assert caught.value.code == code
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1]) == {"bench": "text", "unit": "us", **dict.fromkeys(text.WORK, 1.5)}
    assert any("too slow" in line for line in lines) == bool(code)

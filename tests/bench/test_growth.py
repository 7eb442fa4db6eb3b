"""Series are measured point by point and kept; what was measured before stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import growth
from bench.children import RunFailed
from bench.options import parse

ROOT = Path(__file__).parents[2]


def twice(value: int) -> dict[str, Any]:
    return {"msgs_per_s": 2 * value, "cpu_us_per_msg": 1.5, "other": "word"}


@pytest.fixture
def series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(growth.SERIES, "binds", growth.Series("binds", (1, 2), twice, growth.USUAL))


def test_points_have_what_is_drawn(series: None, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "growth.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"length": {"label": "kept", "points": []}}), encoding="utf-8")
    assert growth.main(["--only", "binds", "--file", str(file)]) == 0
    assert json.loads(file.read_text("utf-8")) == {
        "length": {"label": "kept", "points": []},
        "binds": {
            "label": "binds",
            "points": [
                {"at": 1, "msgs_per_s": 2, "cpu_us_per_msg": 1.5},
                {"at": 2, "msgs_per_s": 4, "cpu_us_per_msg": 1.5},
            ],
        },
    }


def test_a_run_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(_: int) -> dict[str, Any]:
        raise RunFailed("nothing came")

    monkeypatch.setitem(growth.SERIES, "binds", growth.Series("binds", (1,), fails, growth.USUAL))
    assert growth.main(["--only", "binds", "--file", str(tmp_path / "growth.json")]) == 2


def test_a_run_that_was_not_clean_is_no_point(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = dict.fromkeys(("doubled", "billed_wrong", "damaged", "refused", "unanswered"), 0)
    monkeypatch.setattr(growth, "run", lambda _: faults | {"load_ended": "done", "lost": 1})
    with pytest.raises(RunFailed, match="not clean"):
        growth.whole("--count 1")


def test_every_point_of_the_whole_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def whole(words: str) -> dict[str, Any]:
        asked.append(words)
        return {}

    monkeypatch.setattr(growth, "whole", whole)
    for name in ("binds", "customers", "length", "rate"):
        for value in growth.SERIES[name].values:
            growth.SERIES[name].measure(value)
    assert len(asked) > 20
    for words in asked:
        parse(words.split())


def test_what_the_repository_keeps_is_whole() -> None:
    known = json.loads((ROOT / growth.FILE).read_text("utf-8"))
    assert known.keys() == growth.SERIES.keys()
    for name, series in growth.SERIES.items():
        assert [point["at"] for point in known[name]["points"]] == list(series.values)
        assert all(set(point) == {"at", *series.figures} for point in known[name]["points"])

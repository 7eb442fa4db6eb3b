"""A message that costs more is found, one that costs less is not; a run that went wrong is no figure."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from bench import check
from bench.children import RunFailed

CLEAN = {"load_ended": "done", **dict.fromkeys(("lost", "doubled", "billed_wrong", "damaged"), 0)}
CLEAN |= dict.fromkeys(("refused", "unanswered"), 0)


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Microseconds of the runs to come, the last one for all that follow; the loop takes 10."""
    costs = [100.0]

    def run(options: Namespace) -> dict[str, Any]:
        cost = costs.pop(0) if len(costs) > 1 else costs[0]
        return CLEAN | {"cpu_us_per_msg": cost, "calibrate_us": 10.0}

    monkeypatch.setattr(check, "run", run)
    monkeypatch.setattr(check, "calibrate", lambda: 10.0)
    return costs


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "reference.json"
    path.write_text(json.dumps(dict.fromkeys(check.RUNS, 10.0)), encoding="utf-8")
    return path


def test_as_before_is_well(costs: list[float], reference: Path, capsys: pytest.CaptureFixture[str]) -> None:
    costs[:] = [129.0]
    assert check.main(["--reference", str(reference)]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["worse"] == []
    assert "one segment" in err
    assert "+29%" in err


def test_what_costs_more_fails(costs: list[float], reference: Path, capsys: pytest.CaptureFixture[str]) -> None:
    costs[:] = [131.0]
    assert check.main(["--reference", str(reference)]) == 1
    assert json.loads(capsys.readouterr().out)["worse"] == list(check.RUNS)


def test_the_best_of_the_runs_counts(costs: list[float], reference: Path) -> None:
    costs[:] = [900.0, 800.0, 100.0] * len(check.RUNS)
    assert check.main(["--reference", str(reference)]) == 0
    costs[:] = [900.0] * 5 + [100.0]
    assert check.measure("--count 1", 6) == 10.0
    costs[:] = [100.0, 90.0]
    assert check.measure("--count 1", 6, enough=10.0) == 10.0


def test_without_a_reference_nothing_is_as_before(costs: list[float], tmp_path: Path) -> None:
    assert check.main(["--reference", str(tmp_path / "none.json")]) == 1


def test_what_was_measured_becomes_the_reference(costs: list[float], reference: Path) -> None:
    costs[:] = [200.0]
    assert check.main(["--reference", str(reference), "--write"]) == 0
    assert check.main(["--reference", str(reference)]) == 0
    assert set(json.loads(reference.read_text("utf-8")).values()) == {20.0}


def test_a_run_that_lost_something_is_none(monkeypatch: pytest.MonkeyPatch, costs: list[float]) -> None:
    monkeypatch.setattr(check, "run", lambda _: CLEAN | {"cpu_us_per_msg": 1.0, "lost": 1})
    with pytest.raises(RunFailed, match="not clean"):
        check.measure("--count 1", 1)
    assert check.main([]) == 2


def test_the_reference_of_the_repository_has_every_run() -> None:
    assert json.loads(check.REFERENCE.read_text("utf-8")).keys() == check.RUNS.keys()

"""The harness with and without a gateway: small runs, what fails, and how several runs are put together."""

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from bench import harness
from bench.children import RunFailed
from bench.options import parse

SOUND = {
    "load_ended": "done",
    "lost": 0,
    "doubled": 0,
    "billed_wrong": 0,
    "damaged": None,
    "refused": 0,
    "unanswered": 0,
}


def direct(tmp_path: Path, *words: str) -> argparse.Namespace:
    return parse(["--direct", "--count", "300", "--directory", str(tmp_path), *words])


def test_a_direct_run(tmp_path: Path) -> None:
    figures = harness.run(direct(tmp_path))
    assert harness.clean(figures)
    assert figures["msgs_per_s"] > 300
    assert figures["resp_ms_p50"] <= figures["resp_ms_p99"]
    assert figures["receipt_ms_p50"] <= figures["receipt_ms_p99"]
    assert figures["cpu_us_per_msg"] is figures["billed_wrong"] is figures["rss_peak_mb"] is None
    assert (figures["load"], figures["sink"]) == ("python", "python")
    assert figures["load_cpu_us_per_msg"] > 0
    assert figures["calibrate_us"] > 1
    assert figures["python"] == platform.python_version()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["--rate 2000 --binds 2", "--no-receipts --binds 1 --window 1", "--length 660"])
def test_other_direct_runs(tmp_path: Path, words: str) -> None:
    figures = harness.run(direct(tmp_path, *words.split()))
    assert harness.clean(figures)
    assert figures["damaged"] == 0


def test_the_command_prints_one_line_and_each_run_on_stderr(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bench",
        "--direct",
        "--count",
        "200",
        "--repeat",
        "2",
        "--directory",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    shown = [json.loads(one) for one in done.stderr.splitlines() if one.startswith('{"run"')]
    assert [one["run"] for one in shown] == [1, 2]
    assert [one["msgs_per_s"] for one in figures["runs"]] == [one["msgs_per_s"] for one in shown]
    assert (figures["options"]["count"], figures["options"]["direct"]) == (200, True)
    assert not {"config", "directory"} & figures["options"].keys()


def test_the_command_without_a_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--smppload", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no program that can be run" in done.stderr


def test_a_carrier_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="no carrier 'kddi'"):
        harness.run(parse(["--carrier", "kddi", "--directory", str(tmp_path)]))
    assert list(tmp_path.iterdir()) == []


def test_an_example_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="No such file"):
        harness.run(parse(["--config", str(tmp_path / "none.yaml"), "--directory", str(tmp_path)]))


def test_a_gateway_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "gateway_command", lambda *_: [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(RunFailed, match=r"gateway did not say .* and ended"):
        harness.run(parse(["--count", "10", "--directory", str(tmp_path)]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "fault",
    [{"lost": 1}, {"doubled": 1}, {"billed_wrong": 1}, {"damaged": 1}, {"refused": 1}, {"load_ended": "silence"}],
)
def test_one_fault_makes_a_run_unclean(fault: dict[str, object]) -> None:
    assert harness.clean(SOUND)
    assert not harness.clean({**SOUND, **fault})


def runs(monkeypatch: pytest.MonkeyPatch, *figures: dict[str, object]) -> dict[str, object]:
    left = [{**SOUND, **one} for one in figures]
    monkeypatch.setattr(harness, "run", lambda _: left.pop(0))
    return harness.repeat(parse(["--direct", "--repeat", str(len(left))]))


def test_medians_and_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    together = runs(
        monkeypatch,
        {"msgs_per_s": 9.0, "lost": 0, "load": "python", "rss_peak_mb": None},
        {"msgs_per_s": 1.0, "lost": 3, "load": "python", "rss_peak_mb": None},
        {"msgs_per_s": 5.0, "lost": 0, "load": "python", "rss_peak_mb": None},
    )
    assert (together["msgs_per_s"], together["lost"], together["load"], together["rss_peak_mb"]) == (
        5,
        3,
        "python",
        None,
    )
    assert not harness.clean(together)


def test_a_run_that_did_not_end_well_is_not_outvoted(monkeypatch: pytest.MonkeyPatch) -> None:
    together = runs(monkeypatch, {}, {"load_ended": "silence"}, {})
    assert together["load_ended"] == "silence"


def test_one_run_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "runs" not in runs(monkeypatch, {"msgs_per_s": 9.0})

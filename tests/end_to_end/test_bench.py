"""The harness with the real gateway between load client and sink: nothing is lost, doubled or billed wrongly."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def bench(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--carrier au --length 135",
        "--carrier softbank --length 660 --no-receipts",
        "--parts 3 --length 200 --binds 2",
        "--rate 1000 --customers 20 --carrier all --carrier-binds 8 --window 10",
    ],
)
def test_a_run_is_clean_and_has_all_its_figures(words: str) -> None:
    figures = bench("--count", "500", *words.split())
    assert (figures["lost"], figures["doubled"], figures["billed_wrong"], figures["damaged"]) == (0, 0, 0, 0)
    assert figures["msgs_per_s"] > 100
    assert figures["cpu_us_per_msg"] > 0
    assert 0 < figures["resp_ms_p50"] <= figures["resp_ms_p99"]
    assert figures["rss_peak_mb"] > 10
    if "--no-receipts" in words:
        assert figures["receipt_ms_p50"] is None
    else:
        assert 0 < figures["receipt_ms_p50"] <= figures["receipt_ms_p99"]

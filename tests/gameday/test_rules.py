"""Rules on a shorter clock are the same rules: only durations differ, and promtool takes them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.gameday.rules import A_MINUTE_IS_A_SECOND, shorter
from tests.house.tree import ROOT

RULES = ROOT / "ops" / "prometheus" / "alerts.yaml"
PROMTOOL = shutil.which("promtool")

ONE = """
groups:
  - name: one
    rules:
      - alert: Slow
        expr: rate(x_total{a="b"}[5m]) > 600 and increase(y_total[1h]) > 20
        for: 15m
        labels: {severity: page}
      - record: a:b
        expr: rate(z_total[30s])
"""


def test_durations_are_divided_and_thresholds_stay() -> None:
    (group,) = yaml.safe_load(shorter(ONE, 60))["groups"]
    slow, record = group["rules"]
    assert slow["for"] == "15000ms"
    assert slow["expr"].endswith("[5000ms]) > 600 and increase(y_total[60000ms]) > 20")
    assert record == {"record": "a:b", "expr": "rate(z_total[500ms])"}
    assert slow["labels"] == {"severity": "page"}


def test_divided_by_one_nothing_changes_but_the_units() -> None:
    def told(text: str) -> list[tuple[object, ...]]:
        rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
        return [
            (rule.get("alert"), rule.get("labels"), rule.get("annotations"), re.sub(r"\[\w+\]", "", rule["expr"]))
            for rule in rules
        ]

    text = RULES.read_text("utf-8")
    assert told(shorter(text, 1)) == told(shorter(text, A_MINUTE_IS_A_SECOND)) == told(text)


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")
def test_prometheus_takes_them(tmp_path: Path) -> None:
    assert PROMTOOL is not None
    file = tmp_path / "rules.yaml"
    file.write_text(shorter(RULES.read_text("utf-8"), A_MINUTE_IS_A_SECOND), "utf-8")
    done = subprocess.run([PROMTOOL, "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

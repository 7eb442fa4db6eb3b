"""A soak of seconds with real processes, and what its options judge."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import soak


def test_a_short_one_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = soak.main(["--minutes", "0.08", "--every", "1", "--rate", "30", "--directory", str(tmp_path)])
    lines: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    verdict = lines[-1]
    assert (code, verdict["event"], verdict["findings"]) == (0, "verdict", [])
    assert verdict["good"]
    assert verdict["promised"] > 50
    assert verdict["lost"] == verdict["billed twice"] == verdict["owed"] == 0
    assert verdict["mo"] > 0
    assert set(verdict["segments"]) == {"docomo", "au", "softbank", "rakuten"}
    assert {line["event"] for line in lines[:-1]} == {"soak"}
    assert all(line["gateway"]["rss_mib"] > 10 and line["store"]["files"] > 3 for line in lines[1:-1])


@pytest.mark.parametrize("words", ["--minutes 0", "--rate 0", "--every 0", "--minutes 99999", "--rate 5000"])
def test_what_makes_no_sense_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        soak.parse(words.split())
    assert "above 0" in capsys.readouterr().err


def test_what_is_remembered_on_purpose_is_bounded() -> None:
    full = soak.remembered_mib([soak.REMEMBERED_IDS] * 4)
    assert soak.remembered_mib([]) == 0
    assert 0 < soak.remembered_mib([1_000]) < 1
    assert soak.remembered_mib([10**9] * 4) == full < 50

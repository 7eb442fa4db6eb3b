"""Each act is one line with who and why, readable by nobody else; a disk that refuses is told, and stops nothing."""

from pathlib import Path
from typing import Any

import orjson

from gateway.ops.audit_log import FILE_NAME, AuditLog


def lines(directory: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (directory / FILE_NAME).read_bytes().splitlines()]


def test_lines_are_appended(tmp_path: Path) -> None:
    for verb in ("hold", "release"):
        assert AuditLog(tmp_path, lambda: 1_795_568_374_687).write({"who": "kim", "why": "夜間", "verb": verb}) == ""
    assert [one["verb"] for one in lines(tmp_path)] == ["hold", "release"]
    assert lines(tmp_path)[0] == {"time": "2026-11-25T00:59:34.687Z", "who": "kim", "why": "夜間", "verb": "hold"}
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, lambda: 0)
    log.write({"verb": "one"})
    (tmp_path / FILE_NAME).rename(tmp_path / "old")
    log.write({"verb": "two"})
    assert [one["verb"] for one in lines(tmp_path)] == ["two"]


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert "directory" in AuditLog(tmp_path, lambda: 0).write({"verb": "hold"})

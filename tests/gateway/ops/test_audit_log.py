"""Each act is one line with who and why, readable by nobody else; a disk that refuses is told, and stops nothing."""

from pathlib import Path
from typing import Any

import orjson

from gateway.ops.audit_log import FILE_NAME, MOST_READ_OCTETS, AuditLog


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


def test_the_last_lines_are_read_newest_first_whatever_else_is_in_the_file(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, lambda: 0)
    assert log.last(5) == []
    for number in range(2_000):
        log.write({"verb": f"{number}", "why": "x" * 40})
    with (tmp_path / FILE_NAME).open("ab") as file:
        file.write(b'[1]\n{"torn": \n')
    assert (tmp_path / FILE_NAME).stat().st_size > MOST_READ_OCTETS
    assert [one["verb"] for one in log.last(3)] == ["1999", "1998", "1997"]
    assert 100 < len(log.last(2_000)) < 2_000

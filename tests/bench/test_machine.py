"""The machine tells something sensible of itself."""

from pathlib import Path

import pytest

from bench import machine


def test_the_file_system_of_the_deepest_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"a / ext4 rw 0 0\nb {tmp_path} tmpfs rw 0 0\nc {tmp_path}/deep xfs rw 0 0\nd /pro proc rw 0 0\n")
    monkeypatch.setattr(machine, "MOUNTS", mounts)
    assert machine.file_system(tmp_path / "state") == "tmpfs"
    assert machine.file_system(tmp_path / "deep" / "state") == "xfs"
    assert machine.file_system(Path("/process")) == "ext4"
    mounts.write_text("")
    assert machine.file_system(tmp_path) == "?"


def test_this_machine_has_one() -> None:
    assert machine.file_system(Path("/")) != "?"


def test_an_fsync_takes_time_and_leaves_nothing(tmp_path: Path) -> None:
    assert 0 <= machine.fsync_ms(tmp_path) < 10_000
    assert list(tmp_path.iterdir()) == []

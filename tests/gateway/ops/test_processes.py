"""CPU time and memory of a process, as the kernel tells them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.ops import processes


def test_our_own_figures_agree_with_those_of_the_standard_library() -> None:
    before = os.times()
    told = processes.used(os.getpid())
    after = os.times()
    assert told is not None
    tick = 2 / processes.TICKS_PER_SECOND
    assert before.user + before.system - tick <= told.cpu_seconds <= after.user + after.system + tick
    assert 1 << 20 < told.resident_octets < 8 << 30


def test_a_process_with_an_odd_name_is_read_too(tmp_path: Path) -> None:
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to(sys.executable)
    process = subprocess.Popen([odd, "-c", "input()"], stdin=subprocess.PIPE, env={"PYTHONHOME": sys.base_prefix})
    try:
        told = processes.used(process.pid)
        assert told is not None
        assert told.resident_octets < 8 << 30
    finally:
        process.kill()
        process.communicate()


def test_a_process_that_is_gone_has_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert processes.used(process.pid) is None
    monkeypatch.setattr(processes, "Path", lambda *_: Path("/nowhere"))
    assert processes.used(os.getpid()) is None

"""Children: ready by their line, told when they fail, ended whatever they do."""

import os
import signal
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

from simulators import children
from simulators.children import Child, ChildFailed

READY = 'print("starting"); print(\'{"ready"\'); print(\'{"event": "ready", "listen": ["a:1"]}\', flush=True)'
PAUSE = "import signal; signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def child(directory: Path, code: str) -> tuple[Child, "SimpleQueue[str]"]:
    ended: SimpleQueue[str] = SimpleQueue()
    return Child("one", [sys.executable, "-c", code], directory / "log", ended), ended


def test_it_is_ready_by_its_line_and_ends_when_told(tmp_path: Path) -> None:
    one, ended = child(tmp_path, f"{READY}; {PAUSE}")
    with one:
        assert one.ready(20)["listen"] == ["a:1"]
        assert ended.empty()
        assert os.getpgid(one.pid) == one.pid  # Ctrl-C at our terminal is not theirs
    assert ended.get(timeout=20) == "one"
    assert one.stop() == -signal.SIGTERM
    assert (tmp_path / "log").read_text().splitlines()[0] == "starting"


def test_one_that_ends_early_is_told_with_its_last_lines(tmp_path: Path) -> None:
    one, ended = child(tmp_path, "import sys; [print(n, flush=True) for n in range(100)]; sys.exit('no such file')")
    with one:
        assert ended.get(timeout=20) == "one"
        with pytest.raises(ChildFailed, match="one ended before it was ready") as told:
            one.ready(20)
    _, *lines = str(told.value).splitlines()
    assert len(lines) == children.MOST_TOLD
    assert "    no such file" in lines
    assert one.stop() == 1


def test_one_that_is_never_ready_is_told(tmp_path: Path) -> None:
    one, _ = child(tmp_path, PAUSE)
    with one, pytest.raises(ChildFailed, match=r"isn't ready after 0\.01 s"):
        one.ready(0.01)


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.05)
    one, _ = child(tmp_path, f"{DEAF}; {READY}; {PAUSE}")
    with one:
        one.ready(20)
        assert one.stop() == -signal.SIGKILL

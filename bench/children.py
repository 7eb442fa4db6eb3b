"""The processes of a run: started, listened to, ended whatever happens, measured from outside."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import IO, Any, Self

KEPT_LINES = 1_000
END_SECONDS = 5.0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")

# A child must not outlive a harness that was killed: the kernel ends it then (prctl PR_SET_PDEATHSIG, SIGTERM).
GUARD = "import ctypes,os,sys; ctypes.CDLL(None).prctl(1, 15); os.execvp(sys.argv[1], sys.argv[1:])"


class RunFailed(Exception):
    """A run could not be made or brought to its end."""


class Child:
    """A process whose JSON lines are read. Use it with `with`: it is ended there at the latest."""

    def __init__(self, name: str, command: Sequence[str], listen_to_stderr: bool = False) -> None:
        self.name = name
        self._changed = Condition()
        self._lines: deque[dict[str, Any]] = deque(maxlen=KEPT_LINES)
        self._process = subprocess.Popen(
            [sys.executable, "-c", GUARD, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if listen_to_stderr else None,
        )
        pipes = [pipe for pipe in (self._process.stdout, self._process.stderr) if pipe is not None]
        self._open = len(pipes)
        self._threads = [Thread(target=self._listen, args=(pipe,), daemon=True) for pipe in pipes]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            for written in pipe:
                with contextlib.suppress(ValueError):
                    line = json.loads(written)
                    if isinstance(line, dict):
                        with self._changed:
                            self._lines.append(line)
                            self._changed.notify_all()
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """The first line that is wanted. RunFailed when it doesn't come in time or can't come any more."""

        def look() -> dict[str, Any] | None:
            return next((line for line in self._lines if wanted(line)), None)

        with self._changed:
            self._changed.wait_for(lambda: look() is not None or not self._open, seconds)
            line = look()
        if line is None:
            ended = "" if self._open else " and ended"
            raise RunFailed(f"{self.name} did not say what was waited for in {seconds:g} s{ended}: {self.last()}")
        return line

    def result(self, seconds: float) -> dict[str, Any]:
        """Its last line, when it has ended by itself."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise RunFailed(f"{self.name} did not end in {seconds:g} s: {self.last()}") from None
        for thread in self._threads:
            thread.join(END_SECONDS)
        line = self.last()
        if line is None:
            raise RunFailed(f"{self.name} ended with {self._process.returncode} and said nothing")
        return line

    def last(self) -> dict[str, Any] | None:
        """Its last line so far."""
        with self._changed:
            return self._lines[-1] if self._lines else None

    def terminate(self, seconds: float) -> int:
        """SIGTERM, and its exit code. RunFailed when it doesn't end."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise RunFailed(f"{self.name} did not end in {seconds:g} s after SIGTERM") from None

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in this time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll() is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            if not self.ends_within(END_SECONDS):
                self._process.kill()
                self._process.wait()
        for thread in self._threads:
            thread.join(END_SECONDS)


def family(pid: int) -> list[int]:
    """A process and those that it started, and so on."""
    children: dict[int, list[int]] = {}
    for directory in PROC.iterdir():
        if directory.name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(int(_stat(int(directory.name))[1]), []).append(int(directory.name))
    found = [pid]
    for one in found:  # it grows meanwhile
        found += children.get(one, ())
    return found


def _stat(pid: int) -> list[str]:
    """What follows the name in /proc/PID/stat: state, ppid, ... (proc(5))."""
    return (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of all threads, also of those that have ended. In steps of 10 ms a process."""
    return sum(int(ticks) for pid in pids for ticks in _stat(pid)[11:13]) / TICKS_A_SECOND


def peak_mb(pids: Sequence[int]) -> float:
    """The most memory that each had resident at a time (VmHWM), added."""
    kib = 0
    for pid in pids:
        status = (PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace")
        kib += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(kib / 1024, 1)

"""Processes that a demo starts: ready when their line `ready` says so, and ended with it whatever ends it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

STOP_SECONDS = 15.0  # a gateway drains for up to ten
MOST_TOLD = 10  # last lines of a process that didn't come up


class ChildFailed(RuntimeError):
    """A child ended, or didn't become ready in time. The text has its last lines."""


class Child:
    """One process. Its output goes to `log`; `ended` gets its name when it is over."""

    def __init__(self, name: str, command: Sequence[str], log: Path, ended: "SimpleQueue[str]") -> None:
        self.name = name
        self.log = log
        self._file = log.open("wb", buffering=0)
        self._ended = ended
        self._ready: SimpleQueue[dict[str, Any] | None] = SimpleQueue()  # the line, and None at the end of the output
        leash = [sys.executable, "-m", "simulators.leash", str(os.getpid())]
        # A group of its own: Ctrl-C reaches us alone, and we end the children in order.
        self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            [*leash, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        self._reader = threading.Thread(target=self._copy, name=name, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def _copy(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            with stream, self._file as file:
                for line in stream:
                    file.write(line)
                    found = _ready_line(line)
                    if found is not None:
                        self._ready.put(found)
        self._ready.put(None)
        self._ended.put(self.name)

    def ready(self, seconds: float) -> dict[str, Any]:
        """Wait for the line `ready` and return what it says."""
        try:
            found = self._ready.get(timeout=seconds)
        except Empty:
            raise ChildFailed(f"{self.name} isn't ready after {seconds:g} s; it said:\n{self.last_lines()}") from None
        if found is None:
            raise ChildFailed(f"{self.name} ended before it was ready; it said:\n{self.last_lines()}")
        return found

    def last_lines(self) -> str:
        """The end of its output."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-MOST_TOLD:])

    def stop(self) -> int:
        """End it, gently first. Return its exit code."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._process.kill()
        code = self._process.wait()
        self._reader.join()
        return code


def _ready_line(line: bytes) -> dict[str, Any] | None:
    if b'"ready"' not in line:
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("event") == "ready" else None

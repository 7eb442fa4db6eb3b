"""The store process: reads batches from the gateway, commits them, answers. It ends when the gateway does.

When nobody asks for anything, or much has gathered, what is done moves to the files of the months.

A process and not a thread: beside a busy loop a thread waits for the interpreter lock at every row
(docs/decisions/0002-store-process.md has the measurement).
"""

import contextlib
import select
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway import clock
from gateway.model.privacy import Numbers, Privacy
from gateway.store import wire
from gateway.store.sqlite import SqliteEngine, StoreBusyError, is_transient

# A gateway that was killed leaves a store process that still commits its last batch.
LOCK_PATIENCE_SECONDS = 10.0
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
READ_OCTETS = 1 << 20
# What is done is archived when there is nothing else to do, after a moment in which more may have come; a bite after
# each batch once so much of it waits.
ARCHIVE_SECONDS = 0.05
ARCHIVE_BACKLOG = 4_096
ARCHIVE_RETRY_SECONDS = 5.0
BLANK_SECONDS = 3_600.0

T = TypeVar("T")


def _open(directory: Path, privacy: Privacy) -> SqliteEngine:
    attempts = int(LOCK_PATIENCE_SECONDS / RETRY_SECONDS[0])
    for _ in range(attempts):
        with contextlib.suppress(StoreBusyError):
            return SqliteEngine(directory, privacy)
        time.sleep(RETRY_SECONDS[0])  # noqa: TID251 - this process has nothing else to do
    return SqliteEngine(directory, privacy)


def _patiently(work: Callable[[], T], peer: socket.socket) -> T:
    """Do it, and while the disk refuses say so and try again: what was promised stays promised.

    What no waiting can mend is raised: this process ends, the gateway with it, and nothing of the batch was promised.
    """
    attempt = 0
    while True:
        try:
            return work()
        except Exception as failure:
            if not is_transient(failure):
                raise
            peer.sendall(wire.pack((wire.STUCK, str(failure) or type(failure).__name__)))
            time.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])  # noqa: TID251
            attempt += 1


class Archiving:
    """When to archive. A month's file that cannot be written is told, and tried again later: nothing waits for it."""

    def __init__(self, engine: SqliteEngine, peer: socket.socket) -> None:
        self._engine = engine
        self._peer = peer
        self._not_before = 0.0
        self._told = ""
        self._blank_at = 0.0  # when old texts are looked for next

    def patience(self) -> float:
        """How long to wait for requests before a bite."""
        if not self._engine.backlog:
            return max(ARCHIVE_SECONDS, self._blank_at - clock.monotonic())
        return max(ARCHIVE_SECONDS, self._not_before - clock.monotonic())

    def after_batch(self) -> None:
        """A batch was answered."""
        if self._engine.backlog > ARCHIVE_BACKLOG:
            self.bite()

    def bite(self) -> None:
        """Move some, if that may be tried."""
        now = clock.monotonic()
        if now < self._not_before:
            return
        why = ""
        try:
            if self._engine.backlog:
                self._engine.archive()
            elif now >= self._blank_at and not self._engine.blank(clock.wall_ms()):
                self._blank_at = now + BLANK_SECONDS
        except Exception as failure:
            if not is_transient(failure):
                raise
            why = str(failure) or type(failure).__name__
            self._not_before = now + ARCHIVE_RETRY_SECONDS
        if why != self._told:
            self._told = why
            self._peer.sendall(wire.pack((wire.ARCHIVE, why)))


def serve(peer: socket.socket, engine: SqliteEngine) -> None:
    """Serve requests in order until the peer is gone. Raise what `is_transient` says no to."""
    buffer = bytearray()
    archiving = Archiving(engine, peer)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while True:
            if not select.select([peer], [], [], archiving.patience())[0]:
                archiving.bite()
                continue
            data = peer.recv(READ_OCTETS)
            if not data:
                break
            buffer += data
            for kind, *request in wire.unpack(buffer):
                answered, work = (wire.DURABLE, engine.commit) if kind == wire.WRITE else (wire.ROWS, engine.query)
                peer.sendall(wire.pack((answered, _patiently(partial(work, *request), peer))))
                archiving.after_batch()


def _privacy(told: bytes) -> Privacy:
    """What the parent wrote; nothing is the default."""
    if not told:
        return Privacy()
    ((key, numbers, blank_text_days),) = wire.unpack(bytearray(told))
    return Privacy(key, Numbers(numbers), blank_text_days)


def _run(peer: socket.socket, directory: Path) -> None:
    engine = _open(directory, _privacy(sys.stdin.buffer.read()))
    try:
        serve(peer, engine)
    finally:
        engine.close()


def _take_leave(peer: socket.socket, why: str) -> None:
    """Say why, and wait for the gateway to hang up: what it still sends would reset it, and lose the word."""
    with contextlib.suppress(OSError):
        peer.sendall(wire.pack((wire.FAILED, why)))
        while peer.recv(READ_OCTETS):
            pass


def main(arguments: list[str]) -> int:
    """`python -m gateway.store.process FD DIRECTORY`, the Privacy on stdin; started by gateway.store.client only."""
    # The gateway drains on these and closes the socket when it is done; a terminal or a supervisor sends them to both.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(arguments[0])) as peer:
        try:
            _run(peer, Path(arguments[1]))
        except (OSError, MemoryError, sqlite3.Error, StoreBusyError, ValueError) as refusal:
            why = f"store {arguments[1]}: {refusal}"
            print(why, file=sys.stderr)  # noqa: T201
            _take_leave(peer, why)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

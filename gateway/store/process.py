"""The store process: reads batches from the gateway, commits them, answers. It ends when the gateway does.

A process and not a thread: beside a busy loop a thread waits for the interpreter lock at every row
(docs/decisions/0002-store-process.md has the measurement).
"""

import contextlib
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.store import wire
from gateway.store.sqlite import SqliteEngine, StoreBusyError, is_transient

# A gateway that was killed leaves a store process that still commits its last batch.
LOCK_PATIENCE_SECONDS = 10.0
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
READ_OCTETS = 1 << 20

T = TypeVar("T")


def _open(directory: Path) -> SqliteEngine:
    attempts = int(LOCK_PATIENCE_SECONDS / RETRY_SECONDS[0])
    for _ in range(attempts):
        with contextlib.suppress(StoreBusyError):
            return SqliteEngine(directory)
        time.sleep(RETRY_SECONDS[0])  # noqa: TID251 - this process has nothing else to do
    return SqliteEngine(directory)


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


def serve(peer: socket.socket, engine: SqliteEngine) -> None:
    """Serve requests in order until the peer is gone. Raise what `is_transient` says no to."""
    buffer = bytearray()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while data := peer.recv(READ_OCTETS):
            buffer += data
            for kind, *request in wire.unpack(buffer):
                answered, work = (wire.DURABLE, engine.commit) if kind == wire.WRITE else (wire.ROWS, engine.query)
                peer.sendall(wire.pack((answered, _patiently(partial(work, *request), peer))))


def _run(peer: socket.socket, directory: Path) -> None:
    engine = _open(directory)
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
    """`python -m gateway.store.process FD DIRECTORY`; started by gateway.store.client only."""
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

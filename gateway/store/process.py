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
from pathlib import Path

from gateway.store import wire
from gateway.store.sqlite import SqliteEngine, StoreBusyError

# A gateway that was killed leaves a store process that still commits its last batch.
LOCK_PATIENCE_SECONDS = 10.0
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
READ_OCTETS = 1 << 20


def _open(directory: Path) -> SqliteEngine:
    attempts = int(LOCK_PATIENCE_SECONDS / RETRY_SECONDS[0])
    for _ in range(attempts):
        with contextlib.suppress(StoreBusyError):
            return SqliteEngine(directory)
        time.sleep(RETRY_SECONDS[0])  # noqa: TID251 - this process has nothing else to do
    return SqliteEngine(directory)


def _commit(engine: SqliteEngine, rows: list[list[tuple[object, ...]]], peer: socket.socket) -> int:
    """Commit, and while the disk refuses say so and try again: what was promised stays promised."""
    attempt = 0
    while True:
        try:
            return engine.commit(rows)
        except (sqlite3.OperationalError, OSError) as refusal:
            peer.sendall(wire.pack((wire.STUCK, str(refusal))))
            time.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])  # noqa: TID251
            attempt += 1


def serve(peer: socket.socket, engine: SqliteEngine) -> None:
    """Serve requests in order until the peer is gone."""
    buffer = bytearray()
    while data := peer.recv(READ_OCTETS):
        buffer += data
        for kind, *request in wire.unpack(buffer):
            if kind == wire.WRITE:
                peer.sendall(wire.pack((wire.DURABLE, _commit(engine, request[0], peer))))
            else:
                peer.sendall(wire.pack((wire.ROWS, engine.query(request[0], request[1]))))


def main(arguments: list[str]) -> int:
    """`python -m gateway.store.process FD DIRECTORY`; started by gateway.store.client only."""
    # The gateway drains on these and closes the socket when it is done; a terminal sends them to both.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    peer = socket.socket(fileno=int(arguments[0]))
    try:
        engine = _open(Path(arguments[1]))
    except (OSError, sqlite3.Error, StoreBusyError, ValueError) as refusal:
        print(f"store {arguments[1]}: {refusal}", file=sys.stderr)  # noqa: T201
        return 1
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        serve(peer, engine)
    engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The store process: it answers in order, survives a disk that refuses, and ends with its gateway."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store import schema, wire
from gateway.store.batch import Batch
from tests.gateway.store.rows import accepted


@contextmanager
def process(directory: Path) -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "gateway.store.process", str(theirs.fileno()), str(directory)]
    with theirs:
        child = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with ours, child:
        ours.settimeout(20)
        yield ours, child
        ours.close()
        child.wait(20)


def ask(peer: socket.socket, *request: object) -> list[tuple[object, ...]]:
    peer.sendall(wire.pack(request))
    return answers(peer)


def answers(peer: socket.socket) -> list[tuple[object, ...]]:
    buffer = bytearray()
    while True:
        buffer += peer.recv(65536)
        if found := wire.unpack(buffer):
            return found


def batch(message_id: int) -> schema.Batch:
    one = Batch()
    one.add(accepted(message_id))
    return one.rows()


def test_it_commits_answers_and_ends_when_the_gateway_is_gone(tmp_path: Path) -> None:
    with process(tmp_path) as (peer, child):
        assert ask(peer, wire.WRITE, batch(20)) == [(wire.DURABLE, 0)]
        ((kind, rows),) = ask(peer, wire.QUERY, "messages", (0, 10))
        assert kind == wire.ROWS
        assert isinstance(rows, list)
        assert [row[0] for row in rows] == [20]
    assert child.returncode == 0


def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with process(tmp_path / "file") as (peer, child):
        ((kind, why),) = ask(peer, wire.WRITE, batch(20))  # what is asked meanwhile does not drown the word
        assert kind == wire.FAILED
        assert child.poll() is None
        peer.close()
        assert child.wait(20) == 1
        assert child.stderr is not None
        said = child.stderr.read().decode()
        assert said == f"{why}\n"
        assert "File exists" in said or "Not a directory" in said


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / schema.FILE_NAME
    file.write_bytes(b"this is no database" * 100)
    with process(tmp_path) as (peer, child):
        assert answers(peer)[0] == (wire.FAILED, f"store {tmp_path}: file is not a database")
    assert child.returncode == 1
    assert file.read_bytes() == b"this is no database" * 100


def test_while_the_disk_refuses_it_says_so_and_then_goes_on(tmp_path: Path) -> None:
    """The database is taken by another writer, as a backup tool might: refused, told, tried again."""
    import sqlite3

    with process(tmp_path) as (peer, _):
        assert ask(peer, wire.WRITE, batch(20)) == [(wire.DURABLE, 0)]
        other = sqlite3.connect(tmp_path / schema.FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        found = ask(peer, wire.WRITE, batch(30))
        assert found[0] == (wire.STUCK, "database is locked")
        other.execute("ROLLBACK")
        other.close()
        while found[-1][0] == wire.STUCK:
            found += answers(peer)
        assert found[-1] == (wire.DURABLE, 0)


def test_the_file_alone_is_the_store(tmp_path: Path) -> None:
    with process(tmp_path / "a") as (peer, _):
        ask(peer, wire.WRITE, batch(20))
    (tmp_path / "b").mkdir()
    shutil.copy(tmp_path / "a" / schema.FILE_NAME, tmp_path / "b")
    with process(tmp_path / "b") as (peer, _):
        ((_, rows),) = ask(peer, wire.QUERY, "messages", (0, 10))
        assert isinstance(rows, list)
        assert len(rows) == 1

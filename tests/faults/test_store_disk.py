"""A disk that is full, fails at every place of a batch in turn, is read-only, or holds a corrupt file."""

import asyncio
import ctypes
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import schema
from gateway.store.client import StoreProcess
from tests.faults.store_load import Found, Phase
from tests.gateway.store.rows import accepted, settled

WAL = f"{schema.FILE_NAME}-wal"
UNLIMITED = resource.RLIM_INFINITY
PAGE = 4096
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
PR_CAPBSET_DROP = 24


class Disk:
    """The disk under a store process: `fills_up_at` is the size that no file may outgrow."""

    def __init__(self, store: StoreProcess, directory: Path, answers: asyncio.Queue[None], lost: list[str]) -> None:
        self.store = store
        self.directory = directory
        self.lost = lost
        self._answers = answers

    @property
    def wal_octets(self) -> int:
        """The size of the write-ahead log."""
        return (self.directory / WAL).stat().st_size

    def fills_up_at(self, octets: int) -> None:
        """Beyond it every write fails (EFBIG). UNLIMITED heals it."""
        resource.prlimit(self.store.pid, resource.RLIMIT_FSIZE, (octets, UNLIMITED))

    async def until_stuck(self) -> str:
        """Wait for the store to say that it is, and why."""
        while not self.store.stuck:
            await asyncio.wait_for(self._answers.get(), 20)
        return self.store.stuck

    async def durable(self) -> None:
        """Wait for everything that was written."""
        done = asyncio.get_running_loop().create_future()
        self.store.follow(done.set_result)
        self.store.flush()
        await asyncio.wait_for(done, 20)


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    answers: asyncio.Queue[None] = asyncio.Queue()
    lost: list[str] = []
    store = await StoreProcess.start(tmp_path, on_answer=lambda: answers.put_nowait(None), on_lost=lost.append)
    await store.load()
    yield Disk(store, tmp_path, answers, lost)
    await store.close()


async def test_a_full_disk_is_told_and_healed_and_order_is_kept(disk: Disk) -> None:
    promised: list[int] = []
    store = disk.store
    store.write(accepted(10), promised.append, 10)
    await disk.durable()
    disk.fills_up_at(disk.wal_octets)
    for message_id in (20, 30, 40, 50):  # two batches in flight, and what waits behind them
        store.write(accepted(message_id), promised.append, message_id)
        store.flush()
    assert await disk.until_stuck() in {"disk I/O error", "database or disk is full"}
    assert promised == [10]
    disk.fills_up_at(UNLIMITED)
    await disk.durable()
    assert promised == [10, 20, 30, 40, 50]
    assert store.stuck == ""
    assert disk.lost == []


@pytest.mark.parametrize("killed", [False, True])
async def test_the_disk_fails_at_every_place_of_a_batch_in_turn(disk: Disk, killed: bool) -> None:
    """The fault moves on by half a page until the batch fits: all of it is there afterwards, or nothing."""
    store = disk.store
    faults = message_id = 0
    while True:
        message_id += 20
        changes = [accepted(message_id + place)._replace(text=bytes(500)) for place in range(0, 20, 2)]
        await disk.durable()
        disk.fills_up_at(disk.wal_octets + faults * PAGE // 2)
        promised: list[int] = []
        for change in changes:
            store.write(change, promised.append, change.message_id)
        store.write(settled(message_id), promised.append, 0)
        store.flush()
        finished = asyncio.ensure_future(disk.durable())  # noqa: TID251 - whichever comes first
        stuck = asyncio.ensure_future(disk.until_stuck())  # noqa: TID251
        await asyncio.wait([finished, stuck], return_when=asyncio.FIRST_COMPLETED)
        if not stuck.done():
            stuck.cancel()
            break
        faults += 1
        assert promised == []
        if killed and faults == 5:
            finished.cancel()
            os.kill(store.pid, signal.SIGKILL)
            await store.close()
            found = Found(disk.directory)
            assert {found.phase(change.message_id) for change in changes} == {Phase.ABSENT}
            return
        disk.fills_up_at(UNLIMITED)
        await finished
        assert len(promised) == 11
    assert faults > 5  # it was not one place only
    await store.close()
    found = Found(disk.directory)
    assert found.phase(20) is Phase.SETTLED
    assert found.last_id == message_id + 18


async def test_reading_from_a_disk_that_fails_waits_too(disk: Disk) -> None:
    """What is owed is asked for behind a batch that is stuck: the answer comes when it can, and has the batch in it."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    disk.store.write(accepted(10))
    await disk.durable()
    disk.fills_up_at(disk.wal_octets)
    disk.store.write(settled(10))
    disk.store.flush()
    disk.store.owed("demo", 0, 10, lambda receipts: answer.set_result(len(receipts)))
    await disk.until_stuck()
    assert not answer.done()
    disk.fills_up_at(UNLIMITED)
    assert await asyncio.wait_for(answer, 20) == 1


async def test_a_file_that_goes_bad_ends_the_store_and_says_why(tmp_path: Path) -> None:
    lost: list[str] = []
    store = await StoreProcess.start(tmp_path, on_answer=lambda: None, on_lost=lost.append)
    for message_id in range(1, 2_000):
        store.write(accepted(message_id))
    await store.close()
    file = tmp_path / schema.FILE_NAME
    octets = file.read_bytes()
    middle = len(octets) // 2 // PAGE * PAGE
    file.write_bytes(octets[:middle] + b"\xa5" * (len(octets) - middle))
    store = await StoreProcess.start(tmp_path, on_answer=lambda: None, on_lost=lost.append)
    with pytest.raises(ConnectionError, match=r"the store is lost: store .*: database disk image is malformed"):
        await store.load()
    await store.close()
    assert lost == [store.stuck]
    assert file.stat().st_size == len(octets)  # nobody repairs it by throwing it away


def _obey_permissions() -> None:
    """Root writes where it may not, unless it lost the capability to. Everybody else obeys anyway."""
    if os.geteuid() == 0:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl")


def run_in(directory: Path) -> subprocess.CompletedProcess[str]:
    """A store process whose gateway has hung up already."""
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        return subprocess.run(
            [sys.executable, "-m", "gateway.store.process", str(theirs.fileno()), str(directory)],
            pass_fds=[theirs.fileno()],
            preexec_fn=_obey_permissions,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )


@pytest.mark.parametrize("opened_before", [False, True])
def test_a_read_only_directory_is_refused_with_its_reason(tmp_path: Path, opened_before: bool) -> None:
    directory = tmp_path / "store"
    directory.mkdir()
    if opened_before:
        sqlite3.connect(directory / schema.FILE_NAME).close()
        (directory / "lock").touch()
        for file in directory.iterdir():
            file.chmod(0o400)
    directory.chmod(0o500)
    ended = run_in(directory)
    directory.chmod(0o700)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"store {directory}: ")
    assert "Permission denied" in ended.stderr
    assert ended.stderr.count("\n") == 1  # a reason, not a traceback

"""kill -9 of the store process, of its gateway, of both, at random moments under load: every promise is on disk."""

import asyncio
import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.model.ids import IdSource
from gateway.store.client import StoreProcess
from gateway.store.sqlite import SqliteEngine
from tests.faults.store_load import Found, Load, Phase, ids_of

ROOT = Path(__file__).parents[2]
ROUNDS = 10
SEED = 20_260


async def written_until_killed(directory: Path, first_id: int, seconds: float) -> dict[int, Phase]:
    """Start, write, kill the process after so many seconds; what was promised by then."""
    promised: dict[int, Phase] = {}
    lost: list[str] = []
    store = await StoreProcess.start(directory, on_answer=lambda: None, on_lost=lost.append)
    await store.load()
    Load(store, first_id, promised.__setitem__).start()
    asyncio.get_running_loop().call_later(seconds, os.kill, store.pid, signal.SIGKILL)
    await asyncio.wait_for(asyncio.shield(store._closed), 20)
    await store.close()
    assert lost == ["the store is lost: its process ended"]
    return promised


async def test_the_store_process_is_killed_again_and_again(tmp_path: Path) -> None:
    """Each round goes on in the same files, so it also recovers what the kill before it left."""
    moments = random.Random(SEED)
    ever_promised: set[int] = set()
    stood_at: set[Phase] = set()
    crowds = first_id = 0
    for number in range(ROUNDS):
        fresh = IdSource(0, first_id).next(0)  # the clock was set back: ids come from what the store knows alone
        assert fresh not in ever_promised
        promised = await written_until_killed(tmp_path, fresh, moments.uniform(0.001, 0.12))
        found = Found(tmp_path)
        stood_at |= set(found.audit(fresh, promised))
        ever_promised |= {one for crowd in promised for one in ids_of(fresh, crowd)}
        crowds += len(promised)
        first_id = found.last_id
        assert number == 0 or first_id >= fresh - 1
    assert crowds > ROUNDS  # it was killed at work, not at rest
    assert stood_at >= {Phase.ABSENT, Phase.HANDED_OVER}


class Gateway:
    """The reduced gateway as a process of its own."""

    def __init__(self, directory: Path, first_id: int) -> None:
        command = [sys.executable, "-m", "tests.faults.store_load", str(directory), str(first_id)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self._out = self.process.stdout
        self.store_pid = int(self._out.readline())

    def promises_before(self, lines: int) -> list[bytes]:
        """Wait for so many promises."""
        return [self._out.readline() for _ in range(lines)]

    def rest(self) -> list[bytes]:
        """What else it promised before it ended. The last line may be cut."""
        with self.process:
            return [line for line in self._out.read().splitlines(keepends=True) if line.endswith(b"\n")]


def promised_in(lines: list[bytes]) -> dict[int, Phase]:
    """The last word on each crowd."""
    return {int(crowd): Phase(int(phase)) for crowd, phase in (line.split() for line in lines)}


def wait_for_the_end_of(handle: int) -> None:
    """`handle` is a pidfd, taken while the process lived: it turns readable when the process ends."""
    readable, _, _ = select.select([handle], [], [], 20)
    os.close(handle)
    assert readable, "the store process outlived its gateway"


@pytest.mark.parametrize("who", ["gateway", "store", "both"])
def test_a_gateway_and_its_store_are_killed(tmp_path: Path, who: str) -> None:
    moments = random.Random(SEED)
    first_id = 0
    for _ in range(2):
        gateway = Gateway(tmp_path, first_id + 1)
        handle = os.pidfd_open(gateway.store_pid)
        lines = gateway.promises_before(moments.randrange(1, 300))
        if who != "gateway":
            os.kill(gateway.store_pid, signal.SIGKILL)
        if who != "store":
            gateway.process.kill()
        lines += gateway.rest()
        wait_for_the_end_of(handle)
        assert gateway.process.returncode == (0 if who == "store" else -signal.SIGKILL)
        found = Found(tmp_path)
        found.audit(first_id + 1, promised_in(lines))
        first_id = found.last_id


def test_a_gateway_that_starts_while_the_old_store_process_still_works_waits_for_it(tmp_path: Path) -> None:
    held = SqliteEngine(tmp_path)  # as the process of a killed gateway holds it until its last batch is on disk
    command = [sys.executable, "-m", "tests.faults.store_load", str(tmp_path), "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as new:
        assert new.stdout is not None
        assert select.select([new.stdout], [], [], 0.3)[0] == []
        held.close()
        handle = os.pidfd_open(int(new.stdout.readline()))
        assert new.stdout.readline() == b"0 1\n"
        new.kill()
    wait_for_the_end_of(handle)

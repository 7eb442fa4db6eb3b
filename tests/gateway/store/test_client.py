"""The gateway's end: group commit, few batches in flight, and a process that dies takes us with it."""

import asyncio
import os
import signal
from pathlib import Path

from gateway.store import client
from gateway.store.client import StoreProcess
from tests.gateway.store.rows import accepted


async def start(directory: Path, lost: list[str]) -> StoreProcess:
    return await StoreProcess.start(directory, on_answer=lambda: None, on_lost=lost.append)


async def test_what_is_written_while_batches_are_in_flight_is_one_more_batch(tmp_path: Path) -> None:
    store = await start(tmp_path, [])
    for message_id in range(1, 501):
        store.write(accepted(message_id))
        store.flush()
    assert store.batches == client.BATCHES_IN_FLIGHT
    await store.close()
    assert store.batches == client.BATCHES_IN_FLIGHT + 1
    assert store.changes == 500


async def test_it_says_when_it_is_behind(tmp_path: Path) -> None:
    store = await start(tmp_path, [])
    for message_id in range(1, client.BEHIND_CHANGES + 1):
        store.write(accepted(message_id))
    assert not store.behind
    store.write(accepted(client.BEHIND_CHANGES + 1))
    assert store.behind
    store.flush()
    assert not store.behind
    await store.close()


async def test_a_killed_store_process_is_reported_once_and_nothing_more_is_promised(tmp_path: Path) -> None:
    lost: list[str] = []
    durable: list[object] = []
    store = await start(tmp_path, lost)
    os.kill(store.pid, signal.SIGKILL)
    store.write(accepted(20), durable.append, 20)
    store.flush()
    await asyncio.wait_for(store._closed, 10)
    assert len(lost) == 1
    assert lost[0].startswith("the store process ended")
    assert durable == []
    await store.close()
    assert len(lost) == 1


async def test_a_store_that_does_not_open_fails_the_load(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    lost: list[str] = []
    store = await start(tmp_path / "file", lost)
    try:
        await store.load()
    except ConnectionError as failure:
        assert "store process" in str(failure)  # noqa: PT017
    else:
        raise AssertionError("it loaded from a file that is no directory")
    await store.close()

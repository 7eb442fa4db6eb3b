"""The gateway's end: group commit, few batches in flight, and a process that dies takes us with it."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway import clock
from gateway.store import client, schema
from gateway.store.client import StoreProcess
from gateway.store.contract import ReceiptOwed, SegmentsMoved
from tests.gateway.store.rows import accepted, settled

Start = Callable[..., Any]


@pytest.fixture
def lost() -> list[str]:
    return []


@pytest.fixture
async def start(tmp_path: Path, lost: list[str]) -> AsyncIterator[Start]:
    """Starts stores that are closed afterwards, whatever became of them."""
    opened: list[StoreProcess] = []

    async def start(directory: Path = tmp_path, **options: Any) -> StoreProcess:
        store = await StoreProcess.start(directory, on_lost=lost.append, **{"on_answer": lambda: None, **options})
        opened.append(store)
        return store

    yield start
    for store in opened:
        await store.close()


async def durable(store: StoreProcess) -> None:
    """Everything written so far."""
    done = asyncio.get_running_loop().create_future()
    store.follow(done.set_result)
    store.flush()
    await asyncio.wait_for(done, 10)


async def gone(store: StoreProcess) -> None:
    await asyncio.wait_for(asyncio.shield(store._closed), 10)


async def test_a_process_that_owes_an_answer_is_silent_and_one_that_owes_none_is_not(start: Start) -> None:
    store = await start()
    assert store.silent_seconds(clock.monotonic() + 1_000) == 0.0
    os.kill(store.pid, signal.SIGSTOP)
    store.write(accepted(1))
    store.flush()
    asked = clock.monotonic()
    assert 900 < store.silent_seconds(asked + 1_000) <= 1_000.0 + 1
    os.kill(store.pid, signal.SIGCONT)
    await durable(store)
    assert store.silent_seconds(clock.monotonic() + 1_000) == 0.0


@pytest.mark.parametrize("most", [1, 2, 5])
async def test_what_is_written_while_batches_are_in_flight_is_one_more_batch(start: Start, most: int) -> None:
    store = await start(max_batches_in_flight=most)
    for message_id in range(1, 501):
        store.write(accepted(message_id))
        store.flush()
    assert store.batches == most
    await store.close()
    assert store.batches == most + 1
    assert store.changes == 500


async def test_few_changes_wait_for_more_and_many_do_not(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await start(max_batches_in_flight=5)
    monkeypatch.setattr(client, "GATHER_SECONDS", 3_600.0)
    sent = []
    for message_id in range(1, client.GATHER_CHANGES + 2):
        store.write(accepted(message_id))
        store.flush()
        sent.append(store.batches)
    assert sent == [1] * client.GATHER_CHANGES + [2]


async def test_what_few_changes_wait_for_is_not_long(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await start(max_batches_in_flight=5)
    monkeypatch.setattr(client, "GATHER_SECONDS", 0.05)
    done: list[int] = []
    for message_id in (1, 2, 3):
        store.write(accepted(message_id), done.append, message_id)
        store.flush()
    assert store.batches == 1
    await durable(store)  # nobody flushes again: the timer does
    assert (done, store.batches) == ([1, 2, 3], 2)


async def test_flushing_nothing_asks_for_nothing(start: Start) -> None:
    store = await start()
    store.flush()
    assert store.batches == 0
    await durable(store)  # a consequence alone is worth a batch
    assert (store.batches, store.changes) == (1, 0)


async def test_it_says_when_it_is_behind(start: Start) -> None:
    store = await start()
    for message_id in range(1, client.BEHIND_CHANGES + 1):
        store.write(SegmentsMoved(message_id, b""))
    assert not store.behind
    store.write(SegmentsMoved(client.BEHIND_CHANGES + 1, b""))
    assert store.behind
    store.flush()
    assert not store.behind


async def test_consequences_may_write_and_what_they_write_becomes_durable_too(start: Start) -> None:
    store = await start()
    order: list[object] = []

    def go_on(argument: object) -> None:
        order.append(argument)
        if len(order) < 5:
            store.write(accepted(len(order) + 1), go_on, len(order))

    store.write(accepted(1), go_on, 0)
    await store.close()
    assert order == [0, 1, 2, 3, 4]
    found = await (await start()).load()
    assert [message.message_id for message in found.messages] == [1, 2, 3, 4, 5]


async def test_on_answer_comes_after_the_consequences(start: Start) -> None:
    order: list[str] = []
    store = await start(on_answer=lambda: order.append("answer"))
    store.write(accepted(1), order.append, "first")
    store.write(accepted(2), order.append, "second")
    await durable(store)
    await store.close()
    assert order == ["first", "second", "answer"]


async def test_rows_larger_than_a_read_come_back_whole_and_in_pages(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LOAD_ROWS", 7)
    store = await start()
    texts = {
        message_id: bytes([message_id]) * 100_000 for message_id in range(1, 22)
    }  # 21: a page that is full is last
    for message_id, text in texts.items():
        store.write(accepted(message_id)._replace(text=text))
    await durable(store)
    found = await store.load()
    assert {message.message_id: message.text for message in found.messages} == texts


async def test_a_killed_process_is_reported_once_and_nothing_more_is_promised(start: Start, lost: list[str]) -> None:
    promised: list[object] = []
    answers: list[list[ReceiptOwed]] = []
    store = await start()
    os.kill(store.pid, signal.SIGSTOP)  # so that it certainly has not committed
    store.write(accepted(20), promised.append, 20)
    store.flush()
    os.kill(store.pid, signal.SIGKILL)
    await gone(store)
    assert lost == [store.stuck] == ["the store is lost: its process ended"]
    store.write(accepted(30), promised.append, 30)
    store.follow(promised.append, "followed")
    store.flush()
    store.owed("demo", 0, 10, answers.append)
    await store.close()
    assert promised == []
    assert answers == []
    assert len(lost) == 1


async def test_a_load_that_waits_is_told_when_the_process_dies(start: Start) -> None:
    store = await start()
    os.kill(store.pid, signal.SIGSTOP)
    load = asyncio.ensure_future(store.load())  # noqa: TID251 - the test needs two things at once
    await asyncio.sleep(0)
    os.kill(store.pid, signal.SIGKILL)
    with pytest.raises(ConnectionError, match="the store is lost"):
        await asyncio.wait_for(load, 10)
    with pytest.raises(ConnectionError, match="the store is lost"):
        await store.load()


async def test_a_store_that_does_not_open_fails_the_load_and_says_why(
    start: Start, tmp_path: Path, lost: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = await start(tmp_path / "file")
    with pytest.raises(ConnectionError, match=r"the store is lost: store .*/file: .*(File exists|Not a directory)"):
        await store.load()
    assert lost == [store.stuck]


async def test_a_batch_that_can_never_be_written_ends_the_store_and_says_why(start: Start, lost: list[str]) -> None:
    promised: list[object] = []
    store = await start()
    store.write(accepted(20))
    await durable(store)
    store.write(accepted(20), promised.append, 20)  # ids are unique: only a bug does this
    store.flush()
    await gone(store)
    assert promised == []
    assert len(lost) == 1
    assert lost[0].endswith("UNIQUE constraint failed: message.message_id")


async def test_a_consequence_that_raises_ends_the_store_with_its_reason(start: Start, lost: list[str]) -> None:
    """Our own bug: what follows from a commit was not done, so nobody may go on as if it had been."""
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    after: list[object] = []

    def burst(_: object) -> None:
        raise LookupError("a wrong turn")

    store = await start()
    store.write(accepted(20), burst)
    store.write(accepted(30), after.append, 30)
    store.flush()
    await gone(store)
    assert lost == ["the store is lost: LookupError: a wrong turn"]
    assert after == []
    assert isinstance(heard[0]["exception"], LookupError)


async def test_while_another_writer_holds_the_file_it_is_stuck_and_heals(start: Start, tmp_path: Path) -> None:
    told: asyncio.Queue[None] = asyncio.Queue()
    store: StoreProcess = await start(on_answer=lambda: told.put_nowait(None))
    await store.load()
    other = sqlite3.connect(tmp_path / schema.FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    promised: list[object] = []
    store.write(accepted(20), promised.append, 20)
    store.flush()
    while not store.stuck:
        await asyncio.wait_for(told.get(), 10)
    assert store.stuck == "database is locked"
    assert promised == []
    other.execute("ROLLBACK")
    other.close()
    await durable(store)
    assert promised == [20]
    assert store.stuck == ""


async def test_close_leaves_a_disk_that_refuses_for_too_long(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: list[str]
) -> None:
    monkeypatch.setattr(client, "CLOSE_SECONDS", 0.6)
    store = await start()
    await store.load()
    other = sqlite3.connect(tmp_path / schema.FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    promised: list[object] = []
    store.write(accepted(20), promised.append, 20)
    await store.close()
    other.close()
    assert promised == []
    assert lost == []
    assert (await (await start()).load()).messages == []


async def test_a_process_that_does_not_end_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await start()
    await store.load()
    monkeypatch.setattr(client, "CLOSE_SECONDS", 0.05)
    os.kill(store.pid, signal.SIGSTOP)
    await store.close()
    assert store._process.returncode == -signal.SIGKILL


async def test_records_that_were_there_already_are_counted(start: Start) -> None:
    store = await start()
    store.write(accepted(20))
    store.write(accepted(30))
    store.write(settled(20))
    await durable(store)
    store.write(settled(20)._replace(receipts=()))
    store.write(settled(30))
    await durable(store)
    assert store.repeated_records == 1


async def test_signals_to_the_group_do_not_end_the_process_before_its_gateway(start: Start) -> None:
    store = await start()
    await store.load()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(store.pid, number)
    store.write(accepted(20))
    await durable(store)
    assert os.getpgid(store.pid) != os.getpgid(0)  # a terminal's Ctrl-C goes to the gateway alone


async def test_each_commit_is_timed_and_each_batch_is_measured(start: Start) -> None:
    store = await start()
    for number in range(3):
        for message_id in range(1, 6):
            store.write(accepted(10 * number + message_id))
        await durable(store)
    assert sum(store.commit_ms.counts) == sum(store.batch_changes.counts) == store.batches
    assert store.batch_changes.total == store.changes == 15
    assert 0 < store.commit_ms.total < 30_000

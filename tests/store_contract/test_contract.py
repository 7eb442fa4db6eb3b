"""One suite for every engine: what the contract says, with a restart in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.store.client import StoreProcess
from gateway.store.contract import (
    EarlyReceiptDone,
    PartsJoined,
    ReceiptHandedOver,
    ReceiptOwed,
    Recovered,
    SegmentsMoved,
    Store,
)
from gateway.store.memory import Disk, MemoryStore
from tests.gateway.store.rows import accepted, early, owed, part, record, settled


class Engine:
    """A way to open, wait for durability, and open again."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._disk = Disk()

    async def open(self) -> Store:
        if self._directory is None:
            return MemoryStore(self._disk)
        return await StoreProcess.start(self._directory, on_answer=lambda: None, on_lost=pytest.fail)

    async def sync(self, store: Store) -> None:
        durable = asyncio.get_running_loop().create_future()
        store.follow(durable.set_result, None)
        store.flush()
        if isinstance(store, MemoryStore):
            store.sync()
        await durable

    async def owed(self, store: Store, customer: str, after: int, limit: int) -> list[ReceiptOwed]:
        answer: asyncio.Future[list[ReceiptOwed]] = asyncio.get_running_loop().create_future()
        store.owed(customer, after, limit, answer.set_result)
        return await answer

    async def reopened(self, store: Store) -> Recovered:
        await store.close()
        again = await self.open()
        found = await again.load()
        await again.close()
        return found


@pytest.fixture(params=["memory", "sqlite"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return Engine(tmp_path / "store" if request.param == "sqlite" else None)


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    opened = await engine.open()
    yield opened
    await opened.close()


async def test_an_empty_store_remembers_nothing(engine: Engine, store: Store) -> None:
    assert await store.load() == Recovered(0, [], [], [])


async def test_what_was_accepted_is_there_after_a_restart_to_the_last_field(engine: Engine, store: Store) -> None:
    store.write(accepted(30))
    store.write(accepted(20))
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(30, [accepted(20), accepted(30)], [], [])


async def test_the_last_word_on_a_life_counts(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(SegmentsMoved(20, b"sending"))
    await engine.sync(store)
    store.write(SegmentsMoved(20, b"sent"))
    store.write(SegmentsMoved(20, b"sent and more"))
    await engine.sync(store)
    found = await engine.reopened(store)
    assert [message.life for message in found.messages] == [b"sent and more"]


@pytest.mark.parametrize("batches", [1, 2])
async def test_a_settled_message_leaves_and_owes_its_receipt(engine: Engine, store: Store, batches: int) -> None:
    store.write(accepted(20))
    if batches == 2:
        await engine.sync(store)
    store.write(SegmentsMoved(20, b"sent"))
    store.write(settled(20))
    await engine.sync(store)
    assert await engine.owed(store, "demo", 0, 10) == [owed(21)]
    assert await engine.reopened(store) == Recovered(21, [], [], [])


async def test_a_receipt_handed_over_is_owed_no_more(engine: Engine, store: Store) -> None:
    for message_id in (20, 30, 40):
        store.write(accepted(message_id))
        store.write(settled(message_id))
    await engine.sync(store)
    store.write(ReceiptHandedOver("demo", 31))
    await engine.sync(store)
    assert [receipt.owed_id for receipt in await engine.owed(store, "demo", 0, 10)] == [21, 41]


async def test_owed_pages_by_id_and_customer(engine: Engine, store: Store) -> None:
    for message_id in (40, 20, 30):
        store.write(settled(message_id))
    await engine.sync(store)
    assert [receipt.owed_id for receipt in await engine.owed(store, "demo", 21, 1)] == [31]
    assert await engine.owed(store, "nobody", 0, 10) == []


async def test_parts_wait_and_live_on_in_their_message(engine: Engine, store: Store) -> None:
    store.write(part(10))
    store.write(part(11))
    await engine.sync(store)
    store.write(part(12))
    store.write(PartsJoined((10, 12)))
    store.write(accepted(20))
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(20, [accepted(20)], [part(11)], [])


async def test_an_early_receipt_waits_until_it_is_done(engine: Engine, store: Store) -> None:
    store.write(early(b"a"))
    store.write(early(b"b"))
    await engine.sync(store)
    store.write(EarlyReceiptDone("one", b"a"))
    store.write(EarlyReceiptDone("one", b"c"))  # never was there: no harm
    await engine.sync(store)
    assert (await engine.reopened(store)).early == [early(b"b")]


async def test_an_early_receipt_of_an_id_used_again_in_one_batch_stays(engine: Engine, store: Store) -> None:
    store.write(early(b"a"))
    store.write(EarlyReceiptDone("one", b"a"))
    store.write(early(b"a", state=5))
    await engine.sync(store)
    assert (await engine.reopened(store)).early == [early(b"a", state=5)]


async def test_consequences_run_in_order_and_only_when_durable(engine: Engine, store: Store) -> None:
    happened: list[Any] = []
    note: Callable[[Any], None] = happened.append
    store.write(accepted(20), note, "accepted")
    store.follow(note, "followed")
    store.write(SegmentsMoved(20, b"sent"), note, "moved")
    assert happened == []
    await engine.sync(store)
    assert happened == ["accepted", "followed", "moved"]


async def test_close_makes_everything_durable_that_was_written(engine: Engine, store: Store) -> None:
    for message_id in range(1, 1000):
        store.write(accepted(message_id))
    found = await engine.reopened(store)
    assert len(found.messages) == 999


def test_the_rows_of_the_tests_agree() -> None:
    assert settled(20).record == record(20)

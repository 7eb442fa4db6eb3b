"""The memory engine loses what was not synced, and complains of what must not happen."""

import pytest

from gateway.model.errors import Bug
from gateway.store.contract import Owed
from gateway.store.memory import Disk, MemoryStore
from tests.gateway.store.rows import accepted, settled


async def test_what_was_not_synced_is_lost() -> None:
    disk = Disk()
    store = MemoryStore(disk)
    store.write(accepted(20))
    store.flush()
    store.sync()
    store.write(accepted(30))
    store.flush()
    store.write(accepted(40))
    found = await MemoryStore(disk).load()
    assert [message.message_id for message in found.messages] == [20]


def test_while_it_is_stuck_nothing_becomes_durable_and_order_is_kept() -> None:
    store = MemoryStore()
    happened: list[object] = []
    store.write(accepted(20), happened.append, 20)
    store.flush()
    store.stuck = "disk full"
    assert store.sync() == 0
    store.write(accepted(30), happened.append, 30)
    store.flush()
    store.stuck = ""
    assert store.sync() == 2
    assert happened == [20, 30]


def test_a_second_record_is_our_bug() -> None:
    store = MemoryStore()
    store.write(accepted(20))
    store.write(settled(20))
    store.flush()
    store.sync()
    store.write(settled(20))
    store.flush()
    with pytest.raises(Bug, match="has a billing record already"):
        store.sync()


def test_what_a_batch_complains_of_is_not_kept() -> None:
    store = MemoryStore()
    store.write(accepted(20))
    store.write(settled(20))
    with pytest.raises(Bug, match="settled twice"):
        store.write(settled(20))
    store.flush()
    assert store.sync() == 1
    assert list(store.disk.records) == [20]


def test_owed_is_answered_by_the_next_sync_and_not_while_it_is_stuck() -> None:
    store = MemoryStore()
    answers: list[list[Owed]] = []
    store.write(accepted(20))
    store.write(settled(20))
    store.flush()
    store.owed("demo", 0, 10, answers.append)
    store.stuck = "disk full"
    assert store.sync() == 0
    store.stuck = ""
    assert answers == []
    assert store.sync() == 2  # the batch and the answer
    assert [[receipt.owed_id for receipt in page] for page in answers] == [[21]]


async def test_close_keeps_what_consequences_wrote() -> None:
    disk = Disk()
    store = MemoryStore(disk)
    store.write(accepted(20), lambda _: store.write(accepted(30)))
    await store.close()
    assert sorted(disk.messages) == [20, 30]


async def test_close_of_a_stuck_store_ends() -> None:
    disk = Disk()
    store = MemoryStore(disk)
    store.write(accepted(20))
    store.stuck = "disk full"
    await store.close()
    assert disk.messages == {}

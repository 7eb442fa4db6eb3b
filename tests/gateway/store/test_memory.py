"""The memory engine loses what was not synced, and complains of what must not happen."""

import pytest

from gateway.model.errors import Bug
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
    store.write(settled(20))
    store.flush()
    store.sync()
    store.write(settled(20))
    store.flush()
    with pytest.raises(Bug, match="has a billing record already"):
        store.sync()

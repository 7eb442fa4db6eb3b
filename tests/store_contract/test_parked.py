"""What waits on disk only, and small facts that outlive the process: the same for every engine."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from gateway.store.contract import (
    Kept,
    KeptDropped,
    Lane,
    MessageParked,
    MessagesUnparked,
    ParkedDue,
    Recovered,
    ShortIdsReserved,
    Store,
)
from gateway.store.memory import MemoryStore
from tests.gateway.store.rows import accepted, parked, settled
from tests.store_contract.engine import Engine

LANE = Lane("one", 0, "demo")
SOON, LATE, FOR_LONG = 1_800_000_000_500, 1_800_000_000_900, 1 << 50


async def ask(store: Store, question: Callable[[Callable[..., None]], None]) -> Any:
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    question(lambda *found: answer.set_result(found[0] if len(found) == 1 else found))
    assert not answer.done()
    if isinstance(store, MemoryStore):
        store.sync()
    return await answer


def ids(found: list[MessageParked]) -> list[int]:
    return [one.row.message_id for one in found]


async def test_what_is_parked_is_read_lane_by_lane_in_order_and_is_not_loaded(engine: Engine, store: Store) -> None:
    for message_id in (40, 20, 30):
        store.write(parked(message_id))
    store.write(parked(25)._replace(row=accepted(25)._replace(priority=3)))
    store.write(parked(50, waits=SOON))
    await engine.sync(store)
    assert await ask(store, lambda then: store.parked(LANE, 2, then)) == [parked(20), parked(30)]
    assert ids(await ask(store, lambda then: store.parked(Lane("one", 3, "demo"), 9, then))) == [25]
    found = await engine.reopened(store)
    assert (found.messages, found.parked, found.scheduled) == (
        [],
        {LANE: 3, Lane("one", 3, "demo"): 1},
        {("demo", "one"): 1},
    )
    assert found.last_id == 50


async def test_what_is_brought_back_is_a_message_as_if_just_accepted(engine: Engine, store: Store) -> None:
    store.write(parked(20)._replace(told=(7,)))
    store.write(parked(30))
    await engine.sync(store)
    store.write(MessagesUnparked((20,), (("demo", 7, 20),)))
    store.write(settled(20)._replace(told=(7,)))
    await engine.sync(store)
    assert [one.outcome for one in await engine.find(store, "demo", 7)] == ["DELIVERED"]
    found = await engine.reopened(store)
    assert (found.messages, found.parked) == ([], {LANE: 1})


@pytest.mark.parametrize("batches", [1, 2])
async def test_it_may_be_parked_and_brought_back_in_one_batch(engine: Engine, store: Store, batches: int) -> None:
    store.write(parked(20)._replace(told=(7,)))
    if batches == 2:
        await engine.sync(store)
    store.write(MessagesUnparked((20,), (("demo", 7, 20),)))
    await engine.sync(store)
    assert await ask(store, lambda then: store.parked_told("demo", 7, then)) == []
    assert await engine.reopened(store) == Recovered(20, [accepted(20)], [], [], [])


async def test_what_is_due_or_over_comes_first_and_the_next_moment_is_told(engine: Engine, store: Store) -> None:
    for message_id, waits in ((20, LATE), (30, SOON), (40, 0)):
        store.write(parked(message_id, waits))
    store.write(parked(50)._replace(row=accepted(50)._replace(expires_at=SOON)))
    await engine.sync(store)
    found, following = await ask(store, lambda then: store.parked_until(SOON, 10, then))
    assert (sorted(ids(found)), following) == ([30, 50], LATE)
    found, following = await ask(store, lambda then: store.parked_until(1, 10, then))
    assert (found, following) == ([], SOON)
    store.write(ParkedDue((30,)))
    await engine.sync(store)
    assert ids(await ask(store, lambda then: store.parked(LANE, 10, then))) == [30, 40, 50]


async def test_what_is_parked_is_found_by_its_ids_and_its_addresses_for_its_customer_only(
    engine: Engine, store: Store
) -> None:
    store.write(parked(20)._replace(told=(7, 8)))
    store.write(parked(30))
    await engine.sync(store)
    for told_id, expected in ((20, [20]), (7, [20]), (8, [20]), (9, [])):
        found = await ask(store, partial(store.parked_told, "demo", told_id))
        assert ids(found) == expected
    assert await ask(store, lambda then: store.parked_told("other", 7, then)) == []
    row = accepted(20)
    by = (row.source_addr, row.e164)
    assert ids(await ask(store, lambda then: store.parked_addressed("demo", *by, then))) == [20, 30]
    assert await ask(store, lambda then: store.parked_addressed("other", *by, then)) == []
    assert await ask(store, lambda then: store.parked_addressed("demo", b"other", row.e164, then)) == []


async def test_the_last_word_on_a_fact_is_kept_until_it_is_dropped(engine: Engine, store: Store) -> None:
    store.write(Kept("a", "demo", b"1", b"old", 0))
    store.write(Kept("a", "demo", b"1", b"new", FOR_LONG))
    store.write(Kept("a", "demo", b"2", b"gone", 0))
    await engine.sync(store)
    store.write(KeptDropped("a", "demo", b"2"))
    store.write(KeptDropped("a", "demo", b"3"))  # never was there: no harm
    store.write(Kept("b", "demo", b"1", b"another", 0))
    await engine.sync(store)
    found = await engine.reopened(store)
    assert sorted(found.kept) == [Kept("a", "demo", b"1", b"new", FOR_LONG), Kept("b", "demo", b"1", b"another", 0)]


async def test_the_last_short_ids_that_were_reserved_are_remembered(engine: Engine, store: Store) -> None:
    store.write(ShortIdsReserved(2000))
    await engine.sync(store)
    store.write(ShortIdsReserved(1000))  # they have come round
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(0, [], [], [], [], 1000)

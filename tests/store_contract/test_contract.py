"""One suite for every engine: what the contract says, with a restart in between."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.model.errors import Bug
from gateway.store.contract import (
    EarlyReceiptDone,
    MessageReplaced,
    MessageSettled,
    Outcome,
    PartsJoined,
    ReceiptHandedOver,
    ReceiptsOwed,
    Recovered,
    SegmentsMoved,
    Store,
)
from gateway.store.from_phones import MoHandedOver, MoPartsJoined
from tests.gateway.store.rows import (
    LAST_LIFE,
    accepted,
    early,
    mo,
    mo_part,
    owed,
    part,
    record,
    settled,
)
from tests.store_contract.engine import Engine


async def test_an_empty_store_remembers_nothing(engine: Engine, store: Store) -> None:
    assert await store.load() == Recovered(0, [], [], [], [])


async def test_what_was_accepted_is_there_after_a_restart_to_the_last_field(engine: Engine, store: Store) -> None:
    store.write(accepted(30))
    store.write(accepted(20))
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(30, [accepted(20), accepted(30)], [], [], [])


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
    assert await engine.reopened(store) == Recovered(21, [], [], [], [], owed={"demo": 1})


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
        store.write(accepted(message_id))
        store.write(settled(message_id))
    await engine.sync(store)
    assert [receipt.owed_id for receipt in await engine.owed(store, "demo", 21, 1)] == [31]
    assert await engine.owed(store, "nobody", 0, 10) == []


async def test_owed_can_be_walked_page_by_page_while_receipts_come_and_go(engine: Engine, store: Store) -> None:
    for message_id in range(10, 60, 2):
        store.write(accepted(message_id))
        store.write(settled(message_id))
    await engine.sync(store)
    walked: list[int] = []
    while page := await engine.owed(store, "demo", walked[-1] if walked else 0, 7):
        walked += [receipt.owed_id for receipt in page]
        for receipt in page:
            store.write(ReceiptHandedOver("demo", receipt.owed_id))
        if len(walked) == 14:
            store.write(accepted(60))
            store.write(settled(60))
        await engine.sync(store)
    assert walked == list(range(11, 62, 2))
    assert await engine.owed(store, "demo", 0, 100) == []


async def test_owed_is_answered_later_and_sees_what_was_durable_before(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(settled(20))
    await engine.sync(store)
    assert await engine.owed(store, "demo", 0, 10) == [owed(21)]  # Engine.owed holds that it comes later


async def test_one_customer_never_sees_what_another_is_owed(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(MessageSettled(record(20), LAST_LIFE, (owed(21, "one"), owed(22, "two"))))
    await engine.sync(store)
    store.write(ReceiptHandedOver("two", 21))  # not theirs: no harm
    await engine.sync(store)
    assert await engine.owed(store, "one", 0, 10) == [owed(21, "one")]
    assert await engine.owed(store, "two", 0, 10) == [owed(22, "two")]


async def test_a_receipt_handed_over_twice_is_gone_once(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(settled(20))
    store.write(ReceiptHandedOver("demo", 21))
    store.write(ReceiptHandedOver("demo", 21))
    await engine.sync(store)
    store.write(ReceiptHandedOver("demo", 21))
    await engine.sync(store)
    assert await engine.owed(store, "demo", 0, 10) == []


async def test_a_message_is_settled_once_in_a_batch(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(settled(20))
    with pytest.raises(Bug, match="settled twice"):
        store.write(settled(20))


async def test_the_last_id_is_the_greatest_of_all_tables(engine: Engine, store: Store) -> None:
    store.write(accepted(50))
    store.write(part(60))
    store.write(accepted(70))
    store.write(settled(70))
    await engine.sync(store)
    store.write(PartsJoined((60,)))
    store.write(ReceiptHandedOver("demo", 71))
    await engine.sync(store)
    assert (await engine.reopened(store)).last_id == 70


async def test_what_was_written_and_not_durable_is_lost_whole_when_the_engine_dies(
    engine: Engine, store: Store
) -> None:
    promised: list[object] = []
    store.write(accepted(20), promised.append, 20)
    store.write(accepted(30))
    store.write(settled(30), promised.append, 30)
    await engine.sync(store)
    store.write(SegmentsMoved(20, b"sent"), promised.append, "moved")
    store.write(accepted(40), promised.append, 40)
    store.write(ReceiptHandedOver("demo", 31), promised.append, "handed over")
    found = await engine.crashed(store)
    assert promised == [20, 30]
    assert found == Recovered(31, [accepted(20)], [], [], [], owed={"demo": 1})


async def test_parts_wait_and_live_on_in_their_message(engine: Engine, store: Store) -> None:
    store.write(part(10))
    store.write(part(11))
    await engine.sync(store)
    store.write(part(12))
    store.write(PartsJoined((10, 12)))
    store.write(accepted(20))
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(20, [accepted(20)], [part(11)], [], [])


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


async def test_messages_from_phones_are_owed_among_the_receipts(engine: Engine) -> None:
    store = await engine.open()
    await store.load()
    store.write(mo(15))
    store.write(accepted(20))
    store.write(settled(20))
    store.write(mo(30))
    store.write(mo(31, customer="other"))
    await engine.sync(store)
    assert await engine.owed(store, "demo", 0, 10) == [mo(15), owed(21), mo(30)]
    assert await engine.owed(store, "demo", 15, 1) == [owed(21)]
    assert await engine.owed(store, "demo", 0, 2) == [mo(15), owed(21)]
    store.write(MoHandedOver("demo", 15))
    await engine.sync(store)
    assert await engine.owed(store, "demo", 0, 10) == [owed(21), mo(30)]
    assert (await engine.reopened(store)).last_id == 31


async def test_parts_from_phones_wait_and_live_on_in_what_is_owed(engine: Engine) -> None:
    store = await engine.open()
    await store.load()
    store.write(mo_part(40, 1))
    store.write(mo_part(41, 2))
    await engine.sync(store)
    store.write(MoPartsJoined((40,)))
    await engine.sync(store)
    found = await engine.reopened(store)
    assert found == Recovered(41, [], [], [], [mo_part(41, 2)])


ENDED = Outcome(b"81501234567", "DELIVERED", "000", 1_800_000_001_000)
WAITS = Outcome(b"81501234567", "", "", 0)


async def test_a_message_that_was_replaced_is_the_new_one_after_a_restart(engine: Engine, store: Store) -> None:
    store.write(accepted(20, b"old"))
    store.write(accepted(30, b"old"))
    await engine.sync(store)
    store.write(SegmentsMoved(20, b"refused for now"))
    new = accepted(20, b"new")._replace(text=b"\x30\x42", segments=2, units=2, carrier="two")
    store.write(MessageReplaced(new))
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(30, [new, accepted(30, b"old")], [], [], [])


async def test_a_message_that_moves_after_it_was_replaced(engine: Engine, store: Store) -> None:
    store.write(accepted(20, b"old"))
    await engine.sync(store)
    store.write(MessageReplaced(accepted(20, b"new")))
    store.write(SegmentsMoved(20, b"sending"))
    await engine.sync(store)
    assert await engine.reopened(store) == Recovered(20, [accepted(20, b"sending")], [], [], [])


async def test_what_has_ended_is_not_replaced(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(settled(20))
    await engine.sync(store)
    store.write(MessageReplaced(accepted(20)))
    await engine.sync(store)
    assert (await engine.reopened(store)).messages == []


async def test_a_message_that_ended_is_found_by_its_id_and_by_every_id_that_was_told(
    engine: Engine, store: Store
) -> None:
    store.write(accepted(20))
    store.write(MessageSettled(record(20), LAST_LIFE, (), (7, 8)))
    store.write(accepted(30))
    store.write(MessageSettled(record(30)._replace(outcome="EXPIRED", source_addr="caf\u00e9"), LAST_LIFE, (), (8,)))
    await engine.sync(store)
    assert await engine.find(store, "demo", 20) == [ENDED]
    assert await engine.find(store, "demo", 7) == [ENDED]
    both = await engine.find(store, "demo", 8)
    assert sorted(both) == [ENDED, Outcome(b"caf\xe9", "EXPIRED", "000", 1_800_000_001_000)]
    assert await engine.find(store, "demo", 9) == []


async def test_nobody_finds_what_is_another_customer_s(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(MessageSettled(record(20), LAST_LIFE, (), (7,)))
    store.write(part(40))
    await engine.sync(store)
    for told_id in (20, 7, 1040):
        assert await engine.find(store, "other", told_id) == []


async def test_what_is_alive_is_not_found_and_parts_that_wait_are(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    store.write(part(40))
    await engine.sync(store)
    assert await engine.find(store, "demo", 20) == []
    assert await engine.find(store, "demo", 1040) == [WAITS]
    assert await engine.find(store, "demo", 40) == []
    store.write(PartsJoined((40,)))
    await engine.sync(store)
    assert await engine.find(store, "demo", 1040) == []


async def test_receipts_of_a_message_that_is_alive_or_gone(engine: Engine, store: Store) -> None:
    store.write(accepted(20))
    receipts = (owed(31)._replace(message_state=1, reason="absent", segment=2), owed(33))
    found: list[Any] = []
    store.write(ReceiptsOwed(receipts), found.append, receipts)
    await engine.sync(store)
    assert found == [receipts]
    assert await engine.owed(store, "demo", 0, 10) == list(receipts)
    again = await engine.reopened(store)
    assert (again.last_id, [one.message_id for one in again.messages]) == (33, [20])

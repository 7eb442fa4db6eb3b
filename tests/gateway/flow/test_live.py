"""Which message has waited long enough."""

from typing import cast

from gateway.flow.live import ADDRESSES_KEPT_SECONDS, SLACK, Live
from gateway.flow.message import Message
from tests.gateway.flow.world import World, message


def living(*validities: bytes) -> tuple[Live, list[Message]]:
    """Messages of a real gateway, and the Live that holds them."""
    world = World()
    customer = world.customer()
    for validity in validities:
        world.submit(customer, message(validity_period=validity))
    live = world.flow.live
    return live, cast("list[Message]", list(live._messages.values()))


def test_due_in_the_order_of_their_deadlines() -> None:
    live, (late, soon) = living(b"000000020000000R", b"000000010000000R")
    assert list(live.due(soon.deadline - 1)) == []
    assert list(live.due(soon.deadline)) == [soon]
    assert list(live.due(late.deadline)) == [late]
    assert list(live.due(late.deadline)) == []


def test_what_was_removed_is_not_due() -> None:
    live, (one,) = living(b"")
    live.remove(one)
    assert list(live.due(one.deadline + 1)) == []
    assert len(live) == 0


def test_what_was_postponed_is_due_later() -> None:
    live, (one,) = living(b"")
    assert list(live.due(one.deadline)) == [one]
    live.postpone(one, one.deadline + 60)
    assert list(live.due(one.deadline - 1)) == []
    assert list(live.due(one.deadline)) == [one]


def test_deadlines_of_the_dead_do_not_pile_up() -> None:
    live, (one,) = living(b"")
    for _ in range(5 * SLACK):
        live.add(one)
        live.remove(one)
    assert len(live._deadlines) <= 2 * SLACK


def indexed(live: Live) -> bool:
    return live._addressed is not None


def test_the_index_by_addresses_is_built_kept_and_dropped() -> None:
    live, (first, second) = living(b"", b"000000010000000R")
    key = ("shop", first.row.source_addr, first.row.e164)
    assert not indexed(live)
    assert live.addressed(*key, 100.0) == [first, second]
    live.remove(first)
    assert live.addressed(*key, 101.0) == [second]
    live.add(first)
    assert live.addressed(*key, 102.0) == [second, first]
    assert live.addressed("other", *key[1:], 103.0) == []
    list(live.due(103.0 + ADDRESSES_KEPT_SECONDS))
    assert indexed(live)
    list(live.due(103.1 + ADDRESSES_KEPT_SECONDS))
    assert not indexed(live)


def test_told_ids_leave_with_their_messages() -> None:
    live, (one,) = living(b"")
    assert live.told("shop", one.row.message_id) == [one]
    assert live.told("other", one.row.message_id) == []
    live.remove(one)
    one.row = one.row._replace(part_ids=b'[[7,1,""],[8,1,""]]')
    live.add(one)
    assert live.told("shop", 7) == live.told("shop", 8) == [one]
    assert live.told("other", 7) == []
    live.remove(one)
    assert live.told("shop", 7) == []
    assert live._told == {}

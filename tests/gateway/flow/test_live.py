"""Which message has waited long enough."""

from typing import cast

from gateway.flow.live import SLACK, Live
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

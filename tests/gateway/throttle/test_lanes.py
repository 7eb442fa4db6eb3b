"""Lanes: the higher priority first, order kept within one, what comes back stands in front."""

from bisect import insort

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.model.errors import Bug
from gateway.throttle.lanes import PRIORITIES, Lanes


def drain(lanes: Lanes[str]) -> list[str]:
    taken = []
    while (item := lanes.take()) is not None:
        taken.append(item)
    return taken


def test_higher_priority_goes_first_and_equals_keep_their_order() -> None:
    lanes: Lanes[str] = Lanes()
    for item, priority in (("campaign 1", 0), ("notice", 1), ("campaign 2", 0), ("password", 3)):
        lanes.put(item, priority)
    assert len(lanes) == 4
    assert drain(lanes) == ["password", "notice", "campaign 1", "campaign 2"]
    assert len(lanes) == 0


def test_what_comes_back_stands_in_front_of_its_equals() -> None:
    lanes: Lanes[str] = Lanes()
    lanes.put("first", 0)
    lanes.put("second", 0)
    first = lanes.take()
    assert first is not None
    lanes.put_back(first, 0)
    assert drain(lanes) == ["first", "second"]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, PRIORITIES - 1)), max_size=50))
def test_everything_put_in_comes_out_once(items: list[tuple[int, int]]) -> None:
    lanes: Lanes[tuple[int, int, int]] = Lanes()
    for place, (value, priority) in enumerate(items):
        lanes.put((priority, place, value), priority)
    taken = []
    while (item := lanes.take()) is not None:
        taken.append(item)
    assert taken == sorted(taken, key=lambda item: (-item[0], item[1]))
    assert len(taken) == len(items)


class Model(RuleBasedStateMachine):
    """Lanes beside the plainest thing that could be right: one sorted list."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: Lanes[int] = Lanes()
        self.expected: list[tuple[int, int, int]] = []  # (-priority, place, item)
        self.last = 0

    @rule(priority=st.integers(0, PRIORITIES - 1))
    def put(self, priority: int) -> None:
        self.last += 1
        self.lanes.put(self.last, priority)
        insort(self.expected, (-priority, self.last, self.last))

    @rule(priority=st.integers(0, PRIORITIES - 1))
    def put_back(self, priority: int) -> None:
        self.last += 1
        self.lanes.put_back(self.last, priority)
        insort(self.expected, (-priority, -self.last, self.last))

    @rule()
    def take(self) -> None:
        assert self.lanes.take() == (self.expected.pop(0)[2] if self.expected else None)

    @invariant()
    def the_length_is_what_waits(self) -> None:
        assert len(self.lanes) == len(self.expected)


TestModel = Model.TestCase


@pytest.mark.parametrize("priority", [-1, PRIORITIES])
def test_a_priority_that_smpp_does_not_have_is_a_bug(priority: int) -> None:
    lanes: Lanes[str] = Lanes()
    with pytest.raises(Bug, match="no priority"):
        lanes.put("x", priority)
    with pytest.raises(Bug, match="no priority"):
        lanes.put_back("x", priority)
    assert len(lanes) == 0
    assert lanes.take() is None


def test_what_is_not_wanted_leaves_and_the_order_stays() -> None:
    lanes: Lanes[int] = Lanes()
    for item in range(8):
        lanes.put(item, item % 2)
    lanes.keep(lambda item: item not in {3, 4})
    assert len(lanes) == 6
    assert [lanes.take() for _ in range(7)] == [1, 5, 7, 0, 2, 6, None]

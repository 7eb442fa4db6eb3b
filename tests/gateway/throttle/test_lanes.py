"""Lanes: the higher priority first, order kept within one, what comes back stands in front."""

from hypothesis import given
from hypothesis import strategies as st

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

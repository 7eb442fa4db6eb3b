"""A histogram puts each value into the one bucket that it belongs to."""

import math
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import histogram
from gateway.model.histogram import COMMIT_MS, RESPONSE_MS, Histogram

LADDERS = {name: value for name, value in vars(histogram).items() if name.endswith(("_MS", "_CHANGES"))}


@pytest.mark.parametrize("name", sorted(LADDERS))
def test_bounds_rise_and_are_whole_and_positive(name: str) -> None:
    bounds = LADDERS[name]
    assert list(bounds) == sorted(set(bounds))
    assert all(type(one) is int and one > 0 for one in bounds)
    assert len(bounds) <= 13  # each is a series of every carrier


def test_the_two_seconds_of_one_time_passwords_are_a_bound() -> None:
    assert 2_000 in histogram.HANDOVER_MS


def test_a_value_at_a_bound_is_in_its_bucket_and_the_next_one_is_not() -> None:
    one = Histogram((5, 10))
    for value in (5, 5.001, 10, 11, 1 << 40):
        one.observe(value)
    assert one.counts == [1, 2, 2]
    assert one.total == pytest.approx(5 + 5.001 + 10 + 11 + (1 << 40))


def test_a_clock_that_was_set_back_adds_nothing_and_is_counted() -> None:
    one = Histogram(COMMIT_MS)
    one.observe(-3_600_000)
    assert one.total == 0
    assert one.counts[0] == 1


@given(st.lists(st.floats(-10, 100_000, allow_nan=False)))
def test_nothing_is_lost_and_each_value_is_under_its_bound(values: list[float]) -> None:
    one = Histogram(RESPONSE_MS)
    for value in values:
        one.observe(value)
    assert sum(one.counts) == len(values)
    for place, bound in enumerate((*RESPONSE_MS, math.inf)):
        assert sum(one.counts[: place + 1]) == sum(1 for value in values if value <= bound)
    assert bisect_left(RESPONSE_MS, 5) == 0

"""The window of a second: never above the contract in any of them, never idle while allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttle.second import SecondWindow

STEPS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.0004, 0.001, 0.1, 0.5, 1.0, 1.5]) | st.floats(0, 1.2), st.integers(0, 40)),
    max_size=80,
)


@given(most=st.integers(1, 60), start=st.sampled_from([0.0, 3.2e7]), steps=STEPS, unused=st.integers(1, 4))
def test_no_window_of_a_second_holds_more(most: int, start: float, steps: list[tuple[float, int]], unused: int) -> None:
    window = SecondWindow(most)
    now, sent = start, list[tuple[float, int]]()
    for place, (pause, wanted) in enumerate(steps):
        now += pause
        granted = window.grant(wanted, now)
        allowed = most - sum(count for at, count in sent if now - at < 1.0 - 0.001)
        assert granted >= min(wanted, max(0, allowed) if place == 0 else 0)
        if place % unused == 0 and granted:
            window.give_back(1)
            granted -= 1
        sent.append((now, granted))
        assert sum(count for at, count in sent if now - at < 1.0) <= most


@given(most=st.integers(1, 30), wants=st.lists(st.integers(1, 50), max_size=40))
def test_who_waits_as_long_as_told_gets_something_and_not_before(most: int, wants: list[int]) -> None:
    window = SecondWindow(most)
    now = 0.0
    for wanted in wants:
        wait = window.seconds_until(now)
        if wait:
            assert window.grant(1, now) == 0
        now += wait
        assert window.grant(wanted, now) > 0


def test_the_whole_contract_goes_every_second() -> None:
    window, total = SecondWindow(50), 0
    for tick in range(10_000):
        total += window.grant(1_000, tick / 1_000)
    assert total == 500


def test_it_remembers_a_bounded_number_of_grants() -> None:
    window = SecondWindow(1_000_000)
    for tick in range(30_000):
        window.grant(1, tick / 10_000)
    assert len(window._given) <= 1_001


def test_unused_grants_return() -> None:
    window = SecondWindow(5)
    assert [window.grant(3, 0.0), window.grant(3, 0.5)] == [3, 2]
    window.give_back(4)
    assert window.grant(9, 0.6) == 4
    window.give_back(100)
    assert window.grant(9, 0.6) == 5


def test_a_clock_that_steps_back_opens_nothing() -> None:
    window = SecondWindow(5)
    assert window.grant(5, 100.0) == 5
    assert window.grant(5, 98.0) == 0
    assert window.grant(5, 101.1) == 5


def test_a_window_that_takes_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SecondWindow(0)

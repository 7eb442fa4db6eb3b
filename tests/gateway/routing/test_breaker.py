"""The circuit breaker, driven by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.breaker import Breaker, BreakerState


def test_it_opens_after_failures_in_a_row_and_a_success_counts_them_anew() -> None:
    one = Breaker(3, 10.0, 40.0)
    for now in (0.0, 1.0):
        assert one.allows(now)
        one.failed(now)
    one.succeeded()
    for now in (2.0, 3.0):
        one.failed(now)
    assert one.state is BreakerState.CLOSED
    one.failed(4.0)
    assert (one.state, one.opened) == (BreakerState.OPEN, 1)
    assert not one.allows(13.9)


def test_one_probe_then_closed_or_a_longer_pause() -> None:
    one = Breaker(1, 10.0, 35.0)
    one.failed(0.0)
    pauses = []
    now = 0.0
    for _ in range(4):
        begun = now
        while not one.allows(now):
            now += 0.5
        pauses.append(now - begun)
        assert not one.allows(now)  # one at a time
        one.failed(now)
    assert pauses == [10.0, 20.0, 35.0, 35.0]
    assert one.allows(now + 35.0)
    one.succeeded()
    assert one.state is BreakerState.CLOSED
    one.failed(now + 36.0)
    assert one.allows(now + 46.0)  # the pause is the first one again


def test_a_probe_that_is_never_heard_of_again_blocks_nobody_for_ever() -> None:
    one = Breaker(1, 10.0, 40.0)
    one.failed(0.0)
    assert one.allows(10.0)
    assert not one.allows(19.0)
    assert one.allows(20.0)


def test_late_words_of_before_change_nothing() -> None:
    one = Breaker(1, 10.0, 40.0)
    one.failed(0.0)
    one.succeeded()
    one.failed(9.0)
    assert not one.allows(9.9)
    assert one.allows(10.0)


def test_a_pause_that_the_service_asks_for() -> None:
    one = Breaker(5, 10.0, 40.0)
    one.hold(100.0)
    assert not one.allows(99.9)
    assert one.allows(100.0)


@pytest.mark.parametrize(("failures", "pause", "longest"), [(0, 1.0, 2.0), (1, 0.0, 2.0), (1, 3.0, 2.0)])
def test_what_it_cannot_be(failures: int, pause: float, longest: float) -> None:
    with pytest.raises(ValueError, match="breaker"):
        Breaker(failures, pause, longest)


@given(st.lists(st.tuples(st.sampled_from(["ask", "good", "bad"]), st.floats(0.0, 30.0)), max_size=60))
def test_it_never_shuts_out_for_longer_than_the_longest_pause(steps: list[tuple[str, float]]) -> None:
    one = Breaker(2, 5.0, 20.0)
    now = 0.0
    for what, later in steps:
        now += later
        if what == "ask":
            one.allows(now)
        elif what == "good":
            one.succeeded()
        else:
            one.failed(now)
    assert one.allows(now + 20.0)

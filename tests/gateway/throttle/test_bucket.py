"""The token bucket: never above the contract, never idle while allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttle.bucket import TokenBucket


def test_a_full_bucket_gives_its_burst_and_no_more() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert [bucket.take(1, 0.0) for _ in range(6)] == [True] * 5 + [False]


def test_it_fills_at_its_rate() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.take(5, 0.0)
    assert not bucket.take(1, 0.099)
    assert bucket.take(1, 0.1)


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=100.0)
    assert bucket.take(5, 100.0)
    assert not bucket.take(1, 50.0)
    assert not bucket.take(1, 100.0)
    assert bucket.take(1, 100.1)


def test_grant_gives_what_is_there() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.grant(3, 0.0) == 3
    assert bucket.grant(9, 0.0) == 2
    assert bucket.grant(9, 0.25) == 2


def test_unused_tokens_return_up_to_the_burst() -> None:
    bucket = TokenBucket(rate=1, burst=5, now=0.0)
    assert bucket.take(2, 0.0)
    bucket.give_back(4)
    assert bucket.grant(9, 0.0) == 5


def test_it_tells_how_long_to_wait() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.seconds_until(5, 0.0) == 0.0
    assert bucket.take(5, 0.0)
    wait = bucket.seconds_until(2, 0.0)
    assert wait == pytest.approx(0.2)
    assert bucket.take(2, wait)


@pytest.mark.parametrize(("rate", "burst"), [(0, 5), (-1, 5), (10, 0.5)])
def test_a_bucket_that_could_never_give_is_refused(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="positive rate"):
        TokenBucket(rate, burst, 0.0)


@given(
    rate=st.integers(1, 1000),
    burst=st.integers(1, 100),
    steps=st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 20)), max_size=60),
)
def test_no_window_of_a_second_sees_more_than_rate_and_burst(
    rate: int, burst: int, steps: list[tuple[float, int]]
) -> None:
    bucket = TokenBucket(rate, burst, 0.0)
    now = 0.0
    taken: list[tuple[float, int]] = []
    for pause, wanted in steps:
        now += pause
        taken.append((now, bucket.grant(wanted, now)))
    for start, _ in taken:
        assert sum(count for at, count in taken if start <= at < start + 1.0) <= rate + burst + 1e-3

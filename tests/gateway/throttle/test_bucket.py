"""The token bucket: never above the contract, never idle while allowed."""

from itertools import accumulate
from math import nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttle.bucket import TOLERANCE, TokenBucket

RATES = st.floats(0.01, 5_000)
BURSTS = st.integers(1, 500)
# The monotonic clock of a machine that was started now, or a year ago.
STARTS = st.sampled_from([0.0, 12_345.678, 3.2e7])
PAUSES = st.floats(0, 2.0) | st.sampled_from([0.0, 1e-6, 1e-3, 1.0, 100.0])


def test_a_full_bucket_gives_its_burst_and_no_more() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert [bucket.take(1, 0.0) for _ in range(6)] == [True] * 5 + [False]


def test_it_fills_at_its_rate() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.take(5, 0.0)
    assert not bucket.take(1, 0.099)
    assert bucket.take(1, 0.1)


def test_a_pause_of_any_length_gives_the_burst_at_most() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.grant(100, 86_400.0) == 5


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=100.0)
    assert bucket.take(5, 100.0)
    assert not bucket.take(1, 50.0)
    assert not bucket.take(1, 100.0)
    assert bucket.take(1, 100.1)


def test_a_take_that_fails_takes_nothing() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.take(3, 0.0)
    assert not bucket.take(3, 0.0)
    assert bucket.take(2, 0.0)


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


def test_more_than_the_burst_goes_when_it_is_full_and_is_paid_off_first() -> None:
    """Ten segments of one message, at an account that may send five at once."""
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.take(1, 0.0)
    assert not bucket.take(10, 0.0)
    assert bucket.seconds_until(10, 0.0) == pytest.approx(0.1)
    assert bucket.take(10, 0.1)
    assert bucket.grant(1, 0.5) == 0  # in debt: 5 - 10 + 4
    assert bucket.seconds_until(1, 0.5) == pytest.approx(0.2)
    assert not bucket.take(1, 0.69)
    assert bucket.take(1, 0.7)


@pytest.mark.parametrize(
    ("rate", "burst"), [(0, 5), (-1, 5), (10, 0.5), (10, float("nan")), (float("nan"), 5), (float("inf"), 5)]
)
def test_a_bucket_that_could_never_give_is_refused(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="positive rate"):
        TokenBucket(rate, burst, 0.0)


STEPS = st.lists(st.tuples(PAUSES, st.integers(0, 50), st.sampled_from(["take", "grant", "unused"])), max_size=60)


@given(rate=RATES, burst=BURSTS, start=STARTS, steps=STEPS)
def test_no_span_of_time_sees_more_than_burst_and_rate(
    rate: float, burst: int, start: float, steps: list[tuple[float, int, str]]
) -> None:
    """Whatever the arrivals: for every pair of moments, what was given between them."""
    bucket = TokenBucket(rate, burst, start)
    times = list(accumulate((pause for pause, _, _ in steps), initial=start))[1:]
    given_out: list[int] = []
    for now, (_, wanted, how) in zip(times, steps, strict=True):
        if how == "take":
            given_out.append(wanted if wanted <= burst and bucket.take(wanted, now) else 0)
        else:
            granted = bucket.grant(wanted, now)
            unused = granted // 2 if how == "unused" else 0
            bucket.give_back(unused)
            given_out.append(granted - unused)
    for first, opened in enumerate(times):
        total = 0
        for now, count in zip(times[first:], given_out[first:], strict=True):
            total += count
            # Floats of a clock that has run for a year end at 4 nanoseconds.
            assert total <= burst + rate * (now - opened) + 1e-3 + 1e-8 * rate * len(times)


@given(rate=RATES, burst=BURSTS, start=STARTS, messages=st.lists(st.integers(1, 1_000), min_size=1, max_size=40))
def test_takes_above_the_burst_keep_the_rate_in_the_long_run(
    rate: float, burst: int, start: float, messages: list[int]
) -> None:
    bucket = TokenBucket(rate, burst, start)
    now = start
    for segments in messages:
        now += bucket.seconds_until(segments, now) + 1e-6
        assert bucket.take(segments, now)
    paid = sum(messages) - max(burst, messages[-1])
    assert rate * (now - start) >= paid - 1e-3 - 1e-8 * rate * len(messages)


@given(rate=RATES, burst=BURSTS, start=STARTS, wants=st.lists(st.integers(1, 1_000), min_size=1, max_size=40))
def test_it_is_never_idle_while_allowed(rate: float, burst: int, start: float, wants: list[int]) -> None:
    """Who waits as long as he was told gets what he wants, and not a moment later than burst and rate allow it."""
    bucket = TokenBucket(rate, burst, start)
    now, total, allowed_at = start, 0, 0.0
    for wanted in wants:
        if wait := bucket.seconds_until(wanted, now):
            assert not bucket.take(wanted, now)
            now += wait
            if rest := bucket.seconds_until(wanted, now):  # a clock that has run for a year has coarse last digits
                now = max(now + rest, nextafter(now, now + 1))
        assert bucket.take(wanted, now)
        allowed_at = max(allowed_at, (total + min(wanted, burst) - burst) / rate)
        total += wanted
    assert now - start == pytest.approx(allowed_at, abs=len(wants) * (TOLERANCE / rate + 1e-8))


@given(rate=RATES, burst=BURSTS, seconds=st.floats(0, 1.0))
def test_a_lane_that_always_waits_gets_all_that_the_rate_allows(rate: float, burst: int, seconds: float) -> None:
    """As the dispatcher works: it grants at every turn, and wakes when it was told to."""
    bucket = TokenBucket(rate, burst, 0.0)
    now, total = 0.0, 0
    while now <= seconds and total < burst + 300:
        total += bucket.grant(1_000, now)
        wait = bucket.seconds_until(1, now)
        assert wait > 0
        now += wait
    assert total == pytest.approx(burst + rate * min(seconds, now), abs=2)


def test_a_changed_rate_holds_from_then_on() -> None:
    bucket = TokenBucket(rate=10, burst=10, now=0.0)
    assert bucket.take(10, 0.0)
    bucket.change(100, 4, 0.5)  # five came at the old rate, four of which fit
    assert bucket.grant(10, 0.5) == 4
    assert bucket.grant(10, 0.52) == 2
    with pytest.raises(ValueError, match="positive rate"):
        bucket.change(0, 4, 1.0)


def test_what_is_owed_is_paid_first() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    bucket.owe(8, 0.0)
    assert bucket.grant(1, 0.3) == 0
    assert bucket.grant(1, 0.4) == 1


def test_it_tells_its_rate_as_it_is_now() -> None:
    bucket = TokenBucket(rate=10, burst=5, now=0.0)
    assert bucket.rate(0.0) == 10
    bucket.change(2.5, 5, 1.0)
    assert bucket.rate(1.0) == 2.5

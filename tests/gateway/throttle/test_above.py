"""Above the limit: refused, or read more slowly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttle.above import LONGEST_HOLD_SECONDS, Above, enter
from gateway.throttle.bucket import TokenBucket


@pytest.mark.parametrize("above", Above)
def test_within_the_limit_all_come_in_and_nobody_is_held(above: Above) -> None:
    assert enter(TokenBucket(10, 10, 0.0), above, 10, 0.0) == (True, 0.0)


@pytest.mark.parametrize("above", [Above.THROTTLED, Above.QUEUE_FULL])
def test_above_it_who_is_refused_stays_out(above: Above) -> None:
    bucket = TokenBucket(10, 1, 0.0)
    assert enter(bucket, above, 1, 0.0).let_in
    assert enter(bucket, above, 1, 0.0) == (False, 0.0)
    assert enter(bucket, above, 1, 0.1).let_in  # a refusal cost nothing


def test_who_is_slowed_comes_in_and_is_held_until_it_is_paid() -> None:
    bucket = TokenBucket(10, 1, 0.0)
    entries = [enter(bucket, Above.SLOW, 1, 0.0) for _ in range(4)]
    assert [entry.let_in for entry in entries] == [True] * 4
    assert [entry.hold_seconds for entry in entries] == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert enter(bucket, Above.SLOW, 1, 0.4) == (True, 0.0)


def test_more_than_the_longest_hold_can_pay_is_refused() -> None:
    bucket = TokenBucket(1, 1, 0.0)
    let_in = sum(enter(bucket, Above.SLOW, 1, 0.0).let_in for _ in range(1_000))
    assert let_in == 1 + int(LONGEST_HOLD_SECONDS)


@given(st.lists(st.integers(1, 10), max_size=300))
def test_who_obeys_the_hold_is_at_its_rate(segments: list[int]) -> None:
    bucket = TokenBucket(100, 10, 0.0)
    now = 0.0
    for count in segments:
        entry = enter(bucket, Above.SLOW, count, now)
        assert entry.let_in
        now += entry.hold_seconds
    assert sum(segments) <= 10 + 100 * now + 10

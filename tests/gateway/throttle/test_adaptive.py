"""The adaptive rate against carriers that throttle above a limit nobody told: on virtual time, bound to converge."""

import random
from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

import pytest

from gateway.throttle.adaptive import AdaptiveRate, AdaptiveRules
from gateway.throttle.pace import Pace

LIMIT = 200


class Throttler(Protocol):
    """What the carrier does with a segment that arrives."""

    def take(self, now: float) -> bool:
        """Whether it is taken."""


class FixedWindow:
    """Counts by its own seconds."""

    def __init__(self, limit: int, phase: float) -> None:
        self.limit, self.phase, self.window, self.count = limit, phase, -1, 0

    def take(self, now: float) -> bool:
        if (window := int(now + self.phase)) != self.window:
            self.window, self.count = window, 0
        self.count += 1
        return self.count <= self.limit


class Tokens:
    """Has a bucket."""

    def __init__(self, limit: int, burst: int) -> None:
        self.limit, self.burst, self.level, self.seen = limit, burst, float(burst), 0.0

    def take(self, now: float) -> bool:
        self.level = min(self.burst, self.level + (now - self.seen) * self.limit)
        self.seen = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Outcome(NamedTuple):
    goodput: float  # a second
    refused: float  # share of the answers


def converse(
    carrier: Throttler,
    seed: int,
    *,
    contract: float,
    rtt: float,
    until: float = 30.0,
    settled: float = 10.0,
    window: int = 100,
    pace: Pace | None = None,
) -> Outcome:
    """Everything waits to be sent, for ever. Only what was answered from `settled` on counts."""
    rng = random.Random(seed)
    pace = pace or Pace(contract, 20, 0.0, adaptive=AdaptiveRate(AdaptiveRules(contract, 5.0), 0.0))
    adaptive = pace.adaptive
    assert adaptive is not None
    events: list[tuple[float, int, bool | None, float]] = []
    now, in_flight, number, taken, refused = 0.0, 0, 0, 0, 0
    while now < until:
        granted = pace.grant(window - in_flight, now)
        for _ in range(granted):
            number += 1
            in_flight += 1
            heappush(events, (now + rtt / 2 * rng.uniform(0.5, 1.5), number, None, now))
        wake = now + max(5e-4, pace.seconds_until(1, now)) if in_flight < window else float("inf")
        if not events or events[0][0] > wake:
            now = wake
            continue
        now, place, answer, sent = heappop(events)
        if answer is None:
            heappush(events, (now + (now - sent), place, carrier.take(now), sent))
            continue
        in_flight -= 1
        if answer:
            adaptive.accepted(now, now - sent)
        else:
            adaptive.refused(now)
        if now >= settled:
            taken += answer
            refused += not answer
    return Outcome(taken / (until - settled), refused / (taken + refused))


CARRIERS: dict[str, Callable[[int], Throttler]] = {
    "by the second": lambda seed: FixedWindow(LIMIT, random.Random(seed).random()),
    "bucket of 20": lambda _: Tokens(LIMIT, 20),
    "bucket of 200": lambda _: Tokens(LIMIT, 200),
}


@pytest.mark.parametrize("contract", [250.0, 2_000.0])
@pytest.mark.parametrize("rtt", [0.02, 0.1])
@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_within_ten_seconds_it_settles_at_what_the_carrier_bears(
    carrier: str, rtt: float, contract: float, seed: int
) -> None:
    goodput, refused = converse(CARRIERS[carrier](seed), seed, contract=contract, rtt=rtt)
    assert goodput >= 0.95 * LIMIT
    assert refused < 0.01


def test_a_carrier_that_bears_the_contract_gets_it() -> None:
    goodput, refused = converse(Tokens(10_000, 10_000), 1, contract=300.0, rtt=0.05, until=15.0)
    assert goodput == pytest.approx(300.0, rel=0.02)
    assert refused == 0.0


def busy(rate: AdaptiveRate, since: float, until: float) -> None:
    """The carrier takes all that may be sent."""
    now, sent = since, 0.0
    while now < until:
        sent += rate.rate * 0.02
        while sent >= 1:
            rate.accepted(now, 0.05)
            sent -= 1
        now += 0.02


def test_the_contract_is_reached_again_when_nobody_complains() -> None:
    rate = AdaptiveRate(AdaptiveRules(most=400.0, floor=10.0), 0.0)
    for step in range(60):
        rate.refused(step * 0.2)
    assert rate.rate < 100.0
    busy(rate, 12.0, 60.0)
    assert rate.rate == 400.0


def test_it_stays_between_floor_and_contract() -> None:
    rng = random.Random(3)
    rate = AdaptiveRate(AdaptiveRules(most=100.0, floor=20.0), 0.0)
    now = 0.0
    for _ in range(5_000):
        now += rng.expovariate(50)
        if rng.random() < 0.5:
            rate.refused(now)
        else:
            rate.accepted(now, rng.expovariate(5), rng.choice([-1, 50, 85, 95]))
        assert 20.0 <= rate.rate <= 100.0
        assert rate.paused_until - now <= 1.0


def test_refusals_of_what_was_under_way_cut_once() -> None:
    rate = AdaptiveRate(AdaptiveRules(most=1_000.0, floor=1.0), 0.0)
    busy(rate, 0.0, 2.0)
    rate.refused(2.0)
    once = rate.rate
    for step in range(50):
        rate.refused(2.0 + step * 0.001)
    assert rate.rate == once


def test_pauses_grow_while_everything_is_refused_and_nothing_loops_hot() -> None:
    rate = AdaptiveRate(AdaptiveRules(most=1_000.0, floor=1.0, longest_pause=1.0), 0.0)
    now, tries = 0.0, 0
    while now < 30.0:
        tries += 1
        rate.refused(now)
        assert rate.paused_until > now
        now = rate.paused_until
    assert tries <= 36  # 20, 40, 80 ... milliseconds, then one a second


def test_congestion_state_lowers_the_rate_before_anything_is_refused() -> None:
    rate = AdaptiveRate(AdaptiveRules(most=500.0, floor=1.0), 0.0)
    busy(rate, 0.0, 2.0)
    rate.accepted(2.0, 0.05, 95)
    assert rate.rate < 500.0
    assert rate.paused_until <= 2.0


def test_responses_that_slow_down_lower_the_rate() -> None:
    rate = AdaptiveRate(AdaptiveRules(most=500.0, floor=1.0), 0.0)
    busy(rate, 0.0, 2.0)
    for step in range(500):
        rate.accepted(2.0 + step * 0.01, 0.9)
    assert rate.rate < 400.0


def test_a_rate_that_is_not_used_does_not_grow() -> None:
    rate = AdaptiveRate(AdaptiveRules(most=500.0, floor=1.0), 0.0)
    busy(rate, 0.0, 2.0)
    rate.refused(2.0)
    lowered = rate.rate
    for second in range(3, 100):
        rate.accepted(float(second), 0.05)
    assert rate.rate == lowered


@pytest.mark.parametrize("floor", [0.5, 1.0, 1.4, 2.0, 5.0])
def test_it_recovers_from_its_floor_when_complaints_end(floor: float) -> None:
    """A carrier that refused some whatever the rate was: then there is about an answer a second to learn from."""
    rate = AdaptiveRate(AdaptiveRules(most=120.0, floor=floor), 0.0)
    now = 0.0
    while rate.rate > floor:
        now += 0.5
        rate.refused(now)
    ended = now
    while rate.rate < 120.0:
        now = max(now + 1 / rate.rate, rate.paused_until)
        rate.accepted(now, 0.02)
        assert now - ended < 120.0


@pytest.mark.parametrize(("most", "floor"), [(10.0, 0.0), (10.0, 11.0)])
def test_a_floor_above_the_contract_is_refused(most: float, floor: float) -> None:
    with pytest.raises(ValueError, match="floor"):
        AdaptiveRate(AdaptiveRules(most, floor), 0.0)

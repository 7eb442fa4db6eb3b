"""All limits of a carrier at once: the least holds, and what one gave and another refused is given back."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.throttle.adaptive import AdaptiveRate, AdaptiveRules
from gateway.throttle.pace import Pace
from gateway.throttle.ramp import Ramp
from gateway.throttle.second import SecondWindow


@given(
    rate=st.integers(1, 100),
    burst=st.integers(1, 100),
    steps=st.lists(st.tuples(st.floats(0, 0.7), st.integers(0, 150), st.booleans()), max_size=60),
)
def test_never_above_the_contract_in_any_window_of_a_second(
    rate: int, burst: int, steps: list[tuple[float, int, bool]]
) -> None:
    pace = Pace(rate, burst, 0.0, SecondWindow(rate), AdaptiveRate(AdaptiveRules(rate, 0.5), 0.0))
    now, sent = 0.0, list[tuple[float, int]]()
    for pause, wanted, refused in steps:
        now += pause
        granted = pace.grant(wanted, now)
        if refused and pace.adaptive is not None and granted:
            pace.adaptive.refused(now)
        sent.append((now, granted))
        assert sum(count for at, count in sent if now - at < 1.0) <= rate


@given(
    rate=st.integers(1, 100), burst=st.integers(1, 100), refusals=st.integers(0, 5), wants=st.lists(st.integers(1, 50))
)
def test_never_idle_while_allowed(rate: int, burst: int, refusals: int, wants: list[int]) -> None:
    """Who waits as long as he is told to gets something then."""
    pace = Pace(rate, burst, 0.0, SecondWindow(rate), AdaptiveRate(AdaptiveRules(rate, 0.5), 0.0))
    now = 0.0
    for place, wanted in enumerate(wants):
        if place < refusals and pace.adaptive is not None:
            pace.adaptive.refused(now)
        for _ in range(5):  # each limit may have its own wait
            if granted := pace.grant(wanted, now):
                break
            now += pace.seconds_until(1, now)
        assert granted


def test_what_the_second_refuses_the_bucket_keeps() -> None:
    pace = Pace(10, 50, 0.0, SecondWindow(10))
    assert pace.grant(50, 0.0) == 10
    assert 0.9 < pace.seconds_until(1, 0.1) < 0.91
    assert pace.grant(50, 1.01) == 10


def test_unused_segments_return_to_both() -> None:
    pace = Pace(10, 10, 0.0, SecondWindow(10))
    assert pace.grant(10, 0.0) == 10
    pace.give_back(4)
    assert pace.grant(10, 0.0) == 4


def test_a_complaint_stops_and_then_slows() -> None:
    pace = Pace(100, 10, 0.0, adaptive=AdaptiveRate(AdaptiveRules(100, 5), 0.0))
    assert pace.adaptive is not None
    assert not pace.lowered
    pace.adaptive.refused(0.0)
    assert pace.grant(10, 0.01) == 0
    assert pace.seconds_until(1, 0.01) > 0.0
    assert pace.grant(10, 0.5) == 1  # the burst is small below the contract's rate
    assert pace.lowered


def test_the_ramp_scales_the_rate() -> None:
    ramp = Ramp(0.1, 100.0, 10.0)
    pace = Pace(100, 100, 0.0, ramp=ramp)
    ramp.down(0.0)
    ramp.up(20.0)
    total = sum(pace.grant(100, 20.0 + tick / 100) for tick in range(500))
    assert 50 <= total <= 65  # five seconds of 10 to 14.5 a second
    assert pace.rate(200.0) == 100


def test_other_limits_begin_where_the_old_ones_stand() -> None:
    pace = Pace(10, 10, 0.0, SecondWindow(10), AdaptiveRate(AdaptiveRules(10, 0.5), 0.0), Ramp(0.1, 10.0, 1.0))
    assert pace.grant(100, 0.0) == 10
    assert pace.adaptive is not None
    pace.adaptive.refused(0.0)
    borne = pace.adaptive.rate
    pace.follow(
        Pace(20, 20, 0.0, SecondWindow(20), AdaptiveRate(AdaptiveRules(20, 0.5), 0.0), Ramp(0.1, 5.0, 1.0)), 0.0
    )
    assert pace.adaptive.rate == borne < 10  # what was learned stays
    assert pace.grant(100, 0.5) <= 10  # 20 in a second, and 10 went
    pace.follow(Pace(5, 5, 0.0), 0.5)
    assert pace.rate(0.5) == 5
    assert pace.grant(100, 100.0) == 5


def test_who_bears_all_of_a_contract_bears_the_next_one_until_it_complains() -> None:
    pace = Pace(10, 10, 0.0, None, AdaptiveRate(AdaptiveRules(10, 0.5), 0.0))
    pace.follow(Pace(20, 20, 0.0, None, AdaptiveRate(AdaptiveRules(20, 0.5), 0.0)), 0.0)
    assert pace.rate(0.0) == 20
    pace.follow(Pace(4, 4, 0.0, None, AdaptiveRate(AdaptiveRules(4, 0.5), 0.0)), 0.0)
    assert pace.rate(0.0) == 4

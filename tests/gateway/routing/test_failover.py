"""When a route is left for another."""

import pytest

from gateway.routing.failover import FailoverLimits, RouteState, may_go_elsewhere, usable

FIT = RouteState(binds_up=1, paused=False, waiting_segments=100, segments_per_second=10.0)


@pytest.mark.parametrize(
    ("state", "limits", "expected"),
    [
        (FIT, FailoverLimits(), True),
        (FIT._replace(binds_up=0), FailoverLimits(), False),
        (FIT._replace(paused=True), FailoverLimits(), True),
        (FIT._replace(paused=True), FailoverLimits(when_paused=True), False),
        (FIT, FailoverLimits(slow_seconds=10.0), True),
        (FIT._replace(waiting_segments=101), FailoverLimits(slow_seconds=10.0), False),
        (FIT._replace(waiting_segments=10**9), FailoverLimits(), True),
    ],
)
def test_a_route_is_usable(state: RouteState, limits: FailoverLimits, expected: bool) -> None:
    assert usable(state, limits) is expected


@pytest.mark.parametrize(
    ("status", "untouched", "expected"), [(0x58, True, True), (0x58, False, False), (0x0B, True, False)]
)
def test_a_refusal_that_says_so_and_a_message_that_is_ours_yet(status: int, untouched: bool, expected: bool) -> None:
    assert may_go_elsewhere(status, {0x58}, untouched=untouched) is expected

"""Whether a route is fit to take a message now: up, not throttled, and not so far behind that another one is faster."""

from collections.abc import Collection
from typing import NamedTuple


class RouteState(NamedTuple):
    """What the flow knows of a carrier at the moment."""

    binds_up: int
    paused: bool  # it told us to send later
    waiting_segments: int
    segments_per_second: float  # what its contract allows


class FailoverLimits(NamedTuple):
    """From when on another route is taken. None: never for this reason."""

    slow_seconds: float | None = None
    when_paused: bool = False


def usable(state: RouteState, limits: FailoverLimits) -> bool:
    """Whether a message should take this route and not the next one."""
    if not state.binds_up or (limits.when_paused and state.paused):
        return False
    if limits.slow_seconds is None:
        return True
    return state.waiting_segments <= limits.slow_seconds * state.segments_per_second


def may_go_elsewhere(status: int, elsewhere: Collection[int], *, untouched: bool) -> bool:
    """Whether a refused message may try another route: the carrier is at fault and not the message, and no segment of
    it has left, since all segments of a message go one route."""
    return untouched and status in elsewhere

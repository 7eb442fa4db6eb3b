"""The time as the flow is handed it."""

from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """`monotonic` in seconds, for pace and timers; `wall_ms` in milliseconds since 1970, for dates and ids."""

    monotonic: Callable[[], float]
    wall_ms: Callable[[], int]

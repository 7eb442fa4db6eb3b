"""When Python looks for reference cycles. What flows through the gateway forms none; connections that ended do.

By default the collector looks every 700 allocations, and at everything that is alive whenever that has grown by a
quarter: with a hundred thousand messages in memory each such look stops the house for a quarter of a second. Here the
young are looked at in larger crowds, and all of it only when nothing else is to be done, or after an hour.
"""

import gc
from collections.abc import Callable

YOUNG, MIDDLE, NEVER = 20_000, 50, 1_000_000  # see gc.set_threshold
QUIET_SECONDS = 60.0
LONGEST_SECONDS = 3_600.0


class Garbage:
    """`work` counts what was done; while it stands still the house is quiet."""

    def __init__(self, work: Callable[[], int], now: float) -> None:
        self._work = work
        self._seen = work()
        self._looked_at = now

    @staticmethod
    def begin() -> None:
        """Everything is built: what is there now stays, and is not looked at again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        gc.enable()  # it was off while this was built

    def tick(self, now: float) -> bool:
        """About once a second. Whether it looked at everything."""
        work = self._work()
        quiet, self._seen = work == self._seen, work
        since = now - self._looked_at
        if since < (QUIET_SECONDS if quiet else LONGEST_SECONDS):
            return False
        self._looked_at = now
        gc.collect()
        return True

"""At most so many segments in any window of a second, wherever it begins: the letter of a contract.

A token bucket lets its burst and a second's rate through in one second; a carrier that counts by the second refuses the
excess.
"""

from collections import deque

from gateway.throttle.bucket import TOLERANCE

WINDOW_SECONDS = 1.0
GRAIN_SECONDS = 0.001  # grants this close together are remembered as one, at the later moment


class SecondWindow:
    """Remembers what it gave in the last second: at most 1,001 entries."""

    __slots__ = ("_given", "_most", "_sum")

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError("a window of a second takes at least one segment")
        self._most = most
        self._given: deque[list[float]] = deque()  # [when the last of them went, when the first of them went, how many]
        self._sum = 0

    def follow(self, other: "SecondWindow") -> None:
        """From now on as many as another one; what was given lately is remembered."""
        self._most = other._most  # noqa: SLF001 - one of its own kind

    def _forget(self, now: float) -> None:
        given = self._given
        while given and given[0][0] + WINDOW_SECONDS + TOLERANCE <= now:
            self._sum -= int(given.popleft()[2])

    def grant(self, wanted: int, now: float) -> int:
        """Take as many of `wanted` as are allowed, 0..wanted. A clock that steps back opens nothing."""
        self._forget(now)
        granted = max(0, min(wanted, self._most - self._sum))
        if granted:
            last = self._given[-1] if self._given else None
            if last is not None and now - last[1] < GRAIN_SECONDS:
                last[0] = max(last[0], now)
                last[2] += granted
            else:
                self._given.append([max(now, last[0]) if last else now, now, granted])
            self._sum += granted
        return granted

    def give_back(self, count: int) -> None:
        """Return what was granted last and not used."""
        while count and self._given:
            last = self._given[-1]
            unused = min(count, int(last[2]))
            last[2] -= unused
            count -= unused
            self._sum -= unused
            if not last[2]:
                self._given.pop()

    def seconds_until(self, now: float) -> float:
        """Seconds from `now` until one more is allowed; 0.0 when it is now."""
        self._forget(now)
        if self._sum < self._most:
            return 0.0
        return max(0.0, self._given[0][0] + WINDOW_SECONDS + TOLERANCE - now)

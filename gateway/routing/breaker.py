"""A circuit breaker on given time: a service that fails is left alone for a while, then tried with one request."""

from enum import Enum


class BreakerState(Enum):
    """Whether requests pass."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """Opens after `failures` in a row for `pause` seconds, which double up to `longest` while probes fail.

    When the pause is over one request passes as a probe. A probe that is never heard of again counts as failed after
    another pause.
    """

    __slots__ = ("_failures", "_first", "_in_a_row", "_longest", "_pause", "_until", "opened", "state")

    def __init__(self, failures: int, pause: float, longest: float) -> None:
        if failures < 1 or not 0 < pause <= longest:
            raise ValueError("a breaker needs failures from 1, and a pause that is not above the longest")
        self._failures = failures
        self._first = pause
        self._longest = longest
        self._pause = pause
        self._in_a_row = 0
        self._until = 0.0
        self.state = BreakerState.CLOSED
        self.opened = 0  # how often, since the start

    def allows(self, now: float) -> bool:
        """Whether a request may go. One that may is to be followed by `succeeded` or `failed`."""
        if self.state is BreakerState.CLOSED:
            return True
        if now < self._until:
            return False
        self.state = BreakerState.PROBING
        self._until = now + self._pause
        return True

    def succeeded(self) -> None:
        """A request was answered. While it is open this is a late word of before, and changes nothing."""
        if self.state is BreakerState.OPEN:
            return
        self.state = BreakerState.CLOSED
        self._in_a_row = 0
        self._pause = self._first
        self._until = 0.0

    def failed(self, now: float) -> None:
        """A request was not answered, or not usably."""
        if self.state is BreakerState.OPEN:
            return
        self._in_a_row += 1
        if self.state is BreakerState.PROBING:
            self._pause = min(self._pause * 2, self._longest)
        elif self._in_a_row < self._failures:
            return
        self._open(now + self._pause)

    def hold(self, until: float) -> None:
        """The service asked for a pause (429 with Retry-After), until then or as long as a pause is at most."""
        self._open(until)

    def _open(self, until: float) -> None:
        if self.state is not BreakerState.OPEN:
            self.opened += 1
        self.state = BreakerState.OPEN
        self._until = max(self._until, until)

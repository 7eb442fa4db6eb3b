"""A token bucket on a given clock. Tokens are segments; time is monotonic seconds."""

# A wait that `seconds_until` told must be enough, whatever the last digit of a float says.
TOLERANCE = 1e-6


class TokenBucket:
    """Lets `rate` tokens a second through, and `burst` of them at once after a pause.

    Starts full. A clock that stands still or steps back gives nothing. In any span of time it gives no more than the
    burst and what the rate adds meanwhile; only a `take` of more than the burst goes above, when the bucket is full,
    and it is paid off before anything else is given.
    """

    __slots__ = ("_burst", "_level", "_rate", "_seen")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        if not (0 < rate < float("inf") and 1 <= burst < float("inf")):
            raise ValueError("a bucket needs a positive rate and a burst of at least one token")
        self._rate = rate
        self._burst = float(burst)
        self._level = float(burst)
        self._seen = now

    def rate(self, _now: float) -> float:
        """Tokens a second, in the long run."""
        return self._rate

    def _fill(self, now: float) -> None:
        if now > self._seen:
            self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
            self._seen = now

    def take(self, tokens: int, now: float) -> bool:
        """Take all of `tokens`, or none of them.

        More than the burst are given when the bucket is full: a long message could never go otherwise.
        """
        self._fill(now)
        if self._level + TOLERANCE < min(tokens, self._burst):
            return False
        self._level -= tokens
        return True

    def owe(self, tokens: int, now: float) -> None:
        """Take `tokens` that are not there yet: they are paid off before anything else is given."""
        self._fill(now)
        self._level -= tokens

    def grant(self, wanted: int, now: float) -> int:
        """Take as many of `wanted` tokens as are there, 0..wanted."""
        self._fill(now)
        granted = max(0, min(wanted, int(self._level + TOLERANCE)))
        self._level -= granted
        return granted

    def give_back(self, tokens: int) -> None:
        """Return tokens that were taken and not used."""
        self._level = min(self._burst, self._level + tokens)

    def seconds_until(self, tokens: int, now: float) -> float:
        """Seconds from `now` until `take(tokens)` succeeds; 0.0 when it would now."""
        self._fill(now)
        missing = min(tokens, self._burst) - self._level
        return missing / self._rate if missing > TOLERANCE else 0.0

    def follow(self, other: "TokenBucket", now: float) -> None:
        """From `now` on as fast as another one. What is there stays: nobody gets a burst by it."""
        self.change(other._rate, other._burst, now)  # noqa: SLF001 - one of its own kind

    def change(self, rate: float, burst: float, now: float) -> None:
        """From `now` on another rate and burst. What is there stays, up to the new burst."""
        if not (0 < rate < float("inf") and 1 <= burst < float("inf")):
            raise ValueError("a bucket needs a positive rate and a burst of at least one token")
        self._fill(now)
        self._rate = rate
        self._burst = float(burst)
        self._level = min(self._level, self._burst)

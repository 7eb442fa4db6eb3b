"""After a long outage traffic returns by and by: a carrier that was down has caches to warm and phones to find."""


class Ramp:
    """From `share` of the rate to all of it over `seconds`, after an outage of at least `after_seconds`."""

    __slots__ = ("_after", "_began", "_down_since", "_seconds", "_share")

    def __init__(self, share: float, seconds: float, after_seconds: float) -> None:
        if not (0.0 < share <= 1.0 and seconds >= 0.0):
            raise ValueError("a ramp begins with a share above 0, and lasts no negative time")
        self._share = share
        self._seconds = seconds
        self._after = after_seconds
        self._down_since: float | None = None
        self._began: float | None = None

    def follow(self, other: "Ramp") -> None:
        """From now on as another one; what has begun goes on."""
        share, seconds, after = other._share, other._seconds, other._after  # noqa: SLF001 - one of its own kind
        self._share, self._seconds, self._after = share, seconds, after

    def down(self, now: float) -> None:
        """The last bind went. Again while it is down: nothing changes."""
        if self._down_since is None:
            self._down_since = now

    def up(self, now: float) -> None:
        """A bind is there. Again while one is: nothing changes."""
        if self._down_since is not None and now - self._down_since >= self._after:
            self._began = now
        self._down_since = None

    def factor(self, now: float) -> float:
        """What share of the rate may be used, in (0, 1]."""
        if self._began is None:
            return 1.0
        passed = now - self._began
        if passed >= self._seconds:
            self._began = None
            return 1.0
        return self._share + (1.0 - self._share) * max(0.0, passed) / self._seconds

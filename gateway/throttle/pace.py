"""How fast one carrier is sent to, over all of its binds: contract, what it bears now, ramp. Same calls as a bucket."""

from gateway.throttle.adaptive import AdaptiveRate
from gateway.throttle.bucket import TokenBucket
from gateway.throttle.ramp import Ramp
from gateway.throttle.second import SecondWindow

NEAR_BURST_SECONDS = 0.02  # below the contract's rate no more than this of it goes at once: the limit is near


class Pace:
    """All limits of a carrier at once. `rate` and `burst` are the contract's; the rest is off when None."""

    __slots__ = ("_applied", "_bucket", "_burst", "_rate", "_second", "adaptive", "ramp")

    def __init__(
        self,
        rate: float,
        burst: int,
        now: float,
        second: SecondWindow | None = None,
        adaptive: AdaptiveRate | None = None,
        ramp: Ramp | None = None,
    ) -> None:
        self._rate = self._applied = rate
        self._burst = burst
        self._bucket = TokenBucket(rate, burst, now)
        self._second = second
        self.adaptive = adaptive
        self.ramp = ramp

    def follow(self, other: "Pace", now: float) -> None:
        """From `now` on within the limits of another one. What was sent, learned and begun counts on."""
        self._rate, self._burst, second = other._rate, other._burst, other._second  # noqa: SLF001 - one of its own kind
        if self._second is None or second is None:
            self._second = second
        else:
            self._second.follow(second)
        if self.adaptive is None or other.adaptive is None:
            self.adaptive = other.adaptive
        else:
            self.adaptive.follow(other.adaptive)
        if self.ramp is None or other.ramp is None:
            self.ramp = other.ramp
        else:
            self.ramp.follow(other.ramp)
        self._bucket.change(self._rate, self._burst, now)
        self._applied = self._rate
        self._apply(now)

    def rate(self, now: float) -> float:
        """Segments a second that may be sent now, in the long run."""
        rate = self._rate if self.adaptive is None else min(self._rate, self.adaptive.rate)
        return rate if self.ramp is None else rate * self.ramp.factor(now)

    @property
    def lowered(self) -> bool:
        """Whether less than the contract's rate goes, as of the last look."""
        return self._applied < self._rate

    def _apply(self, now: float) -> None:
        rate = self.rate(now)
        if rate != self._applied:
            burst = float(self._burst) if rate >= self._rate else min(self._burst, rate * NEAR_BURST_SECONDS)
            self._bucket.change(rate, max(1.0, burst), now)
            self._applied = rate

    def grant(self, wanted: int, now: float) -> int:
        """As many of `wanted` segments as may go now, 0..wanted."""
        if self.adaptive is not None:
            if now < self.adaptive.paused_until:
                return 0
            self._apply(now)
        elif self.ramp is not None:
            self._apply(now)
        granted = self._bucket.grant(wanted, now)
        if granted and self._second is not None:
            allowed = self._second.grant(granted, now)
            self._bucket.give_back(granted - allowed)
            return allowed
        return granted

    def give_back(self, count: int) -> None:
        """Return what was granted last and not used."""
        self._bucket.give_back(count)
        if self._second is not None:
            self._second.give_back(count)

    def seconds_until(self, tokens: int, now: float) -> float:
        """Seconds from `now` until one may go (`tokens` is a bucket's word for it); 0.0 when it may now."""
        wait = self._bucket.seconds_until(tokens, now)
        if self._second is not None:
            wait = max(wait, self._second.seconds_until(now))
        if self.adaptive is not None:
            wait = max(wait, self.adaptive.paused_until - now)
        return wait

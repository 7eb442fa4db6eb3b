"""Which carriers are fit to take a message now, and which should be left by what waits for them already."""

from collections.abc import Iterable, Mapping

from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.parking import Parking
from gateway.routing import failover
from gateway.routing.failover import FailoverLimits, RouteState

EVERYTHING = float("inf")


class Fitness:
    """Of all carriers. What waits for one leaves when it had no bind for `down_seconds`."""

    def __init__(
        self,
        carriers: Mapping[str, Carrier],
        parking: Parking,
        clock: Clock,
        limits: FailoverLimits,
        down_seconds: float,
    ) -> None:
        self._carriers = carriers
        self._parking = parking
        self._clock = clock
        self._limits = limits
        self._down_seconds = down_seconds
        self._last_up = dict.fromkeys(carriers, clock.monotonic())

    def take_rules(self, limits: FailoverLimits, down_seconds: float) -> None:
        """From now on these; and carriers that came meanwhile are known."""
        self._limits, self._down_seconds = limits, down_seconds
        for key in self._carriers:
            self._last_up.setdefault(key, self._clock.monotonic())

    def state(self, key: str) -> RouteState:
        """How it stands."""
        carrier, now = self._carriers[key], self._clock.monotonic()
        up = sum(bind.sends and not bind.drained for bind in carrier.binds)
        if carrier.held or not (carrier.send_without_receiver or any(bind.receives for bind in carrier.binds)):
            up = 0  # nothing is claimed for it
        pace = carrier.bucket
        paused = now < carrier.paused_until or (pace.adaptive is not None and now < pace.adaptive.paused_until)
        return RouteState(up, paused, len(carrier.lanes) + self._parking.waiting_for(key), pace.rate(now))

    def usable(self, key: str) -> bool:
        """Whether a message should take it, and not the next route."""
        return failover.usable(self.state(key), self._limits)

    def excess(self, keys: Iterable[str]) -> dict[str, float]:
        """Of these, how many segments should leave each that is down or slow; EVERYTHING: all. To be asked often."""
        now = self._clock.monotonic()
        found = {}
        for key in keys:
            state = self.state(key)
            if state.binds_up:
                self._last_up[key] = now
                if self._limits.slow_seconds is not None:
                    over = state.waiting_segments - self._limits.slow_seconds * state.segments_per_second
                    if over > 0:
                        found[key] = over
            elif now - self._last_up[key] >= self._down_seconds:
                found[key] = EVERYTHING
        return found

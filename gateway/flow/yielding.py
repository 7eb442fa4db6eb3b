"""Whether customers are read less for a while: when our own processor is what keeps messages from leaving.

Who is accepted faster than it is delivered would only wait here. A carrier that is slow, refuses, or has reached its
rate is no reason: what waits for it waits on disk. And when the processor has time to spare the turns are so short that
nobody notices.
"""

from collections.abc import Iterable

from gateway.flow.carrier import Carrier

LEAST_WAITING = 500  # segments in a carrier's lanes, or twice its windows if that is more
# A carrier that answers at least one in so many of those in flight in a turn, and did so lately, is not what is slow.
ANSWERED = 16
LATELY_SECONDS = 0.25
HOLD_SECONDS = 0.1  # then one turn reads, whatever waits: customers of other carriers are not to starve


class Yielding:
    """`look` once at the end of each turn, behind the dispatcher. Moments are monotonic seconds."""

    __slots__ = ("_answered_at", "_carriers", "_held_since", "_taken")

    def __init__(self, carriers: Iterable[Carrier]) -> None:
        self._held_since: float | None = None
        self.take_carriers(carriers)

    def take_carriers(self, carriers: Iterable[Carrier]) -> None:
        """From now on these."""
        self._carriers = tuple(carriers)
        self._taken = [one.counts.segments_sent for one in self._carriers]  # segments that each had at the last look
        self._answered_at = [0.0] * len(self._carriers)

    def look(self, now: float) -> float:
        """For how many seconds customers are not to be read, if nothing changes before; 0.0: read them."""
        crowded = False
        for place, carrier in enumerate(self._carriers):
            taken = carrier.counts.segments_sent
            answered, self._taken[place] = taken - self._taken[place], taken
            if len(carrier.lanes) > LEAST_WAITING:
                crowded = self._is_ours(carrier, place, answered, now) or crowded
        since = now if self._held_since is None else self._held_since
        left = since + HOLD_SECONDS - now if crowded else 0.0
        self._held_since = since if left > 0.0 else None
        return max(0.0, left)

    def _is_ours(self, carrier: Carrier, place: int, answered: int, now: float) -> bool:
        if answered and ANSWERED * answered >= sum(bind.in_flight for bind in carrier.binds):
            self._answered_at[place] = now
        return (
            now - self._answered_at[place] < LATELY_SECONDS
            and len(carrier.lanes) > 2 * sum(bind.window for bind in carrier.binds if bind.sends)
            and now >= carrier.paused_until
            and carrier.bucket.seconds_until(1, now) <= 0.0
        )

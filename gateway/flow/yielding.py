"""Whether customers are read less for a few turns: when our own processor is what keeps messages from leaving.

Who is accepted faster than it is delivered would only wait here. A carrier that is slow, refuses, or has reached its
rate is no reason: what waits for it waits on disk.
"""

from collections.abc import Iterable

from gateway.flow.carrier import Carrier

LEAST_WAITING = 500  # segments in a carrier's lanes, or twice its windows if that is more
# A carrier that answered at least one in so many of those in flight within one turn is faster than our turns.
ANSWERED = 16
HELD_TURNS = 3  # then one turn reads, whatever waits: customers of other carriers are not to starve


class Yielding:
    """`look` once at the end of each turn, behind the dispatcher."""

    __slots__ = ("_carriers", "_held", "_seen")

    def __init__(self, carriers: Iterable[Carrier]) -> None:
        self._carriers = tuple(carriers)
        self._seen = [0] * len(self._carriers)  # segments that each had taken at the last look
        self._held = 0

    def look(self, now: float) -> bool:
        """Whether customers are not to be read in the next turn. `now` in monotonic seconds."""
        crowded = False
        for place, carrier in enumerate(self._carriers):
            taken = carrier.counts.segments_sent
            answered, self._seen[place] = taken - self._seen[place], taken
            if answered and len(carrier.lanes) > LEAST_WAITING and not crowded:
                crowded = self._is_ours(carrier, answered, now)
        self._held = self._held + 1 if crowded and self._held < HELD_TURNS else 0
        return self._held > 0

    @staticmethod
    def _is_ours(carrier: Carrier, answered: int, now: float) -> bool:
        windows = sum(bind.window for bind in carrier.binds if bind.sends)
        in_flight = sum(bind.in_flight for bind in carrier.binds)
        return (
            len(carrier.lanes) > 2 * windows
            and ANSWERED * answered >= in_flight
            and now >= carrier.paused_until
            and carrier.bucket.seconds_until(1, now) <= 0.0
        )

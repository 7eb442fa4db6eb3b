"""The rate that a carrier bears, found by what it answers: it grows slowly, and falls at once when the carrier says so.

Additive increase, multiplicative decrease, with a memory: near the rate at which the carrier last complained the growth
is slow, so that most of the time is spent just below it; when nothing complains any more the growth doubles.
"""

from collections import deque
from typing import NamedTuple

SLOT_SECONDS = 0.1  # answers are counted in slots of this length
SLOTS = 10  # of the last second
GENTLE = 0.97  # what stays of what the carrier took in the last second
HARD = 0.75  # the most that one complaint takes, however little was taken before it
HOLD_SECONDS = 1.0  # no growth for so long after a carrier said that it is busy
GROWTH = 0.02  # share of the rate, a second, below the rate of the last complaint
NEAR = 0.95  # of that rate, where the growth is slower
NEAR_GROWTH = 0.01
FRESH_SECONDS = 12.0  # after so long without one, the growth doubles with every DOUBLING_SECONDS
DOUBLING_SECONDS = 3.0
FASTEST_GROWTH = 0.25
USED = 0.8  # a rate that is not used is not proven, and does not grow
SHORTEST_PAUSE = 0.02
SHORTEST_EPOCH = 0.05  # between two cuts, when response times are not known
CONGESTED = 90  # congestion_state, SMPP 5.0, section 4.8.4.18: 80 to 89 is best, 90 and above nears congestion
BUSY = 80
BASE_MEMORY_SECONDS = 300.0  # the lowest response time is forgotten after this long
SMOOTHING = 0.1


class AdaptiveRules(NamedTuple):
    """What a profile says. Rates in segments a second."""

    most: float  # what the contract allows
    floor: float
    longest_pause: float = 1.0  # after complaints that do not end, seconds
    recovery_seconds: float = FRESH_SECONDS
    slow_factor: float = 4.0  # responses so many times slower than the fastest lower the rate; 0: never
    slow_margin_seconds: float = 0.25  # and slower by at least this


class AdaptiveRate:
    """`rate` is what may be sent a second now, in [floor, most]; nothing at all before `paused_until`."""

    __slots__ = (
        "_base",
        "_base_at",
        "_ceiling",
        "_complained_at",
        "_cut_at",
        "_grown_at",
        "_hold",
        "_pause",
        "_rules",
        "_slot",
        "_slots",
        "_smooth",
        "_sum",
        "paused_until",
        "rate",
    )

    def __init__(self, rules: AdaptiveRules, now: float) -> None:
        if not 0 < rules.floor <= rules.most:
            raise ValueError("the floor lies above zero and not above the contract's rate")
        self._rules = rules
        self.rate = rules.most
        self._ceiling = rules.most  # the rate at which the carrier complained last
        self.paused_until = 0.0
        self._pause = SHORTEST_PAUSE
        self._complained_at = now
        self._cut_at = now - 1e6
        self._grown_at = now
        self._hold = now
        self._slot = int(now / SLOT_SECONDS)
        self._slots: deque[int] = deque([0] * SLOTS, maxlen=SLOTS)
        self._sum = 0
        self._smooth = self._base = 0.0
        self._base_at = now

    def follow(self, other: "AdaptiveRate") -> None:
        """From now on by the rules of another one; what was learned stays, within them."""
        before, self._rules = self._rules, other._rules  # noqa: SLF001 - one of its own kind
        within = self._rules.most if self.rate >= before.most else min(self.rate, self._rules.most)
        self.rate = max(self._rules.floor, within)
        self._ceiling = max(self.rate, min(self._ceiling, self._rules.most))

    def accepted(self, now: float, response_seconds: float = 0.0, congestion_state: int = -1) -> None:
        """The carrier took a segment, `response_seconds` after it was sent (0: not known)."""
        if int(now / SLOT_SECONDS) != self._slot:
            self._roll(now)
            self._pause = max(SHORTEST_PAUSE, self._pause / 2)
        self._slots[-1] += 1
        self._sum += 1
        if response_seconds > 0.0:
            self._smooth += (response_seconds - self._smooth) * (SMOOTHING if self._smooth else 1.0)
            if not self._base or response_seconds < self._base or now - self._base_at > BASE_MEMORY_SECONDS:
                self._base = min(response_seconds, self._smooth)
                self._base_at = now
        if congestion_state >= CONGESTED or self._is_slow():
            self._complaint(now)
        elif congestion_state >= BUSY:
            self._hold = now + HOLD_SECONDS

    def _is_slow(self) -> bool:
        """Whether responses take much longer than they can."""
        rules = self._rules
        return rules.slow_factor > 0.0 and self._smooth > max(
            rules.slow_factor * self._base, self._base + rules.slow_margin_seconds
        )

    def refused(self, now: float) -> None:
        """ESME_RTHROTTLED or ESME_RMSGQFUL: nothing goes for a moment, longer each time until something is taken."""
        if now >= self.paused_until:
            self.paused_until = now + self._pause
            self._pause = min(self._pause * 2, self._rules.longest_pause)
        self._complaint(now)

    def _complaint(self, now: float) -> None:
        """Cut once for the trouble: what was under way at the cut complains again and means nothing."""
        self._roll(now)
        self._complained_at = now
        if now - self._cut_at < max(2 * self._smooth, SHORTEST_EPOCH):
            return
        cut = min(self.rate, max(self._taken(), self.rate * HARD)) * GENTLE
        self._ceiling = self.rate
        self.rate = max(self._rules.floor, cut)
        self._cut_at = self._grown_at = now

    def _taken(self) -> float:
        """Segments a second that the carrier took lately: in the last second, or since traffic began within it."""
        idle = next((place for place, count in enumerate(self._slots) if count), SLOTS - 1)
        return self._sum / ((SLOTS - idle) * SLOT_SECONDS)

    def _roll(self, now: float) -> None:
        """A slot of time has passed: forget the oldest, grow."""
        slot = int(now / SLOT_SECONDS)
        passed = slot - self._slot
        if passed <= 0:
            return
        for _ in range(min(passed, SLOTS)):
            self._sum -= self._slots[0]
            self._slots.append(0)
        self._slot = slot
        # The newest slot is empty yet, and the answer that is looked for is not counted: at one a second it is all.
        used = self._sum + 1 >= USED * self.rate * (SLOTS - 1) * SLOT_SECONDS
        if used and now >= self._hold:
            self._grow(now)
        else:
            self._grown_at = now

    def _grow(self, now: float) -> None:
        seconds = min(now - self._grown_at, SLOTS * SLOT_SECONDS)
        self._grown_at = now
        doublings = min((now - self._complained_at - self._rules.recovery_seconds) / DOUBLING_SECONDS, 20.0)
        growth = NEAR_GROWTH if self.rate >= NEAR * self._ceiling else GROWTH
        share = min(FASTEST_GROWTH, growth * 2 ** max(0.0, doublings))
        self.rate = min(self._rules.most, self.rate * (1.0 + share * seconds))

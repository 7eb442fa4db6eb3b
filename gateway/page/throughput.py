"""What went through in the last ten minutes, second by second, and how it is drawn."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from gateway.flow.account import Account
from gateway.flow.carrier import Carrier

SECONDS = 600
RECENT_SECONDS = 10
POINTS = 120
WIDTH, HEIGHT = 240.0, 40.0


class Ring:
    """A counter's rate at each look, the last SECONDS of them."""

    __slots__ = ("_at", "_rates", "_total")

    def __init__(self) -> None:
        self._total = 0
        self._at: float | None = None
        self._rates: deque[float] = deque(maxlen=SECONDS)

    def look(self, total: int, now: float) -> None:
        """The counter stands at `total`. The first look only says from where on."""
        if self._at is not None and now > self._at:
            self._rates.append(max(0, total - self._total) / (now - self._at))
        self._total, self._at = total, now

    def recent(self) -> float:
        """Per second, over the last RECENT_SECONDS."""
        last = tuple(islice(reversed(self._rates), RECENT_SECONDS))
        return sum(last) / len(last) if last else 0.0

    def rates(self) -> Sequence[float]:
        """The oldest first."""
        return tuple(self._rates)


class Line(NamedTuple):
    """A curve in a box of WIDTH by HEIGHT, its time from left to right: SVG's `points`, and the greatest rate."""

    points: str
    most: float


def line(rates: Sequence[float]) -> Line:
    """Some seconds become one point, their mean; what is not known yet is left out."""
    size = SECONDS // POINTS
    padded = [0.0] * (-len(rates) % size) + list(rates)
    means = [sum(padded[start : start + size]) / size for start in range(0, len(padded), size)]
    most = max(means, default=0.0)
    step = WIDTH / (POINTS - 1)
    left = WIDTH - step * (len(means) - 1)
    points = (
        f"{left + step * place:.1f},{HEIGHT - 1 - (HEIGHT - 2) * (mean / most if most else 0):.1f}"
        for place, mean in enumerate(means)
    )
    return Line(" ".join(points), most)


class Throughput:
    """Of the whole gateway and of each carrier."""

    def __init__(self, accounts: Mapping[str, Account], carriers: Mapping[str, Carrier]) -> None:
        self._accounts = accounts
        self._carriers = carriers
        self.accepted, self.sent, self.handed_over = Ring(), Ring(), Ring()
        self._by_carrier: dict[str, Ring] = {}

    def look(self, now: float) -> None:
        """About once a second."""
        counts = [one.counts for one in self._accounts.values()]
        self.accepted.look(sum(one.accepted for one in counts), now)
        self.handed_over.look(sum(one.receipts_handed_over for one in counts), now)
        self.sent.look(sum(one.counts.segments_sent for one in self._carriers.values()), now)
        for key, carrier in self._carriers.items():
            self.carrier(key).look(carrier.counts.segments_sent, now)
        self._forget(self._carriers)

    def carrier(self, key: str) -> Ring:
        """Segments that one carrier took."""
        ring = self._by_carrier.get(key)
        if ring is None:
            ring = self._by_carrier[key] = Ring()
        return ring

    def _forget(self, known: Iterable[str]) -> None:
        """What the configuration no longer has."""
        for key in self._by_carrier.keys() - set(known):
            del self._by_carrier[key]

"""Who plays: picks the characters for a message, a connection or a bind, each by a lot of its own."""

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import TypeVar

from simulators.characters import (
    Character,
    OfLinks,
    OfMessages,
    RefusingBinds,
    Restarting,
    Throttling,
)

K = TypeVar("K")


def of(chosen: Iterable[object], kind: type[K]) -> K | None:
    """The character of this kind, if one was chosen."""
    return next((one for one in chosen if isinstance(one, kind)), None)


class Meter:
    """Counts by the second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._second = float("-inf")
        self.count = 0

    def over(self, now: float) -> bool:
        """Count one. Return whether it is one too many."""
        if now >= self._second + 1.0:
            self._second, self.count = now, 0
        self.count += 1
        return self.count > self._most

    @property
    def percent(self) -> int:
        """How much of the second is used, as congestion_state says it: 0 to 99."""
        return min(99, self.count * 100 // self._most)


class Cast:
    """The characters of one simulator. `seed` is text that tells its lots from those of others."""

    def __init__(self, characters: Sequence[Character], seed: str) -> None:
        lots = [(one, Random(f"{seed} {place}")) for place, one in enumerate(characters)]
        self._messages = [(one, lot) for one, lot in lots if isinstance(one, OfMessages)]
        self._binds = [(one, lot, [0]) for one, lot in lots if isinstance(one, RefusingBinds)]
        self._links = [
            (one, lot) for one, lot in lots if isinstance(one, OfLinks) and not isinstance(one, RefusingBinds)
        ]
        self._meters = {id(one): Meter(one.most_per_second) for one, _ in lots if isinstance(one, Throttling)}
        self.restarts = [one for one, _ in lots if isinstance(one, Restarting)]

    def choose(self, seconds: float, destination: str, text: Callable[[], str]) -> list[OfMessages]:
        """Those that play for a message, at most one of a kind. `text` is called only when somebody looks at it."""
        chosen: list[OfMessages] = []
        for one, lot in self._messages:
            if not one.holds(seconds) or any(type(other) is type(one) for other in chosen):
                continue
            if one.destination is not None and not one.destination.search(destination):
                continue
            if one.text is not None and not one.text.search(text()):
                continue
            if one.share < 1.0 and lot.random() >= one.share:
                continue
            chosen.append(one)
        return chosen

    def meter(self, one: Throttling) -> Meter:
        """Where it counts."""
        return self._meters[id(one)]

    def draw(self) -> list[tuple[OfLinks, Random]]:
        """Those that play on a new connection, each with the lot that it draws from."""
        return [(one, lot) for one, lot in self._links if one.share == 1.0 or lot.random() < one.share]

    def refuses_bind(self, seconds: float) -> int:
        """The status for a bind that somebody refuses, else 0."""
        for one, lot, count in self._binds:
            if not one.holds(seconds) or (one.first is not None and count[0] >= one.first):
                continue
            if one.share < 1.0 and lot.random() >= one.share:
                continue
            count[0] += 1
            return one.status
        return 0

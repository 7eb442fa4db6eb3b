"""Which host of a bind is next, and after how long. No socket, no clock."""

import random
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple


class Place(NamedTuple):
    """Where a message centre listens."""

    host: str
    port: int


class Ended(Enum):
    """How an attempt to bind, or the bind, came to its end."""

    SERVED = "it was bound, and went"
    FAILED = "no connection, no answer, or refused for now"
    REFUSED = "refused until a person changes something"


class Waits(NamedTuple):
    """Seconds."""

    shortest: float
    longest: float
    refused: float  # after Ended.REFUSED


def jitter(wait: float) -> float:
    """A random half keeps many binds from knocking at once."""
    return wait * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it


class Backoff:
    """After a failure the next host follows after the shortest wait; when all failed, the first one again, after a wait
    that doubles from round to round up to the longest. A bind that served and went begins at the first host.
    """

    def __init__(self, places: Sequence[Place], waits: Waits, spread: Callable[[float], float] = jitter) -> None:
        self._places = tuple(places)
        self._waits = waits
        self._spread = spread
        self._at = 0
        self._round = waits.shortest

    @property
    def place(self) -> Place:
        """The host whose turn it is."""
        return self._places[self._at]

    def after(self, ended: Ended, *, steady: bool = False) -> float:
        """An attempt at `place` ended: turn to the next, return the seconds before it. `steady`: it served long."""
        if ended is Ended.SERVED:
            self._at = 0
            if steady:
                self.fresh()
            return self._spread(self._doubled())
        self._at = (self._at + 1) % len(self._places)
        if ended is Ended.REFUSED:
            return self._spread(self._waits.refused)
        return self._spread(self._waits.shortest if self._at else self._doubled())

    def fresh(self) -> None:
        """From the first host and the shortest wait."""
        self._at = 0
        self._round = self._waits.shortest

    def _doubled(self) -> float:
        wait, self._round = self._round, min(self._round * 2, self._waits.longest)
        return wait

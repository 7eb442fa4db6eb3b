"""One turn of the loop: many sockets are read, then what follows happens once, then each socket is written once."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Flushable(Protocol):
    """Something that has octets to write at the end of the turn."""

    def flush(self) -> None:
        """Write them."""


class Resting(Protocol):
    """Something that is not read for a while."""

    def go_on(self) -> None:
        """It may be read again."""


class Turn:
    """Ends each turn with `work`, then flushes what asked for it. `work` returns seconds until it wants another."""

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Callable[[], float | None]) -> None:
        self._loop = loop
        self._work = work
        self._scheduled = False
        self._dirty: list[Flushable] = []
        self._timer: asyncio.TimerHandle | None = None
        self.crowded = False  # who brings more is not read again until this is over
        self._resting: list[Resting] = []

    def wake(self) -> None:
        """Something happened: a turn must end."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._end)

    def dirty(self, connection: Flushable) -> None:
        """This connection has output; called once until it is flushed."""
        self._dirty.append(connection)
        self.wake()

    def rest(self, connection: Resting) -> None:
        """Let this one go on when it is not crowded any more."""
        self._resting.append(connection)

    def _end(self) -> None:
        again = self._work()
        self._scheduled = False
        if self._resting and not self.crowded:
            resting, self._resting = self._resting, []
            for one in resting:
                one.go_on()
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            connection.flush()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if again is not None:
            self._timer = self._loop.call_later(max(again, 0.0005), self.wake)

    def close(self) -> None:
        """No turn will follow."""
        if self._timer is not None:
            self._timer.cancel()

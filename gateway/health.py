"""What systemd is told of a gateway that runs: that it is well, and how it is in one line."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from gateway import clock
from gateway.assemble import Flow
from gateway.ops import notify

log = structlog.get_logger(room="health")

# A store process that has owed an answer for so long hangs, and only a new one helps. It is long because a disk that is
# slow heals by itself: the kernel too gives one two minutes before it calls who waits for it hung. A disk that refuses
# is no silence: the store process says so at each try.
MOST_SILENT_SECONDS = 120.0
STATUS_SECONDS = 5.0
LOADING_EVERY_SECONDS = 5.0
LOADING_NEEDS_SECONDS = 60.0  # all of memory is rebuilt in one turn of the loop


class Answering(Protocol):
    """The store, as far as its health goes."""

    stuck: str

    def silent_seconds(self, now: float) -> float:
        """How long it has owed an answer."""


class Health:
    """Call `tick` about once a second: that the loop turns is told by that.

    The watchdog hears it unless the store process hangs; systemd then starts both anew.
    """

    def __init__(self, flow: Flow, store: Answering, watchdog_seconds: float | None) -> None:
        self._flow = flow
        self._store = store
        self._every = None if watchdog_seconds is None else watchdog_seconds / 2
        self._watchdog_at = 0.0
        self._status_at = 0.0
        self._told = ""
        self._hangs = False

    def tick(self, now: float) -> None:
        """Tell what is due."""
        silent = self._store.silent_seconds(now)
        if (silent > MOST_SILENT_SECONDS) != self._hangs:
            self._hangs = not self._hangs
            if self._hangs:
                log.error("store_hangs", silent_seconds=int(silent))
        if self._every is not None and not self._hangs and now >= self._watchdog_at:
            self._watchdog_at = now + self._every
            notify.watchdog()
        if now >= self._status_at:
            self._status_at = now + STATUS_SECONDS
            words = self.words()
            if words != self._told:
                self._told = words
                notify.status(words)

    def words(self) -> str:
        """Like `3 of 4 carriers up, 12 customers' binds, 0 waiting`."""
        flow = self._flow
        up = sum(any(bind.session is not None for bind in one.binds) for one in flow.carriers.values())
        binds = sum(len(one.binds) for one in flow.accounts.values())
        waiting = sum(len(one.lanes) for one in flow.carriers.values()) + flow.parking.waiting
        words = f"{up} of {len(flow.carriers)} carriers up, {binds} customers' binds, {waiting} waiting"
        return f"{words}; the store is stuck" if self._store.stuck else words


@contextmanager
def loading(store: Answering) -> Iterator[None]:
    """While what the store remembers is read: systemd waits longer than it would, as long as the store answers."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle | None = None

    def again() -> None:
        nonlocal timer
        if store.silent_seconds(clock.monotonic()) <= MOST_SILENT_SECONDS:
            notify.loading(LOADING_NEEDS_SECONDS)
        timer = loop.call_later(LOADING_EVERY_SECONDS, again)

    again()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()

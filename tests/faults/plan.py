"""A fault that is to come: the N-th time that a named point is reached, something happens there.

It stands in a file that the one who plans and the processes that suffer have mapped, and is armed while they run.
"""

import mmap
import os
import signal
from enum import IntEnum
from pathlib import Path
from struct import Struct


class Point(IntEnum):
    """Places in the life of a batch, in the order in which it passes them, and one for every touch of the disk."""

    NOWHERE = 0
    BATCH_READY = 1  # gateway: built, not handed to the store process
    BATCH_HANDED = 2  # gateway: handed over, on its way
    STORE_ASKED = 3  # store: read, nothing committed
    STORE_COMMITTED = 4  # store: durable, not answered
    STORE_ANSWERED = 5  # store: answered
    BATCH_ANSWERED = 6  # gateway: the answer is here, nothing followed: no response written, no claim sent
    BATCH_FOLLOWED = 7  # gateway: what follows is decided, the sockets are not written
    TURN_ENDED = 8  # gateway: the sockets are written
    DISK = 9  # store: before an open, read, write, truncate or sync of a file


class Action(IntEnum):
    """What happens there."""

    NOTHING = 0
    FULL = 1  # the disk is full
    BROKEN = 2  # it says EIO
    KILL = 3  # kill -9 of the process that reached it
    TORN = 4  # half of the write, then kill -9


_FIELDS = Struct("=5q")  # point, how often it is still to be reached, action, how often it acts from then on, hits


class Plan:
    """The file, mapped. One writes it at a time: who arms it waits for what comes of that."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_FIELDS.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _FIELDS.size)

    def arm(self, point: Point, at: int, action: Action, times: int = 1) -> None:
        """At the `at`-th time (from 1) that `point` is reached, and `times` - 1 times after it."""
        _FIELDS.pack_into(self._map, 0, point, at, action, times, 0)

    def disarm(self) -> int:
        """Nothing more; how often it acted."""
        hits = self.hits
        self.arm(Point.NOWHERE, 0, Action.NOTHING)
        return hits

    @property
    def hits(self) -> int:
        """How often it acted since it was armed."""
        return int(_FIELDS.unpack_from(self._map)[4])

    def reach(self, point: Point) -> Action:
        """The point is reached: what is to happen. KILL happens at once."""
        planned, left, action, times, hits = _FIELDS.unpack_from(self._map)
        if planned != point or not times:
            return Action.NOTHING
        if left > 1:
            _FIELDS.pack_into(self._map, 0, planned, left - 1, action, times, hits)
            return Action.NOTHING
        _FIELDS.pack_into(self._map, 0, planned, 0, action, times - 1, hits + 1)
        if action == Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        return Action(action)

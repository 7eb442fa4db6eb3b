"""What waits for one carrier: a queue per priority, first in first out, the higher priority first."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from gateway.model.errors import Bug

PRIORITIES = 4  # priority_flag of SMPP 3.4, 0 (lowest) to 3 (highest), section 5.2.14

T = TypeVar("T")


class Lanes(Generic[T]):
    """Queues of waiting items. What comes back (refused for now) goes to the front, so order is kept."""

    __slots__ = ("_queues", "_waiting")

    def __init__(self) -> None:
        self._queues: tuple[deque[T], ...] = tuple(deque() for _ in range(PRIORITIES))
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def put(self, item: T, priority: int) -> None:
        """Queue behind its equals. Bug for a priority that is none of PRIORITIES."""
        self._queue(priority).append(item)
        self._waiting += 1

    def put_back(self, item: T, priority: int) -> None:
        """Queue in front of its equals: it was first already."""
        self._queue(priority).appendleft(item)
        self._waiting += 1

    def _queue(self, priority: int) -> deque[T]:
        if not 0 <= priority < PRIORITIES:
            raise Bug(f"there is no priority {priority}")
        return self._queues[priority]

    def keep(self, wanted: Callable[[T], bool]) -> None:
        """Drop what is not wanted any more; the order stays."""
        self._queues = tuple(deque(item for item in queue if wanted(item)) for queue in self._queues)
        self._waiting = sum(map(len, self._queues))

    def take(self) -> T | None:
        """The next item, or None."""
        for queue in reversed(self._queues):
            if queue:
                self._waiting -= 1
                return queue.popleft()
        return None

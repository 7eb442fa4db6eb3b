"""What a simulator does later: actions by the time they are due, in the order they were planned, and the time."""

import heapq
from collections.abc import Callable


class Timetable:
    """`now` is the latest time that was told, `seconds` the time since the first that was."""

    def __init__(self) -> None:
        self.now = 0.0
        self._began: float | None = None
        self._serial = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def tell(self, now: float) -> bool:
        """It is `now`. Return whether nobody had told a time before."""
        self.now = now
        if self._began is not None:
            return False
        self._began = now
        return True

    @property
    def seconds(self) -> float:
        """Since the start."""
        return 0.0 if self._began is None else self.now - self._began

    @property
    def due(self) -> float | None:
        """When the next action is."""
        return self._heap[0][0] if self._heap else None

    def serial(self) -> int:
        """A number that is greater each time."""
        self._serial += 1
        return self._serial

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Plan an action so long from now."""
        heapq.heappush(self._heap, (self.now + seconds, self.serial(), action))

    def run(self) -> None:
        """Do what is due, and what that makes due at once."""
        while self._heap and self._heap[0][0] <= self.now:
            heapq.heappop(self._heap)[2]()

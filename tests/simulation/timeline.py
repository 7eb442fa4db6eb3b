"""Virtual time: what is to happen stands in a heap, and the clock jumps from one event to the next."""

import heapq
from collections.abc import Callable

START_MS = 1_795_478_400_000  # 2026-11-24 00:00 UTC
START_SECONDS = 1_000.0


class Timeline:
    """`now` is monotonic; the wall clock may be set while the time goes on. Events of one moment keep their order."""

    def __init__(self) -> None:
        self.now = START_SECONDS
        self.wall_offset_ms = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, moment: float, do: Callable[[], None]) -> None:
        """Let it happen then, or now when that is past."""
        self._count += 1
        heapq.heappush(self._heap, (max(moment, self.now), self._count, do))

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Let it happen so much later."""
        self.at(self.now + seconds, do)

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def wall_ms(self) -> int:
        """Milliseconds since 1970, as the clock on the wall shows them."""
        return START_MS + int(self.now * 1000) + self.wall_offset_ms

    def take(self, until: float) -> Callable[[], None] | None:
        """The next event, with the clock moved to it; None: there is none before `until`, and that is now."""
        if not self._heap or self._heap[0][0] > until:
            self.now = until
            return None
        self.now, _, do = heapq.heappop(self._heap)
        return do

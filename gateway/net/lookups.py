"""Who asks over the network: a desk for each service, with a bounded queue before it and a few tasks behind it.

A desk's tasks live as long as the gateway. What a service says, or that it says nothing, is handed back in the loop.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from gateway.model.histogram import LOOKUP_MS, Histogram
from gateway.net.tasks import Tasks

Q = TypeVar("Q")
A = TypeVar("A")


class DeskLimits(NamedTuple):
    """`at_a_time`: questions that are under way; `most_waiting`: those that wait for their turn."""

    at_a_time: int
    most_waiting: int


@dataclass(slots=True)
class DeskCounts:
    """Since the start. `answer_ms` is from taking a question to its answer, without the wait in the queue."""

    results: Counter[str] = field(default_factory=Counter)  # by what the answer amounts to
    refused: int = 0  # the queue was full
    answer_ms: Histogram = field(default_factory=lambda: Histogram(LOOKUP_MS))


class Desk(Generic[Q, A]):
    """Questions in, answers out, in any order. `work` raises for nothing that a service can do."""

    def __init__(
        self,
        name: str,
        work: Callable[[Q], Awaitable[A]],
        result: Callable[[A], str],
        limits: DeskLimits,
        monotonic: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self.name = name
        self.counts = DeskCounts()
        self._work = work
        self._result = result
        self._limits = limits
        self._monotonic = monotonic
        self._wake = wake
        self._queue: asyncio.Queue[tuple[Q, Callable[[A], None]]] = asyncio.Queue(limits.most_waiting)

    def __len__(self) -> int:
        """How many wait for their turn."""
        return self._queue.qsize()

    def ask(self, question: Q, then: Callable[[A], None]) -> bool:
        """Call `then` with the answer, later. False: too many wait, `then` will not be called."""
        try:
            self._queue.put_nowait((question, then))
        except asyncio.QueueFull:
            self.counts.refused += 1
            return False
        return True

    def start(self, tasks: Tasks) -> None:
        """Open it. Its tasks end with their owner's."""
        for number in range(self._limits.at_a_time):
            tasks.start(self._serve(), f"look-up {self.name} {number}")

    async def _serve(self) -> None:
        while True:
            question, then = await self._queue.get()
            begun = self._monotonic()
            answer = await self._work(question)
            self.counts.answer_ms.observe(1000 * (self._monotonic() - begun))
            self.counts.results[self._result(answer)] += 1
            then(answer)
            self._wake()

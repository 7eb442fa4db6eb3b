"""Letters on one way out, each tried again at growing steps until it is taken, refused or too old.

A few tasks carry them; what fails makes room for the next. Nothing here makes traffic wait or grows without end.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from typing import Generic, NamedTuple, TypeVar

import structlog

from gateway.net.tasks import Tasks

log = structlog.get_logger(room="courier")

L = TypeVar("L")

MOST_WHY = 200


class Delivery(Enum):
    """What came of one try; `LATER` may become `SENT` by itself, `NEVER` cannot."""

    SENT = "sent"
    LATER = "later"
    NEVER = "never"


class Handed(NamedTuple):
    """`why` is the receiver's word where it was not taken."""

    how: Delivery
    why: str = ""


class CourierRules(NamedTuple):
    """Seconds before the 2nd, 3rd, ... try, the last again and again; the age at which a letter is given up; limits."""

    steps: tuple[float, ...]
    give_up_seconds: float
    at_a_time: int
    most_waiting: int


@dataclass(slots=True)
class CourierCounts:
    """Since the start. `results`: sent, never (refused), given_up, refused (too many waited)."""

    results: Counter[str] = field(default_factory=Counter)
    retries: int = 0


class _Waiting(NamedTuple, Generic[L]):
    due: float
    order: int
    tries: int
    since: float
    letter: L


class Courier(Generic[L]):
    """`carry` should raise for nothing that a receiver can do. `done` is called once for each letter that was put."""

    def __init__(
        self,
        way: str,
        carry: Callable[[L], Awaitable[Handed]],
        rules: CourierRules,
        monotonic: Callable[[], float],
        done: Callable[[L, Handed], None],
    ) -> None:
        self.way = way
        self.counts = CourierCounts()
        self._carry = carry
        self._rules = rules
        self._monotonic = monotonic
        self._done = done
        self._waiting: list[_Waiting[L]] = []
        self._under_way = 0
        self._order = 0
        self._came = asyncio.Event()

    def __len__(self) -> int:
        """How many are not done."""
        return len(self._waiting) + self._under_way

    def put(self, letter: L) -> bool:
        """Carry it as soon as may be. False: too many wait, `done` will not be called."""
        if len(self) >= self._rules.most_waiting:
            self.counts.results["refused"] += 1
            log.error("notice_not_sent", way=self.way, why="too many wait")
            return False
        now = self._monotonic()
        self._push(_Waiting(now, self._next_order(), 0, now, letter))
        return True

    def start(self, tasks: Tasks) -> None:
        """Begin to carry. The tasks end with their owner's."""
        for number in range(self._rules.at_a_time):
            tasks.start(self._work(), f"notices {self.way} {number}")

    def _next_order(self) -> int:
        self._order += 1
        return self._order

    def _push(self, one: _Waiting[L]) -> None:
        heappush(self._waiting, one)
        self._came.set()

    async def _work(self) -> None:
        while True:
            one = await self._take()
            self._under_way += 1
            try:
                handed = await self.carry_once(one.letter)
            finally:
                self._under_way -= 1
            self._judge(one, handed)

    async def carry_once(self, letter: L) -> Handed:
        """One try, past the queue."""
        try:
            return await self._carry(letter)
        except Exception as bug:
            log.exception("notice_failed", way=self.way)
            return Handed(Delivery.LATER, type(bug).__name__)

    async def _take(self) -> _Waiting[L]:
        """The next that is due."""
        while True:
            wait = self._waiting[0].due - self._monotonic() if self._waiting else None
            if wait is not None and wait <= 0.0:
                return heappop(self._waiting)
            self._came.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._came.wait()
            except TimeoutError:
                continue  # it is due

    def _judge(self, one: _Waiting[L], handed: Handed) -> None:
        now, why = self._monotonic(), handed.why[:MOST_WHY]
        if handed.how is Delivery.LATER:
            step = self._rules.steps[min(one.tries, len(self._rules.steps) - 1)]
            if now + step - one.since < self._rules.give_up_seconds:
                self.counts.retries += 1
                log.warning("notice_later", way=self.way, why=why, tries=one.tries + 1, again_in_seconds=step)
                self._push(_Waiting(now + step, self._next_order(), one.tries + 1, one.since, one.letter))
                return
            self.counts.results["given_up"] += 1
        else:
            self.counts.results[handed.how.value] += 1
        if handed.how is Delivery.SENT:
            log.info("notice_sent", way=self.way, seconds=round(now - one.since, 1))
        else:
            log.error("notice_not_sent", way=self.way, why=why, tries=one.tries + 1)
        self._done(one.letter, handed)

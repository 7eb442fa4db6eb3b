"""Desks: bounded before, a few at a time behind."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from gateway.net.lookups import Desk, DeskLimits
from gateway.net.tasks import Tasks
from tests.gateway.net.house import until


class Work:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, asyncio.Future[str]]] = []
        self.woken = 0
        self.now = 0.0

    async def __call__(self, question: int) -> str:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.waiting.append((question, future))
        return await future

    def wake(self) -> None:
        self.woken += 1

    def clock(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def tasks() -> AsyncIterator[Tasks]:
    failures: list[BaseException] = []
    one = Tasks(failures.append)
    yield one
    await one.end()
    assert failures == []


def desk(work: Work, at_a_time: int, most_waiting: int) -> Desk[int, str]:
    return Desk("d", work, str.upper, DeskLimits(at_a_time, most_waiting), work.clock, work.wake)


async def test_a_few_at_a_time_the_rest_waits_and_the_queue_is_bounded(tasks: Tasks) -> None:
    work, told = Work(), list[str]()
    one = desk(work, 2, 3)
    one.start(tasks)
    assert all(one.ask(number, told.append) for number in range(3))
    assert not one.ask(9, told.append)
    await until(lambda: len(work.waiting) == 2)
    assert [one.ask(number, told.append) for number in (3, 4, 5)] == [True, True, False]
    assert (len(one), one.counts.refused) == (3, 2)
    work.now = 1.5
    work.waiting[1][1].set_result("b")  # in any order
    await until(lambda: len(work.waiting) == 3)
    assert (told, work.woken) == (["b"], 1)
    assert (one.counts.answer_ms.total, sum(one.counts.answer_ms.counts)) == (1500, 1)
    for place in (0, 2, 3, 4):
        await until(lambda place=place: len(work.waiting) > place)  # type: ignore[misc]
        work.waiting[place][1].set_result("a")
    await until(lambda: len(told) == 5)
    assert one.counts.results == {"A": 4, "B": 1}
    assert sorted(number for number, _ in work.waiting) == [0, 1, 2, 3, 4]


async def test_it_ends_with_its_tasks_and_tells_nobody_then() -> None:
    work, told = Work(), list[str]()
    owner = Tasks(lambda failure: told.append(repr(failure)))
    one = desk(work, 1, 3)
    one.start(owner)
    one.ask(1, told.append)
    await until(lambda: work.waiting)
    await owner.end()
    assert told == []
    assert work.waiting[0][1].cancelled()


async def test_a_bug_in_the_work_takes_the_owner_down() -> None:
    failures: list[BaseException] = []
    owner = Tasks(failures.append)

    async def bug(_: int) -> str:
        raise RuntimeError("never promised")

    one = Desk("d", bug, str, DeskLimits(1, 1), lambda: 0.0, lambda: None)
    one.start(owner)
    one.ask(1, lambda _: None)
    await until(lambda: failures)
    await owner.end()
    assert [str(one) for one in failures] == ["never promised"]

"""Letters are tried again at growing steps, given up when they are old, and hold nobody up."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from gateway.net.courier import Courier, CourierRules, Delivery, Handed
from gateway.net.tasks import Tasks
from tests.gateway.net.post_office import until

LATER, SENT, NEVER = Handed(Delivery.LATER, "down"), Handed(Delivery.SENT), Handed(Delivery.NEVER, "no such user")


class Round:
    """A courier whose receivers say what the test wants."""

    def __init__(self, tasks: Tasks, rules: CourierRules) -> None:
        self.tries: list[tuple[float, str]] = []
        self.done: list[tuple[str, Delivery]] = []
        self.says: Callable[[str], Handed] = lambda _: SENT
        self.gate: asyncio.Event | None = None
        self.courier: Courier[str] = Courier(
            "mail", self.carry, rules, self.time, lambda letter, handed: self.done.append((letter, handed.how))
        )
        self.courier.start(tasks)

    @staticmethod
    def time() -> float:
        return asyncio.get_running_loop().time()

    async def carry(self, letter: str) -> Handed:
        self.tries.append((self.time(), letter))
        if self.gate is not None:
            await self.gate.wait()
        return self.says(letter)


Start = Callable[..., Round]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    failures: list[BaseException] = []
    tasks = Tasks(failures.append)

    def one(steps: tuple[float, ...] = (0.01,), give_up: float = 1e9, at_a_time: int = 1, most: int = 10) -> Round:
        return Round(tasks, CourierRules(steps, give_up, at_a_time, most))

    yield one
    await tasks.end()
    assert failures == []


async def test_what_is_put_is_sent_once(start: Start) -> None:
    one = start()
    assert one.courier.put("a")
    assert one.courier.put("b")
    await until(lambda: len(one.done) == 2)
    assert one.done == [("a", Delivery.SENT), ("b", Delivery.SENT)]
    assert (one.courier.counts.results, len(one.courier)) == ({"sent": 2}, 0)


async def test_steps_grow_and_the_last_one_repeats(start: Start) -> None:
    one = start(steps=(0.01, 0.04))
    says = iter([LATER, LATER, LATER, SENT])
    one.says = lambda _: next(says)
    one.courier.put("a")
    await until(lambda: bool(one.done))
    waits = [after - before for (before, _), (after, _) in zip(one.tries, one.tries[1:], strict=False)]
    assert waits[0] >= 0.009
    assert waits[1] >= 0.039
    assert waits[2] >= 0.039
    assert one.courier.counts.retries == 3
    assert one.done == [("a", Delivery.SENT)]


async def test_what_is_too_old_is_given_up_and_what_is_refused_is_not_tried_again(start: Start) -> None:
    one = start(steps=(0.02,), give_up=0.05)
    one.says = lambda letter: NEVER if letter == "b" else LATER
    one.courier.put("a")
    one.courier.put("b")
    await until(lambda: len(one.done) == 2)
    assert sorted(one.done) == [("a", Delivery.LATER), ("b", Delivery.NEVER)]
    assert one.courier.counts.results == {"given_up": 1, "never": 1}
    assert 2 <= sum(letter == "a" for _, letter in one.tries) <= 3


async def test_one_that_fails_holds_nobody_up(start: Start) -> None:
    one = start(steps=(1e6,))
    one.says = lambda letter: LATER if letter == "a" else SENT
    for letter in "abc":
        one.courier.put(letter)
    await until(lambda: len(one.done) == 2)
    assert [letter for letter, _ in one.done] == ["b", "c"]
    assert len(one.courier) == 1


async def test_the_queue_has_an_end(start: Start) -> None:
    one = start(most=2)
    one.gate = asyncio.Event()
    assert one.courier.put("a")
    await until(lambda: bool(one.tries))
    assert one.courier.put("b")
    assert not one.courier.put("c")
    assert one.courier.counts.results["refused"] == 1
    one.gate.set()
    await until(lambda: len(one.done) == 2)
    assert one.courier.put("c")


async def test_several_are_carried_at_a_time(start: Start) -> None:
    one = start(at_a_time=3)
    one.gate = asyncio.Event()
    for letter in "abcd":
        one.courier.put(letter)
    await until(lambda: len(one.tries) == 3)
    one.gate.set()
    await until(lambda: len(one.done) == 4)


async def test_a_bug_in_carrying_is_a_failed_try(start: Start) -> None:
    one = start()
    broken = iter([True, False])

    def says(_: str) -> Handed:
        if next(broken):
            raise IndexError("a library's")
        return SENT

    one.says = says
    one.courier.put("a")
    await until(lambda: bool(one.done))
    assert (one.done, one.courier.counts.retries) == ([("a", Delivery.SENT)], 1)

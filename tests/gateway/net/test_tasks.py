"""Tasks have an owner: it hears of the one that fails, and ends them all."""

import asyncio

from gateway.net.tasks import Tasks


async def test_the_owner_hears_of_a_failure() -> None:
    failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
    tasks = Tasks(failed.set_result)

    async def breaks() -> None:
        raise ValueError("broken")

    tasks.start(breaks(), "breaks")
    assert str(await failed) == "broken"
    await tasks.end()


async def test_the_end_is_the_end_of_all() -> None:
    failures: list[BaseException] = []
    tasks = Tasks(failures.append)
    ended: list[str] = []

    async def waits(name: str) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(name)

    for name in ("one", "two"):
        tasks.start(waits(name), name)
    await asyncio.sleep(0)
    await tasks.end()
    assert sorted(ended) == ["one", "two"]
    assert failures == []
    await tasks.end()


async def test_a_task_that_swallows_a_cancellation_is_told_again() -> None:
    tasks = Tasks(lambda _: None)
    swallowed: list[bool] = []

    async def swallows() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            swallowed.append(True)
        await asyncio.get_running_loop().create_future()

    tasks.start(swallows(), "swallows")
    await asyncio.sleep(0)
    await tasks.end()
    assert swallowed == [True]

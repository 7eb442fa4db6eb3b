"""Many events, one end of turn; each socket written once."""

import asyncio

from gateway.net.turn import Turn


class Socket:
    """Counts its writes."""

    def __init__(self) -> None:
        self.flushed = 0

    def flush(self) -> None:
        self.flushed += 1


async def test_many_wakes_are_one_turn() -> None:
    ended = asyncio.Event()
    turns = 0

    def work() -> None:
        nonlocal turns
        turns += 1
        ended.set()

    turn = Turn(asyncio.get_running_loop(), work)
    sockets = [Socket(), Socket()]
    for socket in sockets:
        turn.wake()
        turn.dirty(socket)
    assert turns == 0
    await ended.wait()
    assert turns == 1
    assert [socket.flushed for socket in sockets] == [1, 1]


async def test_output_that_the_work_makes_goes_in_the_same_turn() -> None:
    socket = Socket()
    ended = asyncio.get_running_loop().create_future()

    def work() -> None:
        turn.dirty(socket)
        ended.set_result(None)

    turn = Turn(asyncio.get_running_loop(), work)
    turn.wake()
    await ended
    await asyncio.sleep(0)
    assert socket.flushed == 1


async def test_work_may_ask_for_another_turn() -> None:
    turns = 0
    done = asyncio.get_running_loop().create_future()

    def work() -> float | None:
        nonlocal turns
        turns += 1
        if turns == 3:
            done.set_result(None)
            return None
        return 0.001

    turn = Turn(asyncio.get_running_loop(), work)
    turn.wake()
    await done
    assert turns == 3


async def test_no_turn_after_close() -> None:
    turns = 0

    def work() -> float:
        nonlocal turns
        turns += 1
        return 0.001

    loop = asyncio.get_running_loop()
    turn = Turn(loop, work)
    turn.wake()
    await asyncio.sleep(0)
    turn.close()
    later = loop.create_future()
    loop.call_later(0.01, later.set_result, None)
    await later
    assert turns == 1


class Rester:
    """Counts how often it may go on."""

    def __init__(self) -> None:
        self.went_on = 0

    def go_on(self) -> None:
        self.went_on += 1


async def test_who_rests_goes_on_once_when_the_crowd_is_over() -> None:
    turn = Turn(asyncio.get_running_loop(), lambda: None)
    one = Rester()
    turn.crowded = True
    turn.rest(one)
    turn.wake()
    await asyncio.sleep(0)
    assert one.went_on == 0
    turn.crowded = False
    for _ in range(3):
        turn.wake()
        await asyncio.sleep(0)
    assert one.went_on == 1

"""Addresses that are opened, and told as they are."""

import asyncio

import pytest

from gateway.clock import monotonic
from gateway.net.listener import Listener
from gateway.net.turn import Turn


def listener() -> Listener:
    def no_link(*_: object) -> None:
        raise AssertionError("nobody connects")

    turn = Turn(asyncio.get_running_loop(), lambda: None)
    return Listener(turn, monotonic, no_link, 1)  # type: ignore[arg-type]


async def test_the_kernels_port_is_told() -> None:
    one = listener()
    host, port = (await one.listen("127.0.0.1", 0)).split(":")
    assert host == "127.0.0.1"
    assert int(port) > 0
    one.stop_accepting()


async def test_a_port_in_use_is_an_error() -> None:
    one = listener()
    port = int((await one.listen("127.0.0.1", 0)).split(":")[1])
    with pytest.raises(OSError, match="in use"):
        await listener().listen("127.0.0.1", port)
    one.stop_accepting()


async def test_nobody_connects_after_it_stopped() -> None:
    one = listener()
    port = int((await one.listen("127.0.0.1", 0)).split(":")[1])
    one.stop_accepting()
    with pytest.raises(OSError, match="refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)

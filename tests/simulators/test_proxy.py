"""A bad network on loopback sockets: what passes is unchanged, ends are told as planned, and memory stays bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from simulators.chaos import MOST_WAITING, Network, Plan
from simulators.proxy import Proxy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def between(far: Any, *troubles: dict[str, Any], **plan: Any) -> AsyncIterator[tuple[Proxy, tuple[str, int]]]:
    """A proxy to a server that runs `far` for each connection."""
    server = await asyncio.start_server(far, "127.0.0.1", 0)
    network = Network(Plan.model_validate({"troubles": troubles} | plan), 1)
    proxy = Proxy(("127.0.0.1", 0), server.sockets[0].getsockname()[:2], network)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.get_running_loop().create_task(proxy.run(ready.set_result))
    try:
        host, _, port = (await ready).rpartition(":")
        yield proxy, (host, int(port))
    finally:
        task.cancel()
        server.close()
        await asyncio.gather(task, return_exceptions=True)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while octets := await reader.read(4_096):
            writer.write(octets)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.mark.parametrize(
    "troubles",
    [
        [],
        [{"kind": "split", "octets": [1, 97]}],
        [{"kind": "delay", "seconds": [0.0, 0.01]}, {"kind": "bandwidth", "octets_per_second": 2_000_000}],
        [{"kind": "stall", "after_octets": [1, 2_000], "seconds": [0.01, 0.02]}],
    ],
)
async def test_what_passes_is_unchanged_and_in_order(troubles: list[dict[str, Any]]) -> None:
    sent = bytes(range(256)) * 40
    async with between(echo, *troubles) as (proxy, address), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        assert proxy.passed == [len(sent), len(sent)]


async def test_a_cut_is_an_rst_for_both_after_what_passed() -> None:
    told: asyncio.Future[BaseException | bytes] = asyncio.get_running_loop().create_future()
    got = bytearray()

    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while octets := await reader.read(100):
                got.extend(octets)
            told.set_result(b"")
        except OSError as error:
            told.set_result(error)
        finally:
            writer.close()

    cut = {"kind": "cut", "direction": "there", "after_octets": [700, 700]}
    async with between(far, cut) as (proxy, address), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(bytes(1_000))
        with pytest.raises(ConnectionResetError):
            await reader.read()
        assert isinstance(await told, ConnectionResetError)
        assert proxy.passed == [700, 0]
        assert len(got) <= 700
        writer.close()


async def test_a_half_open_link_tells_nobody() -> None:
    cut = {"kind": "cut", "direction": "back", "after_octets": [5, 5], "by": "half_open"}
    async with between(echo, cut) as (proxy, address), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"123456789")
        assert await reader.readexactly(5) == b"12345"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
        assert proxy.passed == [9, 5]
        writer.transport.abort()


async def test_who_does_not_read_stops_the_reading() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._limit = 1  # type: ignore[attr-defined]  # it stops reading at once
        await over.wait()
        writer.transport.abort()

    over = asyncio.Event()
    slow = {"kind": "bandwidth", "octets_per_second": 1_000}
    async with between(deaf, slow) as (_, address), asyncio.timeout(10):
        _, writer = await asyncio.open_connection(*address)
        writer.transport.set_write_buffer_limits(high=0)
        written = 0
        try:
            while True:
                async with asyncio.timeout(0.2):
                    writer.write(bytes(MOST_WAITING))
                    written += MOST_WAITING
                    await writer.drain()
        except TimeoutError:
            pass
        assert written < 60 * MOST_WAITING  # the kernel's buffers and ours, and no more
        writer.transport.abort()
        over.set()


async def test_nobody_listens_for_a_while() -> None:
    refuses = [{"from_seconds": 0.02, "to_seconds": 0.12}]
    async with between(echo, refuses=refuses) as (_, address), asyncio.timeout(10):
        refused = connected = False
        while not (refused and connected):
            try:
                _, writer = await asyncio.open_connection(*address)
            except ConnectionError:  # a reset, if it stood in the backlog
                refused = True
            else:
                connected = refused
                writer.transport.abort()
                await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_target_that_is_not_there_is_told_by_rst() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[:2]
    server.close()
    await server.wait_closed()
    proxy = Proxy(("127.0.0.1", 0), address, Network(Plan(), 1))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.get_running_loop().create_task(proxy.run(ready.set_result))
    host, _, port = (await ready).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

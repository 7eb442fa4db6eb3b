"""A bad network between any two parties: listens, connects to the target, and does to the octets what the plan says.

Nothing is read while too much is on its way or the receiver doesn't read, so memory is bounded by the connections.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress

from simulators.chaos import MOST_WAITING, Network, Pipe
from simulators.serve import reset

MOST_CONNECTIONS = 1_000
READ_OCTETS = 65_536

Address = tuple[str, int]


class Proxy:
    """Use `run` in a task of its own; it ends when it is cancelled."""

    def __init__(self, listen: Address, target: Address, network: Network) -> None:
        self._listen = listen
        self._target = target
        self._network = network
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._connections = 0
        self.passed = [0, 0]  # octets there and back

    async def run(self, ready: Callable[[str], None]) -> None:
        """Listen, tell `ready` the address, and go on. OSError: the address can't be had."""
        try:
            async with asyncio.TaskGroup() as group:
                await self._listen_on(group, ready)
        except ExceptionGroup as group_error:
            if group_error.split(OSError)[1] is None:  # the listener's; connections keep theirs
                raise group_error.exceptions[0] from None
            raise
        finally:
            await asyncio.sleep(0)  # aborted transports close their sockets in the next turn

    async def _listen_on(self, group: asyncio.TaskGroup, ready: Callable[[str], None]) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._connections >= MOST_CONNECTIONS:
                reset(writer.transport)
            else:
                self._connections += 1
                task = group.create_task(self._connected(reader, writer))
                task.add_done_callback(lambda _: self._over(writer))  # also of a task that never began

        told = False
        while True:
            wait = self._network.next_change(self._seconds())
            if self._network.refuses(self._seconds()) and told:
                await self._pause(wait)
                continue
            server = await asyncio.start_server(accept, *self._listen, limit=READ_OCTETS)
            host, port = server.sockets[0].getsockname()[:2]
            self._listen = (host, port)
            if not told:
                told = True
                ready(f"{host}:{port}")
            try:
                await self._pause(wait)
            finally:
                server.close()

    def _seconds(self) -> float:
        return self._loop.time() - self._began

    async def _pause(self, until: float | None) -> None:
        if until is None:
            await asyncio.Event().wait()
        else:
            await asyncio.sleep(max(until - self._seconds(), 0.001))

    def _over(self, writer: asyncio.StreamWriter) -> None:
        self._connections -= 1
        writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target, limit=READ_OCTETS)
        except OSError:
            reset(writer.transport)
            return
        pipes = self._network.connect(self._seconds())
        ends = [(reader, far_writer), (far_reader, writer)]
        try:
            await _together(
                *(self._carry(way, pipe, *end) for way, (pipe, end) in enumerate(zip(pipes, ends, strict=True)))
            )
        except _Over:
            for one in (writer, far_writer):
                reset(one.transport)
        finally:
            far_writer.transport.abort()

    async def _carry(self, way: int, pipe: Pipe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction, until it ends."""
        changed, room = asyncio.Event(), asyncio.Event()
        room.set()

        async def read() -> None:
            while True:
                await room.wait()
                octets = await reader.read(min(READ_OCTETS, MOST_WAITING))
                if octets:
                    pipe.push(octets, self._loop.time())
                else:
                    pipe.finish()
                changed.set()
                if pipe.full:
                    room.clear()
                if not octets:
                    return

        async def write() -> None:
            while pipe.ended is None:
                changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(pipe.due):
                        await changed.wait()
                for piece in pipe.pull(self._loop.time()):
                    self.passed[way] += len(piece)
                    writer.write(piece)
                    await writer.drain()
                if not pipe.full:
                    room.set()
            if pipe.ended == "half_open":
                await asyncio.Event().wait()
            if pipe.ended == "reset":
                raise _Over
            with suppress(OSError):
                writer.write_eof()

        await _together(read(), write())


class _Over(Exception):
    """The connection is at its end."""


async def _together(*both: Coroutine[None, None, None]) -> None:
    """Run them until all are done, or one says that it is over."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in both:
                group.create_task(one)
    except ExceptionGroup as group_error:
        if group_error.split((OSError, _Over))[1] is None:  # nothing else than that
            raise _Over from group_error
        raise

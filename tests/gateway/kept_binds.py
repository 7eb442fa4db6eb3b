"""Binds of one carrier that are kept up for real, and a scripted centre to bind to."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

from gateway.assemble import assemble
from gateway.carrier_binds import CarrierBinds
from gateway.clock import monotonic, wall_ms
from gateway.flow.clock import Clock
from gateway.net.connection import Connection
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.store.memory import MemoryStore
from simulators import wire
from tests.gateway.flow.world import profile, settings

NEVER = 3_600.0
FAST = {"reconnect_min_seconds": 0.01, "reconnect_max_seconds": 0.02, "refused_wait_seconds": NEVER, "window": 10}


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until it holds; the waits are real ones, of some milliseconds."""
    last = monotonic() + 10.0
    for _ in count():
        if condition():
            return
        assert monotonic() < last, "it never holds"
        await asyncio.sleep(0)


def pdu(command_id: int, status: int, sequence_number: int, body: bytes = b"") -> bytes:
    return wire.HEADER.pack(wire.HEADER_OCTETS + len(body), command_id, status, sequence_number) + body


class Centre:
    """Answers each bind by its script: a status, or None for silence. The script's last word is repeated."""

    def __init__(self, *script: int | None) -> None:
        self.script = list(script) or [0]
        self.seen: list[int] = []  # command_ids
        self.asked: list[bytes] = []  # bind requests
        self.binds = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> "Centre":
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while True:
                head = await reader.readexactly(wire.HEADER_OCTETS)
                length, command_id, _, sequence_number = wire.HEADER.unpack(head)
                body = await reader.readexactly(length - wire.HEADER_OCTETS)
                self.seen.append(command_id)
                if command_id in wire.BINDS:
                    self.binds += 1
                    self.asked.append(head + body)
                    status = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                    if status is not None:
                        body = b"" if status else b"centre\0"
                        writer.write(pdu(command_id | wire.RESPONSE, status, sequence_number, body))
                elif command_id in {wire.UNBIND, wire.ENQUIRE_LINK}:
                    writer.write(pdu(command_id | wire.RESPONSE, 0, sequence_number))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def die(self) -> None:
        """Every connection is reset."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.die()
        await self._server.wait_closed()


class Gateway:
    """The binds of one carrier to these centres; or those that are written."""

    def __init__(self, *centres: Centre, binds: list[dict[str, Any]] | None = None, **bind: Any) -> None:
        self._written = binds
        self._hosts = [{"host": "127.0.0.1", "port": centre.port} for centre in centres]
        self._bind = bind
        self._failures: list[BaseException] = []
        self.connections: set[Connection] = set()
        self.tasks = Tasks(self._failures.append)

    async def open(self) -> "Gateway":
        one = {"hosts": self._hosts, "system_id": "gw", "password": "secret"} | self._bind
        configured = settings(carriers={"one": profile(binds=self._written or [one], session=FAST), "two": profile()})
        self.store = MemoryStore()
        self.flow = assemble(configured, self.store, Clock(monotonic, wall_ms), await self.store.load())
        self.carrier = self.flow.carriers["one"]
        self.turn = Turn(asyncio.get_running_loop(), self.end_of_turn)
        self.binds = CarrierBinds(
            {"one": configured.carriers["one"]}, self.flow, self.turn, monotonic, self.connections
        )
        self.binds.start(self.tasks)
        return self

    def end_of_turn(self) -> float | None:
        """As the daemon does; every commit is at once on the disk of memory."""
        again = self.flow.end_of_turn()
        self.store.flush()
        return 0.0 if self.store.sync() else again

    def up(self) -> list[bool]:
        return [bind.session is not None for bind in self.carrier.binds]

    async def close(self) -> None:
        await self.tasks.end()
        for connection in tuple(self.connections):
            connection.abort()
            await connection.closed
        assert self._failures == []

"""Binds to scripted centres over real sockets: refusing, silent, dying, moving; drained and resumed."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

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
                await reader.readexactly(length - wire.HEADER_OCTETS)
                self.seen.append(command_id)
                if command_id in wire.BINDS:
                    self.binds += 1
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
    """The binds of one carrier to these centres."""

    def __init__(self, *centres: Centre, **bind: Any) -> None:
        self._hosts = [{"host": "127.0.0.1", "port": centre.port} for centre in centres]
        self._bind = bind
        self._failures: list[BaseException] = []
        self.connections: set[Connection] = set()
        self.tasks = Tasks(self._failures.append)

    async def open(self) -> "Gateway":
        one = {"hosts": self._hosts, "system_id": "gw", "password": "secret"} | self._bind
        configured = settings(carriers={"one": profile(binds=[one], session=FAST), "two": profile()})
        store = MemoryStore()
        self.flow = assemble(configured, store, Clock(monotonic, wall_ms), await store.load())
        self.carrier = self.flow.carriers["one"]
        self.turn = Turn(asyncio.get_running_loop(), lambda: None)
        self.binds = CarrierBinds(
            {"one": configured.carriers["one"]}, self.flow, self.turn, monotonic, self.connections
        )
        self.binds.start(self.tasks)
        return self

    def up(self) -> list[bool]:
        return [bind.session is not None for bind in self.carrier.binds]

    async def close(self) -> None:
        await self.tasks.end()
        for connection in tuple(self.connections):
            connection.abort()
            await connection.closed
        assert self._failures == []


async def test_every_bind_comes_up_and_comes_back() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre, count=3).open()
    await until(lambda: gateway.up() == [True] * 3)
    centre.die()
    await until(lambda: centre.binds == 6)
    await until(lambda: gateway.up() == [True] * 3)
    await gateway.close()
    await centre.close()


@pytest.mark.parametrize("status", [0x0E, 0x0F, 0x53])
async def test_a_wrong_password_is_not_hammered(status: int) -> None:
    centre = await Centre(status, 0).open()
    gateway = await Gateway(centre).open()
    await until(lambda: gateway.carrier.counts.binds_refused[status] == 1 and not gateway.connections)
    for _ in range(100):
        await asyncio.sleep(0)
    assert (centre.binds, gateway.up()) == (1, [False])
    gateway.binds.resume("one", "one-0-0")
    await until(lambda: gateway.up() == [True])
    assert gateway.carrier.binds[0].refused == 0
    await gateway.close()
    await centre.close()


@pytest.mark.parametrize("status", [0x05, 0x08, 0x0D, 0x58])
async def test_what_passes_is_tried_again_by_itself(status: int) -> None:
    centre = await Centre(status, status, 0).open()
    gateway = await Gateway(centre).open()
    await until(lambda: gateway.up() == [True])
    assert centre.binds == 3
    assert gateway.carrier.counts.binds_refused == {status: 2}
    await gateway.close()
    await centre.close()


async def test_a_silent_centre_is_left_for_the_next_host() -> None:
    silent, good = await Centre(None).open(), await Centre().open()
    gateway = await Gateway(silent, good).open()
    await until(lambda: silent.binds == 1)
    (connection,) = gateway.connections
    connection.tick(monotonic() + 29.0)
    assert gateway.up() == [False]
    connection.tick(monotonic() + 31.0)
    await until(lambda: gateway.up() == [True])
    assert good.binds == 1
    await gateway.close()
    await silent.close()
    await good.close()


async def test_after_a_good_time_the_first_host_is_tried_first() -> None:
    first, second = await Centre(0x08, 0).open(), await Centre().open()
    gateway = await Gateway(first, second).open()
    await until(lambda: second.binds == 1 and gateway.up() == [True])
    second.die()
    await until(lambda: first.binds == 2 and gateway.up() == [True])
    assert second.binds == 1
    await gateway.close()
    await first.close()
    await second.close()


async def test_a_drained_bind_waits_for_answers_unbinds_and_stays_away() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre, count=2).open()
    await until(lambda: gateway.up() == [True, True])
    first, second = gateway.carrier.binds
    first.in_flight = 1
    assert gateway.binds.drain("one", "one-0-0") == ["one-0-0"]
    gateway.binds.tick(monotonic())
    gateway.turn.wake()
    assert (first.room, second.room) == (0, 10)
    assert gateway.up() == [True, True]
    first.in_flight = 0
    gateway.binds.tick(monotonic())
    await until(lambda: gateway.up() == [False, True])
    assert centre.seen.count(wire.UNBIND) == 1
    for _ in range(100):
        await asyncio.sleep(0)
    assert centre.binds == 2
    assert gateway.binds.resume("one") == ["one-0-0", "one-0-1"]
    await until(lambda: gateway.up() == [True, True])
    assert first.room == 10
    await gateway.close()
    await centre.close()


async def test_a_carrier_or_bind_that_is_not_there() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre).open()
    for carrier, bind in (("none", None), ("one", "one-9-9")):
        with pytest.raises(KeyError):
            gateway.binds.drain(carrier, bind)
    assert not gateway.carrier.binds[0].drained
    await gateway.close()
    await centre.close()


async def test_an_enquire_link_is_answered_and_silence_asked_about() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre).open()
    await until(lambda: gateway.up() == [True])
    centre.writers[0].write(pdu(wire.ENQUIRE_LINK, 0, 77))
    await until(lambda: wire.ENQUIRE_LINK_RESP in centre.seen)
    (connection,) = gateway.connections
    connection.tick(monotonic() + 31.0)
    await until(lambda: wire.ENQUIRE_LINK in centre.seen)
    assert gateway.up() == [True]
    await gateway.close()
    await centre.close()

"""The wire that is hurt: what arrives of ten PDUs when a fault comes at the third."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from simulators import wire
from tests.faults.relay import Fault, Relay

PDUS = [wire.enquire_link(number) for number in range(1, 11)]
ALL = b"".join(PDUS)


class Ends:
    """A client, the relay, and a server that keeps what it got."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.over = asyncio.Event()
        self.came = asyncio.Event()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.relay = Relay(self._server.sockets[0].getsockname()[1])
        await self.relay.open()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.relay.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                self.got += data
                self.came.set()
        except ConnectionError:
            pass
        self.over.set()
        writer.close()

    async def until(self, count: int) -> None:
        """So many octets are there."""
        async with asyncio.timeout(5):
            while len(self.got) < count:
                self.came.clear()
                await self.came.wait()

    async def close(self) -> None:
        self.writer.close()
        self.relay.close()
        self._server.close()


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    one = Ends()
    await one.open()
    yield one
    await one.close()


@pytest.mark.parametrize(
    ("fault", "arrives"), [(Fault.RESET, ALL[:48]), (Fault.LOST, ALL[:32]), (Fault.TORN, ALL[:40])]
)
async def test_a_wire_that_breaks(ends: Ends, fault: Fault, arrives: bytes) -> None:
    ends.relay.arm(fault, 3)
    ends.writer.write(ALL)
    async with asyncio.timeout(5):
        await ends.over.wait()
        with pytest.raises(ConnectionError):
            await ends.reader.read()
    assert ends.relay.hits == 1
    assert arrives.startswith(bytes(ends.got))  # a reset may overtake what was written before it


@pytest.mark.parametrize("fault", [None, Fault.DELAY, Fault.SPLIT])
async def test_a_wire_that_is_slow_or_cuts_loses_nothing(ends: Ends, fault: Fault | None) -> None:
    ends.relay.arm(fault, 3)
    for octet in range(0, len(ALL), 7):
        ends.writer.write(ALL[octet : octet + 7])
    await ends.until(len(ALL))
    assert bytes(ends.got) == ALL
    assert ends.relay.hits == (fault is not None)


async def test_a_half_open_wire_says_nothing_more_and_does_not_break(ends: Ends) -> None:
    ends.relay.arm(Fault.HALF_OPEN, 3)
    ends.writer.write(ALL)
    await ends.until(32)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await ends.over.wait()
    assert bytes(ends.got) == ALL[:32]


async def test_nobody_gets_through_while_it_is_closed_and_the_port_stays(ends: Ends) -> None:
    port = ends.relay.port
    ends.relay.close()
    async with asyncio.timeout(5):
        await ends.over.wait()
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", port)
    await ends.relay.open()
    assert ends.relay.port == port
    ends.reader, ends.writer = await asyncio.open_connection("127.0.0.1", port)
    ends.writer.write(ALL)
    await ends.until(len(ALL))

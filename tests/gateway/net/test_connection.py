"""The dull shell: octets in, one write out, the end of a connection, and a peer that does not read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from gateway.clock import monotonic
from gateway.net.connection import Connection
from gateway.net.listener import Listener
from gateway.net.turn import Turn
from gateway.smpp.codec import encode
from gateway.smpp.events import Closed, Event
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindTransceiver, EnquireLink, EnquireLinkResp, SubmitSm
from gateway.smpp.session import Session
from gateway.smpp.states import Side


class EchoLink:
    """Grants every bind, answers every submit_sm, remembers the end."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ended: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def handle(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, BindTransceiver):
                self.session.accept_bind(event, b"echo")
            elif isinstance(event, SubmitSm):
                self.session.submit_sm_resp(event.sequence_number, 0, b"1")
            elif isinstance(event, Closed):
                self.ended.set_result(event)


class House:
    """A listener with echo links, and the links it made."""

    def __init__(self) -> None:
        self.turn = Turn(asyncio.get_running_loop(), lambda: None)
        self.links: list[EchoLink] = []
        self.made = asyncio.Event()
        self.listener = Listener(self.turn, monotonic, self.make, 3)
        self.port = 0

    def make(self, wake: Callable[[], None], _peer: str) -> EchoLink:
        link = EchoLink(Session(Side.MC, SessionLimits(), monotonic(), wake))
        self.links.append(link)
        self.made.set()
        return link

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.made.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        return reader, writer


@pytest.fixture
async def house() -> AsyncIterator[House]:
    one = House()
    one.port = int((await one.listener.listen("127.0.0.1", 0)).rsplit(":", 1)[1])
    yield one
    one.listener.stop_accepting()
    for connection in tuple(one.listener.connections):
        connection.abort()
        await connection.closed


BIND = encode(BindTransceiver(system_id=b"x", interface_version=0x34), 1)
BIND_RESP_OCTETS = 16 + len(b"echo\0") + 5


async def test_a_conversation(house: House) -> None:
    reader, writer = await house.connect()
    writer.write(BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    writer.write(encode(EnquireLink(), 2))
    assert await reader.readexactly(16) == encode(EnquireLinkResp(), 2)
    writer.close()
    assert (await house.links[0].ended).reason == "the peer closed the connection"
    assert house.listener.connections == set()


async def test_what_the_session_ends_is_written_then_closed(house: House) -> None:
    reader, writer = await house.connect()
    writer.write(b"\0\0\0\5garbage that is no PDU")
    octets = await reader.read()
    assert octets[4:12] == bytes.fromhex("80000000 00000002")
    assert "command_length 5" in (await house.links[0].ended).reason
    writer.close()


async def test_a_reset_is_an_end(house: House) -> None:
    _, writer = await house.connect()
    writer.write(BIND)
    await house.made.wait()
    writer.transport.abort()
    assert (await house.links[0].ended).unanswered == []


async def test_above_the_limit_it_is_closed_at_once(house: House) -> None:
    peers = [await house.connect() for _ in range(3)]
    for reader, writer in peers:
        writer.write(BIND)
        await reader.readexactly(BIND_RESP_OCTETS)
    reader, writer = await house.connect()
    assert await reader.read() == b""
    assert house.listener.turned_away == 1
    for _, one in (*peers, (reader, writer)):
        one.close()


async def test_held_is_not_read(house: House) -> None:
    reader, writer = await house.connect()
    writer.write(BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    house.listener.hold(True)
    writer.write(encode(EnquireLink(), 2))
    answer = asyncio.get_running_loop().create_task(reader.readexactly(16))  # a test's own
    for _ in range(20):
        await asyncio.sleep(0)
    assert not answer.done()
    house.listener.hold(False)
    assert await answer == encode(EnquireLinkResp(), 2)
    writer.close()


async def test_a_peer_that_does_not_read_is_not_read_either(house: House) -> None:
    reader, writer = await house.connect()
    writer.write(BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    (connection,) = house.listener.connections
    assert isinstance(connection, Connection)
    connection.pause_writing()
    assert connection._transport is not None
    assert not connection._transport.is_reading()
    connection.hold(True)
    connection.resume_writing()
    assert not connection._transport.is_reading()
    connection.hold(False)
    assert connection._transport.is_reading()
    writer.close()


async def test_the_timers_of_a_session_close_it(house: House) -> None:
    reader, writer = await house.connect()
    await house.made.wait()
    house.listener.tick(monotonic() + 11.0)
    assert await reader.read() == b""
    assert (await house.links[0].ended).reason == "no bind came in time"
    writer.close()

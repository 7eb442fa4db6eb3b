"""The dull shell: octets in, one write out, the end of a connection, and a peer that does not read."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
import uvloop

from gateway.clock import monotonic
from gateway.net.connection import LINGER_SECONDS, REST_OCTETS, Connection
from gateway.net.listener import Crowd
from gateway.net.tls import Certificates
from gateway.smpp.codec import encode
from gateway.smpp.pdu import EnquireLink, EnquireLinkResp, Unbind
from gateway.smpp.states import SessionState
from tests.gateway.net.house import BIND, BIND_RESP_OCTETS, House, rest_of, until
from tests.gateway.net.tls_peer import ours, theirs
from tests.gateway.settings.issued import NAME


@pytest.fixture
async def house() -> AsyncIterator[House]:
    one = House(Crowd(3))
    await one.open()
    yield one
    await one.close()


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


async def test_what_is_lost_on_a_peer_that_does_not_read_is_not_waited_for_long(house: House) -> None:
    _, writer = await house.bound()
    (connection,) = house.listener.connections
    assert connection._transport is not None
    connection._transport.write(bytes(64 << 20))  # more than the kernel takes
    house.links[0].session.unbind(monotonic())
    house.links[0].session._end("told to")
    connection.flush()
    assert not connection.closed.done()
    connection.tick(monotonic() + LINGER_SECONDS - 1.0)
    await asyncio.sleep(0)
    assert not connection.closed.done()
    connection.tick(monotonic() + LINGER_SECONDS + 1.0)
    await connection.closed
    assert house.listener.connections == set()
    writer.transport.abort()


async def test_while_we_do_not_listen_silence_is_nobodys_fault(house: House) -> None:
    reader, writer = await house.bound()
    writer.write(b"\0\0")
    (connection,) = house.listener.connections
    await until(lambda: house.links[0].session._rest)
    house.listener.hold(True)
    for seconds in (20.0, 40.0, 80.0):
        house.listener.tick(monotonic() + seconds)
    house.listener.hold(False)
    house.listener.tick(monotonic() + 80.0)  # what came meanwhile is not read yet
    assert not house.links[0].session.closing
    writer.write(b"\0\x10" + encode(EnquireLink(), 7)[4:])
    assert await reader.readexactly(16) == encode(EnquireLinkResp(), 7)
    writer.close()
    await connection.closed


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_comes_while_we_do_not_listen_waits(loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def held_then_heard() -> None:
        house = House(Crowd(3))
        await house.open()
        house.listener.hold(True)
        reader, writer = await house.connect()
        await house.made.wait()
        writer.write(BIND)
        for _ in range(200):
            await asyncio.sleep(0)
        held = house.links[0].session.state
        house.listener.hold(False)
        await reader.readexactly(BIND_RESP_OCTETS)
        writer.close()
        await house.close()
        assert held is SessionState.OPEN

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(held_then_heard())


# Through TLS and balancers --------------------------------------------------------------------------------------------

LINE = b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 2775\r\n"
LOOPBACK = (ip_network("127.0.0.1"),)


@pytest.fixture
async def closed_house() -> AsyncIterator[House]:
    one = House(Crowd(10, 3))
    yield one
    await one.close()


async def test_smpp_over_tls(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(Certificates(lambda: ours(tmp_path, asks=True)))
    reader, writer = await closed_house.connect_tls(theirs("shop.example"))
    writer.write(BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    for number in range(2, 200):
        writer.write(encode(EnquireLink(), number))
    assert len(await reader.readexactly(16 * 198)) == 16 * 198
    assert closed_house.links[0].origin.names == {"shop.example"}
    writer.write(encode(Unbind(), 200))
    assert (await reader.read())[4:8] == bytes.fromhex("80000006")  # and the end is an orderly one
    assert (await closed_house.links[0].ended).reason == "the peer unbound"
    writer.close()


async def test_the_other_end_closes_tls(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(Certificates(lambda: ours(tmp_path)))
    reader, writer = await closed_house.connect_tls(theirs())
    writer.write(BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    writer.close()
    await writer.wait_closed()
    assert (await closed_house.links[0].ended).reason == "the peer closed the connection"


async def test_plain_smpp_on_a_tls_port_is_closed(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(Certificates(lambda: ours(tmp_path)))
    reader, writer = await closed_house.connect()
    writer.write(BIND)
    await rest_of(reader)
    assert closed_house.listener.refused == 1
    assert closed_house.links == []


async def test_who_shows_no_certificate_where_one_is_required(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(Certificates(lambda: ours(tmp_path, required=True)))
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        reader, writer = await closed_house.connect_tls(theirs())
        writer.write(BIND)
        assert await rest_of(reader) == b""
    assert closed_house.links == []


async def test_a_balancer_tells_where_the_customer_is(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(balancers=LOOPBACK)
    reader, writer = await closed_house.connect()
    for octet in LINE + BIND:
        writer.write(bytes((octet,)))
    await reader.readexactly(BIND_RESP_OCTETS)
    assert str(closed_house.links[0].origin) == "192.0.2.7:5000"
    writer.close()


async def test_tls_behind_a_balancer(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(Certificates(lambda: ours(tmp_path)), LOOPBACK)
    reader, writer = await closed_house.connect()
    writer.write(LINE)
    await writer.drain()
    await writer.start_tls(theirs(), server_hostname=NAME)
    writer.write(BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    assert str(closed_house.links[0].origin) == "192.0.2.7:5000"
    writer.transport.abort()


@pytest.mark.parametrize(("source", "octets"), [("127.0.0.1", BIND), ("127.0.0.2", LINE + BIND)])
async def test_a_balancer_without_and_a_stranger_with_a_header_are_closed(
    closed_house: House, source: str, octets: bytes
) -> None:
    await closed_house.open(balancers=LOOPBACK)
    reader, writer = await closed_house.connect(source)
    writer.write(octets)
    assert await rest_of(reader) == b""
    writer.close()
    assert closed_house.listener.refused == 1
    assert closed_house.links == []


@pytest.mark.parametrize("said", [b"", b"PROXY TCP4 192.0"])
async def test_a_balancer_that_takes_its_time_is_closed(closed_house: House, said: bytes) -> None:
    await closed_house.open(balancers=LOOPBACK)
    reader, writer = await closed_house.connect()
    writer.write(said)
    await until(lambda: closed_house.listener.connections)
    closed_house.listener.tick(monotonic() + 9.0)
    assert closed_house.listener.refused == 0
    closed_house.listener.tick(monotonic() + 11.0)
    assert await rest_of(reader) == b""
    assert closed_house.listener.refused == 1
    writer.close()


async def test_a_handshake_that_takes_its_time_is_closed(closed_house: House, tmp_path: Path) -> None:
    await closed_house.open(Certificates(lambda: ours(tmp_path)))
    _, writer = await closed_house.connect()
    writer.write(b"\x16\x03\x01\x02\0")
    await until(lambda: closed_house.listener.connections)
    (connection,) = closed_house.listener.connections
    closed_house.listener.tick(monotonic() + 11.0)
    await connection.closed
    assert closed_house.listener.refused == 1
    writer.close()


async def test_customers_behind_a_balancer_are_counted_by_their_own_address(closed_house: House) -> None:
    await closed_house.open(balancers=LOOPBACK)
    writers = []
    for number in range(4):
        reader, writer = await closed_house.connect()
        writer.write(LINE + BIND)
        writers.append(writer)
        if number < 3:
            await reader.readexactly(BIND_RESP_OCTETS)
        else:
            assert await rest_of(reader) == b""
    assert closed_house.listener.turned_away == 1
    reader, writer = await closed_house.connect()
    writer.write(LINE.replace(b"2.7", b"2.8") + BIND)
    await reader.readexactly(BIND_RESP_OCTETS)
    for one in (*writers, writer):
        one.close()


async def test_who_is_above_its_rate_is_read_more_slowly_and_nobody_else(house: House) -> None:
    reader, writer = await house.bound()
    other_reader, other_writer = await house.bound()
    (slowed,) = [one for one in house.listener.connections if one.link is house.links[0]]
    house.links[0].hold_for = 0.05
    began = asyncio.get_running_loop().time()
    writer.write(encode(EnquireLink(), 2))
    assert await reader.readexactly(16) == encode(EnquireLinkResp(), 2)  # what was read already is answered
    assert slowed._transport is not None
    assert not slowed._transport.is_reading()
    slowed.tick(monotonic() + 20.0)  # the silence is ours
    writer.write(encode(EnquireLink(), 3))
    other_writer.write(encode(EnquireLink(), 4))
    assert await other_reader.readexactly(16) == encode(EnquireLinkResp(), 4)
    assert await reader.readexactly(16) == encode(EnquireLinkResp(), 3)
    assert asyncio.get_running_loop().time() - began >= 0.04
    writer.close()
    other_writer.close()


async def test_a_connection_that_ends_while_it_is_slowed_leaves_no_timer(house: House) -> None:
    reader, writer = await house.bound()
    (connection,) = house.listener.connections
    house.links[0].hold_for = 3_600.0
    writer.write(encode(EnquireLink(), 2))
    await reader.readexactly(16)
    timer = connection._slowed
    assert timer is not None
    connection.abort()
    await connection.closed
    assert timer.cancelled()
    writer.close()


async def test_while_there_is_a_crowd_who_brings_more_rests(house: House) -> None:
    reader, writer = await house.bound()
    (connection,) = house.listener.connections
    turn = connection._turn
    turn.crowded = True
    assert connection._transport is not None
    writer.write(encode(EnquireLink(), 2))
    assert await reader.readexactly(16) == encode(EnquireLinkResp(), 2)
    assert connection._transport.is_reading()  # one by one is no crowd
    writer.write(encode(EnquireLink(), 2) * (REST_OCTETS // 16))
    await reader.readexactly(REST_OCTETS)
    assert not connection._transport.is_reading()
    turn.wake()
    await asyncio.sleep(0)
    assert not connection._transport.is_reading()
    turn.crowded = False
    turn.wake()
    writer.write(encode(EnquireLink(), 3))
    assert await reader.readexactly(16) == encode(EnquireLinkResp(), 3)
    writer.close()

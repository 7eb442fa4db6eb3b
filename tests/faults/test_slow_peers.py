"""Peers that are slow, idle, or never answer: each costs itself, and nobody else anything."""

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from gateway.clock import monotonic
from gateway.net.listener import CUSTOMER_HIGH_WATER, Crowd, most_connections
from gateway.smpp.codec import encode
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import DeliverSm, EnquireLink
from tests.gateway.flow.world import Centre, World, acknowledge, message, settings, silent
from tests.gateway.net.house import BIND, House, rest_of, until

MOST_IDLE = 10_000
PARTS = 10  # of a tick, as the daemon does it
MOST_READ = 1 << 18  # octets that a loop reads at once
LATE_SECONDS = 0.5  # what nobody would call slow; on an idle machine it is a thousandth


@pytest.fixture
async def house() -> AsyncIterator[House]:
    one = House(Crowd(20_000))
    await one.open()
    yield one
    await one.close()


async def slowest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, times: int = 200) -> float:
    """Seconds that the slowest of so many enquire_links took."""
    worst = 0.0
    for number in range(2, 2 + times):
        began = time.perf_counter()
        writer.write(encode(EnquireLink(), number))
        await reader.readexactly(16)
        worst = max(worst, time.perf_counter() - began)
    return worst


async def test_who_does_not_read_fills_no_more_than_its_buffer(house: House) -> None:
    good, (_, writer) = await house.bound(), await house.bound()
    slow = next(one for one in house.listener.connections if one.link is house.links[1])
    transport = slow._transport
    assert transport is not None
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    cast("asyncio.Transport", writer.transport).pause_reading()
    flood = b"".join(encode(EnquireLink(), number) for number in range(2, 1_002))
    most = 0
    for _ in range(2_000):  # requests whose answers nobody takes
        if not transport.is_reading():
            break
        writer.write(flood)
        await asyncio.sleep(0)
        most = max(most, transport.get_write_buffer_size())
    assert not transport.is_reading()
    assert await slowest(*good) < LATE_SECONDS
    assert max(most, transport.get_write_buffer_size()) <= CUSTOMER_HIGH_WATER + MOST_READ
    assert not transport.is_reading()
    now = monotonic()
    house.listener.tick(now + 31.0)  # we ask whether it is alive
    house.listener.tick(now + 62.0)  # it does not say
    await until(lambda: slow._closing_since is not None)
    assert not slow.closed.done()
    house.listener.tick(now + 100.0)  # and what it did not take is given up
    await slow.closed
    assert house.links[1].session.reason == "enquire_link was not answered in time"


async def test_who_writes_an_octet_now_and_then_is_given_up(house: House) -> None:
    good = await house.bound()
    peers = [await house.bound() for _ in range(50)]
    for _, writer in peers:
        writer.write(encode(EnquireLink(), 2)[:5])
    await until(lambda: all(link.session._rest for link in house.links[1:]))
    began = monotonic()
    for seconds in (4.0, 8.0):  # an octet more each time, and never a whole PDU
        for _, writer in peers:
            writer.write(b"\0")
        house.listener.tick(began + seconds)
        assert await slowest(*good, times=20) < LATE_SECONDS
    assert len(house.listener.connections) == 51
    house.listener.tick(began + 11.0)
    await until(lambda: len(house.listener.connections) == 1)
    assert {link.session.reason for link in house.links[1:]} == {"a PDU was begun and not finished in time"}
    assert await slowest(*good, times=20) < LATE_SECONDS


async def test_who_connects_and_does_not_bind_is_given_up_whatever_it_says_meanwhile(house: House) -> None:
    reader, writer = await house.connect()
    await house.made.wait()
    began = monotonic()
    for number in range(1, 10):
        writer.write(encode(EnquireLink(), number))
        assert len(await reader.readexactly(16)) == 16
        house.listener.tick(began + number)
    house.listener.tick(began + 10.5)
    assert await rest_of(reader) == b""
    assert house.links[0].session.reason == "no bind came in time"


def sockets_allowed() -> int:
    """Both ends of each are ours."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MOST_IDLE, most_connections(2 * MOST_IDLE, soft) // 2)


async def test_ten_thousand_idle_binds_take_no_time_from_anybody(house: House) -> None:
    count = sockets_allowed()
    idle: list[socket.socket] = []
    try:
        for number in range(count):
            one = socket.socket()
            one.bind((f"127.0.1.{1 + number % 200}", 0))
            one.connect(("127.0.0.1", house.port))
            one.send(BIND)
            idle.append(one)
            if number % 500 == 499:  # the backlog is no longer than this
                await until(lambda: len(house.links) >= len(idle))
        await until(lambda: len(house.links) == count and house.links[-1].session.state.value == "bound_trx")
        good = await house.bound()
        spent = []
        for part in range(PARTS):
            began = time.process_time()
            house.listener.tick(monotonic(), part, PARTS)
            spent.append(time.process_time() - began)
        assert sum(spent) < 0.1 * count / MOST_IDLE + 0.02  # of each second
        assert max(spent) < 0.03
        assert await slowest(*good) < LATE_SECONDS
        assert len(house.listener.connections) == count + 1
        assert idle[0].recv(100, socket.MSG_DONTWAIT)[4:8] == bytes.fromhex("80000009")
    finally:
        for one in idle:
            one.close()


async def test_enquire_links_of_thousands_are_not_all_in_one_turn() -> None:
    """They fall due at once; each part of a tick asks its own."""
    house = House(Crowd(2_000), SessionLimits(enquire_link_seconds=30.0))
    await house.open()
    peers = [await house.bound() for _ in range(100)]
    later = monotonic() + 31.0
    asked = []
    for part in range(PARTS):
        house.listener.tick(later, part, PARTS)
        asked.append(sum(1 for link in house.links if link.session._asked_alive))
    assert asked == [10 * part for part in range(1, PARTS + 1)]
    for reader, _ in peers:
        assert len(await reader.readexactly(16)) == 16
    await house.close()


def account(name: str, **changes: Any) -> dict[str, Any]:
    return {"system_id": name, "password": "secret", "tariff": "standard", "receipt_window": 5} | changes


def test_who_never_answers_receipts_holds_its_window_and_nobody_else() -> None:
    world = World(settings(customers={"shop": account("shop"), "mall": account("mall")}))
    mute, good = world.customer(b"shop"), world.customer(b"mall")
    mute.answer = silent
    world.carrier("one", centre=Centre(receipts=True))
    for _ in range(20):
        world.submit(mute, message())
        world.submit(good, message())
    assert len(mute.requests(DeliverSm)) == 5
    assert len(good.requests(DeliverSm)) == 20
    assert world.flow.accounts["mall"].counts.receipts_handed_over == 20
    second = world.customer(b"shop")  # another bind of the same account takes what waits
    assert len(second.requests(DeliverSm)) == 15
    world.advance(31.0)
    told = {pdu.short_message for pdu in second.requests(DeliverSm)}
    assert len(told) + len({pdu.short_message for pdu in mute.requests(DeliverSm)} - told) == 20
    mute.answer = acknowledge
    world.advance(31.0)
    world.advance(31.0)
    assert world.flow.accounts["shop"].counts.receipts_handed_over == 20


def test_a_window_of_answers_that_never_come_is_given_back_when_the_bind_ends() -> None:
    world = World(settings(customers={"shop": account("shop")}))
    mute = world.customer(b"shop")
    mute.answer = silent
    world.carrier("one", centre=Centre(receipts=True))
    for _ in range(7):
        world.submit(mute, message())
    world.cut(mute)
    good = world.customer(b"shop")
    assert len(good.requests(DeliverSm)) == 7

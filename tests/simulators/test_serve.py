"""Message centres on loopback sockets: raw octets in any cut, receipts by the timer, a record before the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop

from simulators import clock, wire
from simulators.config import SmscConfig
from simulators.phone import read
from simulators.serve import Recorder, Served, read_record, serve_until
from simulators.smsc import Smsc

BIND = wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"pw")
TEXT = "お支払い".encode("utf_16_be")

MOST_FLOODS = 400  # of 64 KiB: more than the kernel keeps for both sides

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def smsc(**settings: Any) -> Smsc:
    config = {"port": 0, "system_id": "gateway", "password": "pw", "receipts": {"delay_seconds": 0.0}} | settings
    return Smsc("docomo", SmscConfig.model_validate(config), 1, clock.wall)


@asynccontextmanager
async def served(one: Smsc) -> AsyncIterator[tuple[Served, Streams]]:
    serving = Served(one)
    host, port = await serving.listen()
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield serving, (reader, writer)
    finally:
        writer.close()
        serving.close()
        with suppress(ConnectionResetError):  # some carriers end so
            await writer.wait_closed()


async def pdu(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(16)
    return head + await reader.readexactly(wire.header(head).length - 16)


async def test_split_writes_and_a_receipt_by_the_timer() -> None:
    async with served(smsc()) as (_, (reader, writer)):
        for octet in BIND + wire.submit_sm(2, b"INSURER", b"819030000001", TEXT):
            writer.write(bytes((octet,)))
            await writer.drain()
        assert wire.header(await pdu(reader)).command == wire.RESPONSE | wire.BIND_TRANSCEIVER
        resp, receipt = await pdu(reader), await pdu(reader)
        assert wire.header(resp)[1:] == (wire.SUBMIT_SM_RESP, 0, 2)
        assert wire.parse_sm(receipt).short_message.startswith(b"id:" + wire.parse_id(resp))


async def test_garbage_ends_the_connection_and_no_other() -> None:
    async with served(smsc()) as (serving, (reader, writer)):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == wire.generic_nack(0, wire.ESME_RINVCMDLEN)
        host, port = writer.get_extra_info("peername")
        other, out = await asyncio.open_connection(host, port)
        out.write(wire.enquire_link(1))
        assert await pdu(other) == wire.enquire_link_resp(1)
        assert len(serving.smsc.sessions) == 1
        out.close()
        await out.wait_closed()


async def test_receipts_of_a_connection_that_broke_go_to_the_next() -> None:
    async with served(smsc(receipts={"delay_seconds": 0.0, "window": 1})) as (serving, (reader, writer)):
        writer.write(BIND + b"".join(wire.submit_sm(n, b"INSURER", b"8190", TEXT) for n in (2, 3)))
        ids = [wire.parse_id([await pdu(reader) for _ in range(1 + n)][-1]) for n in (1, 0)]
        assert wire.header(await pdu(reader)).command == wire.DELIVER_SM
        writer.transport.abort()
        host, port = next(iter(serving.transports.values())).get_extra_info("sockname")
        other, out = await asyncio.open_connection(host, port)
        out.write(BIND)
        assert wire.header(await pdu(other)).command == wire.RESPONSE | wire.BIND_TRANSCEIVER
        for id_ in ids:
            receipt = await pdu(other)
            assert wire.parse_sm(receipt).short_message.startswith(b"id:" + id_ + b" ")
            out.write(wire.deliver_sm_resp(wire.header(receipt).sequence))
        out.write(wire.unbind(9))
        assert await pdu(other) == wire.unbind_resp(9)
        assert await other.read() == b""
        assert serving.smsc.owing == 0
        out.close()
        await out.wait_closed()


async def test_the_timer_is_set_back_for_what_is_due_before() -> None:
    receipts = {"delay_seconds": 0.0, "again_seconds": 3_600.0}
    async with served(smsc(receipts=receipts)) as (_, (reader, writer)), asyncio.timeout(10):
        writer.write(BIND + wire.submit_sm(2, b"INSURER", b"8190", TEXT))
        receipt = [await pdu(reader) for _ in range(3)][-1]
        refusal = wire.deliver_sm_resp(wire.header(receipt).sequence, wire.ESME_RX_T_APPN)
        writer.write(refusal + wire.enquire_link(9))
        assert await pdu(reader) == wire.enquire_link_resp(9)  # the refusal was read: the timer stands an hour ahead
        writer.write(wire.submit_sm(3, b"INSURER", b"8191", TEXT))
        assert wire.header(await pdu(reader)).command == wire.SUBMIT_SM_RESP
        assert wire.parse_sm(await pdu(reader)).source == b"8191"


async def test_unread_answers_stop_the_reading() -> None:
    """A peer that never reads: the transport's buffer stays near its high-water mark, whatever it writes."""
    async with served(smsc()) as (serving, (reader, writer)):
        flood = wire.enquire_link(1) * 4_096
        writer.transport.set_write_buffer_limits(high=len(flood))
        reader._limit = 1  # type: ignore[attr-defined]  # our side stops reading at once
        for _ in range(MOST_FLOODS):
            writer.write(flood)
            await asyncio.sleep(0)
            transport = next(iter(serving.transports.values()), None)
            if transport is not None and not transport.is_reading():
                break
        assert transport is not None
        assert not transport.is_reading()
        assert transport.get_write_buffer_size() < 1_000_000
        writer.transport.abort()


async def test_every_segment_is_in_the_file_before_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    with Recorder(path) as recorder:
        one = Smsc("docomo", smsc().config, 1, clock.wall, recorder.add)
        stop = asyncio.Event()
        addresses: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_until(stop, [one], recorder.flush, addresses.set_result))
            host, _, port = (await addresses)["docomo"].rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(BIND + wire.submit_sm(2, b"INSURER", b"8190", TEXT))
            await pdu(reader)
            message_id = wire.parse_id(await pdu(reader)).decode()
            (segment,) = read_record(path)
            assert (segment.smsc, segment.message_id, segment.stat) == ("docomo", message_id, "DELIVRD")
            stop.set()
            writer.close()
    with path.open("ab") as file:
        file.write(b'{"smsc": "half a li')
    assert read(read_record(path)) == {"8190": ["お支払い"]}


async def test_an_address_that_is_taken_is_told_with_the_name() -> None:
    async with served(smsc()) as (_, (_, writer)):
        _, port = writer.get_extra_info("peername")
        with pytest.raises(OSError, match=rf"docomo: 127\.0\.0\.1:{port}: .*in use"):
            await serve_until(asyncio.Event(), [smsc(), smsc(port=port)], lambda: None, lambda _: None)


async def test_an_rst_in_the_middle_of_a_pdu() -> None:
    hanging_up = {"kind": "hanging_up", "after_pdus": [2, 2], "within_pdu": True}
    async with served(smsc(characters=[hanging_up])) as (serving, (reader, writer)), asyncio.timeout(10):
        writer.write(BIND)
        await pdu(reader)
        writer.write(wire.enquire_link(2))
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(16)
        assert serving.smsc.sessions == serving.transports == {}


async def test_a_half_open_link_is_read_again_when_it_goes_on() -> None:
    half_open = {"kind": "half_open", "after_pdus": [1, 1], "for_seconds": 0.05}
    async with served(smsc(characters=[half_open])) as (serving, (reader, writer)), asyncio.timeout(10):
        writer.write(BIND + wire.enquire_link(2))
        assert wire.header(await pdu(reader)).command == wire.RESPONSE | wire.BIND_TRANSCEIVER
        (transport,) = serving.transports.values()
        assert not transport.is_reading()
        assert await pdu(reader) == wire.enquire_link_resp(2)
        assert transport.is_reading()


async def test_pieces_leave_by_the_timer_and_the_end_comes_behind_them() -> None:
    split = {"kind": "split_writes", "octets": 5, "pause_seconds": 0.001}
    async with served(smsc(characters=[split])) as (_, (reader, writer)), asyncio.timeout(10):
        writer.write(wire.enquire_link(2) + wire.unbind(3))
        pieces = []
        while piece := await reader.read(100):
            pieces.append(piece)
        assert b"".join(pieces) == wire.enquire_link_resp(2) + wire.unbind_resp(3)
        assert len(pieces) > 2


async def test_while_it_is_down_whoever_connects_gets_an_rst_and_phones_begin_by_themselves() -> None:
    restarting = {"kind": "restarting", "every_seconds": 0.05, "down_seconds": 30.0}
    phones = [{"text": "停止", "source": "8190", "destination": "0501", "at_seconds": 0.0}]
    async with served(smsc(characters=[restarting], phones=phones)) as (serving, (reader, writer)), asyncio.timeout(10):
        address = writer.get_extra_info("peername")
        writer.write(BIND)
        await pdu(reader)
        assert wire.header(await pdu(reader)).command == wire.DELIVER_SM
        with pytest.raises(ConnectionResetError):
            await reader.read()
        other, out = await asyncio.open_connection(*address)
        with pytest.raises(ConnectionResetError):
            await other.read()
        out.close()
        assert serving.smsc.owing == 1


def test_what_is_due_already_is_done_under_uvloop_too() -> None:
    """Its handle for a time that is over knows no time."""

    async def play() -> bytes:
        async with served(smsc(characters=[{"kind": "early", "seconds": [0.0, 0.0]}])) as (serving, (reader, writer)):
            writer.write(BIND)
            await pdu(reader)
            (session,) = serving.smsc.sessions
            for sequence in (2, 3):
                octets = wire.submit_sm(sequence, b"INSURER", b"8190", TEXT)
                serving.smsc.receive(session, octets, serving.now() - 5.0)
                serving.settle()
            return b"".join([await pdu(reader) for _ in range(4)])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        buffer = bytearray(runner.run(play()))
    commands = [wire.header(one).command for one in wire.frames(buffer)[0]]
    assert sorted(commands) == sorted([wire.DELIVER_SM, wire.SUBMIT_SM_RESP] * 2)

"""Transmitter and receiver as binds of their own, the receiver dialled by us or called by the carrier's outbind."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulators import wire
from simulators.ports import free_port
from tests.end_to_end.rig import Customer, Gateway, rows, write_config

OUTBIND = wire.pdu(0x0B, 0, 1, b"centre\0knock\0")
RECORDS = "SELECT outcome FROM billing_record"


class Pair:
    """A message centre that takes messages on one connection and hands their receipts over on another."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._last_id = 0
        self._sequence = 100
        self._server: asyncio.Server | None = None
        self.port = 0
        self.sender: asyncio.StreamWriter | None = None
        self.receiver: asyncio.StreamWriter | None = None
        self.taken: list[bytes] = []  # ids
        self.owed: dict[int, bytes] = {}  # sequence_number of deliver_sm: its PDU

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def call(self, port: int) -> None:
        """Connect to the gateway and say outbind; what follows is a conversation like any other."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(OUTBIND)
        task = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(20.0):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readexactly(wire.HEADER_OCTETS)
                whole = head + await reader.readexactly(int.from_bytes(head[:4], "big") - len(head))
                self._heard(writer, whole)
                self._changed.set()
        writer.transport.abort()
        if self.receiver is writer:
            self.receiver = None
        if self.sender is writer:
            self.sender = None
        self._changed.set()

    def _heard(self, writer: asyncio.StreamWriter, pdu: bytes) -> None:
        head = wire.header(pdu)
        if head.command in wire.BINDS:
            writer.write(wire.bind_resp(head.command | wire.RESPONSE, 0, head.sequence, b"centre"))
            if head.command == wire.BIND_RECEIVER:
                self.receiver = writer
                writer.writelines(self.owed.values())
            else:
                assert head.command == wire.BIND_TRANSMITTER
                self.sender = writer
        elif head.command == wire.SUBMIT_SM:
            assert writer is self.sender
            self._last_id += 1
            self.taken.append(b"%d" % self._last_id)
            writer.write(wire.submit_sm_resp(head.sequence, self.taken[-1]))
            self._owe(wire.parse_sm(pdu), self.taken[-1])
        elif head.command == wire.DELIVER_SM_RESP:
            del self.owed[head.sequence]
        elif head.command == wire.ENQUIRE_LINK:
            writer.write(wire.enquire_link_resp(head.sequence))
        elif head.command == wire.UNBIND:
            writer.write(wire.unbind_resp(head.sequence))

    def _owe(self, sm: wire.Sm, message_id: bytes) -> None:
        self._sequence += 1
        text = wire.receipt_text(message_id, "DELIVRD", "000", "2611240900", "2611240901")
        source, destination = sm.destination, sm.source
        pdu = wire.deliver_sm(self._sequence, source, destination, text, wire.ESM_RECEIPT)
        self.owed[self._sequence] = pdu
        if self.receiver is not None:
            self.receiver.write(pdu)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in (self.sender, self.receiver):
            if writer is not None:
                writer.transport.abort()
        await self._server.wait_closed()
        if self._tasks:
            await asyncio.wait(self._tasks)


@pytest.mark.parametrize("called", [False, True], ids=["dialled", "called"])
async def test_the_receiver_dies_while_the_transmitter_stays(called: bool, tmp_path: Path) -> None:
    pair = Pair()
    await pair.open()
    outbind_port = free_port()
    here = {"system_id": "gw", "password": "secret"}
    receiver: dict[str, Any] = here | {"mode": "receiver", "host": "127.0.0.1", "port": pair.port}
    if called:
        outbind = {"host": "127.0.0.1", "port": outbind_port, "allow_from": ["127.0.0.1"], "system_id": "centre"}
        receiver = here | {"mode": "receiver", "outbind": outbind | {"password": "knock"}}
    config, port = write_config(tmp_path, pair.port)
    whole = json.loads(config.read_text("utf-8"))
    whole["carriers"]["one"]["binds"] = [
        here | {"mode": "transmitter", "host": "127.0.0.1", "port": pair.port},
        receiver,
    ]
    config.write_text(json.dumps(whole), encoding="utf-8")
    gateway = await Gateway.start(config)
    await pair.until(lambda: pair.sender)
    customer = Customer(port)
    await customer.connect()

    customer.send(b"819030000001", "あ")  # it waits: nobody could take its receipt
    await customer.until(lambda: len(customer.promised) == 1)
    if called:
        assert pair.taken == []
        await pair.call(outbind_port)
    await customer.until(lambda: len(customer.receipts) == 1)
    await pair.until(lambda: pair.receiver and not pair.owed)

    assert pair.receiver is not None
    lost, sender = pair.receiver, pair.sender
    lost.transport.abort()
    await pair.until(lambda: pair.receiver is not lost)
    for number in range(2, 12):
        customer.send(b"8190300000%02d" % number, "あ")
    await customer.until(lambda: len(customer.promised) == 11)
    if called:
        await pair.call(outbind_port)
    await customer.until(lambda: len(customer.receipts) == 11)
    assert pair.sender is sender is not None
    assert len(pair.taken) == len(set(pair.taken)) == 11
    assert set(customer.receipts.values()) == {1}

    code, lines = await gateway.stop()
    customer.close()
    await pair.close()
    assert code == 0
    assert [line for line in lines if line["level"] == "error"] == []
    assert rows(tmp_path, RECORDS) == [("DELIVERED",)] * 11

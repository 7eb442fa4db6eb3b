"""Carriers that call us, over real sockets: the right one is bound to, a wrong one gets no password of ours."""

import asyncio
import contextlib
from typing import Any

import pytest

from gateway.carrier_binds import Drain
from gateway.clock import monotonic
from simulators import wire
from tests.gateway.kept_binds import Gateway, pdu, until

OUTBIND = 0x0B


def bind(**changes: Any) -> dict[str, Any]:
    """A receiver that the carrier calls. The address is nobody's until the kernel chose a port."""
    outbind = {
        "host": "127.0.0.1",
        "port": 0,
        "allow_from": ["127.0.0.1"],
        "system_id": "centre",
        "password": "knock",
    } | changes.pop("outbind", {})
    return {"outbind": outbind, "system_id": "gw", "password": "secret", "mode": "receiver"} | changes


SENDER = {"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "secret", "mode": "transmitter"}


class Caller:
    """A message centre that connects to us and says what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    @classmethod
    async def dial(cls, gateway: Gateway, source: str = "127.0.0.1") -> "Caller":
        await until(lambda: gateway.binds.calls.addresses)
        host, port = gateway.binds.calls.addresses[0].split(":")
        return cls(*await asyncio.open_connection(host, int(port), local_addr=(source, 0)))

    def say_outbind(self, system_id: bytes = b"centre", password: bytes = b"knock") -> None:
        self.writer.write(pdu(OUTBIND, 0, 1, system_id + b"\0" + password + b"\0"))

    async def hear(self) -> tuple[wire.Header, bytes]:
        head = await self._reader.readexactly(wire.HEADER_OCTETS)
        body = await self._reader.readexactly(int.from_bytes(head[:4], "big") - wire.HEADER_OCTETS)
        return wire.header(head + body), head + body

    async def bound(self, status: int = 0) -> wire.Bind:
        """Take the bind request and answer it."""
        self.say_outbind()
        head, whole = await self.hear()
        assert head.command in wire.BINDS
        self.writer.write(wire.bind_resp(head.command | wire.RESPONSE, status, head.sequence, b"centre"))
        return wire.parse_bind(whole)

    async def rest(self) -> bytes:
        try:
            return await self._reader.read()
        except ConnectionError:
            return b""

    async def close(self) -> None:
        self.writer.transport.abort()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


async def test_who_calls_is_bound_to_on_its_connection_and_may_hand_over_receipts() -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway)
    asked = await caller.bound()
    assert (asked.system_id, asked.password) == (b"gw", b"secret")
    await until(lambda: gateway.up() == [False, True])
    assert gateway.carrier.binds[1].receives
    caller.writer.write(wire.enquire_link(2))
    assert (await caller.hear())[0].command == wire.ENQUIRE_LINK_RESP
    receipt = wire.receipt_text(b"77", "DELIVRD", "000", "2611240900", "2611240901")
    caller.writer.write(wire.deliver_sm(3, b"819030000001", b"0312345678", receipt, wire.ESM_RECEIPT))
    head, _ = await caller.hear()
    assert (head.command, head.sequence, head.status) == (wire.DELIVER_SM_RESP, 3, 0)
    await caller.close()
    await until(lambda: gateway.up() == [False, False])
    again = await Caller.dial(gateway)
    await again.bound()
    await until(lambda: gateway.up() == [False, True])
    await again.close()
    await gateway.close()


@pytest.mark.parametrize(("system_id", "password"), [(b"other", b"knock"), (b"centre", b"wrong"), (b"centre", b"")])
async def test_a_wrong_name_gets_a_reason_and_no_password_of_ours(system_id: bytes, password: bytes) -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway)
    caller.say_outbind(system_id, password)
    assert await caller.rest() == wire.generic_nack(1, wire.ESME_RINVPASWD)
    await caller.close()
    await gateway.close()


async def test_an_address_that_is_not_allowed_is_closed_before_it_has_said_anything() -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway, "127.0.0.2")
    caller.say_outbind()
    assert await caller.rest() == b""
    await caller.close()
    await gateway.close()


async def test_an_address_may_call_only_the_bind_that_names_it() -> None:
    there = bind(outbind={"allow_from": ["127.0.0.2"], "system_id": "there", "password": "two"})
    gateway = await Gateway(binds=[SENDER, bind(), there]).open()
    stranger = await Caller.dial(gateway, "127.0.0.1")
    stranger.say_outbind(b"there", b"two")
    assert await stranger.rest() == wire.generic_nack(1, wire.ESME_RINVPASWD)
    good = await Caller.dial(gateway, "127.0.0.2")
    good.say_outbind(b"there", b"two")
    assert (await good.hear())[0].command == wire.BIND_RECEIVER
    for one in (stranger, good):
        await one.close()
    await gateway.close()


async def test_each_call_takes_a_bind_until_none_is_left() -> None:
    gateway = await Gateway(binds=[SENDER, bind(count=2, outbind={"password": None})]).open()
    callers = [await Caller.dial(gateway) for _ in range(3)]
    await callers[0].bound()
    await callers[1].bound()
    await until(lambda: gateway.up() == [False, True, True])
    callers[2].say_outbind(password=b"any")
    assert (await callers[2].rest())[4:12] == b"\x80\0\0\0\0\0\0\x05"
    for one in callers:
        await one.close()
    await gateway.close()


async def test_silence_and_anything_but_outbind() -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway)
    caller.writer.write(wire.bind(wire.BIND_RECEIVER, 7, b"centre", b"knock"))
    head, _ = await caller.hear()
    assert (head.command, head.status) == (wire.RESPONSE | wire.BIND_RECEIVER, wire.ESME_RINVBNDSTS)
    (connection,) = gateway.connections
    connection.tick(monotonic() + 9.0)
    connection.tick(monotonic() + 11.0)
    assert await caller.rest() == b""
    await caller.close()
    await gateway.close()


async def test_a_bind_that_the_caller_refuses_is_told_and_the_next_call_is_answered() -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway)
    await caller.bound(wire.ESME_RINVPASWD)
    assert await caller.rest() == b""
    assert gateway.carrier.counts.binds_refused[wire.ESME_RINVPASWD] == 1
    again = await Caller.dial(gateway)
    await again.bound()
    await until(lambda: gateway.up() == [False, True])
    await caller.close()
    await again.close()
    await gateway.close()


async def test_drained_it_answers_no_call_until_it_is_back() -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway)
    await caller.bound()
    await until(lambda: gateway.up() == [False, True])
    gateway.binds.drain("one", "one-1-0")
    assert gateway.binds.drains()["one"] == {"one-0-0": Drain.IN_SERVICE, "one-1-0": Drain.DRAINING}
    gateway.binds.tick(monotonic())
    head, _ = await caller.hear()
    assert head.command == wire.UNBIND
    caller.writer.write(wire.unbind_resp(head.sequence))
    await until(lambda: gateway.up() == [False, False])
    assert gateway.binds.drains()["one"]["one-1-0"] is Drain.DRAINED
    refused = await Caller.dial(gateway)
    refused.say_outbind()
    assert (await refused.rest())[4:12] == b"\x80\0\0\0\0\0\0\x05"
    gateway.binds.resume("one", "one-1-0")
    again = await Caller.dial(gateway)
    await again.bound()
    await until(lambda: gateway.up() == [False, True])
    for one in (caller, refused, again):
        await one.close()
    await gateway.close()


async def test_the_port_is_closed_at_the_end() -> None:
    gateway = await Gateway(binds=[SENDER, bind()]).open()
    caller = await Caller.dial(gateway)
    await caller.close()
    host, port = gateway.binds.calls.addresses[0].split(":")
    await gateway.close()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection(host, int(port))

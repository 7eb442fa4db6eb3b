"""Message centres on sockets: a protocol for each connection, one timer for each SMSC, one line a segment in a file."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import orjson

from simulators.phone import Segment
from simulators.smsc import Session, Smsc

BACKLOG = 128
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the connection ends by RST (socket(7))


class Recorder:
    """Appends segments to a JSON-lines file; they are in the file before anybody hears of them."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lines: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.flush()
        self._file.close()

    def add(self, segment: Segment) -> None:
        """Take note of a segment."""
        row = segment._asdict()
        row["octets"] = segment.octets.hex()
        self._lines.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        """Write what was noted."""
        if self._lines:
            self._file.write(b"".join(self._lines))
            self._lines.clear()


def read_record(path: Path) -> list[Segment]:
    """The segments of a Recorder's file; a line that is still being written is left out."""
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    rows = [orjson.loads(line) for line in whole.splitlines()]
    return [Segment(**(row | {"octets": bytes.fromhex(row["octets"])})) for row in rows]


class Served:
    """One SMSC with its listening socket, its connections and its timer."""

    def __init__(self, smsc: Smsc, flush: Callable[[], None] = lambda: None) -> None:
        self.smsc = smsc
        self._flush = flush
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._timer_due = 0.0
        self._server: asyncio.Server | None = None
        self.transports: dict[Session, asyncio.Transport] = {}

    async def listen(self) -> tuple[str, int]:
        """Open the address that the configuration names. OSError when that can't be."""
        config = self.smsc.config
        self._server = await self._loop.create_server(
            lambda: _Connection(self), config.host, config.port, backlog=BACKLOG
        )
        self._tick()
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    def close(self) -> None:
        """Stop listening and end every connection."""
        if self._timer is not None:
            self._timer.cancel()
        if self._server is not None:
            self._server.close()
        for transport in self.transports.values():
            transport.close()

    def now(self) -> float:
        """The loop's time."""
        return self._loop.time()

    def settle(self) -> None:
        """Write what the SMSC has to say, and wake up when its next receipt is due."""
        self._flush()
        for session in tuple(self.smsc.changed):
            transport = self.transports[session]
            if session.out:
                transport.write(bytes(session.out))
                session.out.clear()
            if session.abort:
                reset(transport)
            elif session.closing:
                transport.close()
            elif session.frozen:
                transport.pause_reading()
            elif session.thawed:
                session.thawed = False
                transport.resume_reading()
        self.smsc.changed.clear()
        due = self.smsc.due
        if self._timer is not None and (due is None or due != self._timer_due):
            self._timer.cancel()
            self._timer = None
        if due is not None and self._timer is None:
            self._timer, self._timer_due = self._loop.call_at(due, self._tick), due

    def _tick(self) -> None:
        self._timer = None
        self.smsc.tick(self.now())
        self.settle()


def reset(transport: asyncio.WriteTransport) -> None:
    """End a connection by RST."""
    raw = transport.get_extra_info("socket")
    if raw is not None and not transport.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    transport.abort()


class _Connection(asyncio.Protocol):
    def __init__(self, served: Served) -> None:
        self._served = served
        self._session = Session()  # until there is a connection
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._session = self._served.smsc.connect()
        self._transport = self._served.transports[self._session] = cast("asyncio.Transport", transport)
        self._served.settle()

    def data_received(self, data: bytes) -> None:
        self._served.smsc.receive(self._session, data, self._served.now())
        self._served.settle()

    def connection_lost(self, _: Exception | None) -> None:
        self._served.transports.pop(self._session, None)
        self._served.smsc.disconnect(self._session)
        self._served.settle()

    def pause_writing(self) -> None:
        """The peer doesn't read: then we don't either, and what waits for it stays bounded."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None and not self._session.frozen:
            self._transport.resume_reading()


async def serve_until(
    stop: asyncio.Event, smscs: Iterable[Smsc], flush: Callable[[], None], ready: Callable[[dict[str, str]], None]
) -> None:
    """Listen with all of them, tell `ready` the addresses, end when `stop` is set. OSError: an address can't be had."""
    served = [Served(smsc, flush) for smsc in smscs]
    addresses: dict[str, str] = {}
    try:
        for one in served:
            try:
                host, port = await one.listen()
            except OSError as error:
                config = one.smsc.config
                raise OSError(f"{one.smsc.name}: {config.host}:{config.port}: {error.strerror}") from error
            addresses[one.smsc.name] = f"{host}:{port}"
        ready(addresses)
        await stop.wait()
    finally:
        for one in served:
            one.close()
        await asyncio.sleep(0)

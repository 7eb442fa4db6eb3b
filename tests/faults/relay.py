"""A wire between two parties that can be hurt at the N-th PDU: it forwards whole PDUs, in both directions, in order."""

import asyncio
import socket
from collections import deque
from enum import Enum
from struct import Struct
from typing import cast

from simulators import wire

HELD_SECONDS = 0.3  # a delay: less than what anybody calls silence
_LINGER = Struct("ii").pack(1, 0)  # close() is a reset then


class Fault(Enum):
    """What happens to the wire at a PDU."""

    RESET = "reset"  # it arrives, then the wire breaks
    LOST = "lost"  # it doesn't arrive, and the wire breaks
    TORN = "torn"  # half of it arrives, and the wire breaks
    HALF_OPEN = "half open"  # from it on nothing arrives in either direction, and nobody is told
    DELAY = "delay"  # it and what follows it come late
    SPLIT = "split"  # it comes octet by octet


class Relay:
    """Listens for one party and connects to `target` for each that comes. Counts PDUs over all of them."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._fault: Fault | None = None
        self._left = 0
        self.port = 0
        self.hits = 0
        self.latency = 0.0  # seconds that each PDU takes

    async def open(self) -> None:
        """Listen, on the same port as before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Pair(self), "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Break every wire, let nobody in."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for pair in tuple(self._pairs):
            pair.break_off()

    def arm(self, fault: Fault | None, at: int = 0) -> None:
        """It comes at the `at`-th PDU from now on, once. None: nothing comes."""
        self._fault, self._left, self.hits = fault, at, 0

    async def connect(self, pair: "_Pair") -> None:
        """The other end of a pair; without it the pair is broken off."""
        try:
            await asyncio.get_running_loop().create_connection(lambda: _End(pair), "127.0.0.1", self._target)
        except OSError:
            pair.break_off()

    def next_fault(self) -> Fault | None:
        """A PDU passes: what happens at it."""
        self._left -= 1
        if self._fault is None or self._left:
            return None
        self.hits += 1
        return self._fault

    def enter(self, pair: "_Pair") -> None:
        """A pair is there."""
        self._pairs.add(pair)

    def leave(self, pair: "_Pair") -> None:
        """A pair is broken."""
        self._pairs.discard(pair)


class _End(asyncio.Protocol):
    """One socket of a pair."""

    def __init__(self, pair: "_Pair | None" = None) -> None:
        self.pair = pair
        self.transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        self.late: deque[tuple[float, bytes]] = deque()  # what waits to be written here, and until when

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self.pair is not None:
            self.pair.joined(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.pair is not None:
            self.pair.pass_on(self)

    def connection_lost(self, _: Exception | None) -> None:
        if self.pair is not None:
            self.pair.break_off()


class _Pair(_End):
    """The two sockets of a wire; itself the one that came."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(self)
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._other: _End | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._deaf = False
        self._late_until = 0.0
        self._broken = False

    def joined(self, end: _End) -> None:
        if end is self:
            self._relay.enter(self)
            self._connecting = self._loop.create_task(self._relay.connect(self))
        elif self._broken:
            _break(end)
        else:
            self._other = end
            self.pass_on(self)

    def pass_on(self, end: _End) -> None:
        """Whole PDUs go on to the other end."""
        to = self._other if end is self else self
        if to is None or to.transport is None:
            return
        for pdu in wire.frames(end.buffer)[0]:
            if self._deaf or self._broken:
                return
            fault = self._relay.next_fault()
            if fault is Fault.HALF_OPEN:
                self._deaf = True
                return
            if fault is Fault.DELAY:
                self._late_until = self._loop.time() + HELD_SECONDS
            pieces = [pdu]
            if fault is Fault.LOST:
                pieces = []
            elif fault is Fault.TORN:
                pieces = [pdu[: len(pdu) // 2]]
            elif fault is Fault.SPLIT:
                pieces = [pdu[at : at + 1] for at in range(len(pdu))]
            for piece in pieces:
                self._write(to, piece)
            if fault in {Fault.RESET, Fault.LOST, Fault.TORN}:
                self._loop.call_soon(self.break_off)  # what was written is on its way
                self._deaf = True

    def _write(self, to: _End, octets: bytes) -> None:
        due = max(self._late_until, self._loop.time() + self._relay.latency)
        to.late.append((due, octets))
        if len(to.late) == 1:
            self._late(to)

    def _late(self, to: _End) -> None:
        """What is due leaves, in its order; the rest comes in its time."""
        if to.transport is None or to.transport.is_closing():
            to.late.clear()
            return
        now = self._loop.time()
        while to.late and to.late[0][0] <= now:
            to.transport.write(to.late.popleft()[1])
        if to.late:
            self._loop.call_at(to.late[0][0], self._late, to)

    def break_off(self) -> None:
        """Reset both sockets."""
        if self._broken:
            return
        self._broken = True
        self._relay.leave(self)
        for end in (self, self._other):
            if end is not None:
                _break(end)


def _break(end: _End) -> None:
    if end.transport is not None and not end.transport.is_closing():
        end.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        end.transport.abort()

"""The shell around one session: feeds it octets and time, writes what it says, closes when it says so."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from gateway.model.origin import Origin
from gateway.net.front import Front, FrontError
from gateway.net.turn import Turn
from gateway.smpp.events import Event
from gateway.smpp.session import Session

# Octets queued in the transport above which we stop reading from a peer that does not read us.
WRITE_HIGH_WATER = 1 << 20
# Octets of one read above which a connection rests while there is a crowd: who sends one by one goes on.
REST_OCTETS = 1_024
LINGER_SECONDS = 5.0  # for the last octets to a peer that may not read them


class Link(Protocol):
    """Who owns the session and decides on its events."""

    session: Session

    def handle(self, events: Sequence[Event]) -> None:
        """Decide on events, in order."""

    def hold_seconds(self) -> float:
        """For how long, after what was read last, nothing more is to be read. Asked once a read."""


# Given the function that the session calls when it has output, and where the peer is.
MakeLink = Callable[[Callable[[], None], Origin], Link]


class Door(Protocol):
    """How a listener meets a connection."""

    high_water: int
    front_seconds: float

    def front(self, socket: Origin) -> Front:
        """What it goes through before its session."""

    def enter(self, connection: "Connection", origin: Origin) -> bool:
        """It is known where it comes from. False: not one more from there."""

    def refuse(self, origin: Origin, why: str) -> None:
        """It came to nothing."""

    def leave(self, connection: "Connection", origin: Origin) -> None:
        """A connection that entered is gone."""


class Connection(asyncio.Protocol):
    """One TCP connection, ours to somebody, or somebody's to us through a `door`."""

    def __init__(
        self,
        turn: Turn,
        now: Callable[[], float],
        make_link: MakeLink,
        registry: set["Connection"],
        door: Door | None = None,
    ) -> None:
        self._turn = turn
        self._now = now
        self._make_link = make_link
        self._registry = registry
        self._door = door
        self._front: Front | None = None
        self._socket = Origin(None)
        self._entered: Origin | None = None
        self._since = 0.0
        self._closing_since: float | None = None
        self._transport: asyncio.Transport | None = None
        self._held_by_writing = False
        self._held_by_intake = False
        self._rests = False  # while there is a crowd
        self._slowed: asyncio.TimerHandle | None = None  # its customer is above its rate
        self._deaf = False  # was held since the last tick: what the peer said meanwhile is unread
        self.link: Link | None = None
        self.tap: Callable[[bytes, bool], None] | None = None  # sees what the session gets, and gives (True)
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._door.high_water if self._door else WRITE_HIGH_WATER)
        self._since = self._now()
        self._registry.add(self)
        peer = transport.get_extra_info("peername")
        self._socket = Origin.of(peer[0], peer[1]) if peer else Origin(None)
        if self._held_by_intake:  # soon: uvloop begins to read after this, whatever was said before
            asyncio.get_running_loop().call_soon(self._read_or_not)
        if self._door is None:
            self.link = self._make_link(self._has_output, self._socket)
        else:
            self._front = self._door.front(self._socket)
            self._advance(self._door, self._front)

    def _advance(self, door: Door, front: Front) -> None:
        """Let it in as far as its front has come."""
        if self._entered is None and front.origin is not None:
            if not door.enter(self, front.origin):
                self.abort()
                return
            self._entered = front.origin
        if self.link is None and front.open and front.origin is not None:
            self.link = self._make_link(self._has_output, front.origin)
        if front.bare:
            self._front = None

    def _has_output(self) -> None:
        self._turn.dirty(self)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        if self._front is not None:
            data = self._through(self._front, data)
        if self.link is not None and data:
            if self.tap is not None:
                self.tap(data, False)
            link = self.link
            self._obey(link, link.session.receive(data, self._now()))
            if self._door is not None:
                self._slow_down(link, len(data))

    def _slow_down(self, link: Link, octets: int) -> None:
        """Read it no more for a while, if it brings more than it may, or than we can send."""
        seconds = link.hold_seconds()
        if seconds > 0.0 and self._slowed is None:
            self._slowed = asyncio.get_running_loop().call_later(seconds, self._no_longer_slowed)
            self._deaf = True
            self._read_or_not()
        elif self._turn.crowded and octets >= REST_OCTETS and not self._rests:
            self._rests = True
            self._turn.rest(self)
            self._read_or_not()

    def _no_longer_slowed(self) -> None:
        self._slowed = None
        self._read_or_not()

    def go_on(self) -> None:
        """The crowd is over."""
        self._rests = False
        self._read_or_not()

    def _through(self, front: Front, data: bytes) -> bytes:
        """What the session gets of it."""
        if self._transport is None or self._door is None or self._transport.is_closing():
            return b""
        try:
            plain = front.receive(data)
        except FrontError as error:
            self._door.refuse(front.origin or self._socket, str(error))
            plain = b""
            self._close(front.take_output())
        else:
            self._advance(self._door, front)
            self._write(front.take_output())
        if front.ended:
            self._turn.dirty(self)
        return plain

    def tick(self, now: float) -> None:
        """About once a second: the session's timers."""
        if self._closing_since is not None:
            if now - self._closing_since > LINGER_SECONDS:
                self.abort()
        elif self._held_by_intake or self._slowed is not None:
            self._deaf = True  # we do not listen: the peer's silence is ours
        elif self._deaf:
            self._deaf = False
        elif self.link is not None:
            events = self.link.session.tick(now)
            if events or self.link.session.closing:
                self._obey(self.link, events)
        elif self._door is not None and now - self._since > self._door.front_seconds:
            self._door.refuse(self._socket, "no PROXY header, or no TLS handshake, in time")
            self.abort()

    def _obey(self, link: Link, events: Sequence[Event]) -> None:
        link.handle(events)
        if link.session.closing:
            self._turn.dirty(self)
        else:
            self._turn.wake()

    def flush(self) -> None:
        """Write everything that the session has to say, in one write; close if that was its last word."""
        if self.link is None or self._transport is None:
            return
        output = self.link.session.take_output()
        if self.tap is not None and output:
            self.tap(output, True)
        front = self._front
        if front is None:
            self._write(output)
            if self.link.session.closing:
                self._close(b"")
        else:
            self._write(front.send(output) if output and not self._transport.is_closing() else b"")
            if self.link.session.closing or front.ended:
                self._close(front.close())

    def _write(self, octets: bytes) -> None:
        if octets and self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    def _close(self, last: bytes) -> None:
        """What was written still goes, for as long as it may linger."""
        self._write(last)
        if self._transport is not None and self._closing_since is None:
            self._closing_since = self._now()
            self._transport.close()

    def hold(self, held: bool) -> None:
        """Stop or go on reading because intake says so."""
        self._held_by_intake = held
        self._deaf = self._deaf or held
        self._read_or_not()

    def pause_writing(self) -> None:
        """asyncio calls it: the peer does not read, so we do not read from it either."""
        self._held_by_writing = True
        self._read_or_not()

    def resume_writing(self) -> None:
        """asyncio calls it."""
        self._held_by_writing = False
        self._read_or_not()

    def _read_or_not(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._held_by_writing or self._held_by_intake or self._rests or self._slowed is not None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close without waiting for anything."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was, it is over
        """asyncio calls it."""
        self._registry.discard(self)
        self._transport = None
        if self._slowed is not None:
            self._slowed.cancel()
        if self._door is not None and self._entered is not None:
            self._door.leave(self, self._entered)
        link, self.link = self.link, None
        if link is not None:
            link.handle(link.session.end_of_stream(self._now()))
            self._turn.wake()
        if not self.closed.done():
            self.closed.set_result(None)

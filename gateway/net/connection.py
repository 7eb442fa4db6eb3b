"""The shell around one session: feeds it octets and time, writes what it says, closes when it says so."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from gateway.net.turn import Turn
from gateway.smpp.events import Event
from gateway.smpp.session import Session

# Octets queued in the transport above which we stop reading from a peer that does not read us.
WRITE_HIGH_WATER = 1 << 20


class Link(Protocol):
    """Who owns the session and decides on its events."""

    session: Session

    def handle(self, events: Sequence[Event]) -> None:
        """Decide on events, in order."""


# Given the function that the session calls when it has output, and the peer's address.
MakeLink = Callable[[Callable[[], None], str], Link]


class Connection(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, turn: Turn, now: Callable[[], float], make_link: MakeLink, registry: set["Connection"]) -> None:
        self._turn = turn
        self._now = now
        self._make_link = make_link
        self._registry = registry
        self._transport: asyncio.Transport | None = None
        self._held_by_writing = False
        self._held_by_intake = False
        self.link: Link | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=WRITE_HIGH_WATER)
        peer = transport.get_extra_info("peername")
        self._registry.add(self)
        self.link = self._make_link(self._has_output, f"{peer[0]}:{peer[1]}" if peer else "")

    def _has_output(self) -> None:
        self._turn.dirty(self)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        if self.link is not None:
            self._obey(self.link, self.link.session.receive(data, self._now()))

    def tick(self, now: float) -> None:
        """About once a second: the session's timers."""
        if self.link is not None:
            events = self.link.session.tick(now)
            if events or self.link.session.closing:
                self._obey(self.link, events)

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
        if output and not self._transport.is_closing():
            self._transport.write(output)
        if self.link.session.closing:
            self._transport.close()

    def hold(self, held: bool) -> None:
        """Stop or go on reading because intake says so."""
        self._held_by_intake = held
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
        if self._held_by_writing or self._held_by_intake:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close without waiting for anything."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio calls it."""
        self._registry.discard(self)
        self._transport = None
        link, self.link = self.link, None
        if link is not None:
            link.handle(link.session.end_of_stream(self._now()))
            self._turn.wake()
        if not self.closed.done():
            self.closed.set_result(None)

"""One connection of a simulated carrier as a value, and the characters that spoil it.

Whoever has the socket carries out what a session says: see `simulators.smsc.Smsc`.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from simulators import wire
from simulators.cast import Cast, of
from simulators.characters import HalfOpen, HangingUp, LumpedWrites, Mute, OfLinks, SplitWrites
from simulators.timetable import Timetable

if TYPE_CHECKING:
    from simulators.outbox import Delivery

MOST_HELD = 1 << 20  # octets that wait to leave in pieces; above it all leave


class Session:
    """One connection. `out` is what it has to be sent; with `closing` the connection ends after that, with `abort` by
    RST; while it is `frozen` nothing is read."""

    __slots__ = (
        "abort", "alive", "buffer", "ending", "enquired", "frozen", "held", "held_pdus", "in_flight", "links", "mode",
        "out", "owed", "releasing", "said", "sequence", "system_id", "thawed",
    )  # fmt: skip

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.out = bytearray()
        self.mode = 0  # the bind's command_id; 0: not bound
        self.system_id = b""
        self.sequence = 0
        self.in_flight: dict[int, Delivery] = {}
        self.owed: deque[Delivery] = deque()
        self.abort = False
        self.frozen = False
        self.thawed = False  # it was frozen, and reads again
        self.alive = True
        self.ending = False  # nothing is judged any more
        self.held = bytearray()  # leaves later, behind `out`
        self.held_pdus = 0
        self.releasing = False
        self.said = 0  # PDUs
        self.enquired = 0
        self.links: list[tuple[OfLinks, int | None]] = []  # with the number of the PDU at which it happens

    @property
    def closing(self) -> bool:
        """Whether the connection ends when `out` is written."""
        return self.ending and not self.held

    @property
    def receives(self) -> bool:
        """Whether receipts may go here."""
        bound = self.mode in {wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER}
        return bound and self.alive and not (self.ending or self.abort or self.frozen)

    def next_sequence(self) -> int:
        """The sequence_number of the next request."""
        self.sequence = self.sequence % wire.MOST_SEQUENCE + 1
        return self.sequence


class Links:
    """Sends on sessions, the way their characters want it. `changed` gets every session that has something to do."""

    def __init__(
        self, cast: Cast, timetable: Timetable, changed: set[Session], freed: Callable[[Session], None]
    ) -> None:
        self._cast = cast
        self._timetable = timetable
        self._changed = changed
        self._freed = freed  # told when a session goes on after a stop
        self._lots: dict[int, Random] = {}

    def recast(self, cast: Cast) -> None:
        """Others play on connections to come."""
        self._cast = cast

    def connect(self, session: Session) -> None:
        """Draw the characters of a new connection."""
        for one, lot in self._cast.draw():
            self._lots[id(one)] = lot
            span = one.after_pdus if isinstance(one, HangingUp | HalfOpen) else None
            session.links.append((one, None if span is None else lot.randint(*span)))

    def bound(self, session: Session) -> None:
        """From now on the time counts for what happens after a time."""
        for one, _ in session.links:
            if isinstance(one, HangingUp | HalfOpen) and one.after_seconds is not None:
                after = self._lots[id(one)].uniform(*one.after_seconds)
                self._timetable.after(after, partial(self._in_time, session, one))

    def send(self, session: Session, pdu: bytes) -> None:
        """Let a PDU leave, now or later."""
        self._changed.add(session)
        if not session.links and not session.frozen:
            session.out += pdu
            return
        if session.abort:
            return
        session.said += 1
        struck = next((one for one, at in session.links if at is not None and self._strikes(session, one, at)), None)
        if isinstance(struck, HangingUp) and struck.within_pdu:
            self._queue(session, pdu[: len(pdu) // 2])
        else:
            self._queue(session, pdu)
        if struck is not None:
            self._strike(session, struck)

    def answers_enquire_link(self, session: Session) -> bool:
        """Whether this enquire_link is answered."""
        mute = of((one for one, _ in session.links if one.holds(self._timetable.seconds)), Mute)
        session.enquired += 1
        return mute is None or session.enquired <= mute.after

    def reset(self, session: Session) -> None:
        """RST, at once."""
        session.out += session.held
        session.held.clear()
        session.abort = session.ending = True
        self._changed.add(session)

    def _strikes(self, session: Session, one: OfLinks, at: int) -> bool:
        return session.said >= at and not session.ending and one.holds(self._timetable.seconds)

    def _in_time(self, session: Session, one: HangingUp | HalfOpen) -> None:
        if session.alive and not session.ending:
            if one.holds(self._timetable.seconds):
                self._strike(session, one)
            elif one.after_seconds is not None:  # it may hold later
                again = max(one.after_seconds[1], 1.0)
                self._timetable.after(again, partial(self._in_time, session, one))

    def _strike(self, session: Session, one: OfLinks) -> None:
        session.links = [link for link in session.links if link[0] is not one]
        self._changed.add(session)
        if isinstance(one, HalfOpen):
            session.frozen = True
            if one.for_seconds is not None:
                self._timetable.after(one.for_seconds, partial(self._thaw, session))
        elif isinstance(one, HangingUp):
            if one.by == "reset":
                self.reset(session)
            elif one.by == "close":
                session.ending = True
            else:
                self._queue(session, wire.unbind(session.next_sequence()))

    def _thaw(self, session: Session) -> None:
        if session.alive and session.frozen:
            session.frozen, session.thawed = False, True
            self._changed.add(session)
            self._release(session)
            self._freed(session)

    def _queue(self, session: Session, octets: bytes) -> None:
        playing = [one for one, _ in session.links if one.holds(self._timetable.seconds)]
        split, lumps = of(playing, SplitWrites), of(playing, LumpedWrites)
        if not (session.held or session.frozen or split or lumps):
            session.out += octets
            return
        session.held += octets
        session.held_pdus += 1
        if session.frozen:
            return
        if len(session.held) > MOST_HELD or (split is None and (lumps is None or session.held_pdus >= lumps.pdus)):
            self._flush(session)
        elif not session.releasing:
            session.releasing = True
            wait = split.pause_seconds if split is not None else lumps.most_seconds if lumps is not None else 0.0
            self._timetable.after(wait, partial(self._release, session))

    def _release(self, session: Session) -> None:
        session.releasing = False
        if not session.alive or session.frozen or session.abort or not session.held:
            return
        split = of((one for one, _ in session.links if one.holds(self._timetable.seconds)), SplitWrites)
        if split is None:
            self._flush(session)
            return
        self._changed.add(session)
        session.out += session.held[: split.octets]
        del session.held[: split.octets]
        if session.held:
            session.releasing = True
            self._timetable.after(split.pause_seconds, partial(self._release, session))

    def _flush(self, session: Session) -> None:
        session.out += session.held
        session.held.clear()
        session.held_pdus = 0
        self._changed.add(session)

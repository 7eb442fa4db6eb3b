"""One life of the gateway: what gateway/daemon.py does on a loop and sockets, on virtual time and wires."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, Protocol, cast

from gateway.assemble import Flow, assemble
from gateway.carrier_binds import BIND_OF_MODE, CarrierBinds
from gateway.flow.carriers import CarrierLink
from gateway.flow.clock import Clock
from gateway.flow.customer_link import CustomerLink
from gateway.model.origin import Origin
from gateway.reload import Reload, ReloadRefused
from gateway.reload import build as prepared
from gateway.settings.carriers import BindSettings
from gateway.settings.models import Settings
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.store.contract import Recovered
from tests.simulation.disk import SlowStore
from tests.simulation.history import History
from tests.simulation.timeline import Timeline
from tests.simulation.wires import End, Wire

TICK_SECONDS = 1.0
STUCK_RETRY_SECONDS = 0.5


class Crash(Exception):
    """The gateway's process dies here."""


class Reachable(Protocol):
    """A carrier to connect to."""

    def connect(self, gateway: End) -> Wire | None:
        """None: nobody answers."""

    def watcher(self) -> "Watcher":
        """Who reads along on the gateway's side of it."""


class Watcher(Protocol):
    """Reads along on a connection of a customer."""

    def said(self, octets: bytes) -> None:
        """The gateway wrote them."""

    def heard(self, octets: bytes) -> None:
        """The gateway read them."""

    def ended(self) -> None:
        """The gateway knows that the connection ended."""


class Line(End):
    """The gateway's end of a connection."""

    def __init__(self, process: "Process", link: CustomerLink | CarrierLink, watcher: Watcher | None = None) -> None:
        self._process = process
        self.link = link
        self.watcher = watcher
        self.wire: Wire | None = None
        self.unread: list[bytes] = []
        self.deaf = False  # held since the last tick: what the peer said meanwhile is unread
        self.then: Callable[[], None] = lambda: None

    def receive(self, octets: bytes) -> None:
        """From the peer."""
        self.unread.append(octets)
        self._process.read(self)

    def gone(self) -> None:
        """The connection ended."""
        self._process.gone(self)


class Process:
    """From start to crash. `point` is called wherever it may die, and raises Crash when it does."""

    def __init__(
        self,
        settings: Settings,
        store: SlowStore,
        centres: dict[str, Reachable],
        timeline: Timeline,
        lot: Random,
        history: History,
        point: Callable[[str], None],
        sync_seconds: float,
        build: Callable[..., Flow] = assemble,
    ) -> None:
        self.alive = True
        self.store = store
        self.sync_seconds = sync_seconds
        self.reconnect_seconds = 2.0
        self._settings = settings
        self._centres = centres
        self._timeline = timeline
        self._lot = lot
        self._history = history
        self._point = point
        self._lines: list[Line] = []
        self._turn_due = False
        self._sync_due = False
        self._ports = 0
        self._pace = 0
        clock = Clock(timeline.monotonic, timeline.wall_ms)
        self.flow = build(settings, store, clock, _at_once(store.load()))
        history.note("gateway", f"starts: {self.flow.recovery}")
        for key, one in settings.carriers.items():
            copies = [place for place in one.binds for _ in range(place.count)]
            for place, bind in enumerate(copies):
                self._reach_later(key, place, bind)
        self._after(TICK_SECONDS, self._tick)
        self._wake()

    def _after(self, seconds: float, do: Callable[[], None]) -> None:
        self._timeline.after(seconds, lambda: do() if self.alive else None)

    # Connections

    def _reach_later(self, key: str, place: int, bind: BindSettings) -> None:
        self._after(self._lot.random() * self.reconnect_seconds, lambda: self._reach(key, place, bind))

    def _reach(self, key: str, place: int, bind: BindSettings) -> None:
        carrier = self.flow.carriers[key]
        session = Session(Side.ESME, self._settings.carriers[key].session.limits(), self._timeline.now, _nobody)
        link = CarrierLink(session, carrier, carrier.binds[place], self.flow.settler, self.flow.receipts_in)
        line = Line(self, link, self._centres[key].watcher())
        line.wire = self._centres[key].connect(line)
        line.then = lambda: self._reach_later(key, place, bind)
        if line.wire is None:
            line.then()
            return
        pdu = BIND_OF_MODE[bind.mode](
            system_id=bind.system_id.encode(), password=bind.password.reveal().encode(), interface_version=0x34
        )
        session.bind(pdu, self._timeline.now)
        self._lines.append(line)
        self._wake()

    def accept(self, customer: End, watcher: Watcher) -> Wire | None:
        """A customer connects; None: nobody is here."""
        if not self.alive:
            return None
        self._ports += 1
        session = Session(Side.MC, self._settings.sessions.limits(), self._timeline.now, _nobody)
        origin = Origin.of("192.0.2.1", 5_000 + self._ports)
        flow = self.flow
        line = Line(self, CustomerLink(session, origin, flow.customers, flow.requests, flow.receipts_out), watcher)
        line.wire = Wire(self._timeline, self._lot, line, customer)
        self._lines.append(line)
        return line.wire

    def read(self, line: Line) -> None:
        """What came over a line, unless intake is held."""
        if not self.alive or self.store.behind or not line.unread:
            return
        octets, line.unread = b"".join(line.unread), []
        self._point("read")
        if line.watcher is not None:
            line.watcher.heard(octets)
        line.link.handle(line.link.session.receive(octets, self._timeline.now))
        self._wake()

    def gone(self, line: Line) -> None:
        """A line ended."""
        if self.alive and line in self._lines:
            self._point("gone")
            self._lines.remove(line)
            if line.watcher is not None:
                line.watcher.ended()
            line.link.handle(line.link.session.end_of_stream(self._timeline.now))
            line.then()
            self._wake()

    @property
    def sessions(self) -> list[Session]:
        """All that are open."""
        return [line.link.session for line in self._lines]

    def wires(self) -> list[Wire]:
        """All that are open."""
        return [line.wire for line in self._lines if line.wire is not None]

    # The loop

    def _wake(self) -> None:
        if not self._turn_due:
            self._turn_due = True
            self._after(self._lot.random() * 0.0005, self._turn)

    def _turn(self) -> None:
        self._turn_due = False
        again = self.flow.end_of_turn()
        self._point("turn")
        self.store.flush()
        self._point("flushed")
        for line in tuple(self._lines):
            self._write(line)
        self._sync_later()
        for line in tuple(self._lines):
            self.read(line)
        self._pace += 1
        if again is not None:
            pace = self._pace
            self._after(max(again, 0.0005), lambda: self._wake() if pace == self._pace else None)

    def _write(self, line: Line) -> None:
        octets = line.link.session.take_output()
        if octets and line.wire is not None:
            self._point("write")
            if line.watcher is not None:
                line.watcher.said(octets)
            line.wire.to_peer.send(octets)
            self._point("written")
        if line.link.session.closing and line.wire is not None:
            wire, line.wire = line.wire, None
            wire.close_from_gateway()
            self._after(0.0, line.gone)

    def _sync_later(self) -> None:
        if self.store.busy and not self._sync_due:
            self._sync_due = True
            wait = STUCK_RETRY_SECONDS if self.store.stuck else self._lot.random() * self.sync_seconds
            self._after(wait, self._sync)

    def _sync(self) -> None:
        self._sync_due = False
        self._point("sync")
        if self.store.sync():
            self._point("synced")
            self._wake()
        self._sync_later()

    def _tick(self) -> None:
        self._point("tick")
        now = self._timeline.now
        for line in tuple(self._lines):
            if self.store.behind:
                line.deaf = True
            elif line.deaf:
                line.deaf = False
            else:
                line.link.handle(line.link.session.tick(now))
        self.flow.tick()
        self._wake()
        self._after(TICK_SECONDS, self._tick)

    def reload(self, file: Settings) -> None:
        """The configuration is taken over while all goes on; the file wants the binds as they are."""
        clock, old = self.flow.clock, self._settings
        found = prepared(file, old, clock.monotonic(), clock.wall_ms())
        self._history.note("gateway", f"reloads {', '.join(one.where for one in found.changes)}")
        with suppress(ReloadRefused):
            Reload(None, old, self.flow, cast("CarrierBinds", None), lambda _: None).take(found)
            self._settings = found.settings
        self._wake()

    # The end

    def die(self) -> None:
        """What was not synced is lost, and the kernel tells the peers; or the whole machine went, and nobody does."""
        self.alive = False
        durable = self._lot.randint(0, self.store.in_flight)
        self._history.note("gateway", f"dies; {durable} of {self.store.in_flight} batches in flight are durable")
        self.store.crash(durable)
        silently = self._lot.random() < 0.2
        for wire in self.wires():
            if silently:
                wire.silence()
                self._timeline.after(5.0 + self._lot.random() * 20.0, wire.to_peer.drop)
            elif self._lot.random() < 0.5:
                wire.close_from_gateway()
            else:
                wire.reset()


def _at_once(coroutine: Any) -> Recovered:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        found: Recovered = end.value
        return found
    raise AssertionError("a memory store waits for nothing")


def _nobody() -> None:
    """Every turn looks at every session."""

"""The gateway as a process: builds every part, opens the sockets, runs until it is told to stop, drains."""

import asyncio
import contextlib
import resource
import signal
from collections.abc import Callable, Sequence, Sized
from pathlib import Path
from typing import Any

import structlog

from gateway import clock
from gateway.assemble import Flow, assemble
from gateway.carrier_binds import CarrierBinds
from gateway.customer_calls import CustomerCalls
from gateway.finance.standing import Standing, spending
from gateway.flow.clock import Clock
from gateway.flow.customer_link import CustomerLink
from gateway.garbage import Garbage
from gateway.health import Health, loading
from gateway.lookups import NetworkLookups
from gateway.model.histogram import LAG_MS, Histogram
from gateway.model.origin import Origin
from gateway.net.connection import Connection
from gateway.net.inherited import Inherited, inherited
from gateway.net.listener import Crowd, Listener, most_connections
from gateway.net.tasks import Tasks
from gateway.net.tls import Certificates
from gateway.net.turn import Turn
from gateway.net.verifier import Verifier
from gateway.notices import NoticeDesk
from gateway.ops import logs, notify
from gateway.page.door import PageDoor
from gateway.reload import Reload, ReloadRefused
from gateway.report import Report
from gateway.settings.certificates import CertificateError
from gateway.settings.listeners import ListenSettings
from gateway.settings.models import Settings
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.steer_announce import AnnounceVerbs
from gateway.steer_door import SteerDoor
from gateway.steer_reload import reload_verbs
from gateway.store.client import StoreProcess
from gateway.store.contract import Kept
from gateway.store.ledger import Ledger

log = structlog.get_logger(room="daemon")

CLOCK = Clock(clock.monotonic, clock.wall_ms)
TICK_SECONDS = 1.0
TICK_PARTS = 10  # customers' sessions, a part of them at a time
DAY_MS = 86_400_000
CERTIFICATE_WARNING_MS = 21 * DAY_MS
UNBIND_SECONDS = 2.0  # for the answers to our unbind
CLOSING_SECONDS = 30.0  # what the end may take beside drain_seconds


class Daemon:
    """One gateway process."""

    def __init__(
        self,
        settings: Settings,
        flow: Flow,
        store: StoreProcess,
        turn: Turn,
        stop: asyncio.Event,
        directory: Path,
        kept: Sequence[Kept] = (),
        money: tuple[Ledger, Standing] | None = None,
        sockets: Inherited | None = None,
        path: Path | None = None,
    ) -> None:
        self._settings = settings
        self._flow = flow
        self._store = store
        self._turn = turn
        self._stop = stop
        self._turned = asyncio.Event()
        self._held = False
        self._lag_ms = Histogram(LAG_MS)
        self._money = money
        self._carrier_connections: set[Connection] = set()
        self._tasks = Tasks(self._task_failed)
        limits = settings.sessions
        self._customer_limits = limits.limits()
        self._listener = Listener(turn, CLOCK.monotonic, self._customer_link, _crowd(settings))
        self._binds = CarrierBinds(settings.carriers, flow, turn, CLOCK.monotonic, self._carrier_connections)
        self._calls = CustomerCalls(
            settings.customers,
            settings.system_id,
            flow,
            turn,
            CLOCK.monotonic,
            self._customer_link,
            self._carrier_connections,
        )
        self._directory = directory
        self._notices = NoticeDesk(settings, flow, kept, turn.wake)
        verbs = AnnounceVerbs(flow, self._notices, self._tasks).verbs()
        self._sockets = sockets or Inherited()
        self._certificates: list[Certificates | None] = []  # in the order of `listen`
        self._hung_up_again = False
        self._reload = Reload(path, settings, flow, self._binds, self._take_settings)
        verbs |= reload_verbs(self._reload)
        self._health = Health(flow, store, notify.watchdog_seconds())
        self._steering = SteerDoor(directory, flow, self._binds, store, self._connections, turn.wake, kept, verbs)
        steer = self._steering
        steer.status.reloads = self._reload.figures
        self._page = PageDoor(
            settings, directory, flow, steer.status, steer.steering, steer.audit, self._notices.announcements
        )
        self.failure = ""

    async def serve(self) -> int:
        """Open the sockets, run until `stop` is set, drain. Return the exit code: 0, or 1 after a failure."""
        report = Report(
            self._flow,
            self._store,
            self._listener,
            self._binds,
            self._lag_ms,
            self._notices.figures,
            self._reload.figures,
        )
        self._notices.watch(report.watched, self._directory)
        try:
            addresses = [await self._listen(one) for one in self._settings.listen]
            self._sockets.close_rest()
            metrics_address = await report.serve(self._settings.metrics)
            page_address = await self._page.open()
        except CertificateError as failure:  # the files were good a moment ago
            self.fail(str(failure))
        except OSError as failure:
            self.fail(f"an address cannot be opened: {failure}")
        else:
            self._binds.start(self._tasks)
            self._flow.network.start(self._tasks)
            self._calls.start(self._tasks)
            self._notices.start(self._tasks)
            self._tasks.start(self._tick(), "tick")
            Garbage.begin()
            await self._steering.open()
            opened = {"listen": addresses, "metrics": metrics_address, "page": page_address}
            log.info("ready", **opened, **self._flow.recovery._asdict())
            notify.ready()
        await self._stop.wait()
        notify.stopping(self._settings.drain_seconds + CLOSING_SECONDS)
        await self._drain()
        report.close()
        await self._page.close()
        self._steering.close()
        log.info("stopped", failure=self.failure)
        return 1 if self.failure else 0

    async def _listen(self, settings: ListenSettings) -> str:
        certificates = None if settings.tls is None else Certificates(settings.tls.build)
        address = await self._listener.listen(
            settings.host,
            settings.port,
            certificates,
            settings.proxy_from,
            inherited=self._sockets.take(settings.host, settings.port),
        )
        if certificates is not None:
            _tell_end(address, certificates)
        self._certificates.append(certificates)
        return address

    def _take_settings(self, new: Settings) -> None:
        """What is outside of the flow, from now on. ReloadRefused, and nothing changed: a certificate is no good."""
        if len(self._certificates) < len(self._settings.listen):
            raise ReloadRefused(["the gateway is not ready yet"])
        certificates = [
            (ours, after.tls.build)
            for ours, before, after in zip(self._certificates, self._settings.listen, new.listen, strict=True)
            if ours is not None and after.tls is not None and before.tls != after.tls
        ]
        try:
            for _, build in certificates:
                build()
            for ours, build in certificates:
                ours.follow(build)
        except CertificateError as error:
            raise ReloadRefused([str(error)]) from None
        if new.log.level != self._settings.log.level:
            logs.set_least(new.log.level)
        self._customer_limits = new.sessions.limits()
        self._settings = new
        self.reload_certificates()

    def hung_up(self) -> None:
        """SIGHUP: the configuration is read anew, and certificates whatever becomes of it."""
        if self._reload.busy:
            self._hung_up_again = True
            return
        notify.reloading()

        def done(found: object) -> None:
            if isinstance(found, ReloadRefused):
                self.reload_certificates()
            notify.ready()
            if self._hung_up_again:
                self._hung_up_again = False
                self.hung_up()

        try:
            self._reload.begin(dry_run=False, then=done)
        except ReloadRefused as refused:
            log.error("reload_refused", mistakes=refused.mistakes, count=1)  # noqa: TRY400 - no bug
            done(refused)

    def reload_certificates(self) -> None:
        """Read every certificate anew for connections to come. What cannot be used changes nothing and is told."""
        for address, certificates in self._listener.certificates.items():
            try:
                certificates.reload(CLOCK.wall_ms())
            except CertificateError as error:
                log.error("certificate_not_reloaded", listen=address, why=str(error))  # noqa: TRY400 - nothing is broken
            else:
                _tell_end(address, certificates)

    async def _drain(self) -> None:
        """Take and send nothing new, let what is under way come to its end, make all of it durable."""
        log.info("draining", alive=len(self._flow.live), failure=self.failure)
        self._flow.hold()
        self._listener.stop_accepting()
        if not self.failure:
            await self._until_none(self._under_way, self._settings.drain_seconds)
        await self._tasks.end()
        await self._flow.network.close()
        now = CLOCK.monotonic()
        for connection in self._connections():
            if connection.link is None:
                connection.abort()
            else:
                connection.link.session.unbind(now)
        if not self.failure:
            await self._until_none(self._connections, UNBIND_SECONDS)
        for connection in self._connections():
            connection.abort()
            await asyncio.wait([connection.closed], timeout=UNBIND_SECONDS)
        if not self.failure:
            await self._store.close()
        self._turn.close()

    async def _until_none(self, left: Callable[[], Sized], seconds: float) -> None:
        """Until nothing is left, looked at once a turn, or the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while left():
                    self._turned.clear()
                    await self._turned.wait()

    def _connections(self) -> tuple[Connection, ...]:
        return (*self._listener.connections, *self._carrier_connections)

    def _under_way(self) -> list[object]:
        """What still has an answer to get: from a carrier, from a customer, or from us."""
        binds = [bind for carrier in self._flow.carriers.values() for bind in carrier.binds if bind.in_flight]
        sessions = [one.link.session for one in self._connections() if one.link is not None]
        return [*binds, *(session for session in sessions if session.unanswered or session.owed > 0)]

    def fail(self, why: str) -> None:
        """Nothing can be promised any more: end, and let the supervisor start a fresh process."""
        if not self.failure:
            self.failure = why
            log.error("failed", why=why)
            self._stop.set()

    def loop_failed(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something raised where nobody awaits: a bug, and what follows from it nobody knows."""
        log.error("loop_failed", where=str(context.get("message", "")), exc_info=context.get("exception"))
        self.fail(f"{context.get('message', 'a callback')}: {type(context.get('exception')).__name__}")

    def _task_failed(self, failure: BaseException) -> None:
        log.error("task_failed", exc_info=failure)
        self.fail(f"{type(failure).__name__} in a task")

    async def _tick(self) -> None:
        connections = self._carrier_connections
        garbage = Garbage(lambda: self._store.changes, CLOCK.monotonic())
        while True:
            for part in range(TICK_PARTS):
                asked = CLOCK.monotonic()
                await asyncio.sleep(TICK_SECONDS / TICK_PARTS)
                self._lag_ms.observe((CLOCK.monotonic() - asked - TICK_SECONDS / TICK_PARTS) * 1000)
                self._listener.tick(CLOCK.monotonic(), part, TICK_PARTS)
            now = CLOCK.monotonic()
            for connection in tuple(connections):
                connection.tick(now)
            self._binds.tick(now)
            self._calls.tick()
            self._steering.tick()
            self._page.tick()
            self._notices.tick()
            if self._money is not None:
                ledger, stand = self._money
                stand.refresh(ledger)
            self._flow.tick()
            self._turn.wake()
            self._health.tick(now)
            garbage.tick(now)

    def end_of_turn(self) -> float | None:
        """Once a turn, after all sockets were read."""
        again = self._flow.end_of_turn()
        self._turn.crowded = self._flow.crowded
        self._turned.set()
        self._store.flush()
        self._hold(self._store.behind)
        return again

    def _hold(self, held: bool) -> None:
        """Stop reading, or go on: nobody may fill the memory while the disk is slow."""
        if held != self._held:
            self._held = held
            self._listener.hold(held)
            for connection in self._carrier_connections:
                connection.hold(held)

    def _customer_link(self, wake: Callable[[], None], origin: Origin) -> CustomerLink:
        session = Session(Side.MC, self._customer_limits, CLOCK.monotonic(), wake)
        return CustomerLink(session, origin, self._flow.customers, self._flow.requests, self._flow.receipts_out)


async def run(settings: Settings, directory: Path, path: Path | None = None) -> int:
    """Start the store, recover, serve. Return the exit code. `path` is the settings' file, to be read anew."""
    loop = asyncio.get_running_loop()
    sockets = inherited()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    daemons: list[Daemon] = []
    turn = Turn(loop, lambda: daemons[0].end_of_turn() if daemons else None)

    def lost(why: str) -> None:
        if daemons:
            daemons[0].fail(why)

    def hung_up() -> None:
        if daemons:
            daemons[0].hung_up()

    loop.add_signal_handler(signal.SIGHUP, hung_up)

    store = await StoreProcess.start(
        directory,
        on_answer=turn.wake,
        on_lost=lost,
        max_batches_in_flight=settings.store.max_batches_in_flight,
        privacy=settings.store.privacy(),
    )
    doors = settings.doors
    verifier = Verifier(loop, doors.verify_threads, doors.max_verifying)
    try:
        network = NetworkLookups(settings.lookups, settings.recycling, CLOCK, turn.wake)
        with loading(store):
            found = await store.load()
            money = spending(settings, directory, CLOCK.wall_ms())
            credit_of = {} if money is None else money[1].credit_of
            flow = assemble(settings, store, CLOCK, found, verifier.verify, network, credit_of)
    except ConnectionError as failure:
        log.error("failed", why=str(failure))  # noqa: TRY400 - the store process has said why
        return 1
    daemons.append(Daemon(settings, flow, store, turn, stop, directory, found.kept, money, sockets, path))
    loop.set_exception_handler(daemons[0].loop_failed)
    try:
        return await daemons[0].serve()
    finally:
        verifier.close()


def _crowd(settings: Settings) -> Crowd:
    """As many connections as are wanted, if the process may open so many files."""
    wanted = settings.sessions.max_connections
    open_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if open_files == resource.RLIM_INFINITY else most_connections(wanted, open_files)
    if most < wanted:
        log.warning("connections_limited", wanted=wanted, allowed=most, open_files=open_files)
    return Crowd(most, settings.doors.max_connections_of_address, settings.sessions.session_init_seconds)


def _tell_end(address: str, certificates: Certificates) -> None:
    """The log says when a certificate ends, louder when that is near or past."""
    left_ms = certificates.ends_ms - CLOCK.wall_ms()
    days_left = left_ms // DAY_MS
    if left_ms > CERTIFICATE_WARNING_MS:
        log.info("certificate", listen=address, ends_ms=certificates.ends_ms, days_left=days_left)
    else:
        log.warning("certificate_ends", listen=address, ends_ms=certificates.ends_ms, days_left=days_left)

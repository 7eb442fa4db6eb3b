"""All binds to carriers: each is kept up, by a connector or by the carrier that calls, and can be taken out of service.

The verbs `drain` and `resume` are for whoever operates the gateway while it runs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import count
from pathlib import Path

import structlog

from gateway.assemble import Flow
from gateway.calls import Calls
from gateway.flow.bind_refusals import passes
from gateway.flow.carrier import Carrier, CarrierBind
from gateway.flow.carriers import CarrierLink
from gateway.model.origin import Origin
from gateway.net.backoff import Backoff, Ended, Place, Waits
from gateway.net.client_tls import ClientTls
from gateway.net.connection import Connection
from gateway.net.connector import Connector
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.settings.carriers import BindSettings, CarrierSettings, CarrierTlsSettings
from gateway.smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter
from gateway.smpp.session import Session
from gateway.smpp.states import Side

log = structlog.get_logger(room="carrier_binds")

LEAVING = "-leaving"  # behind the name of a bind that a changed configuration does not want any more

BIND_OF_MODE: dict[str, type[BindTransceiver | BindTransmitter | BindReceiver]] = {
    "transceiver": BindTransceiver,
    "transmitter": BindTransmitter,
    "receiver": BindReceiver,
}


class Drain(Enum):
    """Where a bind stands on its way out of service."""

    IN_SERVICE = "in service"
    DRAINING = "answers are awaited, then it unbinds"
    DRAINED = "out of service"


def drain_of(bind: CarrierBind) -> Drain:
    """Where this one stands."""
    if not bind.drained:
        return Drain.IN_SERVICE
    return Drain.DRAINED if bind.session is None else Drain.DRAINING


class KeptBind:
    """One bind: we connect, or the carrier calls. The link is that of its present or last connection."""

    def __init__(
        self,
        carrier: Carrier,
        bind: CarrierBind,
        settings: CarrierSettings,
        place: BindSettings,
        flow: Flow,
        turn: Turn,
        now: Callable[[], float],
        connections: set[Connection],
    ) -> None:
        self.bind = bind
        self.outbind = place.outbind
        self.tls = _tls(place.tls)
        self._carrier = carrier
        self._flow = flow
        self._now = now
        self._place = place
        self.like = _like(settings, place)
        self.end: Callable[[], object] = lambda: None  # of the task that keeps it up
        self.limits = settings.session.limits()
        self._link: CarrierLink | None = None
        waits = settings.session
        self.connector: Connector | None = None
        if place.outbind is None:
            self.connector = Connector(
                turn,
                now,
                self._make_link,
                Backoff(
                    [Place(host, port) for host, port in place.places()],
                    Waits(waits.reconnect_min_seconds, waits.reconnect_max_seconds, waits.refused_wait_seconds),
                ),
                self._ended,
                name=bind.name,
                connections=connections,
                tls=self.tls,
            )

    def _make_link(self, wake: Callable[[], None], _: Origin) -> CarrierLink:
        return self.bind_on(Session(Side.ESME, self.limits, self._now(), wake))

    def bind_on(self, session: Session) -> CarrierLink:
        """Ask to bind on this session."""
        place = self._place
        pdu = BIND_OF_MODE[place.mode](
            system_id=place.system_id.encode("ascii"),
            password=place.password.reveal().encode("ascii"),
            system_type=place.system_type.encode("ascii"),
            interface_version=place.interface_version,
        )
        session.bind(pdu, self._now())
        self.bind.refused = 0
        self._link = CarrierLink(session, self._carrier, self.bind, self._flow.settler, self._flow.receipts_in)
        return self._link

    @property
    def free(self) -> bool:
        """Whether a call of the carrier would be answered."""
        return not self.bind.drained and (self._link is None or self._link.session.closing)

    def _ended(self) -> Ended:
        if self._link is not None and self._link.was_bound:
            return Ended.SERVED
        return Ended.FAILED if passes(self.bind.refused) else Ended.REFUSED

    def drain(self) -> None:
        """Send nothing new on it; when all answers are here, unbind; do not bind again."""
        self.bind.drained = True
        if self.connector is not None:
            self.connector.stay_away()

    def resume(self) -> None:
        """Back in service, at once and from the first host; or when the carrier calls."""
        self.bind.drained = False
        if self.connector is not None:
            self.connector.come_back()

    def tick(self, now: float) -> None:
        """About once a second: a drained bind whose answers are all here says goodbye."""
        session = self.bind.session
        if self.bind.drained and session is not None and not self.bind.in_flight:
            session.unbind(now)

    def leave(self, now: float) -> bool:
        """The same for one that is not wanted any more: what only asks to bind is given up. Whether it is gone."""
        self.tick(now)
        asks = self.bind.session is None and self._link is not None and not self._link.session.closing
        if asks and self._link is not None:
            self._link.session.unbind(now)
        return self.bind.session is None and not self.bind.in_flight and not asks


class CarrierBinds:
    """The binds of all carriers."""

    def __init__(
        self,
        settings: Mapping[str, CarrierSettings],
        flow: Flow,
        turn: Turn,
        now: Callable[[], float],
        connections: set[Connection],
    ) -> None:
        self._turn = turn
        self._now = now
        self._connections = connections
        self._tasks: Tasks | None = None
        self._leaving: list[tuple[Carrier, KeptBind]] = []
        self._kept: dict[str, list[KeptBind]] = {}
        for key, one in settings.items():
            self._kept[key] = self._keep(flow.carriers[key], one, flow)
        every = [one for kept in self._kept.values() for one in kept]
        self.calls = Calls(every, turn, now, connections)

    def start(self, tasks: Tasks) -> None:
        """Begin to keep them up, and to listen for carriers that call."""
        self._tasks = tasks
        for kept in self._kept.values():
            for one in kept:
                self._start(one)
        self.calls.start(tasks)

    def _keep(self, carrier: Carrier, settings: CarrierSettings, flow: Flow) -> list[KeptBind]:
        return [
            KeptBind(carrier, bind, settings, place, flow, self._turn, self._now, self._connections)
            for bind, place in zip(carrier.binds, _copies(settings), strict=True)
        ]

    def _start(self, one: KeptBind) -> None:
        if one.connector is not None and self._tasks is not None:
            one.end = self._tasks.start(one.connector.run(), one.bind.name)

    def add(self, key: str, settings: CarrierSettings, flow: Flow) -> None:
        """The binds of a carrier that is new."""
        self._kept[key] = self._keep(flow.carriers[key], settings, flow)
        for one in self._kept[key]:
            self._start(one)

    def replace(self, key: str, fresh: Sequence[CarrierBind], settings: CarrierSettings, flow: Flow) -> None:
        """The binds that these settings want, for which `fresh` are there: one that is wanted already stays as it is.

        The others get nothing new, have their answers awaited, and unbind. The new ones connect meanwhile.
        """
        carrier, before = flow.carriers[key], list(self._kept[key])
        drained = {one.bind.name for one in before if one.bind.drained}  # an operator's word: it holds on
        all_drained = len(drained) == len(before)
        kept: list[KeptBind] = []
        for bind, place in zip(fresh, _copies(settings), strict=True):
            same = next((one for one in before if one.like == _like(settings, place)), None)
            if same is not None:
                before.remove(same)
                kept.append(same)
            else:
                kept.append(KeptBind(carrier, bind, settings, place, flow, self._turn, self._now, self._connections))
        for one in before:
            one.drain()
            taken = {bind.name for bind in carrier.binds}
            one.bind.name = next(name for name in _names(one.bind.name + LEAVING) if name not in taken)
            self._leaving.append((carrier, one))
        named = {one.bind.name for one in kept if one.bind not in fresh}
        for one in kept:
            if one.bind in fresh:
                if all_drained or one.bind.name in drained:
                    one.drain()
                one.bind.name = next(name for name in _names(one.bind.name) if name not in named)
                named.add(one.bind.name)
                self._start(one)
        self._kept[key] = kept
        carrier.binds = [*(one.bind for one in kept), *(one.bind for of, one in self._leaving if of is carrier)]
        carrier.paces_binds = any(bind.bucket is not None for bind in carrier.binds)
        log.info("carrier_rebinds", carrier=key, binds=[one.bind.name for one in kept], leaving=len(before))
        self._turn.wake()

    def drains(self) -> dict[str, dict[str, Drain]]:
        """Where each bind of each carrier stands on its way out of service."""
        return {key: {one.bind.name: drain_of(one.bind) for one in kept} for key, kept in self._kept.items()}

    def certificates(self) -> dict[str, ClientTls]:
        """By name of the bind, those that show a certificate; `build().ends_ms` reads when it ends."""
        every = (one for kept in self._kept.values() for one in kept)
        return {one.bind.name: one.tls for one in every if one.tls is not None and one.tls.certificate is not None}

    def certificate_files(self) -> dict[str, Path]:
        """By name of the bind, the certificates that are shown."""
        return {name: tls.certificate for name, tls in self.certificates().items() if tls.certificate is not None}

    def connections_failed(self) -> dict[tuple[str, str], int]:
        """By carrier and bind, how often it could not be reached; none for those where the carrier calls."""
        return {
            (key, one.bind.name): one.connector.failures
            for key, kept in self._kept.items()
            for one in kept
            if one.connector is not None
        }

    def drain(self, carrier: str, bind: str | None = None) -> list[str]:
        """Take a carrier's binds, or one of them by name, out of service. Return the names; KeyError: there is none.

        Nothing new is claimed for them. Segments in flight get their answers, receipts are taken meanwhile, then we
        unbind and stay away. Messages wait, or go over the carrier's other binds.
        """
        found = self._find(carrier, bind)
        for one in found:
            one.drain()
        log.info("carrier_drained", carrier=carrier, binds=[one.bind.name for one in found])
        return [one.bind.name for one in found]

    def resume(self, carrier: str, bind: str | None = None) -> list[str]:
        """The opposite; also ends the wait of a bind that was refused, for who has mended what was wrong."""
        found = self._find(carrier, bind)
        for one in found:
            one.resume()
        log.info("carrier_resumed", carrier=carrier, binds=[one.bind.name for one in found])
        self._turn.wake()
        return [one.bind.name for one in found]

    def _find(self, carrier: str, bind: str | None) -> list[KeptBind]:
        found = [one for one in self._kept[carrier] if bind in {None, one.bind.name}]
        if not found:
            raise KeyError(bind)
        return found

    def tick(self, now: float) -> None:
        """About once a second."""
        for kept in self._kept.values():
            for one in kept:
                one.tick(now)
        for carrier, one in tuple(self._leaving):
            if one.leave(now):
                one.end()
                carrier.binds.remove(one.bind)
                self._leaving.remove((carrier, one))


def _copies(settings: CarrierSettings) -> list[BindSettings]:
    return [place for place in settings.binds for _ in range(place.count)]


def _like(settings: CarrierSettings, place: BindSettings) -> tuple[object, ...]:
    """What two binds must share to be the same."""
    return place.model_copy(update={"count": 1}), settings.session, settings.pace.each_bind


def _names(name: str) -> Iterator[str]:
    """A bind's name, and others in case it is taken."""
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _tls(settings: CarrierTlsSettings | None) -> ClientTls | None:
    if settings is None:
        return None
    return ClientTls(settings.ca, settings.certificate, settings.key, settings.server_name)

"""All binds to carriers: each is kept up by a connector, and can be taken out of service and back.

The verbs `drain` and `resume` are for whoever operates the gateway while it runs.
"""

from collections.abc import Callable, Mapping

import structlog

from gateway.assemble import Flow
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

BIND_OF_MODE: dict[str, type[BindTransceiver | BindTransmitter | BindReceiver]] = {
    "transceiver": BindTransceiver,
    "transmitter": BindTransmitter,
    "receiver": BindReceiver,
}


class KeptBind:
    """One bind, its connector, and the link of its present or last connection."""

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
        self._carrier = carrier
        self._flow = flow
        self._now = now
        self._place = place
        self._limits = settings.session.limits()
        self._link: CarrierLink | None = None
        waits = settings.session
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
            tls=_tls(place.tls),
        )

    def _make_link(self, wake: Callable[[], None], _: Origin) -> CarrierLink:
        place, now = self._place, self._now()
        session = Session(Side.ESME, self._limits, now, wake)
        pdu = BIND_OF_MODE[place.mode](
            system_id=place.system_id.encode("ascii"),
            password=place.password.reveal().encode("ascii"),
            system_type=place.system_type.encode("ascii"),
            interface_version=place.interface_version,
        )
        session.bind(pdu, now)
        self.bind.refused = 0
        self._link = CarrierLink(session, self._carrier, self.bind, self._flow.settler, self._flow.receipts_in)
        return self._link

    def _ended(self) -> Ended:
        if self._link is not None and self._link.was_bound:
            return Ended.SERVED
        return Ended.FAILED if passes(self.bind.refused) else Ended.REFUSED

    def drain(self) -> None:
        """Send nothing new on it; when all answers are here, unbind; do not bind again."""
        self.bind.drained = True
        self.connector.stay_away()

    def resume(self) -> None:
        """Back in service, at once and from the first host."""
        self.bind.drained = False
        self.connector.come_back()

    def tick(self, now: float) -> None:
        """About once a second: a drained bind whose answers are all here says goodbye."""
        session = self.bind.session
        if self.bind.drained and session is not None and not self.bind.in_flight:
            session.unbind(now)


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
        self._kept: dict[str, list[KeptBind]] = {}
        for key, one in settings.items():
            carrier = flow.carriers[key]
            copies = [place for place in one.binds for _ in range(place.count)]
            self._kept[key] = [
                KeptBind(carrier, bind, one, place, flow, turn, now, connections)
                for bind, place in zip(carrier.binds, copies, strict=True)
            ]

    def start(self, tasks: Tasks) -> None:
        """Begin to keep them up."""
        for kept in self._kept.values():
            for one in kept:
                tasks.start(one.connector.run(), one.bind.name)

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


def _tls(settings: CarrierTlsSettings | None) -> ClientTls | None:
    if settings is None:
        return None
    return ClientTls(settings.ca, settings.certificate, settings.key, settings.server_name)

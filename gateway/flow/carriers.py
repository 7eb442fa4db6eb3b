"""The carriers' side of the house: what each event of a session to a carrier means."""

from collections.abc import Sequence

import structlog

from gateway.flow.bind_refusals import advice
from gateway.flow.carrier import Carrier, CarrierBind
from gateway.flow.receipts_in import ReceiptsIn
from gateway.flow.settle import Settler
from gateway.flow.statuses import not_offered
from gateway.smpp.events import Answer, BindRefused, Bound, Closed, Event, LateAnswer, Unanswered
from gateway.smpp.pdu import RESPONSE_OF, AlertNotification, DataSm, DeliverSm, Pdu
from gateway.smpp.session import Session
from gateway.smpp.status import describe
from gateway.smpp.tally import add_all

log = structlog.get_logger(room="carriers")


class CarrierLink:
    """One connection to a carrier, from the first octet to the last."""

    def __init__(
        self, session: Session, carrier: Carrier, bind: CarrierBind, settler: Settler, receipts_in: ReceiptsIn
    ) -> None:
        self.session = session
        self._carrier = carrier
        self._bind = bind
        self._settler = settler
        self._receipts_in = receipts_in
        self.was_bound = False

    def handle(self, events: Sequence[Event]) -> None:
        """What the session reports, in order."""
        for event in events:
            if isinstance(event, Answer):
                self._settler.answered(self._carrier, event.context, event.pdu)
            elif type(event) is DeliverSm or type(event) is DataSm:
                self._receipts_in.take(self._carrier, self.session, event)
            elif isinstance(event, Unanswered):
                log.warning("answer_lost", carrier=self._carrier.key, bind=self._bind.name, segments=1)
                self._settler.lost(self._carrier, [event.context])
            elif isinstance(event, Bound):
                self._bind.session = self.session
                self._bind.refused = 0
                self._bind.times_bound += 1
                self._settler.bound(self._carrier)
                self.was_bound = True
                log.info("carrier_bound", carrier=self._carrier.key, bind=self._bind.name)
            elif isinstance(event, BindRefused):
                self._refused(event.status)
            elif isinstance(event, Closed):
                self._closed(event)
            elif isinstance(event, LateAnswer):
                log.info("answer_late", carrier=self._carrier.key, bind=self._bind.name)
                self._settler.answered_late(self._carrier, event.context, event.pdu)
            elif isinstance(event, AlertNotification):
                self._receipts_in.alert(self._carrier, event)
            elif isinstance(event, Pdu) and type(event) in RESPONSE_OF:
                self.session.respond(not_offered(event))

    @staticmethod
    def hold_seconds() -> float:
        """A carrier is always read."""
        return 0.0

    def _refused(self, status: int) -> None:
        self._bind.refused = status
        self._carrier.counts.binds_refused[status] += 1
        log.error(
            "carrier_refused_bind",
            carrier=self._carrier.key,
            bind=self._bind.name,
            status=describe(status),
            advice=advice(status),
        )

    def _closed(self, event: Closed) -> None:
        if self._bind.session is self.session:
            self._bind.session = None
            self._bind.times_lost += 1
            self._settler.unbound(self._carrier)
        add_all(self._bind.read, self.session.read)
        add_all(self._bind.written, self.session.written)
        claims = [context for context in event.unanswered if context is not None]
        log.warning(
            "carrier_gone", carrier=self._carrier.key, bind=self._bind.name, reason=event.reason, in_doubt=len(claims)
        )
        self._settler.lost(self._carrier, claims)

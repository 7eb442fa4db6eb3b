"""One customer's connection: what each event of its session means."""

from collections.abc import Sequence

import structlog

from gateway.flow.account import CustomerBind
from gateway.flow.customers import BindRequest, Customers
from gateway.flow.receipts_out import ReceiptsOut
from gateway.flow.requests import Requests
from gateway.flow.statuses import not_offered
from gateway.model.origin import Origin
from gateway.smpp.events import Answer, Closed, Event, LateAnswer, Unanswered
from gateway.smpp.pdu import RESPONSE_OF, Pdu, SubmitSm
from gateway.smpp.session import Session
from gateway.smpp.tally import add_all

log = structlog.get_logger(room="customers")


class CustomerLink:
    """One customer's connection, from the first octet to the last."""

    def __init__(
        self, session: Session, origin: Origin, customers: Customers, requests: Requests, receipts_out: ReceiptsOut
    ) -> None:
        self.session = session
        self._origin = origin
        self._customers = customers
        self._requests = requests
        self._receipts_out = receipts_out
        self._bind: CustomerBind | None = None
        self.was_bound = False

    def handle(self, events: Sequence[Event]) -> None:
        """What the session reports, in order."""
        for event in events:
            if type(event) is SubmitSm and self._bind is not None:
                self._requests.submit_sm(self._bind, event)
            elif isinstance(event, Answer):
                self._receipts_out.answered(event.context, event.pdu)
            elif isinstance(event, Unanswered):
                self._receipts_out.unanswered(event.context)
            elif isinstance(event, LateAnswer):
                self._receipts_out.answered_late(event.context, event.pdu)
            elif isinstance(event, Closed):
                self._closed(event)
            elif isinstance(event, BindRequest):
                self._customers.bind(self.session, event, self._origin, self._bound)
            elif isinstance(event, Pdu) and type(event) in RESPONSE_OF:
                self._request(event)

    def hold_seconds(self) -> float:
        """The account sends above its rate, and chose to be read more slowly."""
        if self._bind is None or not self._bind.account.hold_seconds:
            return 0.0
        seconds, self._bind.account.hold_seconds = self._bind.account.hold_seconds, 0.0
        return seconds

    def _request(self, request: Pdu) -> None:
        taker = self._requests.taker(type(request))
        if taker is None or self._bind is None:
            self.session.respond(not_offered(request))
        else:
            taker(self._bind, request)

    def _bound(self, bind: CustomerBind) -> None:
        self._bind = bind
        self.was_bound = True
        if bind.receives:
            self._receipts_out.wake(bind.account)

    def _closed(self, event: Closed) -> None:
        bind, self._bind = self._bind, None
        if bind is None:
            return
        self._customers.unbind(bind)
        add_all(bind.account.counts.read, self.session.read)
        add_all(bind.account.counts.written, self.session.written)
        self._receipts_out.lost(event.unanswered)
        log.info("customer_gone", customer=bind.account.name, peer=str(self._origin), reason=event.reason)

"""One customer's connection: what each event of its session means."""

from collections.abc import Sequence

import structlog

from gateway.flow.accept import Accept
from gateway.flow.account import CustomerBind
from gateway.flow.customers import BindRequest, Customers
from gateway.flow.receipts_out import ReceiptsOut
from gateway.flow.statuses import not_offered
from gateway.smpp.events import Answer, Closed, Event, Unanswered
from gateway.smpp.pdu import RESPONSE_OF, Pdu, SubmitSm
from gateway.smpp.session import Session

log = structlog.get_logger(room="customers")


class CustomerLink:
    """One customer's connection, from the first octet to the last."""

    def __init__(
        self, session: Session, peer: str, customers: Customers, accept: Accept, receipts_out: ReceiptsOut
    ) -> None:
        self.session = session
        self._peer = peer
        self._customers = customers
        self._accept = accept
        self._receipts_out = receipts_out
        self._bind: CustomerBind | None = None

    def handle(self, events: Sequence[Event]) -> None:
        """What the session reports, in order."""
        for event in events:
            if type(event) is SubmitSm and self._bind is not None:
                self._accept.submit_sm(self._bind, event)
            elif isinstance(event, Answer):
                self._receipts_out.answered(event.context, event.pdu)
            elif isinstance(event, Unanswered):
                self._receipts_out.lost([event.context])
            elif isinstance(event, Closed):
                self._closed(event)
            elif isinstance(event, BindRequest):
                self._bind = self._customers.bind(self.session, event, self._peer)
                if self._bind is not None and self._bind.receives:
                    self._receipts_out.wake(self._bind.account)
            elif isinstance(event, Pdu) and type(event) in RESPONSE_OF:
                self.session.respond(not_offered(event))

    def _closed(self, event: Closed) -> None:
        bind, self._bind = self._bind, None
        if bind is None:
            return
        bind.account.binds.remove(bind)
        self._receipts_out.lost(event.unanswered)
        log.info("customer_gone", customer=bind.account.name, peer=self._peer, reason=event.reason)

"""The customers' side of the house: who may bind, and what each event of a customer's session means."""

import hmac
from collections.abc import Mapping, Sequence

import structlog

from gateway.flow.accept import Accept
from gateway.flow.account import Account, CustomerBind
from gateway.flow.receipts_out import ReceiptsOut
from gateway.flow.statuses import not_offered
from gateway.smpp.pdu import RESPONSE_OF, BindReceiver, BindTransceiver, BindTransmitter, Pdu, SubmitSm
from gateway.smpp.session import Answer, Closed, Event, Session, Unanswered
from gateway.smpp.status import CommandStatus

log = structlog.get_logger(room="customers")

BindRequest = BindTransmitter | BindReceiver | BindTransceiver


class Customers:
    """All accounts, by the system_id that they bind with."""

    def __init__(self, accounts: Mapping[str, Account], our_system_id: bytes) -> None:
        self._accounts = {account.system_id: account for account in accounts.values()}
        self._our_system_id = our_system_id
        self.draining = False

    def bind(self, session: Session, request: BindRequest, peer: str) -> CustomerBind | None:
        """Judge a bind request and answer it. The new bind, or None when it was refused."""
        account = self._accounts.get(request.system_id)
        refusal = self._refusal(account, request)
        if refusal is not None or account is None:
            status = CommandStatus.ESME_RINVSYSID if refusal is None else refusal
            system_id = request.system_id.decode("latin-1")
            log.warning("bind_refused", system_id=system_id, peer=peer, status=status.name)
            session.refuse_bind(request, status)
            return None
        session.accept_bind(request, self._our_system_id, account.window)
        bind = CustomerBind(account, session)
        account.binds.append(bind)
        log.info("customer_bound", customer=account.name, peer=peer, state=session.state.name, binds=len(account.binds))
        return bind

    def _refusal(self, account: Account | None, request: BindRequest) -> CommandStatus | None:
        if self.draining:
            return CommandStatus.ESME_RBINDFAIL
        if account is None:
            return CommandStatus.ESME_RINVSYSID
        if not hmac.compare_digest(account.password, request.password):
            return CommandStatus.ESME_RINVPASWD
        if len(account.binds) >= account.max_binds:
            return CommandStatus.ESME_RALYBND
        return None


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

"""The customers' side of the house: who may bind, and what each event of a customer's session means."""

import hmac
from collections.abc import Mapping

import structlog

from gateway.flow.account import Account, CustomerBind
from gateway.smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter
from gateway.smpp.session import Session
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

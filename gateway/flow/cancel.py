"""cancel_sm: what has not left is taken back, ends DELETED and costs nothing (SMPP 3.4, section 4.9)."""

from typing import NamedTuple

from gateway.flow.account import Account, CustomerBind
from gateway.flow.clock import Clock
from gateway.flow.live import Live
from gateway.flow.message import Message
from gateway.flow.settle import Settler
from gateway.flow.statuses import STATUS_OF
from gateway.flow.withdraw import Withdraw
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import read_told_id
from gateway.routing.numbers import NumberRules
from gateway.smpp.pdu import CancelSm, CancelSmResp
from gateway.smpp.session import Session
from gateway.store.contract import Store


class _Cancelled(NamedTuple):
    session: Session
    sequence_number: int


def _acknowledge(owed: _Cancelled) -> None:
    owed.session.respond(CancelSmResp(sequence_number=owed.sequence_number))


class Cancel:
    """Takes every cancel_sm of every customer bind."""

    def __init__(
        self, store: Store, live: Live, clock: Clock, numbers: NumberRules, settler: Settler, withdraw: Withdraw
    ) -> None:
        self._store = store
        self._live = live
        self._clock = clock
        self._numbers = numbers
        self._settler = settler
        self._withdraw = withdraw

    def cancel_sm(self, bind: CustomerBind, pdu: CancelSm) -> None:
        """One cancel_sm: answered at once when nothing can be taken back, else when what was is durable."""
        try:
            self._take_back(self._find(bind.account, pdu))
        except Refusal as refusal:
            bind.account.counts.refused[refusal.reason.name] += 1
            status = STATUS_OF[refusal.reason]
            bind.session.respond(CancelSmResp(command_status=status, sequence_number=pdu.sequence_number))
            return
        self._store.follow(_acknowledge, _Cancelled(bind.session, pdu.sequence_number))

    def displace(self, account: Account, source_addr: bytes, e164: bytes) -> None:
        """A new message of these addresses takes the place of all that wait (replace_if_present_flag)."""
        self._take_back(self._waiting(account, source_addr, e164))

    def _take_back(self, messages: list[Message]) -> None:
        for message in messages:
            self._settler.record(self._withdraw.out(message), message)

    def _waiting(self, account: Account, source_addr: bytes, e164: bytes) -> list[Message]:
        found = self._live.addressed(account.name, source_addr, e164, self._clock.monotonic())
        return [message for message in found if message.untouched]

    def _find(self, account: Account, pdu: CancelSm) -> list[Message]:
        """What can be taken back, one message or more."""
        untouched = [message for message in self._meant(account, pdu) if message.untouched]
        if not untouched:
            raise Refusal(Reason.NOTHING_TO_CANCEL)
        return untouched

    def _meant(self, account: Account, pdu: CancelSm) -> list[Message]:
        if self._store.stuck:
            raise Refusal(Reason.STORE_UNAVAILABLE)
        if not pdu.message_id:
            if pdu.service_type:  # we do not keep it, and would cancel more than was asked
                raise Refusal(Reason.SERVICE_TYPE)
            e164 = self._numbers.normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
            return self._waiting(account, pdu.source_addr, e164)
        try:
            found = self._live.told(account.name, read_told_id(pdu.message_id))
        except ValueError:
            raise Refusal(Reason.INVALID_MESSAGE_ID) from None
        if any(message.row.source_addr != pdu.source_addr for message in found):
            raise Refusal(Reason.INVALID_SOURCE)
        if pdu.destination_addr:
            e164 = self._numbers.normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
            return [message for message in found if message.row.e164 == e164]
        return found

"""cancel_sm: what has not left is taken back, ends DELETED and costs nothing (SMPP 3.4, section 4.9)."""

from collections.abc import Callable
from typing import NamedTuple

from gateway.flow.account import Account, CustomerBind
from gateway.flow.message import Message
from gateway.flow.parking import Parking
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
        self, store: Store, parking: Parking, numbers: NumberRules, settler: Settler, withdraw: Withdraw
    ) -> None:
        self._store = store
        self._parking = parking
        self._numbers = numbers
        self._settler = settler
        self._withdraw = withdraw

    def cancel_sm(self, bind: CustomerBind, pdu: CancelSm) -> None:
        """One cancel_sm: answered when nothing can be taken back, or when what was is durable."""

        def found(messages: list[Message]) -> None:
            try:
                self.take_back(self._untouched(pdu, messages))
            except Refusal as refusal:
                _refuse(bind, pdu, refusal)
            else:
                self._store.follow(_acknowledge, _Cancelled(bind.session, pdu.sequence_number))

        try:
            self._look_up(bind.account, pdu, found)
        except Refusal as refusal:
            _refuse(bind, pdu, refusal)

    def displace(self, account: Account, source_addr: bytes, e164: bytes, before: int) -> None:
        """A new message of these addresses takes the place of those before it that wait (replace_if_present_flag)."""

        def found(messages: list[Message]) -> None:
            self.take_back([one for one in messages if one.untouched and one.row.message_id < before])

        self._parking.addressed(account.name, source_addr, e164, found)

    def take_back(self, messages: list[Message]) -> None:
        """These end DELETED and cost nothing. Only those that are untouched."""
        for message in messages:
            self._settler.record(self._withdraw.out(message), message)

    def _look_up(self, account: Account, pdu: CancelSm, then: Callable[[list[Message]], None]) -> None:
        """What is meant, before its addresses are compared."""
        if self._store.stuck:
            raise Refusal(Reason.STORE_UNAVAILABLE)
        if not pdu.message_id:
            if pdu.service_type:  # we do not keep it, and would cancel more than was asked
                raise Refusal(Reason.SERVICE_TYPE)
            self._parking.addressed(account.name, pdu.source_addr, self._e164(pdu), then)
            return
        try:
            told_id = read_told_id(pdu.message_id)
        except ValueError:
            raise Refusal(Reason.INVALID_MESSAGE_ID) from None
        self._parking.told(account.name, told_id, then)

    def _untouched(self, pdu: CancelSm, found: list[Message]) -> list[Message]:
        """What can be taken back, one message or more."""
        if any(message.row.source_addr != pdu.source_addr for message in found):
            raise Refusal(Reason.INVALID_SOURCE)
        if pdu.destination_addr:
            e164 = self._e164(pdu)
            found = [message for message in found if message.row.e164 == e164]
        untouched = [message for message in found if message.untouched]
        if not untouched:
            raise Refusal(Reason.NOTHING_TO_CANCEL)
        return untouched

    def _e164(self, pdu: CancelSm) -> bytes:
        return self._numbers.normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)


def _refuse(bind: CustomerBind, pdu: CancelSm, refusal: Refusal) -> None:
    bind.account.counts.refused[refusal.reason.name] += 1
    status = STATUS_OF[refusal.reason]
    bind.session.respond(CancelSmResp(command_status=status, sequence_number=pdu.sequence_number))

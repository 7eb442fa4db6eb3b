"""replace_sm: another text for a message that has not left; it keeps its ids (SMPP 3.4, section 4.10)."""

from typing import NamedTuple

from gateway.flow import credit
from gateway.flow.account import CustomerBind
from gateway.flow.clock import Clock
from gateway.flow.intake import Intake
from gateway.flow.message import Message
from gateway.flow.parking import Parking
from gateway.flow.statuses import STATUS_OF
from gateway.flow.withdraw import Withdraw
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import read_told_id
from gateway.segmenter.parts import Piece, read_message
from gateway.smpp.pdu import ReplaceSm, ReplaceSmResp
from gateway.smpp.session import Session
from gateway.smpp.tlv import Tag
from gateway.store.contract import Store


class _Replaced(NamedTuple):
    session: Session
    sequence_number: int


def _acknowledge(owed: _Replaced) -> None:
    owed.session.respond(ReplaceSmResp(sequence_number=owed.sequence_number))


class Replace:
    """Takes every replace_sm of every customer bind."""

    def __init__(self, store: Store, parking: Parking, clock: Clock, intake: Intake, withdraw: Withdraw) -> None:
        self._store = store
        self._parking = parking
        self._clock = clock
        self._intake = intake
        self._withdraw = withdraw

    def replace_sm(self, bind: CustomerBind, pdu: ReplaceSm) -> None:
        """One replace_sm: answered when it is refused, or when the new text is durable."""
        try:
            told_id = self._judge(pdu)
        except Refusal as refusal:
            self._refuse(bind, pdu, refusal)
        else:
            self._parking.told(bind.account.name, told_id, lambda found: self._replace(bind, pdu, found))

    def _replace(self, bind: CustomerBind, pdu: ReplaceSm, found: list[Message]) -> None:
        try:
            self._take(bind, pdu, found)
        except Refusal as refusal:
            self._refuse(bind, pdu, refusal)

    @staticmethod
    def _refuse(bind: CustomerBind, pdu: ReplaceSm, refusal: Refusal) -> None:
        bind.account.counts.refused[refusal.reason.name] += 1
        status = STATUS_OF[refusal.reason]
        bind.session.respond(ReplaceSmResp(command_status=status, sequence_number=pdu.sequence_number))

    def _judge(self, pdu: ReplaceSm) -> int:
        """The id that is meant."""
        if self._store.stuck:
            raise Refusal(Reason.STORE_UNAVAILABLE)
        if pdu.sm_default_msg_id:
            raise Refusal(Reason.DEFAULT_MESSAGE)
        try:
            return read_told_id(pdu.message_id)
        except ValueError:
            raise Refusal(Reason.INVALID_MESSAGE_ID) from None

    def _take(self, bind: CustomerBind, pdu: ReplaceSm, found: list[Message]) -> None:
        account = bind.account
        old = _meant(pdu, found)
        content = read_message((Piece(_text(pdu), old.row.data_coding),), account.reading)
        new = self._intake.replacement(
            old, content, pdu.schedule_delivery_time, pdu.validity_period, pdu.registered_delivery
        )
        if account.bucket is not None and not account.bucket.take(new.row.segments, self._clock.monotonic()):
            self._intake.discard(new)
            raise Refusal(Reason.THROTTLED)
        credit.rehold(old, new)
        self._withdraw.out(old)
        self._intake.replace(old, new, _acknowledge, _Replaced(bind.session, pdu.sequence_number))


def _meant(pdu: ReplaceSm, found: list[Message]) -> Message:
    """The one message whose text can be replaced."""
    if any(message.row.source_addr != pdu.source_addr for message in found):
        raise Refusal(Reason.INVALID_SOURCE)
    if len(found) != 1 or not _replaceable(found[0]):
        raise Refusal(Reason.NOTHING_TO_REPLACE)
    return found[0]


def _replaceable(message: Message) -> bool:
    """replace_sm cannot say which part, nor bring a user data header."""
    return message.untouched and not message.row.other_elements and len(message.told()) == 1


def _text(pdu: ReplaceSm) -> bytes:
    payload = pdu.tlv(Tag.MESSAGE_PAYLOAD)
    if payload is None:
        return pdu.short_message
    if pdu.short_message:
        raise Refusal(Reason.TWO_TEXTS)
    return payload

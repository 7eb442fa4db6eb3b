"""submit_multi: one text to many numbers, one answer, a message for each (SMPP 3.4, section 4.5).

All are told under one id: the first message's own, which the others keep as the id that their customer was told.
"""

from typing import NamedTuple

from gateway.flow.accept import Accept
from gateway.flow.account import CustomerBind
from gateway.flow.clock import Clock
from gateway.flow.intake import Envelope, Intake
from gateway.flow.message import Told
from gateway.flow.short_ids import ShortIds
from gateway.flow.statuses import STATUS_OF
from gateway.flow.unwrap import unwrap
from gateway.model.errors import Reason, Refusal
from gateway.model.values import Address
from gateway.segmenter.parts import Content, Piece, read_message
from gateway.segmenter.udh import PartOf
from gateway.smpp.fields import Destination, DistributionList, Unsuccess
from gateway.smpp.pdu import SubmitMulti, SubmitMultiResp
from gateway.smpp.tlv import Tag
from gateway.store.contract import Store

# With a TLV an answer that says an error keeps its body, and so the list of reasons.
NONE_TAKEN = ((int(Tag.ADDITIONAL_STATUS_INFO_TEXT), b"no destination was taken\0"),)


class _Owed(NamedTuple):
    bind: CustomerBind
    sequence_number: int
    told_id: int
    refused: tuple[Unsuccess, ...]


def _acknowledge(owed: _Owed) -> None:
    owed.bind.session.respond(
        SubmitMultiResp(
            sequence_number=owed.sequence_number,
            message_id=owed.bind.tell_id(owed.told_id),
            unsuccess_smes=owed.refused,
        )
    )


class _Text(NamedTuple):
    """What every destination gets: a whole message, or a part of a longer one."""

    piece: Piece
    part_of: PartOf | None
    content: Content | None


class SubmitMultis:
    """Takes every submit_multi of every customer bind."""

    def __init__(self, store: Store, clock: Clock, accept: Accept, intake: Intake, short_ids: ShortIds) -> None:
        self._store = store
        self._clock = clock
        self._accept = accept
        self._intake = intake
        self._short_ids = short_ids

    def submit_multi(self, bind: CustomerBind, pdu: SubmitMulti) -> None:
        """One submit_multi: answered when all that were taken are durable, at once when none was."""
        try:
            text = self._text(bind, pdu)
        except Refusal as refusal:
            bind.account.counts.refused[refusal.reason.name] += 1
            status = STATUS_OF[refusal.reason]
            bind.session.respond(SubmitMultiResp(command_status=status, sequence_number=pdu.sequence_number))
            return
        told_id, refused = self._fan_out(bind, pdu, text)
        if told_id:
            self._store.follow(_acknowledge, _Owed(bind, pdu.sequence_number, told_id, refused))
            return
        statuses = {one.error_status_code for one in refused}
        all_of_them = statuses.pop() if len(statuses) == 1 else STATUS_OF[Reason.ALL_DESTINATIONS_REFUSED]
        bind.session.respond(
            SubmitMultiResp(
                command_status=all_of_them,
                sequence_number=pdu.sequence_number,
                unsuccess_smes=refused,
                tlvs=NONE_TAKEN,
            )
        )

    @staticmethod
    def _text(bind: CustomerBind, pdu: SubmitMulti) -> _Text:
        if pdu.replace_if_present_flag:
            raise Refusal(Reason.REPLACE_IN_MULTI)
        octets, part_of, other_elements = unwrap(pdu)
        piece = Piece(octets, pdu.data_coding, other_elements)
        content = read_message((piece,), bind.account.reading) if part_of is None else None
        return _Text(piece, part_of, content)

    def _fan_out(self, bind: CustomerBind, pdu: SubmitMulti, text: _Text) -> tuple[int, tuple[Unsuccess, ...]]:
        """The id that all are told under, 0 when none was taken; and those that were not."""
        told_id = 0
        refused: list[Unsuccess] = []
        seen: set[bytes] = set()
        for destination in pdu.dest_addresses:
            try:
                envelope = self._envelope(bind, pdu, destination)
                if envelope.e164 not in seen:
                    seen.add(envelope.e164)
                    told_id = self._one(bind, envelope, text, told_id)
            except Refusal as refusal:
                bind.account.counts.refused[refusal.reason.name] += 1
                address = destination if isinstance(destination, Address) else Address(0, 0, destination.dl_name)
                refused.append(Unsuccess(address, STATUS_OF[refusal.reason]))
        return told_id, tuple(refused)

    def _envelope(self, bind: CustomerBind, pdu: SubmitMulti, destination: Destination) -> Envelope:
        if isinstance(destination, DistributionList):
            raise Refusal(Reason.DISTRIBUTION_LIST)
        return self._accept.envelope(bind.account, pdu, *destination)

    def _one(self, bind: CustomerBind, envelope: Envelope, text: _Text, told_id: int) -> int:
        """The message to one destination. The id that it is told under: `told_id` unless that is 0."""
        account = bind.account
        now = self._clock.monotonic()
        self._accept.may_send(account, now)
        if not told_id and bind.short_ids:
            told_id = self._short_ids.next()
        if text.part_of is not None:
            ids: list[int] = []
            self._accept.part(account, envelope, text.piece, text.part_of, told_id, _nothing, ids.append)
            return told_id or ids[0]
        assert text.content is not None  # noqa: S101 - it is no part
        told = (Told(told_id, envelope.registered_delivery, envelope.user_message_reference),) if told_id else ()
        message = self._intake.message(account, envelope, text.content, told)
        self._accept.pay_the_rest(message, now)
        self._intake.accept(message, _nothing, None)
        return told_id or message.row.message_id


def _nothing(_: object) -> None:
    """One answer follows for all."""

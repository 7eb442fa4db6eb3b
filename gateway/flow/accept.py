"""A submit_sm becomes a durable message, or gets a refusal that says why. The cheapest refusal first."""

from collections.abc import Callable
from typing import NamedTuple

from gateway.flow.account import Account, CustomerBind
from gateway.flow.clock import Clock
from gateway.flow.intake import Envelope, Intake
from gateway.flow.live import Live
from gateway.flow.reassemble import Reassemble
from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import IdSource, format_id
from gateway.routing.numbers import NumberRules
from gateway.segmenter.parts import Piece, read_message
from gateway.segmenter.udh import PartOf, concatenation, read_udh, write_udh
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.session import Session
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from gateway.store.contract import PartAccepted, Store
from gateway.throttle.lanes import PRIORITIES

UDH_INDICATOR = 0x40  # esm_class, section 5.2.12


class Submitted(NamedTuple):
    """A submit_sm that we owe a response."""

    session: Session
    sequence_number: int
    message_id: int


def acknowledge(owed: Submitted) -> None:
    """Send the submit_sm_resp: what it promises is durable."""
    owed.session.submit_sm_resp(owed.sequence_number, CommandStatus.ESME_ROK, format_id(owed.message_id))


class Accept:
    """Takes every submit_sm of every customer bind."""

    def __init__(
        self,
        store: Store,
        live: Live,
        ids: IdSource,
        clock: Clock,
        numbers: NumberRules,
        intake: Intake,
        reassemble: Reassemble,
        max_waiting: int,
    ) -> None:
        self._store = store
        self._live = live
        self._ids = ids
        self._clock = clock
        self._numbers = numbers
        self._intake = intake
        self._reassemble = reassemble
        self._max_waiting = max_waiting
        self.draining = False

    def submit_sm(self, bind: CustomerBind, pdu: SubmitSm) -> None:
        """One submit_sm: its response follows at once when it is refused, else when it is durable."""
        try:
            self._take(bind, pdu)
        except Refusal as refusal:
            bind.account.counts.refused[refusal.reason.name] += 1
            bind.session.submit_sm_resp(pdu.sequence_number, STATUS_OF[refusal.reason])

    def _take(self, bind: CustomerBind, pdu: SubmitSm) -> None:
        account = bind.account
        self._may_send()
        now = self._clock.monotonic()
        if account.bucket is not None and not account.bucket.take(1, now):
            raise Refusal(Reason.THROTTLED)
        envelope = self._envelope(account, pdu)
        octets, part_of, other_elements = unwrap(pdu)
        piece = Piece(octets, pdu.data_coding, other_elements)
        if part_of is not None:
            self._part(bind, pdu.sequence_number, envelope, piece, part_of)
            return
        content = read_message((piece,), account.reading)
        message = self._intake.message(account, envelope, content)
        self._pay_the_rest(account, message.row.segments, now)
        owed = Submitted(bind.session, pdu.sequence_number, message.row.message_id)
        self._intake.accept(message, acknowledge, owed)

    def _may_send(self) -> None:
        if self.draining:
            raise Refusal(Reason.DRAINING)
        if self._store.stuck:
            raise Refusal(Reason.STORE_UNAVAILABLE)
        if len(self._live) >= self._max_waiting:
            raise Refusal(Reason.QUEUE_FULL)

    @staticmethod
    def _pay_the_rest(account: Account, segments: int, now: float) -> None:
        """The first segment was paid for before the text was looked at."""
        if account.bucket is not None and segments > 1:
            account.bucket.give_back(1)
            if not account.bucket.take(segments, now):
                raise Refusal(Reason.THROTTLED)

    def _envelope(self, account: Account, pdu: SubmitSm) -> Envelope:
        if account.sources is not None and pdu.source_addr not in account.sources:
            raise Refusal(Reason.INVALID_SOURCE)
        if pdu.schedule_delivery_time:
            raise Refusal(Reason.SCHEDULED)
        return Envelope(
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            pdu.source_addr,
            pdu.dest_addr_ton,
            pdu.dest_addr_npi,
            pdu.destination_addr,
            self._numbers.normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi),
            min(pdu.priority_flag, PRIORITIES - 1),
            pdu.registered_delivery,
            pdu.tlv(Tag.USER_MESSAGE_REFERENCE) or b"",
            pdu.validity_period,
            self._clock.wall_ms(),
        )

    def _part(
        self, bind: CustomerBind, sequence_number: int, envelope: Envelope, piece: Piece, part_of: PartOf
    ) -> None:
        self._intake.route(envelope.e164)  # a part that could go nowhere is not kept
        part_id = self._ids.next(envelope.submitted_at)
        part = PartAccepted(
            part_id,
            part_id,
            bind.account.name,
            envelope.source_ton,
            envelope.source_npi,
            envelope.source_addr,
            envelope.dest_ton,
            envelope.dest_npi,
            envelope.destination_addr,
            envelope.e164,
            part_of.reference,
            part_of.wide,
            part_of.total,
            part_of.number,
            piece.data_coding,
            piece.octets,
            piece.other_elements,
            envelope.priority,
            envelope.registered_delivery,
            envelope.user_message_reference,
            envelope.validity_period,
            envelope.submitted_at,
        )

        def owed(part_id: int) -> Submitted:
            return Submitted(bind.session, sequence_number, part_id)

        self._reassemble.add(bind.account, part, acknowledge, owed)


Owed = Callable[[int], Submitted]


def unwrap(pdu: SubmitSm) -> tuple[bytes, PartOf | None, bytes]:
    """The octets of the text, of which longer message they are a part (UDH or sar_ TLVs), and other UDH elements.

    Refusal when there are two texts, or the header is malformed.
    """
    octets = pdu.short_message
    sar = None
    if pdu.tlvs:
        payload = pdu.tlv(Tag.MESSAGE_PAYLOAD)
        if payload is not None:
            if octets:
                raise Refusal(Reason.TWO_TEXTS)
            octets = payload
        sar = _sar(pdu)
    if not pdu.esm_class & UDH_INDICATOR:
        return octets, sar, b""
    if sar is not None:
        raise Refusal(Reason.MALFORMED_UDH, "sar_ parameters beside a user data header")
    elements, rest = read_udh(octets)
    part_of = concatenation(elements)
    others = tuple(element for element in elements if element[0] not in CONCATENATION_ELEMENTS)
    return rest, part_of, write_udh(others) if others else b""


CONCATENATION_ELEMENTS = frozenset({0x00, 0x08})  # 3GPP 23.040, section 9.2.3.24


def _sar(pdu: SubmitSm) -> PartOf | None:
    reference = pdu.tlv(Tag.SAR_MSG_REF_NUM)
    total = pdu.tlv(Tag.SAR_TOTAL_SEGMENTS)
    number = pdu.tlv(Tag.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None:
        return None
    if len(reference) != 2 or len(total) != 1 or len(number) != 1 or not 1 <= number[0] <= total[0]:
        raise Refusal(Reason.MALFORMED_UDH, "sar_ parameters")
    return PartOf(int.from_bytes(reference, "big"), total[0], number[0], True) if total[0] > 1 else None

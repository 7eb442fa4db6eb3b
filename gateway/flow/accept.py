"""A submit_sm or data_sm becomes a durable message, or gets a refusal that says why. The cheapest refusal first."""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

import structlog

from gateway.flow import quotas
from gateway.flow.account import Account, CustomerBind
from gateway.flow.cancel import Cancel
from gateway.flow.clock import Clock
from gateway.flow.intake import Envelope, Intake, write_date
from gateway.flow.live import Live
from gateway.flow.message import Message, Told
from gateway.flow.overload import Load, Overload, OverloadRules
from gateway.flow.parking import Parking
from gateway.flow.reassemble import Reassemble
from gateway.flow.recipient_check import CheckPolicy
from gateway.flow.repeats import Repeats
from gateway.flow.short_ids import ShortIds
from gateway.flow.statuses import STATUS_OF
from gateway.flow.unwrap import unwrap
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import IdSource
from gateway.routing.numbers import NumberRules
from gateway.segmenter.parts import Piece, read_message
from gateway.segmenter.udh import PartOf
from gateway.smpp.pdu import DataSm, DataSmResp, SubmitMulti, SubmitSm
from gateway.smpp.status import CommandStatus
from gateway.smpp.times import write_relative
from gateway.smpp.tlv import Tag
from gateway.store.contract import PartAccepted, Store
from gateway.throttle.above import Above, enter
from gateway.throttle.bucket import TokenBucket
from gateway.throttle.lanes import PRIORITIES

log = structlog.get_logger(room="accept")

JST = timezone(timedelta(hours=9))
ESME_ROK = int(CommandStatus.ESME_ROK)
MAX_ADDRESS_OCTETS = 20  # of a submit_sm; a data_sm may bring more
MAX_RELATIVE = timedelta(days=99)
KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")  # as the configuration writes them

Then = Callable[[Any], None]


class Submitted(NamedTuple):
    """A submit_sm or data_sm that we owe a response. `told_id` is what the customer will know the message by.

    `at` is when it came, monotonic seconds.
    """

    bind: CustomerBind
    sequence_number: int
    told_id: int
    at: float


class Accept:
    """Takes every submit_sm and data_sm of every customer bind, and judges what submit_multi shares with them."""

    def __init__(
        self,
        store: Store,
        live: Live,
        ids: IdSource,
        clock: Clock,
        numbers: NumberRules,
        intake: Intake,
        reassemble: Reassemble,
        cancel: Cancel,
        short_ids: ShortIds,
        parking: Parking,
        max_waiting: int,
        overload: Overload | None = None,
    ) -> None:
        self._store = store
        self._live = live
        self._ids = ids
        self._clock = clock
        self._numbers = numbers
        self._intake = intake
        self._reassemble = reassemble
        self._cancel = cancel
        self._short_ids = short_ids
        self._parking = parking
        self._max_waiting = max_waiting
        self._overload = overload or Overload(OverloadRules())
        self._accepted: dict[str, int] = {}  # by customer, at the last look
        self.draining = False

    def submit_sm(self, bind: CustomerBind, pdu: SubmitSm) -> None:
        """One submit_sm: its response follows at once when it is refused, else when it is durable."""
        try:
            self._take(bind, pdu, self._acknowledge)
        except Refusal as refusal:
            bind.account.counts.refused[refusal.reason.name] += 1
            bind.session.submit_sm_resp(pdu.sequence_number, STATUS_OF[refusal.reason])

    def data_sm(self, bind: CustomerBind, pdu: DataSm) -> None:
        """One data_sm, which is a submit_sm in other clothes."""
        try:
            self._take(bind, _as_submit_sm(pdu), self._acknowledge_data_sm)
        except Refusal as refusal:
            bind.account.counts.refused[refusal.reason.name] += 1
            status = STATUS_OF[refusal.reason]
            bind.session.respond(DataSmResp(command_status=status, sequence_number=pdu.sequence_number))

    def _acknowledge(self, owed: Submitted) -> None:
        """Send the submit_sm_resp: what it promises is durable."""
        bind = owed.bind
        bind.session.submit_sm_resp(owed.sequence_number, ESME_ROK, bind.tell_id(owed.told_id))
        bind.account.counts.response_ms.observe(1000 * (self._clock.monotonic() - owed.at))

    def _acknowledge_data_sm(self, owed: Submitted) -> None:
        """Send the data_sm_resp: what it promises is durable."""
        bind = owed.bind
        bind.session.respond(DataSmResp(sequence_number=owed.sequence_number, message_id=bind.tell_id(owed.told_id)))
        bind.account.counts.response_ms.observe(1000 * (self._clock.monotonic() - owed.at))

    def _take(self, bind: CustomerBind, pdu: SubmitSm, then: Then) -> None:
        account = bind.account
        now = self._clock.monotonic()
        self.may_send(account, now)
        replaces = pdu.replace_if_present_flag
        if replaces > 1:
            raise Refusal(Reason.REPLACE_FLAG)
        envelope = self.envelope(account, pdu, pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr)
        repeated = account.repeats is not None and account.repeats.first(pdu, envelope.e164, envelope.submitted_at)
        if repeated:
            account.counts.repeated += 1
            self._store.follow(then, Submitted(bind, pdu.sequence_number, repeated, now))
            return
        octets, part_of, other_elements = unwrap(pdu)
        piece = Piece(octets, pdu.data_coding, other_elements)
        told_id = self._short_ids.next() if bind.short_ids else 0
        if part_of is not None:
            if replaces:
                raise Refusal(Reason.REPLACE_FLAG)
            sequence_number = pdu.sequence_number
            self.part(
                account,
                envelope,
                piece,
                part_of,
                told_id,
                then,
                lambda told: Submitted(bind, sequence_number, told, now),
            )
            return
        content = read_message((piece,), account.reading)
        told = (Told(told_id, envelope.registered_delivery, envelope.user_message_reference),) if told_id else ()
        message = self._intake.message(account, envelope, content, told)
        self.pay_the_rest(message, now)
        if replaces:
            self._cancel.displace(account, envelope.source_addr, envelope.e164, message.row.message_id)
        owed = Submitted(bind, pdu.sequence_number, told_id or message.row.message_id, now)
        self._intake.accept(message, then, owed)
        if account.repeats is not None:
            self._remember(account, account.repeats, pdu, message, owed.told_id)

    def _remember(self, account: Account, repeats: Repeats, pdu: SubmitSm, message: Message, told_id: int) -> None:
        fact = repeats.remember(account.name, pdu, message.row.e164, told_id, message.row.submitted_at)
        if fact is not None:
            self._store.write(fact)

    def may_send(self, account: Account, now: float) -> None:
        """Whether anything at all may come in for this account; the first segment is paid for."""
        if self.draining:
            raise Refusal(Reason.DRAINING)
        if self._store.stuck:
            raise Refusal(Reason.STORE_UNAVAILABLE)
        if len(self._live) + len(self._parking) >= self._max_waiting:
            raise Refusal(Reason.QUEUE_FULL)
        if account.overloaded:
            raise Refusal(Reason.OVERLOADED)
        if account.bucket is not None:
            self._pay(account, account.bucket, 1, now)

    def take_overload(self, overload: Overload) -> None:
        """From now on by these rules."""
        self._overload = overload

    def look(self, accounts: Collection[Account]) -> None:
        """About once a second: whether some are refused for the sake of the others, the largest senders first."""
        sizes: dict[str, int] = {}
        for account in accounts:
            accepted = account.counts.accepted
            sent = accepted - self._accepted.get(account.name, 0)
            if sent or account.overloaded:
                sizes[account.name] = sent
                self._accepted[account.name] = accepted
        before = self._overload.refused
        waiting, seconds = len(self._live) + len(self._parking), self._store.commit_seconds
        refused = self._overload.look(Load(waiting, self._max_waiting, seconds, sizes))
        if refused != before:
            log.warning("overload", refused=sorted(refused), waiting=waiting, commit_seconds=round(seconds, 3))
            for account in accounts:
                account.overloaded = account.name in refused

    @staticmethod
    def _pay(account: Account, bucket: TokenBucket, segments: int, now: float) -> None:
        """Within the account's rate, or above it as the account chose. Refusal."""
        entry = enter(bucket, account.above, segments, now)
        if not entry.let_in or entry.hold_seconds:
            account.throttled_at = now
        if not entry.let_in:
            raise Refusal(Reason.QUEUE_FULL if account.above is Above.QUEUE_FULL else Reason.THROTTLED)
        account.hold_seconds = max(account.hold_seconds, entry.hold_seconds)

    def pay_the_rest(self, message: Message, now: float) -> None:
        """The first segment was paid for before the text was looked at. A message that is refused is let go."""
        bucket, segments = message.account.bucket, message.row.segments
        try:
            if bucket is not None and segments > 1:
                bucket.give_back(1)
                self._pay(message.account, bucket, segments, now)
            quotas.hold(message)
        except Refusal:
            self._intake.discard(message)
            raise

    def envelope(
        self, account: Account, pdu: SubmitSm | SubmitMulti, ton: int, npi: int, destination: bytes
    ) -> Envelope:
        """All but the text, to this destination."""
        if account.sources is not None and pdu.source_addr not in account.sources:
            raise Refusal(Reason.INVALID_SOURCE)
        if pdu.sm_default_msg_id:
            raise Refusal(Reason.DEFAULT_MESSAGE)
        e164 = self._numbers.normalise(destination, ton, npi)
        if account.opt_out is not None and e164 in account.opt_out:
            raise Refusal(Reason.OPTED_OUT)
        return Envelope(
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            pdu.source_addr,
            ton,
            npi,
            destination,
            e164,
            min(pdu.priority_flag, PRIORITIES - 1),
            pdu.registered_delivery,
            (pdu.tlv(Tag.USER_MESSAGE_REFERENCE) or b"") if pdu.tlvs else b"",
            pdu.validity_period,
            self._clock.wall_ms(),
            pdu.schedule_delivery_time,
            None if account.recipient_check is None else self._since(account.recipient_check, pdu),
            account.kind if account.kind_tag is None else _kind(account, pdu, account.kind_tag),
            "" if account.carrier_tag is None else _word(pdu, account.carrier_tag),
        )

    def _since(self, policy: CheckPolicy, pdu: SubmitSm | SubmitMulti) -> date | None:
        """The date to check the recipient from. Refusal(INVALID_CHECK_DATE)."""
        today = datetime.fromtimestamp(self._clock.wall_ms() / 1000, JST).date()
        try:
            return policy.since_of(None if policy.tag is None else pdu.tlv(policy.tag), today)
        except ValueError:
            raise Refusal(Reason.INVALID_CHECK_DATE) from None

    def part(
        self,
        account: Account,
        envelope: Envelope,
        piece: Piece,
        part_of: PartOf,
        told_id: int,
        then: Then,
        owed: Callable[[int], object],
    ) -> None:
        """A part of a message, told under `told_id` (0: its own id). `then(owed(id))` follows when it is durable."""
        self._intake.judge(account, envelope)  # a part that could go nowhere is not kept
        part_id = self._ids.next(envelope.submitted_at)
        part = PartAccepted(
            part_id,
            told_id or part_id,
            account.name,
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
            envelope.kind,
            envelope.forced,
            write_date(envelope.since),
        )
        self._reassemble.add(account, part, then, owed)


def _word(pdu: SubmitSm | SubmitMulti, tag: int) -> str:
    """What an optional parameter says; empty when it is not there."""
    return (pdu.tlv(tag) or b"").removesuffix(b"\0").decode("latin-1")


def _kind(account: Account, pdu: SubmitSm | SubmitMulti, tag: int) -> str:
    """The kind of message that the customer names, else the account's. Refusal(UNKNOWN_NAME)."""
    kind = _word(pdu, tag)
    if kind and not KIND.fullmatch(kind):
        raise Refusal(Reason.UNKNOWN_NAME)
    return kind or account.kind


def _as_submit_sm(pdu: DataSm) -> SubmitSm:
    """Its text is a TLV already. Refusal for addresses longer than a submit_sm holds."""
    if len(pdu.source_addr) > MAX_ADDRESS_OCTETS:
        raise Refusal(Reason.INVALID_SOURCE)
    if len(pdu.destination_addr) > MAX_ADDRESS_OCTETS:
        raise Refusal(Reason.INVALID_DESTINATION)
    return SubmitSm(
        sequence_number=pdu.sequence_number,
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        validity_period=_time_to_live(pdu),
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
    )


def _time_to_live(pdu: DataSm) -> bytes:
    """qos_time_to_live as a validity_period; beyond 99 days, which no carrier allows, it is 99 days."""
    seconds = pdu.tlv(Tag.QOS_TIME_TO_LIVE)
    if seconds is None:
        return b""
    if len(seconds) != 4:
        raise Refusal(Reason.INVALID_VALIDITY)
    return write_relative(min(timedelta(seconds=int.from_bytes(seconds, "big")), MAX_RELATIVE))

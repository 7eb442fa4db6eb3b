"""From envelope and content to a message: whose number, what text, how many segments and units; then store and lane."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.live import Live
from gateway.flow.message import Message, Told, initial_life, pack_parts
from gateway.flow.parking import Parking
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import IdSource
from gateway.model.values import Serving
from gateway.routing.portability import Portability
from gateway.routing.routes import Routes
from gateway.segmenter.cut import plan, plan_binary
from gateway.segmenter.parts import Content
from gateway.segmenter.references import References
from gateway.segmenter.rules import Concatenation
from gateway.smpp.times import parse_time
from gateway.store.contract import MessageAccepted, MessageReplaced, Store

MOST_AHEAD = timedelta(days=99)  # as far as a relative time reaches in days (SMPP 3.4, section 7.1.1)


class Envelope(NamedTuple):
    """A submission apart from its text. `e164` is the destination as digits with country code."""

    source_ton: int
    source_npi: int
    source_addr: bytes
    dest_ton: int
    dest_npi: int
    destination_addr: bytes
    e164: bytes
    priority: int
    registered_delivery: int
    user_message_reference: bytes
    validity_period: bytes
    submitted_at: int  # ms since 1970
    schedule: bytes = b""  # schedule_delivery_time


class Intake:
    """Builds messages and lets them in."""

    def __init__(
        self,
        store: Store,
        live: Live,
        ids: IdSource,
        clock: Clock,
        portability: Portability,
        routes: Routes,
        carriers: Mapping[str, Carrier],
        references: References,
        parking: Parking,
    ) -> None:
        self._store = store
        self._live = live
        self._ids = ids
        self._clock = clock
        self._portability = portability
        self._routes = routes
        self._carriers = carriers
        self._references = references
        self._parking = parking

    def route(self, e164: bytes) -> tuple[Serving, Carrier]:
        """Whose number it is, and the carrier that takes it. Refusal(NO_ROUTE) when nobody does."""
        serving = self._portability.look_up(e164)
        key = None if serving is None else self._routes.carrier(serving.carrier)
        if serving is None or key is None:
            raise Refusal(Reason.NO_ROUTE)
        return serving, self._carriers[key]

    def message(self, account: Account, envelope: Envelope, content: Content, parts: tuple[Told, ...] = ()) -> Message:
        """The message, whole and priced in units, not yet stored. Refusal says why it can't be one."""
        serving, carrier = self.route(envelope.e164)
        if content.binary:
            planned = plan_binary(content.text, content.data_coding, carrier.rule, content.other_elements)
        else:
            planned = plan(content.text, carrier.rule, content.other_elements)
        units, segments, characters = planned
        due_at = _due_at(envelope)
        validity = self._validity_seconds(envelope, carrier, due_at)
        reference = 0
        if segments > 1:
            reference = self._references.take(envelope.e164, carrier.rule.concatenation is not Concatenation.UDH8)
        row = MessageAccepted(
            self._ids.next(envelope.submitted_at),
            account.name,
            envelope.source_ton,
            envelope.source_npi,
            envelope.source_addr,
            b"",
            envelope.dest_ton,
            envelope.dest_npi,
            envelope.destination_addr,
            envelope.e164,
            carrier.key,
            serving.carrier,
            serving.source,
            serving.ported.value,
            content.data_coding,
            content.binary,
            content.text,
            content.other_elements,
            characters,
            segments,
            units,
            reference,
            envelope.priority,
            "",
            envelope.registered_delivery,
            envelope.user_message_reference,
            pack_parts(parts) if parts else b"",
            envelope.submitted_at,
            due_at,
            envelope.submitted_at + int(validity * 1000),
            0,
            initial_life(segments),
        )
        return Message(account, row, self._clock.monotonic() + validity)

    @staticmethod
    def _validity_seconds(envelope: Envelope, carrier: Carrier, due_at: int) -> float:
        """The customer's validity_period, within what the carrier's profile allows from the moment it is due."""
        longest = carrier.validity_seconds
        if due_at:
            longest += (due_at - envelope.submitted_at) / 1000
        if not envelope.validity_period:
            return longest
        now = datetime.fromtimestamp(envelope.submitted_at / 1000, UTC)
        try:
            until = parse_time(envelope.validity_period, now)
        except ValueError:
            raise Refusal(Reason.INVALID_VALIDITY) from None
        if until is None:
            return longest
        if until <= now or until.timestamp() * 1000 <= due_at:
            raise Refusal(Reason.INVALID_VALIDITY)
        return min((until - now).total_seconds(), longest)

    def replacement(
        self, old: Message, content: Content, schedule: bytes, validity_period: bytes, registered_delivery: int
    ) -> Message:
        """What is sent in the place of `old`, under the same ids. Refusal as for a new message; `old` stays."""
        row = old.row
        envelope = Envelope(
            row.source_ton,
            row.source_npi,
            row.source_addr,
            row.dest_ton,
            row.dest_npi,
            row.destination_addr,
            row.e164,
            row.priority,
            registered_delivery,
            row.user_message_reference,
            validity_period,
            self._clock.wall_ms(),
            schedule,
        )
        told = (
            tuple(one._replace(registered_delivery=registered_delivery) for one in old.told()) if row.part_ids else ()
        )
        new = self.message(old.account, envelope, content, told)
        as_before = new.row._replace(message_id=row.message_id, submitted_at=row.submitted_at, kind=row.kind)
        if not schedule:
            as_before = as_before._replace(due_at=row.due_at)
        if validity_period:
            return Message(old.account, as_before, new.expires)
        return Message(old.account, as_before._replace(expires_at=row.expires_at), old.expires)

    def discard(self, message: Message) -> None:
        """It was built and is not let in, or makes room for another."""
        if message.row.segments > 1:
            self._references.release(message.row.e164, message.row.reference)

    def replace(self, old: Message, new: Message, then: Callable[[Any], None], argument: object) -> None:
        """`new` replaces `old`, whose segments are out of the lanes. `then(argument)` follows when it is durable."""
        self.discard(old)
        self._live.remove(old)
        self._store.write(MessageReplaced(new.row), then, argument)
        self._parking.queue(new)

    def accept(self, message: Message, then: Callable[[Any], None], argument: object) -> None:
        """Store it and queue its segments, in memory or on disk. `then(argument)` follows when it is durable."""
        self._parking.accept(message, then, argument)
        message.account.counts.accepted += 1


def _due_at(envelope: Envelope) -> int:
    """When it may be sent, ms since 1970; 0: at once. Refusal(INVALID_SCHEDULE)."""
    if not envelope.schedule:
        return 0
    now = datetime.fromtimestamp(envelope.submitted_at / 1000, UTC)
    try:
        due = parse_time(envelope.schedule, now)
    except ValueError:
        raise Refusal(Reason.INVALID_SCHEDULE) from None
    if due is None or due <= now:
        return 0
    if due - now > MOST_AHEAD:
        raise Refusal(Reason.INVALID_SCHEDULE)
    return int(due.timestamp() * 1000)

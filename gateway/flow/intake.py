"""From envelope and content to a message: whose number, what text, how many segments and units; then store and lane."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from gateway.flow import credit
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.inquiry import Finish, Inquiries
from gateway.flow.live import Live
from gateway.flow.lookups import Lookups
from gateway.flow.message import Message, Told, initial_life, pack_parts
from gateway.flow.parking import Parking
from gateway.flow.recipient_check import RecipientChecks
from gateway.flow.router import Router, first, forced_by, pack_sender
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import IdSource
from gateway.model.money import Sen
from gateway.model.values import Ported, Serving
from gateway.routing.portability import BY_CUSTOMER, Portability, Unanswered
from gateway.routing.routes import Route
from gateway.segmenter.cut import plan, plan_binary
from gateway.segmenter.parts import Content
from gateway.segmenter.references import References
from gateway.segmenter.rules import Concatenation
from gateway.smpp.times import parse_time
from gateway.store.contract import MessageAccepted, MessageReplaced, Store
from gateway.throttle.calendar import Calendar

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
    since: date | None = None  # its recipient is to be checked from this date
    kind: str = ""  # its class
    forced: str = ""  # whose number it is by its customer's word


class Intake:
    """Builds messages and lets them in."""

    def __init__(
        self,
        store: Store,
        live: Live,
        ids: IdSource,
        clock: Clock,
        portability: Portability,
        router: Router,
        carriers: Mapping[str, Carrier],
        references: References,
        parking: Parking,
        lookups: Lookups,
        checks: RecipientChecks | None,
        finish: Finish,
    ) -> None:
        self._store = store
        self._live = live
        self._ids = ids
        self._clock = clock
        self._router = router
        self._ask = router.ask
        self._carriers = carriers
        self._references = references
        self._parking = parking
        self._inquiries = Inquiries(lookups, checks, portability, self.whole, self.located, finish)

    def judge(self, account: Account, envelope: Envelope) -> None:
        """Refusal when it is known here that the message could go nowhere."""
        found = self._found(envelope)
        if isinstance(found, Unanswered):
            found = self._inquiries.known(envelope.e164, found, envelope.forced)
        if not isinstance(found, Unanswered):
            self._route(account, envelope, found, 0)

    def _found(self, envelope: Envelope) -> Serving | Unanswered | None:
        if envelope.forced and not self._router.reaches(envelope.forced):
            raise Refusal(Reason.UNKNOWN_NAME)
        return self._ask(envelope.e164, envelope.forced)

    def _route(
        self, account: Account, envelope: Envelope, found: Serving | None, message_id: int
    ) -> tuple[Serving, Route]:
        return self._router.taker(
            found,
            account.name,
            envelope.source_addr,
            envelope.e164,
            envelope.submitted_at,
            envelope.priority,
            envelope.kind,
            message_id,
        )

    def message(
        self,
        account: Account,
        envelope: Envelope,
        content: Content,
        parts: tuple[Told, ...] = (),
        *,
        checked: bool = False,
    ) -> Message:
        """The message, whole and priced in units, not yet stored. Refusal says why it can't be one.

        One whose number must be asked for beyond this house, or whose recipient is to be checked, has no carrier and
        no units yet, and one segment that is in no lane. Its text is judged by the carrier that serves it by what is
        known here, or by the first one.
        """
        message_id = self._ids.next(envelope.submitted_at)
        router = self._router
        found = self._ask(envelope.e164) if not envelope.forced else self._found(envelope)
        if isinstance(found, Unanswered):
            found = self._inquiries.known(envelope.e164, found, envelope.forced)
        policy = account.recipient_check
        since = envelope.since or (None if policy is None else policy.since)
        if checked:
            since = None
        waits = isinstance(found, Unanswered) or since is not None
        if isinstance(found, Unanswered):
            serving, route = self._provisional(account, envelope, message_id)
        elif found is not None and found.carrier in router.only:
            serving, route = found, router.only[found.carrier]
        else:
            serving, route = self._route(account, envelope, found, message_id)
        carrier = self._carriers[route.carrier_key]
        units, segments, characters = _planned(content, carrier)
        due_at = _due_at(envelope)
        validity = self._validity_seconds(envelope, carrier, due_at)
        if account.calendar is not None:
            due_at, validity = _opening(account.calendar, envelope, due_at, validity)
        reference = 0
        if segments > 1:
            reference = self._references.take(envelope.e164, carrier.rule.concatenation is not Concatenation.UDH8)
        row = MessageAccepted(
            message_id,
            account.name,
            envelope.source_ton,
            envelope.source_npi,
            envelope.source_addr,
            b"" if route.sender is None else pack_sender(route.sender),
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
            envelope.kind,
            envelope.registered_delivery,
            envelope.user_message_reference,
            pack_parts(parts) if parts else b"",
            envelope.submitted_at,
            due_at,
            envelope.submitted_at + int(validity * 1000),
            0,
            initial_life(segments, route.rule),
        )
        if waits:
            self._references.release(envelope.e164, reference) if segments > 1 else None
            row = _unlocated(row, envelope.forced)._replace(check_sen=-write_date(since))
        return Message(account, row, self._clock.monotonic() + validity, "" if waits else route.rule)

    def _provisional(self, account: Account, envelope: Envelope, message_id: int) -> tuple[Serving, Route]:
        """The route that it would take if nobody else knew of the number; else the first carrier's."""
        try:
            return self._route(account, envelope, self._router.look_up(envelope.e164), message_id)
        except Refusal:
            return Serving("", Ported.UNKNOWN, ""), Route(next(iter(self._carriers)), None, Sen(0))

    def inquire(self, message: Message) -> None:
        """Ask what must be known before it can go. Also after a start, for each message without a carrier."""
        since, policy = since_of(message.row), message.account.recipient_check
        found = self._ask(message.row.e164, forced_by(message.row))
        self._inquiries.begin(message, found, since, policy is None or policy.sends_when_unclear)

    def located(self, message: Message, serving: Serving, check_sen: Sen) -> None:
        """Whose number it is is known now: it goes to the carrier's lane. Refusal: no route, or no such text there."""
        row = message.row
        choice = self._router.choice(row, serving.carrier, self._clock.wall_ms()).without(message.tried)
        new = self.rerouted(
            message,
            first(choice, self._router.usable),
            serving=serving.carrier,
            known_by=serving.source,
            ported=serving.ported.value,
            check_sen=max(0, row.check_sen) + check_sen,
        )
        self.take_over(message, new)

    def rerouted(self, old: Message, route: Route, **changes: Any) -> Message:
        """`old`, none of whose segments has left, cut anew for another route; `old` stays. Refusal: no such text there.

        `changes` are of its row. What was tried before counts on: attempts, and when the first was.
        """
        row, carrier = old.row, self._carriers[route.carrier_key]
        units, segments, characters = _planned(
            Content(row.text, row.binary, row.data_coding, row.other_elements), carrier
        )
        reference = 0
        if segments > 1:
            reference = self._references.take(row.e164, carrier.rule.concatenation is not Concatenation.UDH8)
        longest = max(row.due_at, row.submitted_at) + int(carrier.validity_seconds * 1000)
        expires_at = min(row.expires_at, longest)
        found = row._replace(
            carrier=route.carrier_key,
            sender=pack_sender(route.sender),
            characters=characters,
            segments=segments,
            units=units,
            reference=reference,
            expires_at=expires_at,
            life=initial_life(segments),
            **changes,
        )
        return old.successor(found, old.expires - (row.expires_at - expires_at) / 1000, route.rule)

    def unlocated(self, old: Message) -> Message:
        """`old`, none of whose segments has left, as one whose carrier nobody knows; `old` stays."""
        return old.successor(_unlocated(old.row, ""), old.expires)

    def take_over(self, old: Message, new: Message) -> None:
        """`new`, another form of `old`, takes its place; segments of `old` are out of the lanes. It goes on at once."""
        credit.rehold(old, new)
        self.replace(old, new, lambda _: None, None)

    def whole(self, message: Message) -> bool:
        """Whether it is alive and all ours."""
        return self._live.get(message.row.message_id) is message and message.untouched

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
            since_of(row),
            row.kind,
            forced_by(row),
        )
        told = (
            tuple(one._replace(registered_delivery=registered_delivery) for one in old.told()) if row.part_ids else ()
        )
        new = self.message(old.account, envelope, content, told, checked=row.check_sen > 0)
        as_before = new.row._replace(message_id=row.message_id, submitted_at=row.submitted_at)
        if not schedule:
            as_before = as_before._replace(due_at=row.due_at)
        if row.check_sen > 0:
            as_before = as_before._replace(check_sen=row.check_sen)
        if validity_period:
            return Message(old.account, as_before, new.expires, new.rule)
        return Message(old.account, as_before._replace(expires_at=row.expires_at), old.expires, new.rule)

    def discard(self, message: Message) -> None:
        """It was built and is not let in, or makes room for another."""
        if message.row.segments > 1:
            self._references.release(message.row.e164, message.row.reference)

    def replace(self, old: Message, new: Message, then: Callable[[Any], None], argument: object) -> None:
        """`new` replaces `old`, whose segments are out of the lanes. `then(argument)` follows when it is durable."""
        self.discard(old)
        self._live.remove(old)
        self._store.write(MessageReplaced(new.row), then, argument)
        if new.row.carrier:
            self._parking.queue(new)
        else:
            self._live.add(new)
            self.inquire(new)

    def accept(self, message: Message, then: Callable[[Any], None], argument: object) -> None:
        """Store it and queue its segments, in memory or on disk. `then(argument)` follows when it is durable."""
        message.account.counts.accepted += 1
        if message.row.carrier:
            self._parking.accept(message, then, argument)
            return
        self._store.write(message.row, then, argument)
        self._live.add(message)
        self.inquire(message)


def since_of(row: MessageAccepted) -> date | None:
    """The date to check the recipient from, which stands in `check_sen`, negative, until it is checked."""
    return read_date(-row.check_sen) if row.check_sen < 0 else None


def write_date(since: date | None) -> int:
    """YYYYMMDD; 0: none."""
    return 0 if since is None else int(since.strftime("%Y%m%d"))


def read_date(written: int) -> date | None:
    """What `write_date` wrote."""
    return datetime.strptime(str(written), "%Y%m%d").replace(tzinfo=UTC).date() if written else None


def _unlocated(row: MessageAccepted, forced: str) -> MessageAccepted:
    """The row of a message whose carrier nobody knows yet: one segment that is in no lane, and no units."""
    return row._replace(
        carrier="",
        serving=forced,
        known_by=BY_CUSTOMER if forced else "",
        ported=Ported.UNKNOWN.value,
        sender=b"",
        segments=1,
        units=0,
        reference=0,
        life=initial_life(1),
    )


def _planned(content: Content, carrier: Carrier) -> tuple[int, int, int]:
    if content.binary:
        return plan_binary(content.text, content.data_coding, carrier.rule, content.other_elements)
    return plan(content.text, carrier.rule, content.other_elements)


def _opening(calendar: Calendar, envelope: Envelope, due_at: int, validity: float) -> tuple[int, float]:
    """When it may leave by its sending hours, and its validity in seconds, which begins then unless it was told."""
    wanted = due_at or envelope.submitted_at
    opens = calendar.opens_at(envelope.kind, wanted)
    if opens == wanted:
        return due_at, validity
    return opens, validity if envelope.validity_period else validity + (opens - wanted) / 1000


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

"""A customer's own parts: durable before they are acknowledged, joined when the last is here, else given up in time."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.flow import quotas
from gateway.flow.account import Account
from gateway.flow.clock import Clock
from gateway.flow.intake import Envelope, Intake, read_date
from gateway.flow.message import Message, Told, initial_life, pack_parts
from gateway.flow.settle import Settler
from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Reason, Refusal
from gateway.model.ids import IdSource
from gateway.model.lifecycle import SegmentEvent
from gateway.segmenter.parts import Piece, read_message
from gateway.segmenter.reassembly import Part, Reassembler, Repeated, Whole
from gateway.store.contract import MessageAccepted, PartAccepted, PartsJoined, Store

Then = Callable[[Any], None]


def _key(part: PartAccepted) -> tuple[object, ...]:
    return (part.customer, part.source_addr, part.e164, part.reference, part.total, part.wide)


def _told(part: PartAccepted) -> Told:
    return Told(part.told_id, part.registered_delivery, part.user_message_reference)


class Reassemble:
    """All messages of all customers that are not whole yet."""

    def __init__(
        self,
        store: Store,
        intake: Intake,
        settler: Settler,
        ids: IdSource,
        clock: Clock,
        reassembler: Reassembler[PartAccepted],
    ) -> None:
        self._store = store
        self._intake = intake
        self._settler = settler
        self._ids = ids
        self._clock = clock
        self._reassembler = reassembler

    def __len__(self) -> int:
        """Messages of which parts are missing."""
        return len(self._reassembler)

    def add(self, account: Account, part: PartAccepted, then: Then, owed: Callable[[int], object]) -> None:
        """A part came. `then(owed(id))` follows when it is durable; `id` is what the customer knows it by."""
        key, machine_part = _key(part), _machine_part(part)
        if part.total > 1 and self._reassembler.full and not self._reassembler.knows(key, machine_part):
            raise Refusal(Reason.QUEUE_FULL)
        result = self._reassembler.add(key, part.total, machine_part, self._clock.monotonic())
        if isinstance(result, Repeated):
            self._store.follow(then, owed(result.part_id))  # the first one may not be durable yet
        elif isinstance(result, Whole):
            parts = [one.extra for one in result.parts]
            self._join(account, parts, then, owed(part.told_id), last=part)
        else:
            self._store.write(part, then, owed(part.told_id))

    def _join(
        self, account: Account, parts: list[PartAccepted], then: Then, argument: object, last: PartAccepted
    ) -> None:
        self._store.write(PartsJoined(tuple(one.part_id for one in parts if one is not last)))
        self._send(account, parts, then, argument)

    def _send(self, account: Account, parts: list[PartAccepted], then: Then, argument: object) -> None:
        """As one message, or as one that failed."""
        try:
            content = read_message([_piece(one) for one in parts], account.reading)
            message = self._intake.message(account, _envelope(parts[0]), content, tuple(_told(one) for one in parts))
            quotas.hold(message)
        except Refusal as refusal:  # its other parts are acknowledged already: it ends as a message that failed
            account.counts.refused[refusal.reason.name] += 1
            self._fail(account, parts, SegmentEvent.ABANDON, b"%08x" % STATUS_OF[refusal.reason])
            self._store.follow(then, argument)
        else:
            self._intake.accept(message, then, argument)

    def _fail(self, account: Account, parts: list[PartAccepted], event: SegmentEvent, error: bytes) -> None:
        """Parts that never become a message end as one of no units, with a receipt each."""
        first = parts[0]
        row = MessageAccepted(
            self._ids.next(first.submitted_at),
            account.name,
            first.source_ton,
            first.source_npi,
            first.source_addr,
            b"",
            first.dest_ton,
            first.dest_npi,
            first.destination_addr,
            first.e164,
            "",
            "",
            "",
            "",
            first.data_coding,
            False,
            b"",
            b"",
            0,
            1,
            0,
            0,
            first.priority,
            "",
            first.registered_delivery,
            first.user_message_reference,
            pack_parts(tuple(_told(one) for one in parts)),
            first.submitted_at,
            0,
            first.submitted_at,
            0,
            initial_life(1),
        )
        message = Message(account, row, self._clock.monotonic())
        message.errors[0] = error
        self._store.write(row)
        self._settler.finish(message, message.move(0, event))

    def expire(self, accounts: Mapping[str, Account]) -> None:
        """What has waited long enough for its missing parts fails, or goes as it is, as the account has it."""
        for _, waiting in self._reassembler.expire(self._clock.monotonic()):
            parts = [one.extra for one in waiting]
            account = accounts[parts[0].customer]
            self._store.write(PartsJoined(tuple(one.part_id for one in parts)))
            if account.sends_incomplete:
                self._send(account, parts, _nothing, None)
            else:
                self._fail(account, parts, SegmentEvent.DEADLINE, b"")

    def restore(self, part: PartAccepted) -> None:
        """After a restart. A message that is whole was joined in the commit of its last part, so none is now."""
        self._reassembler.restore(_key(part), part.total, _machine_part(part), self._clock.monotonic())


def _machine_part(part: PartAccepted) -> Part[PartAccepted]:
    return Part(part.told_id, part.number, part.octets, part.data_coding, part)


def _piece(part: PartAccepted) -> Piece:
    return Piece(part.octets, part.data_coding, part.other_elements, bool(part.wide), part.number)


def _nothing(_: object) -> None:
    """These parts were acknowledged long ago."""


def _envelope(part: PartAccepted) -> Envelope:
    return Envelope(
        part.source_ton,
        part.source_npi,
        part.source_addr,
        part.dest_ton,
        part.dest_npi,
        part.destination_addr,
        part.e164,
        part.priority,
        part.registered_delivery,
        part.user_message_reference,
        part.validity_period,
        part.submitted_at,
        b"",
        read_date(part.check_since),
        part.kind,
        part.carrier,
    )

"""A message while it is alive: what was accepted, and where each of its segments stands."""

from collections.abc import Callable
from typing import NamedTuple

import orjson

from gateway.billing.tariff import Facts
from gateway.flow.account import Account
from gateway.model.ids import MessageId
from gateway.model.lifecycle import IS_FINAL, SegmentEvent, SegmentState, move
from gateway.model.money import Sen
from gateway.segmenter.cut import Segment
from gateway.smpp.constants import MessageState
from gateway.store.contract import BillingRecord, MessageAccepted

WAITING = SegmentState.WAITING
DELIVERED = SegmentState.DELIVERED
FREE = Sen(0)
FIRST_SEGMENT_BIT = 1 << 16  # in `said`: the first segment's end was told; below it, a bit for each MessageState
TIMES = 3  # moments that are noted for each segment

# How a final state is told to the customer (SMPP 3.4, section 5.2.28).
MESSAGE_STATE = {
    SegmentState.DELIVERED: MessageState.DELIVERED,
    SegmentState.UNDELIVERABLE: MessageState.UNDELIVERABLE,
    SegmentState.EXPIRED: MessageState.EXPIRED,
    SegmentState.REJECTED: MessageState.REJECTED,
    SegmentState.DELETED: MessageState.DELETED,
    SegmentState.UNKNOWN: MessageState.UNKNOWN,
}

# registered_delivery, bits 1-0 (section 5.2.17): 1 final outcome, 2 failure only; 3 success only (5.0, section 4.7.21)
_WANTS: dict[int, Callable[[bool], bool]] = {
    1: lambda _: True,
    2: lambda delivered: not delivered,
    3: lambda delivered: delivered,
}


class Told(NamedTuple):
    """An id that the customer was given for (a part of) a message, and what it asked for."""

    message_id: int
    registered_delivery: int
    user_message_reference: bytes

    def wants(self, *, delivered: bool) -> bool:
        """Whether a final receipt is asked for."""
        asked = _WANTS.get(self.registered_delivery & 0x03)
        return asked is not None and asked(delivered)


def pack_parts(parts: tuple[Told, ...]) -> bytes:
    """The `part_ids` column."""
    return orjson.dumps(
        [(part.message_id, part.registered_delivery, part.user_message_reference.hex()) for part in parts]
    )


def unpack_parts(part_ids: bytes) -> list[Told]:
    """The reverse of pack_parts."""
    return [Told(part_id, wants, bytes.fromhex(ref)) for part_id, wants, ref in orjson.loads(part_ids)]


class Message:
    """Changes in one respect only: where each segment stands, and when it got there.

    `times` has three moments a segment, ms since 1970, 0 while it is not there: first handed over, answered with the
    carrier's id, ended. `doubts` counts how often it was in doubt.
    """

    __slots__ = (
        "account",
        "attempts",
        "carrier_ids",
        "cut",
        "deadline",
        "doubt_until",
        "doubts",
        "errors",
        "expires",
        "held",
        "raw_ids",
        "reason",
        "refusals",
        "row",
        "said",
        "states",
        "times",
        "tried",
    )

    def __init__(self, account: Account, row: MessageAccepted, expires: float) -> None:
        self.account = account
        self.row = row
        self.expires = expires  # the end of its validity, monotonic seconds
        self.deadline = expires  # when it is looked at next
        self.doubt_until = 0.0  # until when segments in doubt wait for a receipt, monotonic seconds
        self.held = FREE  # of the account's credit, for this message
        self.reason = ""  # our word for why it was not delivered
        self.tried: tuple[str, ...] = ()  # carriers that sent it elsewhere
        # The status of each segment that its carrier sent elsewhere, until it is decided where; such are in no lane.
        self.refusals: dict[int, int] | None = None
        self.restart(row)

    @classmethod
    def recovered(cls, account: Account, row: MessageAccepted, expires: float) -> "Message":
        """As the store remembers it."""
        message = cls(account, row, expires)
        for index, (state, carrier_id, error, attempts, doubts, *times) in enumerate(orjson.loads(row.life)):
            message.states[index] = SegmentState(state)
            message.carrier_ids[index] = carrier_id.encode("latin-1")
            message.errors[index] = error.encode("latin-1")
            message.attempts[index] = attempts
            message.doubts[index] = doubts
            message.times[TIMES * index : TIMES * (index + 1)] = times[:TIMES]
            if len(times) > TIMES:
                message.named(index, message.carrier_ids[index], times[TIMES].encode("latin-1"))
            if IS_FINAL[message.states[index]]:
                message.said |= FIRST_SEGMENT_BIT << index
        if message.all_taken:
            message.said |= 1 << MessageState.ENROUTE
        return message

    def restart(self, row: MessageAccepted) -> None:
        """It is another row now, none of whose segments has left."""
        segments = row.segments
        self.row = row
        self.cut: list[Segment] | None = None  # kept only while segments wait to be sent
        self.said = 0  # what the customer was told of it before its end, a bit each; see FIRST_SEGMENT_BIT
        self.states: list[SegmentState] = [WAITING] * segments
        self.carrier_ids: list[bytes] = [b""] * segments
        self.raw_ids: dict[int, bytes] | None = (
            None  # as the carrier wrote them, of segments where that is not the same
        )
        self.errors: list[bytes] = [b""] * segments
        self.attempts: list[int] = [0] * segments
        self.doubts: list[int] = [0] * segments
        self.times: list[int] = [0] * (TIMES * segments)

    def successor(self, row: MessageAccepted, expires: float) -> "Message":
        """The same message in another form, none of whose segments has left: what was tried before counts on."""
        new = Message(self.account, row, expires)
        new.tried = self.tried
        if any(self.attempts):
            new.attempts[0] = sum(self.attempts)
            new.times[0] = min(one for one in self.times[::TIMES] if one)
            new.row = row._replace(life=new.life())
        return new

    @property
    def message_id(self) -> MessageId:
        """Our id."""
        return MessageId(self.row.message_id)

    def life(self) -> bytes:
        """What changes, as the store keeps it: JSON, [state, its id, error, attempts, doubts, times] a segment.

        The id is in canonical form; where its carrier wrote it otherwise, that follows at the end.
        """
        times = self.times
        rows: list[tuple[int | str, ...]] = [
            (
                int(self.states[index]),
                self.carrier_ids[index].decode("latin-1"),
                self.errors[index].decode("latin-1"),
                self.attempts[index],
                self.doubts[index],
                times[TIMES * index],
                times[TIMES * index + 1],
                times[TIMES * index + 2],
            )
            for index in range(len(self.states))
        ]
        for index, raw_id in (self.raw_ids or {}).items():
            rows[index] = (*rows[index], raw_id.decode("latin-1"))
        return orjson.dumps(rows)

    def named(self, index: int, carrier_id: bytes, raw_id: bytes) -> None:
        """The carrier gave a segment its id: as we compare it, and as it wrote it."""
        self.carrier_ids[index] = carrier_id
        if raw_id != carrier_id:
            self.raw_ids = (self.raw_ids or {}) | {index: raw_id}

    def claim(self, index: int, now: int) -> None:
        """One segment is about to be handed over, at `now` (ms since 1970)."""
        self.states[index] = move(self.states[index], SegmentEvent.CLAIM)
        self.attempts[index] += 1
        if not self.times[TIMES * index]:
            self.times[TIMES * index] = now

    def answered(self, index: int, now: int) -> None:
        """The carrier has the segment."""
        if not self.times[TIMES * index + 1]:
            self.times[TIMES * index + 1] = now

    def ended(self, now: int) -> None:
        """Segments that ended, and whose moment nobody has noted, ended now."""
        for index, state in enumerate(self.states):
            if IS_FINAL[state] and not self.times[TIMES * index + 2]:
                self.times[TIMES * index + 2] = now

    def move(self, index: int, event: SegmentEvent) -> SegmentState:
        """Move one segment by the lifecycle table; return its new state."""
        state = self.states[index] = move(self.states[index], event)
        return state

    def move_waiting(self, event: SegmentEvent) -> None:
        """Move every segment that has not left for the carrier."""
        for index, state in enumerate(self.states):
            if state is WAITING:
                self.states[index] = move(state, event)

    def move_all(self, event: SegmentEvent) -> None:
        """Move every segment that is not final."""
        for index, state in enumerate(self.states):
            if not IS_FINAL[state]:
                self.states[index] = move(state, event)

    @property
    def failed(self) -> bool:
        """Whether a segment ended without being delivered, so that the message cannot be."""
        return any(IS_FINAL[state] and state is not DELIVERED for state in self.states)

    @property
    def outcome(self) -> SegmentState | None:
        """The message's final state; None while a segment is alive."""
        return self.account.decide(self.states)

    @property
    def untouched(self) -> bool:
        """Whether it is all ours yet: no segment has left, or was promised to a bind."""
        return not any(self.doubts) and all(state is WAITING for state in self.states)

    @property
    def all_taken(self) -> bool:
        """Whether the carrier has every segment that is alive."""
        return all(state is SegmentState.SENT or IS_FINAL[state] for state in self.states)

    @property
    def error(self) -> bytes:
        """The carrier's error of the first segment that has one."""
        return next((error for error in self.errors if error), b"")

    def told(self) -> list[Told]:
        """The ids that the customer knows this message by: its own, or one a part."""
        row = self.row
        if not row.part_ids:
            return [Told(row.message_id, row.registered_delivery, row.user_message_reference)]
        return unpack_parts(row.part_ids)

    def told_ids(self) -> tuple[int, ...]:
        """The ids that the customer was told in the place of the message's own."""
        return tuple(told.message_id for told in self.told()) if self.row.part_ids else ()


def initial_life(segments: int) -> bytes:
    """`life` of a message none of whose segments was sent."""
    return _INITIAL_ONE if segments == 1 else orjson.dumps([_INITIAL] * segments)


_INITIAL = (int(WAITING), "", "", 0, 0, 0, 0, 0)
_INITIAL_ONE = orjson.dumps([_INITIAL])


def billing_record(message: Message, final: SegmentState, done_at: int) -> BillingRecord:
    """The one record of a message that ended in `final` at `done_at` (ms since 1970)."""
    row = message.row
    account = message.account
    tariff = account.schedule.at(row.submitted_at)
    delivered = message.states.count(DELIVERED)
    first = message.times[0] if row.segments == 1 else min((one for one in message.times[::TIMES] if one), default=0)
    facts = None
    if final is not DELIVERED or account.test:
        facts = Facts(final.name, row.units, row.segments, delivered, first > 0, message.reason, account.test)
    charge = tariff.charge(row.units, final, row.carrier, row.kind, facts)
    return BillingRecord(
        row.message_id,
        row.customer,
        row.serving,
        row.known_by,
        row.ported,
        row.source_addr.decode("latin-1"),
        row.e164.decode("latin-1"),
        row.characters,
        row.segments,
        row.units,
        final.name,
        message.error.decode("latin-1"),
        row.submitted_at,
        done_at,
        tariff.label,
        charge.unit_price,
        charge.amount,
        row.carrier,
        row.kind,
        delivered,
        sum(message.attempts),
        first,
        message.reason,
        max(0, row.check_sen),  # below 0: not checked yet
        account.test,
    )

"""A message while it is alive: what was accepted, and where each of its segments stands."""

from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from gateway.billing.tariff import Facts
from gateway.flow.account import Account
from gateway.model.ids import MessageId
from gateway.model.lifecycle import IS_FINAL, STATE_NAMES, SegmentEvent, SegmentState, move
from gateway.model.money import Sen
from gateway.segmenter.cut import Segment
from gateway.smpp.constants import MessageState
from gateway.store.contract import BillingRecord, MessageAccepted

WAITING = SegmentState.WAITING
DELIVERED = SegmentState.DELIVERED
CLAIM = SegmentEvent.CLAIM
FREE = Sen(0)
FIRST_SEGMENT_BIT = 1 << 16  # in `said`: the first segment's end was told; below it, a bit for each MessageState
TIMES = 3  # moments that are noted for each segment
NO_ANSWER = -1  # in the place of a command_status
MOST_REFUSALS = 8  # that are noted of each segment, the last ones

# How a final state is told to the customer (SMPP 3.4, section 5.2.28).
MESSAGE_STATE = {
    SegmentState.DELIVERED: MessageState.DELIVERED,
    SegmentState.UNDELIVERABLE: MessageState.UNDELIVERABLE,
    SegmentState.EXPIRED: MessageState.EXPIRED,
    SegmentState.REJECTED: MessageState.REJECTED,
    SegmentState.DELETED: MessageState.DELETED,
    SegmentState.UNKNOWN: MessageState.UNKNOWN,
}

# What a carrier tells us of a segment by its message_state.
EVENT_OF_STATE = {
    2: SegmentEvent.RECEIPT_DELIVERED,
    3: SegmentEvent.RECEIPT_EXPIRED,
    4: SegmentEvent.RECEIPT_DELETED,
    5: SegmentEvent.RECEIPT_UNDELIVERABLE,
    7: SegmentEvent.RECEIPT_UNKNOWN,
    8: SegmentEvent.RECEIPT_REJECTED,
    9: SegmentEvent.RECEIPT_REJECTED,  # SKIPPED (5.0): accepted, never sent
}

# By registered_delivery, bits 1-0 (section 5.2.17; 3 is of 5.0, section 4.7.21): whether a failure is told, and a
# delivery.
_WANTS = ((False, False), (True, True), (True, False), (False, True))


class Told(NamedTuple):
    """An id that the customer was given for (a part of) a message, and what it asked for."""

    message_id: int
    registered_delivery: int
    user_message_reference: bytes

    def wants(self, *, delivered: bool) -> bool:
        """Whether a final receipt is asked for."""
        return _WANTS[self.registered_delivery & 0x03][delivered]


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
    carrier's id, ended. `doubts` counts how often it was in doubt. `rule` chose the route, after those that it `left`.
    """

    __slots__ = (
        "account",
        "attempts",
        "bad_answers",
        "carrier_ids",
        "cut",
        "deadline",
        "doubt_until",
        "doubts",
        "errors",
        "expires",
        "held",
        "left",
        "noted",
        "raw_ids",
        "reason",
        "receipt_ids",
        "refusals",
        "row",
        "rule",
        "said",
        "states",
        "times",
        "tried",
    )

    def __init__(self, account: Account, row: MessageAccepted, expires: float, rule: str = "") -> None:
        self.account = account
        self.row = row
        self.expires = expires  # the end of its validity, monotonic seconds
        self.deadline = expires  # when it is looked at next
        self.doubt_until = 0.0  # until when segments in doubt wait for a receipt, monotonic seconds
        self.held = FREE  # of the account's credit, for this message
        self.reason = ""  # our word for why it was not delivered
        self.tried: tuple[str, ...] = ()  # carriers that sent it elsewhere
        self.rule = rule
        self.left: tuple[str, ...] = ()
        self.noted = bool(rule)  # whether there is anything of what `_notes` tells
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
                message._noted(index, times[TIMES])
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
        # Ids as the carrier wrote them, of segments where that is not the same: in its answer; in its receipt, if that
        # is not what the answer said. And the last answers that did not take a segment: (ms since 1970, status).
        self.raw_ids: dict[int, bytes] | None = None
        self.receipt_ids: dict[int, bytes] | None = None
        self.bad_answers: dict[int, tuple[tuple[int, int], ...]] | None = None
        self.errors: list[bytes] = [b""] * segments
        self.attempts: list[int] = [0] * segments
        self.doubts: list[int] = [0] * segments
        self.times: list[int] = [0] * (TIMES * segments)

    def successor(self, row: MessageAccepted, expires: float, rule: str = "") -> "Message":
        """The same message in another form, none of whose segments has left: what was tried before counts on."""
        new = Message(self.account, row, expires, rule)
        new.tried = self.tried
        new.left = (*self.left, self.row.carrier) if self.row.carrier else self.left
        if any(self.attempts):
            new.attempts[0] = sum(self.attempts)
            new.times[0] = min(one for one in self.times[::TIMES] if one)
        new.noted = bool(new.rule or new.left or self.bad_answers)
        if self.bad_answers:
            answers = sorted(one for answers in self.bad_answers.values() for one in answers)
            new.bad_answers = {0: tuple(answers[-MOST_REFUSALS:])}
        new.row = row._replace(life=new.life())
        return new

    @property
    def message_id(self) -> MessageId:
        """Our id."""
        return MessageId(self.row.message_id)

    def life(self) -> bytes:
        """What changes, as the store keeps it: JSON, [state, its id, error, attempts, doubts, times] a segment.

        The id is in canonical form. At the end follows, where there is something of it, an object with the id as its
        carrier `wrote` it, the other one in its `receipt`, the last `answers` that did not take it, and in the first
        segment's the `rule` that chose the route and the routes that were `left`.
        """
        times = self.times
        if len(self.states) == 1:  # as below, for the most
            life = (
                int(self.states[0]),
                self.carrier_ids[0].decode("latin-1"),
                self.errors[0].decode("latin-1"),
                self.attempts[0],
                self.doubts[0],
                *times,
            )
            return orjson.dumps(((*life, self._notes(0)),) if self.noted else (life,))
        rows: list[tuple[object, ...]] = [
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
        if self.noted:
            for index in range(len(rows)):
                if notes := self._notes(index):
                    rows[index] = (*rows[index], notes)
        return orjson.dumps(rows)

    def _notes(self, index: int) -> dict[str, object]:
        """What is told of a segment beside what every segment has."""
        notes: dict[str, object] = {}
        if self.raw_ids is not None and index in self.raw_ids:
            notes["wrote"] = self.raw_ids[index].decode("latin-1")
        if self.receipt_ids is not None and index in self.receipt_ids:
            notes["receipt"] = self.receipt_ids[index].decode("latin-1")
        if self.bad_answers is not None and index in self.bad_answers:
            notes["answers"] = self.bad_answers[index]
        if self.rule and not index:
            notes["rule"] = self.rule
        if self.left and not index:
            notes["left"] = self.left
        return notes

    def _noted(self, index: int, notes: dict[str, Any]) -> None:
        """What `_notes` told."""
        if "wrote" in notes:
            self.named(index, self.carrier_ids[index], notes["wrote"].encode("latin-1"))
        if "receipt" in notes:
            self.named_in_receipt(index, notes["receipt"].encode("latin-1"))
        if "answers" in notes:
            self.bad_answers = (self.bad_answers or {}) | {
                index: tuple((at, status) for at, status in notes["answers"])
            }
        self.noted = True
        self.rule = notes.get("rule", self.rule)
        self.left = tuple(notes.get("left", self.left))

    def named(self, index: int, carrier_id: bytes, raw_id: bytes) -> None:
        """The carrier gave a segment its id: as we compare it, and as it wrote it."""
        self.carrier_ids[index] = carrier_id
        if raw_id != carrier_id:
            self.noted = True
            self.raw_ids = self.raw_ids or {}
            self.raw_ids[index] = raw_id

    def named_in_receipt(self, index: int, raw_id: bytes) -> None:
        """A receipt for the segment calls it so."""
        answered = self.carrier_ids[index] if self.raw_ids is None else self.raw_ids.get(index, self.carrier_ids[index])
        if raw_id != answered:
            self.noted = True
            self.receipt_ids = self.receipt_ids or {}
            self.receipt_ids[index] = raw_id

    def refused(self, index: int, status: int, now: int) -> None:
        """An answer (NO_ANSWER: none) that did not take the segment, at `now` (ms since 1970)."""
        before = self.bad_answers or {}
        answers = (*before.get(index, ()), (now, status))
        self.bad_answers = before | {index: answers[-MOST_REFUSALS:]}
        self.noted = True

    def claim(self, index: int, now: int) -> None:
        """One segment is about to be handed over, at `now` (ms since 1970)."""
        self.states[index] = move(self.states[index], CLAIM)
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
        states = self.states
        if len(states) == 1:  # all policies say the same
            return states[0] if IS_FINAL[states[0]] else None
        return self.account.decide(states)

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
        for error in self.errors:
            if error:
                return error
        return b""

    def told(self) -> list[Told]:
        """The ids that the customer knows this message by: its own, or one a part."""
        row = self.row
        if not row.part_ids:
            return [Told(row.message_id, row.registered_delivery, row.user_message_reference)]
        return unpack_parts(row.part_ids)

    def told_ids(self) -> tuple[int, ...]:
        """The ids that the customer was told in the place of the message's own."""
        return tuple(told.message_id for told in self.told()) if self.row.part_ids else ()


@lru_cache
def initial_life(segments: int, rule: str = "") -> bytes:
    """`life` of a message none of whose segments was sent; `rule` chose its route."""
    first = (*_INITIAL, {"rule": rule}) if rule else _INITIAL
    return orjson.dumps([first, *[_INITIAL] * (segments - 1)])


_INITIAL = (int(WAITING), "", "", 0, 0, 0, 0, 0)


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
        STATE_NAMES[final],
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

"""What an answer of a carrier, its absence, or a receipt makes of a segment; and the end of a message."""

from collections import deque
from collections.abc import Callable
from typing import Any

from gateway.flow import credit
from gateway.flow.carrier import Carrier, CarrierBind, InDoubt
from gateway.flow.claims import Claim, doubt_key
from gateway.flow.clock import Clock
from gateway.flow.live import Live
from gateway.flow.message import DELIVERED, EVENT_OF_STATE, NO_ANSWER, TIMES, Message, billing_record
from gateway.flow.receipts_due import receipts_meanwhile, receipts_owed
from gateway.flow.retry import Meaning, receipt_due
from gateway.model.ids import IdSource
from gateway.model.lifecycle import EVENT_NAMES, IS_FINAL, SegmentEvent, SegmentState
from gateway.segmenter.references import References
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import Pdu
from gateway.smpp.tlv import Tag
from gateway.store.contract import (
    EarlyReceiptDone,
    MessageAccepted,
    MessageSettled,
    ReceiptOwed,
    ReceiptsOwed,
    SegmentsMoved,
    Store,
)

# Under names of their own, here and elsewhere, what every message comes by: through its class a member takes ten times
# as long to find.
ACCEPTED = SegmentEvent.ACCEPTED
RECEIPT_DELIVERED = SegmentEvent.RECEIPT_DELIVERED

# A segment whose deadline comes while its answer is awaited is looked at again after this long.
ANSWER_GRACE_SECONDS = 30.0

Then = Callable[[Any], None]


class Settler:
    """Moves segments by what carriers say, and ends messages. `hand_out` gets receipts once they are durable."""

    def __init__(
        self,
        store: Store,
        live: Live,
        ids: IdSource,
        clock: Clock,
        references: References,
        hand_out: Callable[[tuple[ReceiptOwed, ...]], None],
        deny: Callable[[MessageAccepted], None],
    ) -> None:
        self._store = store
        self._live = live
        self._ids = ids
        self._clock = clock
        self._references = references
        self._hand_out = hand_out
        self._deny = deny
        # Something happened to these, and segments of theirs were sent elsewhere: gateway.flow.reroute decides.
        self.turned_away: deque[tuple[Carrier, Message]] = deque()

    def record(
        self, carrier: Carrier | None, message: Message, then: Then | None = None, argument: object = None
    ) -> None:
        """Write where the message stands now; if it is final, its end. `then(argument)` follows when durable."""
        if message.refusals is not None and carrier is not None:
            self.turned_away.append((carrier, message))
        final = message.outcome
        alive = message.row.message_id in self._live  # else it has ended, and this is a late word
        if alive and final is None:
            if message.account.receipts.before_end and carrier is not None:
                self._tell(carrier, message, None)
            self._store.write(SegmentsMoved(message.row.message_id, message.life()), then, argument)
            return
        if alive and final is not None:
            if final is not DELIVERED:
                message.move_waiting(SegmentEvent.ABANDON)  # some policies end it while segments of it wait
                if carrier is not None and not message.reason:
                    message.reason = carrier.reasons.of(message.error)
            self.finish(message, final)
            if carrier is None:
                return
            carrier.counts.ended(final, message.states)
            for carrier_id in message.carrier_ids:
                if carrier_id:
                    carrier.forget(carrier_id, message)
            if carrier.doubtful:
                self._settle_doubts(carrier, message)
        if then is not None:
            self._store.follow(then, argument)

    def _tell(self, carrier: Carrier, message: Message, said: MessageState | None) -> None:
        """What its customer wants to know of a message before its end."""
        receipts = receipts_meanwhile(message, said, self._clock.wall_ms(), self._ids, carrier.reasons.of)
        if receipts:
            self._store.write(ReceiptsOwed(receipts), self._hand_out, receipts)

    def intermediate(
        self, carrier: Carrier, message: Message, index: int, said: MessageState, then: Then, argument: object
    ) -> None:
        """A receipt that is not the last: the carrier has the segment."""
        carrier.counts.receipts[SegmentEvent.RECEIPT_INTERMEDIATE.name] += 1
        if message.account.receipts.before_end:
            self._tell(carrier, message, said)
        if message.states[index] is message.move(index, SegmentEvent.RECEIPT_INTERMEDIATE):
            self._store.follow(then, argument)
        else:
            self.record(carrier, message, then, argument)

    def finish(self, message: Message, final: SegmentState) -> None:
        """End a message: record, receipts and the end of its row in one commit."""
        done_at = self._clock.wall_ms()
        receipts = receipts_owed(message, final, done_at, self._ids)
        message.ended(done_at)
        record = billing_record(message, final, done_at)
        if message.account.credit is not None:
            credit.settle(message, record)
        change = MessageSettled(record, message.life(), receipts, message.told_ids())
        row = message.row
        message.account.counts.ended(final, message.states, done_at - max(row.submitted_at, row.due_at))
        if message.row.message_id in self._live:
            self._live.remove(message)
        if message.row.segments > 1:
            self._references.release(message.row.e164, message.row.reference)
        if receipts:
            self._store.write(change, self._hand_out, receipts)
        else:
            self._store.write(change)

    def answered(self, carrier: Carrier, claim: Claim, pdu: Pdu) -> None:
        """A submit_sm_resp, or a generic_nack in its place."""
        status = pdu.command_status
        carrier.counts.answers[status] += 1
        now = self._clock.monotonic()
        claim.bind.response_ms.observe(1000 * (now - claim.at))
        if status == 0:
            self._take(carrier, claim.message, claim.segment, getattr(pdu, "message_id", b""))
            self.record(carrier, claim.message, self._free, claim.bind)
            if carrier.bucket.adaptive is not None:
                congestion = pdu.tlv(Tag.CONGESTION_STATE) if pdu.tlvs else None  # SMPP 5.0, section 4.8.4.18
                carrier.bucket.adaptive.accepted(now, now - claim.at, congestion[0] if congestion else -1)
        else:
            self._refused(carrier, claim, status, now)

    def _refused(self, carrier: Carrier, claim: Claim, status: int, now: float) -> None:
        """By the carrier's table of errors."""
        meaning = carrier.errors.judge(status).meaning
        claim.message.refused(claim.segment, status, self._clock.wall_ms())
        if meaning is Meaning.SLOWER:
            if carrier.bucket.adaptive is not None:
                carrier.bucket.adaptive.refused(now)
            else:
                carrier.paused_until = now + carrier.pause_seconds
        if status in carrier.elsewhere and meaning is not Meaning.IN_DOUBT:
            self._turn_away(carrier, claim, status)
        elif meaning is Meaning.SLOWER:
            self.back_to_lane(carrier, claim)
        elif meaning is Meaning.IN_DOUBT:
            self.lost(carrier, [claim])
        elif meaning is Meaning.PERMANENT:
            self.refuse(claim.message, claim.segment, status)
            self.record(carrier, claim.message, self._free, claim.bind)
        else:
            self._again(carrier, claim, now)

    def _turn_away(self, carrier: Carrier, claim: Claim, status: int) -> None:
        """It may go another route, when all of the message is ours again; until that is decided it is in no lane."""
        message, index = claim.message, claim.segment
        message.move(index, SegmentEvent.REFUSED_FOR_NOW)
        if message.states[index] is SegmentState.WAITING:
            message.refusals = (message.refusals or {}) | {index: status}
        self.record(carrier, message, self._free, claim.bind)

    def _again(self, carrier: Carrier, claim: Claim, now: float) -> None:
        """This segment later: it waits beside its lane. When very many do it is the carrier's trouble: all wait."""
        message, index = claim.message, claim.segment
        if carrier.retries.full:
            carrier.paused_until = now + carrier.pause_seconds
            self.back_to_lane(carrier, claim)
            return
        message.move(index, SegmentEvent.REFUSED_FOR_NOW)
        if message.states[index] is SegmentState.WAITING and message.failed:
            message.move(index, SegmentEvent.ABANDON)
        elif message.states[index] is SegmentState.WAITING:
            carrier.retries.wait((message, index), message.attempts[index], now, message.expires)
        self.record(carrier, message, self._free, claim.bind)

    def retry(self, carrier: Carrier, now: float) -> float | None:
        """Back to their lanes with those whose wait is over. Return the seconds until the next, or None."""
        for message, index in carrier.retries.due(now):
            if message.row.message_id in self._live and message.row.carrier == carrier.key:
                self.put_back(carrier, message, index)
        return carrier.retries.seconds_until(now)

    def bound(self, carrier: Carrier) -> None:
        """A bind to it came up."""
        carrier.bound(self._clock.monotonic())

    def unbound(self, carrier: Carrier) -> None:
        """A bind to it went."""
        carrier.unbound(self._clock.monotonic())

    def answered_late(self, carrier: Carrier, claim: Claim, pdu: Pdu) -> None:
        """An answer to a try that was given up: its place in the window is free already.

        The carrier's word that it has the segment counts, and it goes no more. A refusal counts only while the segment
        waits: another try that is under way gets its own answer.
        """
        message, index, status = claim.message, claim.segment, pdu.command_status
        carrier.counts.answers_late += 1
        for_good = status and carrier.errors.judge(status).meaning is Meaning.PERMANENT
        if status == 0:
            self._take(carrier, message, index, getattr(pdu, "message_id", b""))
        elif message.states[index] is SegmentState.WAITING and for_good:
            self.refuse(message, index, status)
        else:
            return
        self.record(carrier, message)

    @staticmethod
    def refuse(message: Message, index: int, status: int) -> None:
        """The carrier will not have a segment, and so the others need not go. The caller records the message."""
        if message.move(index, SegmentEvent.REFUSED) is SegmentState.REJECTED:  # else another try arrived
            message.errors[index] = b"%08x" % status
            message.move_waiting(SegmentEvent.ABANDON)

    def back_to_lane(self, carrier: Carrier, claim: Claim) -> None:
        """The carrier does not have it and may get it later: it returns to its place, the front."""
        claim.message.move(claim.segment, SegmentEvent.REFUSED_FOR_NOW)
        self.put_back(carrier, claim.message, claim.segment)
        self.record(carrier, claim.message, self._free, claim.bind)

    @staticmethod
    def put_back(carrier: Carrier, message: Message, index: int) -> None:
        """To the front of its lane, unless the message has failed already and needs no more of it."""
        if message.states[index] is not SegmentState.WAITING:
            return
        if message.failed:
            message.move(index, SegmentEvent.ABANDON)
        else:
            carrier.lanes.put_back((message, index), message.row.priority, message.row.customer)

    def _take(self, carrier: Carrier, message: Message, index: int, raw_id: bytes) -> None:
        """The carrier has the segment. Of two tries that arrived, receipts of the first decide."""
        message.move(index, ACCEPTED)
        self._time(carrier, message, index)
        carrier.counts.segments_sent += 1
        if carrier.doubtful:
            carrier.doubtful.pop(doubt_key(message, index), None)
        if not raw_id:
            return
        carrier_id = carrier.response_id(raw_id)
        early = carrier.early.pop(carrier_id, None)
        if early is not None:
            self._store.write(EarlyReceiptDone(carrier.key, carrier_id))
        named = message.carrier_ids[index]
        over = message.row.segments > 1 and message.row.message_id not in self._live  # others decided it
        if over or IS_FINAL[message.states[index]] or (named and named != carrier_id):
            carrier.dismiss(carrier_id, message, index)
            return
        message.named(index, carrier_id, raw_id)
        carrier.remember(carrier_id, message, index)
        if early is not None:
            self._apply(carrier, message, index, EVENT_OF_STATE[early.message_state], early.error)

    def _time(self, carrier: Carrier, message: Message, index: int) -> None:
        """Note when the answer came, and how long that took. A segment that was sent more than once tells nothing."""
        now = self._clock.wall_ms()
        message.answered(index, now)
        if carrier.tries_seconds < carrier.validity_seconds and message.all_taken:
            monotonic = self._clock.monotonic()
            self._live.postpone(message, self._last(carrier, message, monotonic))
        row, counts = message.row, carrier.counts
        if message.attempts[index] == 1:
            counts.response_ms.observe(now - message.times[TIMES * index])
        counts.handover_ms[row.priority].observe(now - max(row.submitted_at, row.due_at))

    @staticmethod
    def _free(bind: CarrierBind) -> None:
        bind.in_flight -= 1

    def lost(self, carrier: Carrier, claims: list[Claim]) -> None:
        """No answer came for these: they are in doubt, and the carrier's policy decides."""
        for claim in reversed(claims):  # so that put_back leaves the oldest first
            carrier.counts.answers_lost += 1
            claim.bind.answers_lost += 1
            claim.message.refused(claim.segment, NO_ANSWER, self._clock.wall_ms())
            self.answer_lost(carrier, claim.message, claim.segment)
            self.record(carrier, claim.message, self._free, claim.bind)

    def answer_lost(self, carrier: Carrier, message: Message, index: int) -> None:
        """A segment was sent and has no answer: in doubt, and the policy decides. The caller records the message."""
        if message.move(index, SegmentEvent.ANSWER_LOST) is not SegmentState.IN_DOUBT:
            return  # a receipt told already how it ended
        carrier.counts.in_doubt += 1
        message.doubts[index] += 1
        if message.row.message_id not in self._live:
            return  # others decided it
        if carrier.in_doubt is InDoubt.FAIL:
            message.move(index, SegmentEvent.GIVE_UP)
        elif carrier.in_doubt is InDoubt.WAIT:
            key = doubt_key(message, index)
            held = carrier.doubtful.setdefault(key, (message, index))
            if held is not None and held[0] is not message:
                carrier.doubtful[key] = None  # two that no receipt could tell apart
            message.doubt_until = self._clock.monotonic() + carrier.in_doubt_wait_seconds
            self._live.postpone(message, min(message.deadline, message.doubt_until))
        else:
            message.move(index, SegmentEvent.RESEND)
            self.put_back(carrier, message, index)

    def _doubt_is_over(self, carrier: Carrier, message: Message) -> None:
        """No receipt told whether segments arrived: they go once more."""
        message.doubt_until = 0.0
        self._settle_doubts(carrier, message)
        for index in reversed(range(message.row.segments)):
            if message.states[index] is SegmentState.IN_DOUBT:
                message.move(index, SegmentEvent.RESEND)
                self.put_back(carrier, message, index)

    @staticmethod
    def _settle_doubts(carrier: Carrier, message: Message) -> None:
        for index, doubts in enumerate(message.doubts):
            if doubts:
                carrier.doubtful.pop(doubt_key(message, index), None)

    def arrived(self, carrier: Carrier, message: Message, index: int, raw_id: bytes) -> None:
        """A receipt that gives back our reference: the carrier has a segment that was in doubt, under this id."""
        carrier.doubtful.pop(doubt_key(message, index), None)
        message.move(index, SegmentEvent.ACCEPTED)
        if raw_id and not message.carrier_ids[index]:
            carrier_id = carrier.receipt_id(raw_id)
            message.named(index, carrier_id, raw_id)
            carrier.remember(carrier_id, message, index)

    def receipt(
        self,
        carrier: Carrier,
        message: Message,
        index: int,
        event: SegmentEvent,
        error: bytes,
        then: Then,
        argument: object,
    ) -> None:
        """A final receipt for a segment."""
        self._apply(carrier, message, index, event, error)
        self.record(carrier, message, then, argument)

    def _apply(self, carrier: Carrier, message: Message, index: int, event: SegmentEvent, error: bytes) -> None:
        carrier.counts.receipts[EVENT_NAMES[event]] += 1
        if not IS_FINAL[message.states[index]]:
            carrier.counts.receipt_ms.observe(self._clock.wall_ms() - message.times[TIMES * index])
            message.move(index, event)
            if event is not RECEIPT_DELIVERED:
                message.errors[index] = error
                if error in carrier.not_mine_errors:
                    self._deny(message.row)

    def _last(self, carrier: Carrier, message: Message, now: float) -> float:
        """Until when a receipt can come, monotonic seconds: the carrier tries for so long and no longer."""
        margin = carrier.receipt_margin_seconds
        if carrier.tries_seconds >= carrier.validity_seconds or not message.all_taken:
            return message.expires + margin
        taken = now - (self._clock.wall_ms() - max(message.times[1::TIMES])) / 1000
        return receipt_due(taken, message.expires, carrier.tries_seconds, margin)

    def expire(self, carriers: dict[str, Carrier]) -> None:
        """End what has waited past its validity; what the carrier has may still have its receipt for a margin."""
        now = self._clock.monotonic()
        for message in list(self._live.due(now)):
            if not message.row.carrier:
                message.move_all(SegmentEvent.DEADLINE)
                self.record(None, message)
                continue
            carrier = carriers[message.row.carrier]
            last = following = self._last(carrier, message, now)
            if now >= last:
                message.move_all(carrier.deadline)
            elif now >= message.expires:
                message.move_waiting(SegmentEvent.DEADLINE)
            else:
                following = min(last, message.expires)
            if message.doubt_until:
                if now >= message.doubt_until:
                    self._doubt_is_over(carrier, message)
                else:
                    following = min(following, message.doubt_until)
            if message.outcome is None:
                self._live.postpone(message, following if following > now else now + ANSWER_GRACE_SECONDS)
            else:
                carrier.counts.expired += 1
            self.record(carrier, message)

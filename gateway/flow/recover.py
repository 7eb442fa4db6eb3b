"""After a start: what the store remembers becomes alive again. What was being sent is in doubt."""

from collections.abc import Mapping
from typing import NamedTuple

from gateway.flow import credit
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.dispatch import segments_of
from gateway.flow.from_phones import FromPhones
from gateway.flow.intake import Intake
from gateway.flow.live import Live
from gateway.flow.message import Message, initial_life
from gateway.flow.parking import Parking
from gateway.flow.reassemble import Reassemble
from gateway.flow.settle import Settler
from gateway.model.errors import Refusal
from gateway.model.lifecycle import SegmentEvent, SegmentState
from gateway.segmenter.references import References
from gateway.store.contract import MessageAccepted, MessageReplaced, Recovered, Store


class Recovery(NamedTuple):
    """What was found. Stranded is what belongs to a customer or carrier that the configuration no longer has."""

    messages: int
    in_doubt: int
    parts: int
    early_receipts: int
    stranded: int


class Recover:
    """Puts everything back in its place. Before the first socket opens."""

    def __init__(
        self,
        store: Store,
        live: Live,
        settler: Settler,
        reassemble: Reassemble,
        from_phones: FromPhones,
        clock: Clock,
        references: References,
        parking: Parking,
        intake: Intake,
        accounts: Mapping[str, Account],
        carriers: Mapping[str, Carrier],
    ) -> None:
        self._store = store
        self._live = live
        self._settler = settler
        self._reassemble = reassemble
        self._from_phones = from_phones
        self._clock = clock
        self._references = references
        self._parking = parking
        self._intake = intake
        self._accounts = accounts
        self._carriers = carriers

    def run(self, found: Recovered) -> Recovery:
        """Take over what the store found."""
        self._parking.restore(found)
        for early in found.early:
            if early.carrier in self._carriers:
                self._carriers[early.carrier].early[early.carrier_id] = early
        messages = parts = in_doubt = 0
        for row in found.messages:
            if row.customer in self._accounts and not row.carrier:
                messages += 1
                seconds_left = (row.expires_at - self._clock.wall_ms()) / 1000
                message = Message.recovered(self._accounts[row.customer], row, self._clock.monotonic() + seconds_left)
                self._live.add(message)
                self._intake.inquire(message)
            elif row.customer in self._accounts and row.carrier in self._carriers:
                messages += 1
                in_doubt += self._message(row)
        for part in found.parts:
            if part.customer in self._accounts:
                parts += 1
                self._reassemble.restore(part)
        for mo_part in found.mo_parts:
            if mo_part.customer in self._accounts:
                parts += 1
                self._from_phones.restore(mo_part)
        found_parts = len(found.parts) + len(found.mo_parts)
        stranded = len(found.messages) - messages + found_parts - parts
        return Recovery(messages, in_doubt, parts, len(found.early), stranded)

    def _message(self, row: MessageAccepted) -> int:
        carrier = self._carriers[row.carrier]
        seconds_left = (row.expires_at - self._clock.wall_ms()) / 1000
        message = Message.recovered(self._accounts[row.customer], row, self._clock.monotonic() + seconds_left)
        credit.held_before(message)
        changed = self._cut_anew(message, carrier)
        if row.segments > 1:
            self._references.hold(row.e164, row.reference)
        if message.untouched:
            self._parking.queue(message)
            return 0
        self._live.add(message)
        in_doubt = 0
        for index, state in enumerate(message.states):
            if message.carrier_ids[index]:
                carrier.remember(message.carrier_ids[index], message, index)
            if state is SegmentState.WAITING:
                carrier.lanes.put((message, index), row.priority, row.customer)
            elif state in {SegmentState.SENDING, SegmentState.IN_DOUBT}:
                self._settler.answer_lost(carrier, message, index)
                in_doubt += 1
        if in_doubt or changed:
            self._settler.record(carrier, message)
        return in_doubt

    def _cut_anew(self, message: Message, carrier: Carrier) -> bool:
        """An edited profile may cut a text otherwise than it was accepted. Return whether segments were given up.

        What has not begun to leave goes as it would be cut now, and its units stay; the rest of what has is given up.
        """
        if SegmentState.WAITING not in message.states:
            return False
        row = message.row
        try:
            segments = len(segments_of(message, carrier))
        except Refusal:
            segments = 0
        message.cut = None
        if segments == row.segments:
            return False
        if segments and message.untouched:
            message.restart(row._replace(segments=segments, life=initial_life(segments)))
            self._store.write(MessageReplaced(message.row))
            return False
        message.move_waiting(SegmentEvent.ABANDON)
        return True

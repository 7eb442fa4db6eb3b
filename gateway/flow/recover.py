"""After a start: what the store remembers becomes alive again. What was being sent is in doubt."""

from collections.abc import Mapping
from typing import NamedTuple

from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.from_phones import FromPhones
from gateway.flow.live import Live
from gateway.flow.message import Message
from gateway.flow.reassemble import Reassemble
from gateway.flow.settle import Settler
from gateway.model.lifecycle import SegmentState
from gateway.segmenter.references import References
from gateway.store.contract import MessageAccepted, Recovered


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
        live: Live,
        settler: Settler,
        reassemble: Reassemble,
        from_phones: FromPhones,
        clock: Clock,
        references: References,
        accounts: Mapping[str, Account],
        carriers: Mapping[str, Carrier],
    ) -> None:
        self._live = live
        self._settler = settler
        self._reassemble = reassemble
        self._from_phones = from_phones
        self._clock = clock
        self._references = references
        self._accounts = accounts
        self._carriers = carriers

    def run(self, found: Recovered) -> Recovery:
        """Take over what the store found."""
        for early in found.early:
            if early.carrier in self._carriers:
                self._carriers[early.carrier].early[early.carrier_id] = early
        messages = parts = in_doubt = 0
        for row in found.messages:
            if row.customer in self._accounts and row.carrier in self._carriers:
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
        self._live.add(message)
        if row.segments > 1:
            self._references.hold(row.e164, row.reference)
        in_doubt = 0
        for index, state in enumerate(message.states):
            if message.carrier_ids[index]:
                carrier.remember(message.carrier_ids[index], message, index)
            if state is SegmentState.WAITING:
                carrier.lanes.put((message, index), row.priority)
            elif state is SegmentState.SENDING:
                self._settler.answer_lost(carrier, message, index)
                in_doubt += 1
        if in_doubt:
            self._settler.record(carrier, message)
        return in_doubt

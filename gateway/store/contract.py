"""What the store promises, and the changes it is given.

Changes become durable in the order they were written; all of a batch or none. `on_durable` runs on the loop
after the fsync of its batch, in the order of the writes. While a batch cannot be made durable (the disk is full),
it is tried again until it can, `stuck` tells why, and nothing after it becomes durable either. What no waiting can mend
(the file is corrupt) ends the store: `stuck` tells why for good, nothing runs any more, and whoever opened it is told.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from gateway.store.from_phones import MoHandedOver, MoOwed, MoPartAccepted, MoPartsJoined


class MessageAccepted(NamedTuple):
    """A message as it was accepted. All of it but `life` never changes.

    `text` is UTF-16BE, or octets when `binary`; `other_elements` is a UDH without its concatenation; `part_ids` and
    `life` are what gateway/flow/message.py writes: the customer's own parts (empty when it came whole), and where each
    segment stands. `carrier` is the key of the profile that takes it, empty while nobody knows; `serving` is whose
    number it is, or, while nobody knows, whose it is by its customer's word. `sender` is what the carrier is told in
    the place of the source, or empty: type of number and numbering plan, an octet each, then the address. `kind` is the
    message's class. Times are milliseconds since 1970; `due_at` is 0, or before it nothing may be sent. `check_sen` is
    what checks of its recipient cost.
    """

    message_id: int
    customer: str
    source_ton: int
    source_npi: int
    source_addr: bytes
    sender: bytes
    dest_ton: int
    dest_npi: int
    destination_addr: bytes
    e164: bytes
    carrier: str
    serving: str
    known_by: str
    ported: str
    data_coding: int
    binary: bool
    text: bytes
    other_elements: bytes
    characters: int
    segments: int
    units: int
    reference: int
    priority: int
    kind: str
    registered_delivery: int
    user_message_reference: bytes
    part_ids: bytes
    submitted_at: int
    due_at: int
    expires_at: int
    check_sen: int
    life: bytes


class MessageParked(NamedTuple):
    """A message as it was accepted, to wait on disk only: its lane is full in memory, or it is not due yet.

    `waits` is 0 for its lane, else the ms since 1970 at which it is due. `told` as in MessageSettled.
    """

    row: MessageAccepted
    waits: int
    told: tuple[int, ...] = ()


class ParkedDue(NamedTuple):
    """These parked messages are due; now they wait for their lane."""

    message_ids: tuple[int, ...]


class MessagesUnparked(NamedTuple):
    """These parked messages are alive in memory from now on, as if just accepted.

    `told` has (customer, told id, message id) for each id that the customer was told in the place of a message's own.
    """

    message_ids: tuple[int, ...]
    told: tuple[tuple[str, int, int], ...] = ()


class SegmentsMoved(NamedTuple):
    """Segments of a message changed state: sending, sent, refused for now, in doubt."""

    message_id: int
    life: bytes


class MessageReplaced(NamedTuple):
    """A message that waits has another text: its whole row, `message_id` and `customer` as they were."""

    row: MessageAccepted


class BillingRecord(NamedTuple):
    """The one row that a message's outcome writes. Amounts in sen, tax excluded; times in ms since 1970.

    `carrier` is whose number it was, `route` the profile that took it; `units` are of that profile's table. `delivered`
    of its `segments` were; `attempts` counts every try to hand one over, `sent_at` is the first (0: none). `error` is
    the carrier's own word, `reason` ours. `check_sen` is the charge for checks of its recipient; `test` messages are
    not charged.
    """

    message_id: int
    customer: str
    carrier: str
    known_by: str
    ported: str
    source_addr: str
    destination_addr: str
    characters: int
    segments: int
    units: int
    outcome: str
    error: str
    submitted_at: int
    done_at: int
    tariff: str
    unit_price_sen: int
    charge_sen: int
    route: str = ""
    kind: str = ""
    delivered: int = 0
    attempts: int = 0
    sent_at: int = 0
    reason: str = ""
    check_sen: int = 0
    test: bool = False


class ReceiptOwed(NamedTuple):
    """A receipt that the customer has not acknowledged. `owed_id` grows with time and orders the outbox.

    `message_state` may be one that is not final. `segment` is 0 for the message, else the number of the one segment
    that it tells of. `reason` is our word for why it was not delivered, as in BillingRecord.
    """

    customer: str
    owed_id: int
    message_id: int
    source_ton: int
    source_npi: int
    source_addr: bytes
    dest_ton: int
    dest_npi: int
    destination_addr: bytes
    message_state: int
    error: bytes
    segments: int
    delivered: int
    submitted_at: int
    done_at: int
    user_message_reference: bytes
    reason: str = ""
    segment: int = 0


class ReceiptsOwed(NamedTuple):
    """These are owed besides those that come with the end of a message."""

    receipts: tuple[ReceiptOwed, ...]


class MessageSettled(NamedTuple):
    """The message is final: its record, its last `life`, the receipts it owes, the end of its hot row: one commit.

    `told` are the ids that the customer was told in the place of `message_id`, so that `find` finds the record by them.
    """

    record: BillingRecord
    life: bytes
    receipts: tuple[ReceiptOwed, ...]
    told: tuple[int, ...] = ()


class ShortIdsReserved(NamedTuple):
    """Short ids up to this one may have been told to customers."""

    last: int


class ReceiptHandedOver(NamedTuple):
    """The customer acknowledged a receipt."""

    customer: str
    owed_id: int


class PartAccepted(NamedTuple):
    """One of a customer's own parts, waiting for its siblings. `told_id` is what the customer knows it by.

    `kind` is the message's class, `carrier` whose number it is by its customer's word, or empty; `check_since` the date
    to check its recipient from, YYYYMMDD, or 0.
    """

    part_id: int
    told_id: int
    customer: str
    source_ton: int
    source_npi: int
    source_addr: bytes
    dest_ton: int
    dest_npi: int
    destination_addr: bytes
    e164: bytes
    reference: int
    wide: bool
    total: int
    number: int
    data_coding: int
    octets: bytes
    other_elements: bytes
    priority: int
    registered_delivery: int
    user_message_reference: bytes
    validity_period: bytes
    submitted_at: int
    kind: str = ""
    carrier: str = ""
    check_since: int = 0


class PartsJoined(NamedTuple):
    """These parts live on in a message (accepted or settled in the same batch)."""

    part_ids: tuple[int, ...]


class ReceiptEarly(NamedTuple):
    """A carrier's receipt that matches nothing yet: it may have overtaken its response."""

    carrier: str
    carrier_id: bytes
    message_state: int
    error: bytes
    arrived_at: int


class EarlyReceiptDone(NamedTuple):
    """An early receipt was matched, or waited long enough."""

    carrier: str
    carrier_id: bytes


class Kept(NamedTuple):
    """A small fact of some room that outlives the process, until `until` (ms since 1970; 0: for good).

    `kind` names the room's table, `owner` the customer or carrier that it belongs to, `key` it; the last word counts.
    """

    kind: str
    owner: str
    key: bytes
    value: bytes
    until: int


class KeptDropped(NamedTuple):
    """A fact holds no longer."""

    kind: str
    owner: str
    key: bytes


# What an outbox holds: its fields `customer` and `owed_id` come first in both.
Owed: TypeAlias = ReceiptOwed | MoOwed

Change: TypeAlias = (
    MessageAccepted
    | MessageParked
    | ParkedDue
    | MessagesUnparked
    | SegmentsMoved
    | MessageReplaced
    | MessageSettled
    | ReceiptsOwed
    | ShortIdsReserved
    | ReceiptHandedOver
    | PartAccepted
    | PartsJoined
    | ReceiptEarly
    | EarlyReceiptDone
    | MoOwed
    | MoPartAccepted
    | MoPartsJoined
    | MoHandedOver
    | Kept
    | KeptDropped
)


class Outcome(NamedTuple):
    """How a message ended; `outcome` is empty and `done_at` 0 for a part that still waits for its siblings."""

    source_addr: bytes
    outcome: str
    error: str
    done_at: int


class Lane(NamedTuple):
    """Where parked messages wait: for which carrier, at which priority, of which customer."""

    carrier: str
    priority: int
    customer: str


class Recovered(NamedTuple):
    """What was alive when the last process ended, in the order of ids. `short_ids` is the last one reserved, or 0.

    `parked` counts the messages that wait on disk for each lane, `scheduled` those that are not due, by customer and
    carrier; `owed` what each customer is owed.
    """

    last_id: int
    messages: list[MessageAccepted]
    parts: list[PartAccepted]
    early: list[ReceiptEarly]
    mo_parts: list[MoPartAccepted]
    short_ids: int = 0
    kept: Sequence[Kept] = ()
    parked: Mapping[Lane, int] = {}
    scheduled: Mapping[tuple[str, str], int] = {}
    owed: Mapping[str, int] = {}


class Store(Protocol):
    """An engine. One per gateway process; called from its loop only."""

    @property
    def stuck(self) -> str:
        """Why nothing becomes durable at the moment; empty when all is well."""

    @property
    def behind(self) -> bool:
        """True while so much waits to become durable that intake should stop reading."""

    @property
    def commit_seconds(self) -> float:
        """How long the last batch took to be durable."""

    def write(self, change: Change, on_durable: Callable[[Any], None] | None = None, argument: object = None) -> None:
        """Add a change to the next batch; `on_durable(argument)` runs when it is durable."""

    def follow(self, then: Callable[[Any], None], argument: object = None) -> None:
        """Run `then(argument)` when everything written so far is durable, after all that follows from it."""

    def flush(self) -> None:
        """Hand the batch over now if a place in flight is free; otherwise it goes as soon as there is one."""

    async def load(self) -> Recovered:
        """Read what is alive. Before the first write."""

    def owed(self, customer: str, after: int, limit: int, then: Callable[[list[Owed]], None]) -> None:
        """Read up to `limit` of what is owed to a customer with `owed_id` above `after`, oldest first.

        `then` runs later, never within the call. Every change that was durable before the call is in the answer; one
        that was flushed and is not durable yet may be.
        """

    def find(self, customer: str, told_id: int, then: Callable[[list[Outcome]], None]) -> None:
        """Read how the messages ended that this customer knows by this id, and which parts of that id wait.

        `then` runs later, never within the call. Every change that was durable before the call is in the answer.
        """

    def parked(self, lane: Lane, limit: int, then: Callable[[list[MessageParked]], None]) -> None:
        """Read up to `limit` messages parked for a lane, in the order of their ids. `then` runs later."""

    def parked_until(self, now: int, limit: int, then: Callable[[list[MessageParked], int], None]) -> None:
        """Read parked messages that are due or over at `now` (ms since 1970), the earliest first.

        `then(messages, next)` runs later; `next` is the moment when there is more to read (0: never).
        """

    def parked_told(self, customer: str, told_id: int, then: Callable[[list[MessageParked]], None]) -> None:
        """Read the parked messages that this customer knows by this id. `then` runs later."""

    def parked_addressed(
        self, customer: str, source_addr: bytes, e164: bytes, then: Callable[[list[MessageParked]], None]
    ) -> None:
        """Read the parked messages of this customer from this address to this number. `then` runs later."""

    async def close(self) -> None:
        """Make everything durable that was written, then end."""

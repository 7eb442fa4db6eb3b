"""Collects changes into the next batch, one row a fact: a later change of the same row replaces the earlier one.

So the rows can be written kind by kind and end in the same state as the changes in their order. Rows are plain tuples:
marshal refuses the classes of the contract, and a slice is the cheapest copy of a NamedTuple as a tuple. New messages
are lists: nearly every one of them is claimed in its own batch, and takes its life in.
"""

from collections.abc import Callable
from typing import Any

from gateway.model.errors import Bug
from gateway.store import schema
from gateway.store.contract import (
    Change,
    EarlyReceiptDone,
    Kept,
    KeptDropped,
    MessageAccepted,
    MessageParked,
    MessageReplaced,
    MessageSettled,
    MessagesUnparked,
    ParkedDue,
    PartAccepted,
    PartsJoined,
    ReceiptEarly,
    ReceiptHandedOver,
    ReceiptsOwed,
    SegmentsMoved,
    ShortIdsReserved,
)
from gateway.store.from_phones import MoHandedOver, MoOwed, MoPartAccepted, MoPartsJoined

Consequence = tuple[Callable[[Any], None], object]


class Batch:
    """Changes that become durable together, and what follows when they are."""

    __slots__ = ("_accepted", "_early", "_kept", "_moved", "_replaced", "_rows", "_settled", "consequences", "size")

    def __init__(self) -> None:
        self.consequences: list[Consequence] = []
        self.size = 0
        self._accepted: dict[int, list[object]] = {}
        self._replaced: dict[int, schema.Row] = {}
        self._moved: dict[int, bytes] = {}
        self._settled: set[int] = set()
        self._early: dict[tuple[str, bytes], schema.Row | None] = {}
        self._kept: dict[tuple[str, str, bytes], schema.Row | None] = {}
        self._rows: schema.Batch = [[] for _ in schema.STATEMENTS]

    def __bool__(self) -> bool:
        return bool(self.size or self.consequences)

    def add(self, change: Change) -> None:
        """Add a change."""
        self.size += 1
        _ADD[type(change)](self, change)

    def accept(self, change: MessageAccepted) -> None:
        """A new row. Bug if this batch has it already, or has its end."""
        message_id = change.message_id
        if message_id in self._accepted or message_id in self._settled:
            raise Bug(f"message {message_id:016x} is accepted twice")
        self._accepted[message_id] = list(change)

    def move(self, change: SegmentsMoved) -> None:
        """The last word on a row's life counts; a row of this very batch takes it in. Bug after its end."""
        message_id, life = change
        if message_id in self._settled:
            raise Bug(f"message {message_id:016x} moves after its end")
        row = self._accepted.get(message_id)
        if row is not None:
            row[-1] = life
        else:
            self._moved[message_id] = life

    def replace(self, change: MessageReplaced) -> None:
        """The last row counts, and with it its life; a row of this very batch is replaced here. Bug after its end."""
        row = change.row
        message_id = row.message_id
        if message_id in self._settled:
            raise Bug(f"message {message_id:016x} is replaced after its end")
        if message_id in self._accepted:
            self._accepted[message_id] = list(row)
        else:
            self._replaced[message_id] = row[:]
            self._moved.pop(message_id, None)

    def park(self, change: MessageParked) -> None:
        """A new row that waits on disk. Bug if this batch has it already."""
        row, waits, told = change
        if row.message_id in self._accepted or row.message_id in self._settled:
            raise Bug(f"message {row.message_id:016x} is accepted twice")
        self._rows[schema.PARKED].append((*row, waits))
        if told:
            self._rows[schema.PARKED_TOLD].extend([(row.customer, told_id, row.message_id) for told_id in told])

    def due(self, change: ParkedDue) -> None:
        """Parked messages wait for their lane."""
        self._rows[schema.DUE].extend([(message_id,) for message_id in change.message_ids])

    def unpark(self, change: MessagesUnparked) -> None:
        """Parked messages become hot ones."""
        ids = [(message_id,) for message_id in change.message_ids]
        self._rows[schema.UNPARKED].extend(ids)
        self._rows[schema.UNPARKED_TOLD].extend(change.told)
        self._rows[schema.UNPARKED_GONE].extend(ids)

    def settle(self, change: MessageSettled) -> None:
        """The end of a row, be it of this very batch. Bug if this batch has its end already."""
        record, life, receipts, told = change
        message_id = record.message_id
        if message_id in self._settled:
            raise Bug(f"message {message_id:016x} is settled twice")
        self._settled.add(message_id)
        self._moved.pop(message_id, None)
        rows = self._rows
        rows[schema.DONE].append((*record, life))
        rows[schema.SETTLED].append((message_id,))
        if told:
            customer = record.customer
            rows[schema.TOLD].extend([(customer, told_id, message_id) for told_id in told])
        if receipts:
            rows[schema.OWED].extend([receipt[:] for receipt in receipts])

    def owe(self, change: ReceiptsOwed) -> None:
        """Receipts of a message that is alive, or ended long ago."""
        self._rows[schema.OWED].extend([receipt[:] for receipt in change.receipts])

    def part(self, change: PartAccepted) -> None:
        """A part waits."""
        self._rows[schema.PART].append(change[:])

    def join(self, change: PartsJoined) -> None:
        """Parts end."""
        self._rows[schema.JOINED].extend([(part_id,) for part_id in change.part_ids])

    def hand_over(self, change: ReceiptHandedOver) -> None:
        """A receipt ends."""
        self._rows[schema.HANDED_OVER].append(change[:])

    def early_receipt(self, change: ReceiptEarly) -> None:
        """A receipt waits for its response."""
        self._early[change.carrier, change.carrier_id] = change[:]

    def early_done(self, change: EarlyReceiptDone) -> None:
        """It waits no more."""
        self._early[change.carrier, change.carrier_id] = None

    def mo(self, change: MoOwed) -> None:
        """A message from a phone is owed."""
        self._rows[schema.MO_OWED].append(change[:])

    def mo_part(self, change: MoPartAccepted) -> None:
        """A part of one waits."""
        self._rows[schema.MO_PART].append(change[:])

    def mo_join(self, change: MoPartsJoined) -> None:
        """Parts of one end."""
        self._rows[schema.MO_JOINED].extend([(part_id,) for part_id in change.part_ids])

    def mo_hand_over(self, change: MoHandedOver) -> None:
        """A message from a phone ends."""
        self._rows[schema.MO_HANDED_OVER].append(change[:])

    def reserve_short_ids(self, change: ShortIdsReserved) -> None:
        """The last word counts."""
        self._rows[schema.SHORT_IDS] = [change[:]]

    def keep(self, change: Kept) -> None:
        """The last word counts."""
        self._kept[change[:3]] = change[:]

    def drop(self, change: KeptDropped) -> None:
        """The last word counts."""
        self._kept[change[:]] = None

    def rows(self) -> schema.Batch:
        """The rows for each of schema.STATEMENTS."""
        rows = self._rows
        rows[schema.ACCEPTED] = list(self._accepted.values())
        rows[schema.REPLACED] = list(self._replaced.values())
        rows[schema.MOVED] = list(self._moved.items())
        rows[schema.EARLY] = [row for row in self._early.values() if row is not None]
        rows[schema.EARLY_DONE] = [key for key, row in self._early.items() if row is None]
        rows[schema.KEPT] = [row for row in self._kept.values() if row is not None]
        rows[schema.DROPPED] = [key for key, row in self._kept.items() if row is None]
        return rows


_ADD: dict[type, Callable[[Batch, Any], None]] = {
    MessageAccepted: Batch.accept,
    MessageParked: Batch.park,
    ParkedDue: Batch.due,
    MessagesUnparked: Batch.unpark,
    SegmentsMoved: Batch.move,
    MessageReplaced: Batch.replace,
    ShortIdsReserved: Batch.reserve_short_ids,
    MessageSettled: Batch.settle,
    ReceiptsOwed: Batch.owe,
    ReceiptHandedOver: Batch.hand_over,
    PartAccepted: Batch.part,
    PartsJoined: Batch.join,
    ReceiptEarly: Batch.early_receipt,
    EarlyReceiptDone: Batch.early_done,
    MoOwed: Batch.mo,
    MoPartAccepted: Batch.mo_part,
    MoPartsJoined: Batch.mo_join,
    MoHandedOver: Batch.mo_hand_over,
    Kept: Batch.keep,
    KeptDropped: Batch.drop,
}

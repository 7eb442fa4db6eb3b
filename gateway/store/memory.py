"""An engine for tests and simulation: tables are dicts; what was not synced is lost when only the Disk is kept."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from gateway.model.errors import Bug
from gateway.store.batch import Batch
from gateway.store.contract import (
    BillingRecord,
    Change,
    EarlyReceiptDone,
    Kept,
    KeptDropped,
    Lane,
    MessageAccepted,
    MessageParked,
    MessageReplaced,
    MessageSettled,
    MessagesUnparked,
    Outcome,
    Owed,
    ParkedDue,
    PartAccepted,
    PartsJoined,
    ReceiptEarly,
    ReceiptHandedOver,
    ReceiptsOwed,
    Recovered,
    SegmentsMoved,
    ShortIdsReserved,
)
from gateway.store.from_phones import MoHandedOver, MoOwed, MoPartAccepted, MoPartsJoined


class Disk:
    """What survives a crash. Hand it to the next MemoryStore."""

    def __init__(self) -> None:
        self.messages: dict[int, MessageAccepted] = {}
        self.parked: dict[int, tuple[MessageAccepted, int]] = {}  # and what each waits for
        self.parts: dict[int, PartAccepted] = {}
        self.records: dict[int, BillingRecord] = {}
        self.owed: dict[tuple[str, int], Owed] = {}
        self.early: dict[tuple[str, bytes], ReceiptEarly] = {}
        self.mo_parts: dict[int, MoPartAccepted] = {}
        self.told: set[tuple[str, int, int]] = set()  # customer, told id, message id
        self.kept: dict[tuple[str, str, bytes], Kept] = {}
        self.short_ids = 0

    def apply(self, change: Change) -> None:  # noqa: C901 - a case for each change, and nothing else
        """Make one change."""
        match change:
            case MessageAccepted():
                self.messages[change.message_id] = change
            case SegmentsMoved(message_id, life):
                self.messages[message_id] = self.messages[message_id]._replace(life=life)
            case MessageReplaced(row):
                self.messages |= {row.message_id: row} if row.message_id in self.messages else {}
            case MessageParked(row, waits, told):
                self.parked[row.message_id] = (row, waits)
                self.told |= {(row.customer, told_id, row.message_id) for told_id in told}
            case ParkedDue(message_ids):
                for message_id in message_ids:
                    self.parked[message_id] = (self.parked[message_id][0], 0)
            case MessagesUnparked(message_ids, told):
                self.messages |= {message_id: self.parked.pop(message_id)[0] for message_id in message_ids}
                self.told -= set(told)
            case MessageSettled(record, _, receipts, told):
                if record.message_id in self.records:
                    raise Bug(f"message {record.message_id:016x} has a billing record already")
                if self.messages.pop(record.message_id, None) is None:
                    raise Bug(f"message {record.message_id:016x} ends and was not alive")
                self.records[record.message_id] = record
                self.owed |= {(receipt.customer, receipt.owed_id): receipt for receipt in receipts}
                self.told |= {(record.customer, told_id, record.message_id) for told_id in told}
            case ReceiptsOwed(receipts):
                self.owed |= {(receipt.customer, receipt.owed_id): receipt for receipt in receipts}
            case ShortIdsReserved(last):
                self.short_ids = last
            case MoOwed(customer, owed_id):
                self.owed[customer, owed_id] = change
            case MoPartAccepted():
                self.mo_parts[change.part_id] = change
            case MoPartsJoined(part_ids):
                for part_id in part_ids:
                    self.mo_parts.pop(part_id, None)
            case ReceiptHandedOver(customer, owed_id) | MoHandedOver(customer, owed_id):
                self.owed.pop((customer, owed_id), None)
            case PartAccepted():
                self.parts[change.part_id] = change
            case PartsJoined(part_ids):
                for part_id in part_ids:
                    self.parts.pop(part_id, None)
            case ReceiptEarly():
                self.early[change.carrier, change.carrier_id] = change
            case EarlyReceiptDone(carrier, carrier_id):
                self.early.pop((carrier, carrier_id), None)
            case Kept():
                self.kept[change[:3]] = change
            case KeptDropped():
                self.kept.pop(change[:], None)

    def find(self, customer: str, told_id: int) -> list[Outcome]:
        """How the messages of this id ended, and the parts of this id that wait."""
        ids = [told_id, *sorted(one[2] for one in self.told if one[:2] == (customer, told_id))]
        records = [self.records[one] for one in ids if one in self.records and self.records[one].customer == customer]
        ended = [Outcome(one.source_addr.encode("latin-1"), one.outcome, one.error, one.done_at) for one in records]
        parts = [part for part in self.parts.values() if (part.customer, part.told_id) == (customer, told_id)]
        return ended + [Outcome(part.source_addr, "", "", 0) for part in parts]

    def last_id(self) -> int:
        """The greatest id in any table."""
        owed = (owed_id for _, owed_id in self.owed)
        ids: list[Iterable[int]] = [self.messages, self.parked, self.parts, self.mo_parts, self.records, owed]
        return max((one for table in ids for one in table), default=0)


def _lane(row: MessageAccepted) -> Lane:
    return Lane(row.carrier, row.priority, row.customer)


class MemoryStore:
    """A Store without a disk. `flush` only closes the batch; `sync` makes all flushed batches durable."""

    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()
        self.stuck = ""
        self.commit_seconds = 0.0
        self.behind = False
        self._changes: list[Change] = []
        self._batch = Batch()  # the same bookkeeping as the real engine's, so that its complaints are heard here too
        self._flushed: list[tuple[list[Change], Batch]] = []
        self._asked: list[Callable[[], None]] = []

    def write(self, change: Change, on_durable: Callable[[Any], None] | None = None, argument: object = None) -> None:
        """Add a change to the next batch."""
        self._batch.add(change)
        self._changes.append(change)
        if on_durable is not None:
            self._batch.consequences.append((on_durable, argument))

    def follow(self, then: Callable[[Any], None], argument: object = None) -> None:
        """Run `then(argument)` when everything written so far is durable."""
        self._batch.consequences.append((then, argument))

    def flush(self) -> None:
        """Close the batch."""
        if self._batch:
            self._flushed.append((self._changes, self._batch))
            self._changes, self._batch = [], Batch()

    def sync(self) -> int:
        """Make what was flushed durable, run what follows, answer what was asked. Return how much of this happened."""
        if self.stuck:
            return 0
        flushed, self._flushed = self._flushed, []
        asked, self._asked = self._asked, []
        for changes, batch in flushed:
            for change in changes:
                self.disk.apply(change)
            for then, argument in batch.consequences:
                then(argument)
        for answer in asked:
            answer()
        return len(flushed) + len(asked)

    async def load(self) -> Recovered:
        """Read what is alive."""
        return Recovered(
            last_id=self.disk.last_id(),
            messages=sorted(self.disk.messages.values()),
            parts=sorted(self.disk.parts.values()),
            early=sorted(self.disk.early.values(), key=lambda receipt: receipt.arrived_at),
            mo_parts=sorted(self.disk.mo_parts.values(), key=lambda part: part.part_id),
            short_ids=self.disk.short_ids,
            kept=tuple(self.disk.kept.values()),
            parked=Counter(_lane(row) for row, waits in self.disk.parked.values() if not waits),
            scheduled=Counter((row.customer, row.carrier) for row, waits in self.disk.parked.values() if waits),
            owed=Counter(customer for customer, _ in self.disk.owed),
        )

    def owed(self, customer: str, after: int, limit: int, then: Callable[[list[Owed]], None]) -> None:
        """Read receipts owed to a customer. The answer comes with the next `sync`."""

        def answer() -> None:
            ids = sorted(key for key in self.disk.owed if key[0] == customer and key[1] > after)
            then([self.disk.owed[key] for key in ids[:limit]])

        self._asked.append(answer)

    def find(self, customer: str, told_id: int, then: Callable[[list[Outcome]], None]) -> None:
        """Read how messages ended. The answer comes with the next `sync`."""
        self._asked.append(lambda: then(self.disk.find(customer, told_id)))

    def _parked(self, wanted: Callable[[MessageAccepted, int], bool]) -> list[MessageParked]:
        return sorted(MessageParked(row, waits) for row, waits in self.disk.parked.values() if wanted(row, waits))

    def parked(self, lane: Lane, limit: int, then: Callable[[list[MessageParked]], None]) -> None:
        """Read what is parked for a lane. The answer comes with the next `sync`."""
        self._asked.append(lambda: then(self._parked(lambda row, waits: not waits and _lane(row) == lane)[:limit]))

    def parked_until(self, now: int, limit: int, then: Callable[[list[MessageParked], int], None]) -> None:
        """Read what is due or over. The answer comes with the next `sync`."""

        def answer() -> None:
            due = sorted(self._parked(lambda _, waits: 0 < waits <= now), key=lambda one: one.waits)[:limit]
            over = self._parked(lambda row, _: row.expires_at <= now)
            over = sorted(over, key=lambda one: one.row.expires_at)[:limit]
            moments = [moment for row, waits in self.disk.parked.values() for moment in (waits, row.expires_at)]
            following = min((moment for moment in moments if moment > now), default=0)
            then(list({one.row.message_id: one for one in due + over}.values()), following)

        self._asked.append(answer)

    def parked_told(self, customer: str, told_id: int, then: Callable[[list[MessageParked]], None]) -> None:
        """Read the parked messages of an id. The answer comes with the next `sync`."""

        def answer() -> None:
            ids = {told_id, *(one[2] for one in self.disk.told if one[:2] == (customer, told_id))}
            then(self._parked(lambda row, _: row.message_id in ids and row.customer == customer))

        self._asked.append(answer)

    def parked_addressed(
        self, customer: str, source_addr: bytes, e164: bytes, then: Callable[[list[MessageParked]], None]
    ) -> None:
        """Read the parked messages of these addresses. The answer comes with the next `sync`."""
        wanted = (customer, source_addr, e164)
        self._asked.append(
            lambda: then(self._parked(lambda row, _: (row.customer, row.source_addr, row.e164) == wanted))
        )

    async def close(self) -> None:
        """Make everything durable that was written, unless the disk refuses."""
        self.flush()
        while self.sync():
            self.flush()

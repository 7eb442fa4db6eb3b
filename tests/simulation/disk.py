"""A disk that tells what reached it, and a store whose batches become durable one at a time, late, or not at all."""

from collections.abc import Callable

import orjson

from gateway.model.lifecycle import FINAL
from gateway.store.contract import (
    Change,
    MessageAccepted,
    MessageParked,
    MessageReplaced,
    MessageSettled,
    PartAccepted,
    ReceiptEarly,
    ReceiptHandedOver,
    ReceiptOwed,
    SegmentsMoved,
)
from gateway.store.from_phones import MoHandedOver, MoOwed
from gateway.store.memory import Disk, MemoryStore
from simulators import wire
from tests.simulation.history import History

DOUBTS = 4  # their place in a segment's `life`
MOST_IN_FLIGHT = 2  # batches on their way, as of the real engine
MOST_WAITING = 150  # changes above which intake is held


# What a customer is owed: its name, the id that it was told, the destination of a receipt; or 0 and a phone's octets.
Key = tuple[str, int, bytes]


class WatchedDisk(Disk):
    """Remembers what ever was durable, though it left the tables since."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self.told_ids: set[int] = set()  # ids that a customer may be told
        self.accepted: set[int] = set()  # messages
        self.doubts: dict[int, list[int]] = {}  # of an ended message: how often each segment was in doubt
        self.owed_ids: dict[Key, int] = {}
        self.handed_out: set[Key] = set()
        self.handed_over: set[Key] = set()  # and answered
        self.carried: dict[bytes, bool] = {}  # a carrier's id, in hexadecimal: whether a final word on it is durable

    def apply(self, change: Change) -> None:
        """Make one change, and remember it."""
        self._history.note("disk", f"{type(change).__name__} {_few_words(change)}")
        if isinstance(change, MessageAccepted | MessageReplaced):
            row = change.row if isinstance(change, MessageReplaced) else change
            self.accepted.add(row.message_id)
            self.told_ids.add(row.message_id)
            if row.part_ids:
                self.told_ids.update(part[0] for part in orjson.loads(row.part_ids))
        elif isinstance(change, MessageParked):
            self.accepted.add(change.row.message_id)
            self.told_ids.update((change.row.message_id, *change.told))
        elif isinstance(change, SegmentsMoved):
            self._carry(change.life)
        elif isinstance(change, ReceiptEarly):
            self.carried[change.carrier_id] = True
        elif isinstance(change, PartAccepted):
            self.told_ids.add(change.told_id)
        elif isinstance(change, MessageSettled):
            self.accepted.add(change.record.message_id)
            self.told_ids.update((change.record.message_id, *change.told))
            self._carry(change.life, over=True)
            self.doubts[change.record.message_id] = [segment[DOUBTS] for segment in orjson.loads(change.life)]
            for one in change.receipts:
                self.owed_ids[one.customer, one.message_id, one.destination_addr] = one.owed_id
        elif isinstance(change, MoOwed):
            octets = change.short_message or wire.parse_tlvs(change.tlvs)[wire.MESSAGE_PAYLOAD]
            self.owed_ids.setdefault((change.customer, 0, octets), change.owed_id)
        elif isinstance(change, ReceiptHandedOver | MoHandedOver):
            owed = self.owed.get((change.customer, change.owed_id))
            if isinstance(owed, ReceiptOwed):
                self.handed_over.add((owed.customer, owed.message_id, owed.destination_addr))
        super().apply(change)

    def _carry(self, life: bytes, *, over: bool = False) -> None:
        for state, carrier_id, *_ in orjson.loads(life):
            if carrier_id:
                self.carried[carrier_id.encode()] = over or state in FINAL


def _few_words(change: Change) -> str:
    if isinstance(change, MessageSettled):
        record = change.record
        return f"{record.message_id:x} {record.outcome} {record.error} charge {record.charge_sen}"
    first = change[0]
    row = getattr(change, "row", None)
    if row is not None:
        first = row.message_id
    words = " ".join(str(one) for one in change[1:2] if isinstance(one, int))
    life = getattr(change, "life", b"").decode("latin-1")
    if not isinstance(first, int):
        return " ".join(f"{one:x}" if isinstance(one, int) else str(one) for one in change[:2])
    return f"{first:x} {words} {life}"


class SlowStore(MemoryStore):
    """`sync` makes one batch durable; what a crash finds under way may be durable or not."""

    def flush(self) -> None:
        """Close the batch if a place in flight is free."""
        if len(self._flushed) < MOST_IN_FLIGHT:
            super().flush()
        self.behind = len(self._changes) > MOST_WAITING

    @property
    def busy(self) -> bool:
        """Whether a sync would do something."""
        return bool(self._flushed or self._asked)

    def sync(self) -> int:
        """The oldest batch; what was asked is answered when no batch is left."""
        if self.stuck:
            return 0
        rest = self._flushed[1:]
        asked: list[Callable[[], None]] = []
        if rest:
            asked, self._asked = self._asked, []
        self._flushed = self._flushed[:1]
        done = super().sync()
        self._flushed = rest + self._flushed
        self._asked = asked + self._asked
        return done

    def crash(self, durable: int) -> None:
        """The process dies: so many batches in flight reach the disk, and nobody is told."""
        if not self.stuck:
            for changes, _ in self._flushed[:durable]:
                for change in changes:
                    self.disk.apply(change)

    @property
    def in_flight(self) -> int:
        """Batches on their way."""
        return len(self._flushed)

"""Messages that wait on disk: their lane is full in memory, or they are not due yet.

Of each customer's queue in a lane a bounded head is in memory; what comes behind it is parked in the store and read
when the head runs low. So a carrier that is down for a day fills the disk, and not the memory.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import Any

from gateway.flow import credit
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.live import Live
from gateway.flow.message import Message
from gateway.segmenter.references import References
from gateway.store.contract import (
    Lane,
    MessageParked,
    MessagesUnparked,
    ParkedDue,
    Recovered,
    Store,
)

READ = 2_000  # messages read at a time

Then = Callable[[Any], None]


class _Parked:
    """What waits on disk for one lane."""

    __slots__ = ("count", "more", "reading")

    def __init__(self, count: int) -> None:
        self.count = count
        self.reading = False
        self.more = False  # some were parked since the last read began


class Parking:
    """Decides whether a message waits in memory or on disk, and brings it back.

    `head` is how many segments of one customer's queue are in memory, `most_in_memory` how many messages in all.
    """

    def __init__(
        self,
        store: Store,
        live: Live,
        clock: Clock,
        accounts: Mapping[str, Account],
        carriers: Mapping[str, Carrier],
        references: References,
        head: int,
        most_in_memory: int,
    ) -> None:
        self._store = store
        self._live = live
        self._clock = clock
        self._accounts = accounts
        self._carriers = carriers
        self._references = references
        self._head = head
        self._page = min(READ, head)
        self._most_in_memory = most_in_memory
        self._lanes: dict[Lane, _Parked] = {}
        self._later: list[tuple[int, int]] = []  # (due, id) of messages in memory that are not due
        self._next = 0  # when something on disk is due or over, ms since 1970; 0: never
        self._looking = False
        self._reads = 0  # answers of the store that are under way
        self._gone: set[int] = set()  # came back since the first of these was asked for
        self._moved: set[int] = set()  # wait for their lanes since then
        self._shut_out: dict[int, Account] = {}  # of those in memory that are not due: they wait for their hours
        self._last_of_before = 0  # the last id of the lives before this one
        self.scheduled = 0  # on disk, not due
        self.waiting = 0  # on disk, for their lanes

    def __len__(self) -> int:
        return self.waiting + self.scheduled

    def depths(self) -> Counter[tuple[str, int]]:
        """Messages on disk that wait for their lanes, by carrier and priority."""
        depths: Counter[tuple[str, int]] = Counter()
        for lane, parked in self._lanes.items():
            depths[lane[0], lane[1]] += parked.count
        return depths

    def waiting_for(self, carrier: str) -> int:
        """Messages that wait on disk for one carrier's lanes."""
        return sum(one.count for lane, one in self._lanes.items() if lane.carrier == carrier) if self.waiting else 0

    def on_disk(self) -> dict[Lane, int]:
        """How many messages wait on disk for each lane."""
        return {lane: parked.count for lane, parked in self._lanes.items() if parked.count > 0}

    @property
    def not_due(self) -> int:
        """How many are not due, in memory or on disk."""
        return self.scheduled + len(self._later)

    def restore(self, found: Recovered) -> None:
        """After a start: what waits on disk. It stays there until it is needed."""
        for lane, count in found.parked.items():
            self._lanes[lane] = _Parked(count)
            self.waiting += count
        for (customer, carrier), count in found.scheduled.items():
            self._not_due(customer, carrier, count)
        self._last_of_before = found.last_id
        if self:
            self._next = 1  # the first look tells

    def accept(self, message: Message, then: Then | None, argument: object) -> None:
        """Store a new message, in memory too if there is room. `then(argument)` follows when it is durable."""
        row = message.row
        lanes = self._carriers[row.carrier].lanes
        lane = (row.carrier, row.priority, row.customer)
        if (
            lane not in self._lanes
            and not row.due_at
            and lanes.waiting(row.priority, row.customer) < self._head
            and len(self._live) < self._most_in_memory
        ):
            self._store.write(row, then, argument)
            self.queue(message)
            return
        self._store.write(MessageParked(row, row.due_at, message.told_ids()), then, argument)
        over = min(row.due_at or row.expires_at, row.expires_at)  # hours may open too late for it
        self._next = min(self._next or over, over)
        if row.due_at:
            self._not_due(row.customer, row.carrier, 1)
        else:
            self._parked(Lane(*lane), 1)

    def _not_due(self, customer: str, carrier: str, count: int) -> None:
        """So many more on disk that are not due; told of both, if they are still there."""
        self.scheduled += count
        if customer in self._accounts:
            self._accounts[customer].scheduled += count
        if carrier in self._carriers:
            self._carriers[carrier].scheduled += count

    def _parked(self, lane: Lane, count: int) -> None:
        parked = self._lanes.get(lane)
        if parked is None:
            parked = self._lanes[lane] = _Parked(0)
        parked.count += count
        parked.more = True
        self.waiting += count

    def queue(self, message: Message) -> None:
        """Alive in memory, in its lane or until it is due. Its row is hot."""
        self._live.add(message)
        row = message.row
        if row.due_at and row.due_at > self._clock.wall_ms():
            heappush(self._later, (row.due_at, row.message_id))
            return
        self._to_lane(message)

    def run(self) -> float | None:
        """At the end of a turn, behind the dispatcher: read what lanes have room for, and what is due.

        Return the seconds until something is due, 0.0 when it is in its lane now.
        """
        for lane, parked in tuple(self._lanes.items()):
            if not parked.reading and self._has_room(lane):
                self._read(lane, parked)
        if not self._later and not self._next:
            return None
        now = self._clock.wall_ms()
        queued = False
        while self._later and self._later[0][0] <= now:
            message_id = heappop(self._later)[1]
            message = self._live.get(message_id)
            shut_out = self._shut_out.pop(message_id, None)
            if shut_out is not None:
                shut_out.shut_out -= 1
            if message is not None and message.untouched and message.row.due_at <= now:
                self._to_lane(message)
                queued = True
        if self._next and self._next <= now and not self._looking:
            self._look(now)
        if queued:
            return 0.0
        moments = [self._later[0][0]] if self._later else []
        if self._next and not self._looking:
            moments.append(self._next)
        return max(0.0, (min(moments) - now) / 1000) if moments else None

    def shut_out(self, message: Message, opens_at: int) -> None:
        """Its sending hours ended while it waited in its lane: it waits beside it until they begin again."""
        message.row = message.row._replace(due_at=opens_at)
        if message.row.message_id not in self._shut_out:
            message.account.shut_out += 1
            self._shut_out[message.row.message_id] = message.account
        heappush(self._later, (opens_at, message.row.message_id))

    def _to_lane(self, message: Message) -> None:
        row = message.row
        lanes = self._carriers[row.carrier].lanes
        for index in range(row.segments):
            lanes.put((message, index), row.priority, row.customer)

    def _has_room(self, lane: Lane) -> bool:
        carrier = self._carriers.get(lane.carrier)
        if carrier is None or lane.customer not in self._accounts:
            return False  # stranded: the configuration has it no longer
        if self._accounts[lane.customer].shut_out >= self._head:
            return False  # what would be read waits for its hours too
        in_memory = carrier.lanes.waiting(lane.priority, lane.customer)
        return 2 * in_memory < self._head and (len(self._live) < self._most_in_memory or not in_memory)

    def _read(self, lane: Lane, parked: _Parked) -> None:
        parked.reading = True
        parked.more = False

        def found(rows: list[MessageParked]) -> None:
            if not rows and not parked.more:
                self.waiting -= parked.count
                parked.count = 0
            self.unpark(rows)
            self._reads -= 1
            self._store.follow(done)

        def done(_: object) -> None:
            parked.reading = False
            if parked.count <= 0:
                self._lanes.pop(lane, None)

        self._asking(lambda: self._store.parked(lane, self._page, found))

    def _look(self, now: int) -> None:
        """What is due goes to memory or waits for its lane; what is over ends."""
        self._looking = True
        self._next = 0

        def found(rows: list[MessageParked], following: int) -> None:
            here, behind = [], []
            for one in rows:
                if one.row.message_id in self._gone:
                    continue  # an answer that was asked for earlier has brought it back
                lane = Lane(one.row.carrier, one.row.priority, one.row.customer)
                over = one.row.expires_at <= now
                if over or (lane not in self._lanes and self._has_room(lane)):
                    here.append(one)
                elif one.waits and one.row.message_id not in self._moved:
                    behind.append(one.row.message_id)
                    self._not_due(lane.customer, lane.carrier, -1)
                    self._parked(lane, 1)
            if behind:
                self._moved.update(behind)
                self._store.write(ParkedDue(tuple(behind)))
            self.unpark(here)
            self._reads -= 1
            self._next = min(self._next or following, following or self._next)
            if len(rows) >= READ and (behind or any(one.row.message_id in self._live for one in here)):
                self._next = now  # there is more
            self._store.follow(done)

        def done(_: object) -> None:
            self._looking = False

        self._asking(lambda: self._store.parked_until(now, READ, found))

    def told(self, customer: str, told_id: int, then: Callable[[list[Message]], None]) -> None:
        """Bring back what this customer knows by this id; `then` gets all of it that is alive, now or later."""
        if not self:
            then(self._live.told(customer, told_id))
            return

        def found(rows: list[MessageParked]) -> None:
            self.unpark(rows)
            self._reads -= 1
            then(self._live.told(customer, told_id))

        self._asking(lambda: self._store.parked_told(customer, told_id, found))

    def addressed(self, customer: str, source_addr: bytes, e164: bytes, then: Callable[[list[Message]], None]) -> None:
        """Bring back what this customer sends from this address to this number; `then` gets all of it that is alive."""

        def living() -> list[Message]:
            return self._live.addressed(customer, source_addr, e164, self._clock.monotonic())

        if not self:
            then(living())
            return

        def found(rows: list[MessageParked]) -> None:
            self.unpark(rows)
            self._reads -= 1
            then(living())

        self._asking(lambda: self._store.parked_addressed(customer, source_addr, e164, found))

    def _asking(self, ask: Callable[[], None]) -> None:
        """Ask the store, after what is under way to it: else what was parked just now would not be found."""
        self._reads += 1
        self._store.follow(lambda _: ask())

    def unpark(self, rows: list[MessageParked]) -> None:
        """These parked messages are alive in memory from now on."""
        messages: list[Message] = []
        for row, waits, _ in rows:
            if row.message_id in self._gone or row.customer not in self._accounts or row.carrier not in self._carriers:
                continue  # an answer that was asked for earlier has brought it back
            if waits and row.message_id not in self._moved:
                self._not_due(row.customer, row.carrier, -1)
            else:
                self._lanes[Lane(row.carrier, row.priority, row.customer)].count -= 1
                self.waiting -= 1
            seconds_left = (row.expires_at - self._clock.wall_ms()) / 1000
            message = Message.recovered(self._accounts[row.customer], row, self._clock.monotonic() + seconds_left)
            credit.held_before(message)
            if row.segments > 1 and row.message_id <= self._last_of_before:
                self._references.hold(row.e164, row.reference)  # else it holds it since it was accepted
            messages.append(message)
            self.queue(message)
        if self._reads > 1 or not messages:
            self._gone.update(one.row.message_id for one in messages)
        else:
            self._gone.clear()
            self._moved.clear()
        if messages:
            told = tuple((one.row.customer, told, one.row.message_id) for one in messages for told in one.told_ids())
            self._store.write(MessagesUnparked(tuple(one.row.message_id for one in messages), told))

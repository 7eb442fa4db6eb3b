"""What a simulated carrier owes to those who bind to it: receipts and what phones sent, kept until acknowledged.

Deliveries stand in one heap by the time they are due, then in a queue of the session that submitted or, when that can't
take them, of its system_id.
"""

import heapq
from collections import deque
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from simulators import wire
from simulators.config import Receipts
from simulators.link import Session
from simulators.timetable import Timetable


class Delivery(NamedTuple):
    """One deliver_sm that is owed to whoever may receive for the system_id."""

    due: float
    serial: int  # unique, so that a heap never compares further
    session: Session | None  # that submitted; None: nobody did
    system_id: bytes
    source: bytes
    destination: bytes
    tons: tuple[int, int]
    octets: bytes
    esm_class: int
    data_coding: int
    tlvs: bytes
    elsewhere: bool = False  # on another session than the one that submitted, if there is one


class Outbox:
    """`sessions` are those of the simulator, in the order they came; `send` lets a PDU leave."""

    def __init__(
        self,
        config: Receipts,
        timetable: Timetable,
        sessions: dict[Session, None],
        lot: Random,
        send: Callable[[Session, bytes], None],
    ) -> None:
        self._config = config
        self._timetable = timetable
        self._sessions = sessions
        self._lot = lot
        self._send = send
        self._heap: list[Delivery] = []
        self._owed: dict[bytes, deque[Delivery]] = {}  # no session of their own may take these
        self.owing = 0

    @property
    def full(self) -> bool:
        """Whether no more can be promised."""
        return self.owing >= self._config.most_waiting

    @property
    def due(self) -> float | None:
        """When the next delivery is due."""
        return self._heap[0].due if self._heap else None

    def promise(self, delivery: Delivery) -> None:
        """Keep it until it is acknowledged."""
        self.owing += 1
        heapq.heappush(self._heap, delivery)

    def run(self) -> None:
        """Hand out what is due."""
        waiting: dict[bytes, None] = {}
        while self._heap and self._heap[0].due <= self._timetable.now:
            delivery = heapq.heappop(self._heap)
            session = self._place(delivery)
            if session is not None and session.receives:
                session.owed.append(delivery)
            else:
                self._owed.setdefault(delivery.system_id, deque()).append(delivery)
            waiting[delivery.system_id] = None
        for system_id in waiting:
            self.hand_out(system_id)

    def _place(self, delivery: Delivery) -> Session | None:
        if not delivery.elsewhere:
            return delivery.session
        others = [
            one
            for one in self._sessions
            if one is not delivery.session and one.receives and one.system_id == delivery.system_id
        ]
        return self._lot.choice(others) if others else delivery.session

    def hand_out(self, system_id: bytes) -> None:
        """Send what is owed as far as windows allow: a session's own first, then what nobody else can take."""
        shared = self._owed.get(system_id)
        for session in self._sessions:
            if session.system_id != system_id:
                continue
            while (session.owed or shared) and session.receives and len(session.in_flight) < self._config.window:
                self._deliver(session, session.owed.popleft() if session.owed or not shared else shared.popleft())

    def _deliver(self, session: Session, delivery: Delivery) -> None:
        sequence = session.next_sequence()
        session.in_flight[sequence] = delivery
        self._send(
            session,
            wire.deliver_sm(
                sequence,
                delivery.source,
                delivery.destination,
                delivery.octets,
                delivery.esm_class,
                delivery.data_coding,
                delivery.tlvs,
                delivery.tons,
            ),
        )

    def acknowledged(self, session: Session, status: int, sequence: int) -> None:
        """A deliver_sm_resp came: what was refused comes again."""
        delivery = session.in_flight.pop(sequence, None)
        if delivery is None:
            return
        if status:
            again = self._timetable.now + self._config.again_seconds
            heapq.heappush(self._heap, delivery._replace(due=again, session=session))
        else:
            self.owing -= 1
        self.hand_out(session.system_id)

    def take_back(self, session: Session) -> None:
        """A session is gone: what it was owed waits for another bind of its system_id."""
        left = sorted([*session.in_flight.values(), *session.owed], key=lambda one: (one.due, one.serial))
        session.in_flight.clear()
        session.owed.clear()
        if left:
            self._owed.setdefault(session.system_id, deque()).extendleft(reversed(left))
            self.hand_out(session.system_id)

    def forget(self) -> None:
        """Everything that is owed is lost."""
        self._heap.clear()
        self._owed.clear()
        for session in self._sessions:
            session.in_flight.clear()
            session.owed.clear()
        self.owing = 0

"""Another route: for what a carrier sends elsewhere, and for what waits for one that is down or too far behind.

A message changes its route only while all of it is ours: no segment has left, and none is in doubt. It is cut anew.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from itertools import islice

import structlog

from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.fitness import Fitness
from gateway.flow.intake import Intake
from gateway.flow.lessons import Lessons
from gateway.flow.live import Live
from gateway.flow.message import Message
from gateway.flow.retry import Meaning
from gateway.flow.router import Router
from gateway.flow.settle import Settler
from gateway.flow.withdraw import Withdraw, waits
from gateway.model.errors import Refusal
from gateway.model.lifecycle import SegmentState
from gateway.model.values import Serving
from gateway.routing.failover import may_go_elsewhere
from gateway.routing.portability import Unanswered
from gateway.routing.routes import Route

log = structlog.get_logger(room="reroute")

MOST_A_TICK = 500  # messages of one carrier that are looked at
ASKED = "lookup"  # the number is looked up again, and the answer decides


class _Order:
    """An operator's word over one carrier. `waiting` is what is left of this pass, `moved` what left in it."""

    __slots__ = ("moved", "to", "waiting")

    def __init__(self, to: str | None) -> None:
        self.to = to
        self.waiting: deque[Message] = deque()
        self.moved = 1  # a first pass is due


class Reroute:
    """`counts` are of messages, by (from, to)."""

    def __init__(
        self,
        live: Live,
        clock: Clock,
        carriers: Mapping[str, Carrier],
        router: Router,
        fitness: Fitness,
        intake: Intake,
        settler: Settler,
        withdraw: Withdraw,
        lessons: Lessons,
    ) -> None:
        self._live = live
        self._clock = clock
        self._carriers = carriers
        self._router = router
        self._fitness = fitness
        self._intake = intake
        self._settler = settler
        self._withdraw = withdraw
        self._lessons = lessons
        self._sweeps: dict[str, deque[Message]] = {}
        self._orders: dict[str, _Order] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def run(self) -> None:
        """At the end of a turn, before the dispatcher: where do those go that were sent elsewhere."""
        turned_away = self._settler.turned_away
        while turned_away:
            carrier, message = turned_away.popleft()
            if message.refusals is None or self._live.get(message.row.message_id) is not message:
                continue  # decided already
            if SegmentState.SENDING in message.states:
                continue  # the answer to a sibling is awaited: all segments go one route
            self._decide(carrier, message, message.refusals)

    def _decide(self, carrier: Carrier, message: Message, refusals: dict[int, int]) -> None:
        statuses = set(refusals.values())
        not_mine = not statuses.isdisjoint(carrier.not_mine)
        if not_mine:
            self._lessons.denied(message.row)
        untouched = message.untouched
        if all(may_go_elsewhere(status, carrier.elsewhere, untouched=untouched) for status in statuses):
            message.tried = (*message.tried, carrier.key)
            if self._to_its_carrier(message) if not_mine else self._to_next(message):
                return
        self._stays(carrier, message, refusals)

    def _stays(self, carrier: Carrier, message: Message, refusals: dict[int, int]) -> None:
        """There is no other route: the refusals mean what they mean for this carrier alone."""
        message.refusals = None
        for index, status in refusals.items():
            meaning = carrier.errors.judge(status).meaning
            if message.states[index] is not SegmentState.WAITING:
                continue  # it ended while that was decided
            if meaning is Meaning.PERMANENT:
                self._settler.refuse(message, index, status)
            elif meaning is Meaning.SLOWER or message.failed or carrier.retries.full:
                self._settler.put_back(carrier, message, index)
            else:
                now = self._clock.monotonic()
                carrier.retries.wait((message, index), message.attempts[index], now, message.expires)
        self._settler.record(carrier, message)

    def _to_its_carrier(self, message: Message) -> bool:
        """Whose number it is now decides. False: it knows no other way."""
        found = self._router.ask(message.row.e164)
        if isinstance(found, Unanswered):
            self._take_over(message, self._intake.unlocated(message), ASKED)
            return True
        if found is None:
            return False
        choice = self._router.choice(message.row, found.carrier, self._clock.wall_ms()).without(message.tried)
        route = choice.first(self._router.usable)
        return route is not None and self._goes((route,), message, found)

    def _to_next(self, message: Message) -> bool:
        return self._goes(self._others(message), message)

    def _others(self, message: Message) -> Iterable[Route]:
        row = message.row
        choice = self._router.choice(row, row.serving, self._clock.wall_ms())
        return choice.others((*message.tried, row.carrier), self._router.usable)

    def _goes(self, routes: Iterable[Route], message: Message, found: Serving | None = None) -> bool:
        """On the first of these that takes its text."""
        changes = {}
        if found is not None:
            changes = {"serving": found.carrier, "known_by": found.source, "ported": found.ported.value}
        for route in routes:
            try:
                new = self._intake.rerouted(message, route, **changes)
            except Refusal:
                continue
            self._take_over(message, new, route.carrier_key)
            return True
        return False

    def _take_over(self, old: Message, new: Message, to: str) -> None:
        row = old.row
        self.counts[row.carrier, to] += 1
        log.debug("message_rerouted", message_id=f"{row.message_id:016x}", carrier=row.carrier, to=to)
        old.refusals = None
        self._withdraw.out(old)
        self._intake.take_over(old, new)

    def tick(self) -> None:
        """About once a second: a bounded number of those leave that wait for a carrier which is down or slow."""
        excess = self._fitness.excess(self._router.alternatives)
        for key in self._sweeps.keys() - excess.keys():
            del self._sweeps[key]
        for key, segments in excess.items():
            self._sweep(self._carriers[key], segments)
        for key, order in tuple(self._orders.items()):
            if self._obeyed(self._carriers[key], order):
                del self._orders[key]

    def order(self, key: str, to: str | None) -> None:
        """An operator's word: what waits for this carrier leaves by its other routes, only to `to` if that is named.

        Some a tick, passing over all that waits until a pass moves nothing. What comes later goes as it would.
        """
        self._orders[key] = _Order(to)

    @property
    def ordered(self) -> dict[str, str]:
        """The orders that are not done: from, to (empty: wherever else)."""
        return {key: order.to or "" for key, order in self._orders.items()}

    def ways(self, key: str, to: str | None) -> Counter[str]:
        """Where the first of those that wait could go, by carrier (empty: nowhere else). Moves nothing."""
        carrier = self._carriers[key]
        waiting = islice(dict.fromkeys(message for message, _ in carrier.lanes), MOST_A_TICK)
        return Counter(
            next((route.carrier_key for route in self._others_to(message, to)), "")
            if self._may_leave(carrier, message)
            else ""
            for message in waiting
        )

    def _others_to(self, message: Message, to: str | None) -> Iterable[Route]:
        return (route for route in self._others(message) if to is None or route.carrier_key == to)

    def _obeyed(self, carrier: Carrier, order: _Order) -> bool:
        """Some more of it. Whether it is done."""
        if not order.waiting:
            if not order.moved:
                return True
            order.moved = 0
            order.waiting.extend(dict.fromkeys(message for message, _ in carrier.lanes))
        moved = 0
        for _ in range(min(len(order.waiting), MOST_A_TICK)):
            message = order.waiting.popleft()
            if self._may_leave(carrier, message) and self._goes(self._others_to(message, order.to), message):
                moved += 1
        if moved:
            order.moved += moved
            carrier.lanes.keep(waits)
            log.warning("route_left", carrier=carrier.key, messages=moved, waiting=len(carrier.lanes))
        return False

    def _sweep(self, carrier: Carrier, excess: float) -> None:
        """One pass over what waits takes as many ticks as it needs; then the next one begins."""
        waiting = self._sweeps.get(carrier.key)
        if not waiting:
            waiting = self._sweeps[carrier.key] = deque(dict.fromkeys(message for message, _ in carrier.lanes))
        moved = 0
        for _ in range(min(len(waiting), MOST_A_TICK)):
            if excess <= 0:
                break
            message = waiting.popleft()
            if self._may_leave(carrier, message) and self._to_next(message):
                moved += 1
                excess -= len(message.states)
        if moved:
            carrier.lanes.keep(waits)  # what left must not fill the lane: more of it may wait on disk
            log.warning("route_left", carrier=carrier.key, messages=moved, waiting=len(carrier.lanes))

    def _may_leave(self, carrier: Carrier, message: Message) -> bool:
        return (
            self._live.get(message.row.message_id) is message
            and message.row.carrier == carrier.key
            and message.refusals is None
            and message.untouched
        )

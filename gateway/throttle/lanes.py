"""What waits for one carrier: the higher priority first, and customers of one priority in turn, unit for unit.

Deficit round robin (Shreedhar and Varghese, 1995). A customer's turn is worth `quantum` units; what it has not used
is kept for its next turn while it has something waiting. However much one customer has waiting, another's first item
leaves after at most one turn of each of the others.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from gateway.model.errors import Bug

PRIORITIES = 4  # priority_flag of SMPP 3.4, 0 (lowest) to 3 (highest), section 5.2.14
QUANTUM = 10  # units of the longest message: one turn is enough for any

T = TypeVar("T")


class _Queue(Generic[T]):
    """A customer's items of one priority, each with its cost. It is in the round exactly while it has any to give."""

    __slots__ = ("credit", "customer", "held", "items")

    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.items: deque[tuple[T, int]] = deque()
        self.credit = 0
        self.held = False


class _Lane(Generic[T]):
    """One priority: every customer's queue, and the round of those that have something. The first has its turn."""

    __slots__ = ("queues", "round")

    def __init__(self) -> None:
        self.queues: dict[str, _Queue[T]] = {}
        self.round: deque[_Queue[T]] = deque()

    def queue(self, customer: str) -> _Queue[T]:
        queue = self.queues.get(customer)
        if queue is None:
            queue = self.queues[customer] = _Queue(customer)
        return queue

    def keep(self, wanted: Callable[[T], bool]) -> int:
        left = 0
        for queue in self.queues.values():
            queue.items = deque(entry for entry in queue.items if wanted(entry[0]))
            left += len(queue.items)
        staying = [queue for queue in self.round if queue.items]
        self.queues = {name: queue for name, queue in self.queues.items() if queue.items or queue.held}
        self.round.clear()
        self.round.extend(staying)
        return left


def _bug(priority: int, cost: int) -> Bug:
    if cost < 1:
        return Bug(f"a cost of {cost} would never end a turn")
    return Bug(f"there is no priority {priority}")


class Lanes(Generic[T]):
    """Queues of waiting items by priority and customer. What comes back (refused for now) goes to the front.

    `quantum` is what a turn is worth, in the unit of the costs.
    """

    __slots__ = ("_held", "_lanes", "_quantum", "_rounds", "_waiting")

    def __init__(self, quantum: int = QUANTUM) -> None:
        if quantum < 1:
            raise Bug("a turn must be worth something")
        self._quantum = quantum
        self._lanes: tuple[_Lane[T], ...] = tuple(_Lane() for _ in range(PRIORITIES))
        self._rounds = tuple(lane.round for lane in reversed(self._lanes))  # the highest priority first
        self._waiting = 0
        self._held: set[str] = set()

    def __len__(self) -> int:
        return self._waiting

    @property
    def ready(self) -> int:
        """How many items `take` would give: all but those of customers that are held."""
        if not self._held:
            return self._waiting
        return self._waiting - sum(self.waiting(one, name) for name in self._held for one in range(PRIORITIES))

    def hold(self, customer: str) -> None:
        """Give nothing of this customer until it is released. What it queues meanwhile waits, in order."""
        self._held.add(customer)
        for lane in self._lanes:
            queue = lane.queue(customer)
            if queue.items and not queue.held:
                lane.round.remove(queue)
            queue.held = True

    def release(self, customer: str) -> None:
        """The opposite. It joins the round last."""
        self._held.discard(customer)
        for lane in self._lanes:
            queue = lane.queue(customer)
            if queue.items and queue.held:
                queue.credit = self._quantum
                lane.round.append(queue)
            queue.held = False

    def put(self, item: T, priority: int, customer: str = "", cost: int = 1) -> None:
        """Queue behind its equals. A customer that had nothing waiting joins the round last.

        Bug for a priority that is none of PRIORITIES, or a cost below one.
        """
        if not 0 <= priority < PRIORITIES or cost < 1:
            raise _bug(priority, cost)
        lane = self._lanes[priority]
        queue = lane.queues.get(customer) or lane.queue(customer)
        items = queue.items
        if not items and not queue.held:
            queue.credit = self._quantum
            lane.round.append(queue)
        items.append((item, cost))
        self._waiting += 1

    def put_back(self, item: T, priority: int, customer: str = "", cost: int = 1) -> None:
        """Queue in front of its equals: it was first already. Its customer's place in the round stays.

        A customer whose last item this was has its turn back, worth this item: what it queues meanwhile waits like
        everybody's. The units of an item that comes back are not returned otherwise, so that an item that is always
        refused cannot hold the round.
        """
        if not 0 <= priority < PRIORITIES or cost < 1:
            raise _bug(priority, cost)
        lane = self._lanes[priority]
        queue = lane.queue(customer)
        if not queue.items and not queue.held:
            queue.credit = cost
            lane.round.appendleft(queue)
        queue.items.appendleft((item, cost))
        self._waiting += 1

    def __iter__(self) -> Iterator[T]:
        """All that wait, the higher priorities first, each customer's in their order."""
        return (item for round_ in self._rounds for queue in round_ for item, _ in queue.items)

    def take(self) -> T | None:
        """The next item, or None."""
        for round_ in self._rounds:
            if round_:
                queue = round_[0]
                items = queue.items
                if len(round_) > 1:
                    while (cost := items[0][1]) > queue.credit:
                        queue.credit += self._quantum  # for its next turn
                        round_.rotate(-1)
                        queue = round_[0]
                        items = queue.items
                    queue.credit -= cost
                item, _ = items.popleft()
                if not items:
                    round_.popleft()
                self._waiting -= 1
                return item
        return None

    def keep(self, wanted: Callable[[T], bool]) -> None:
        """Drop what is not wanted any more; the order stays. Each item is asked about once."""
        self._waiting = sum(lane.keep(wanted) for lane in self._lanes)

    def waiting(self, priority: int, customer: str) -> int:
        """Items of one customer in one priority."""
        queue = self._lanes[priority].queues.get(customer)
        return len(queue.items) if queue is not None else 0

    def depth(self, priority: int) -> int:
        """Items of all customers in one priority."""
        return sum(len(queue.items) for queue in self._lanes[priority].round)

    def customers(self, priority: int) -> Iterator[str]:
        """Who has something waiting in this priority, in the order of their turns; those that are held are left out."""
        return (queue.customer for queue in self._lanes[priority].round)

    def oldest(self, priority: int, since: Callable[[T], float]) -> T | None:
        """Of the first item of each customer, the one with the least `since(item)`; None when nothing waits."""
        firsts = (queue.items[0][0] for queue in self._lanes[priority].queues.values() if queue.items)
        return min(firsts, key=since, default=None)

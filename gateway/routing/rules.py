"""The operator's rules: for which messages a rule holds, which routes it names, and in which order they are tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from gateway.model.money import Sen
from gateway.model.values import Address

MINUTES_A_DAY = 1_440
ANY_END = "*"


class Order(Enum):
    """How the routes of a rule follow each other."""

    LISTED = "listed"
    WEIGHTED = "weighted"  # each message draws its order, by its id
    CHEAPEST = "cheapest"  # by the cost of a unit; what costs the same stays as listed


class Query(NamedTuple):
    """What is asked for one message. `minute` is the minute of the day where the operator is."""

    customer: str
    sender: bytes
    e164: bytes
    serving: str
    minute: int = 0
    priority: int = 0
    kind: str = ""
    message_id: int = 0


class Patterns:
    """Addresses: whole, or their beginning with `*` behind it. None of them: every address."""

    __slots__ = ("_any", "_beginnings", "_whole")

    def __init__(self, written: Sequence[str]) -> None:
        self._any = not written
        self._whole = frozenset(one.encode("latin-1") for one in written if not one.endswith(ANY_END))
        self._beginnings = tuple(one[:-1].encode("latin-1") for one in written if one.endswith(ANY_END))

    def match(self, addr: bytes) -> bool:
        """Whether the address is one of them."""
        return self._any or addr in self._whole or addr.startswith(self._beginnings)


EVERY_SENDER = Patterns(())


class Window(NamedTuple):
    """A part of the day in minutes, from the first up to the last, which is no more in it. It may pass midnight."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether the minute of the day is in it."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


class Weighed(NamedTuple):
    """A route that a rule names. `weight` counts when the rule's order is weighted."""

    key: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. An empty condition holds for everything; all conditions must hold."""

    name: str
    routes: tuple[Weighed, ...]
    order: Order = Order.LISTED
    customers: frozenset[str] = frozenset()
    senders: Patterns = EVERY_SENDER
    prefixes: tuple[bytes, ...] = ()
    carriers: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    priorities: frozenset[int] = frozenset()
    kinds: frozenset[str] = frozenset()

    def for_carrier(self, serving: str, network: str) -> bool:
        """Whether it can hold for numbers of this carrier, which may be a brand on a network."""
        return not self.carriers or serving in self.carriers or network in self.carriers

    def holds(self, query: Query) -> bool:
        """Whether it holds for the message; the carrier was looked at before."""
        return (
            (not self.customers or query.customer in self.customers)
            and self.senders.match(query.sender)
            and (not self.prefixes or query.e164.startswith(self.prefixes))
            and (not self.windows or any(window.holds(query.minute) for window in self.windows))
            and (not self.priorities or query.priority in self.priorities)
            and (not self.kinds or query.kind in self.kinds)
        )


class CustomerSenders(NamedTuple):
    """What one customer may send under on one route. `instead` is used for every other sender; None: it is barred."""

    allowed: Patterns
    instead: Address | None = None


class SenderRules(NamedTuple):
    """A route's senders. `fixed` is the one for everybody whom `customers` does not name; None: as it is written."""

    fixed: Address | None = None
    customers: Mapping[str, CustomerSenders] = {}

    def judge(self, customer: str, sender: bytes) -> "Address | bool":
        """The sender to use, True for the one that is written; False when this customer may not send so here."""
        own = self.customers.get(customer)
        if own is None:
            return True if self.fixed is None else self.fixed
        if own.allowed.match(sender):
            return True
        return False if own.instead is None else own.instead


class RouteProfile(NamedTuple):
    """What routing knows of a carrier's profile. `serves`: carriers that are reached through it beside its own."""

    serves: frozenset[str] = frozenset()
    costs: Mapping[str, Sen] = {}  # of a unit, by carrier
    cost: Sen = Sen(0)  # of a unit, to the others
    senders: SenderRules | None = None

    def cost_of(self, serving: str, network: str) -> Sen:
        """What a unit costs."""
        return self.costs.get(serving, self.costs.get(network, self.cost))


def drawn(routes: Sequence[Weighed], message_id: int) -> list[Weighed]:
    """An order of the routes, drawn by their weights; the same message draws the same."""
    left = [route for route in routes if route.weight > 0]
    last = [route for route in routes if route.weight <= 0]
    order = []
    state = message_id & _MASK
    while left:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        point = _mixed(state) % sum(route.weight for route in left)
        for at, route in enumerate(left):
            point -= route.weight
            if point < 0:
                order.append(left.pop(at))
                break
    return order + last


_MASK = (1 << 64) - 1


def _mixed(state: int) -> int:
    """The last steps of splitmix64 (Steele, Lea, Flood 2014): ids in a row give numbers that are in none."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)

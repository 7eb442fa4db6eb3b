"""Whose number, which rule, which route: asked by every message, and by whoever explains one, in the same words."""

from collections.abc import Callable
from typing import NamedTuple

from gateway.model.errors import Reason, Refusal
from gateway.model.values import Address, Serving
from gateway.routing.portability import BY_CUSTOMER, Portability, Unanswered
from gateway.routing.routes import Choice, Route, Routes
from gateway.routing.rules import MINUTES_A_DAY, Query
from gateway.store.contract import MessageAccepted

JST_MINUTES = 540  # rules tell hours as people in Japan read them
MS_A_MINUTE = 60_000


class Taker(NamedTuple):
    """Whose number it is, and the route to it."""

    serving: Serving
    route: Route


class Router:
    """`usable` tells whether a carrier is fit to take a message now; asked only where there is a choice."""

    def __init__(self, portability: Portability, routes: Routes, usable: Callable[[str], bool]) -> None:
        self._portability = portability
        self._routes = routes
        self._usable = usable
        self.ask = portability.ask  # of every message

    def taker(
        self,
        found: Serving | Unanswered | None,
        customer: str,
        sender: bytes,
        e164: bytes,
        wall_ms: int,
        priority: int = 0,
        kind: str = "",
        message_id: int = 0,
    ) -> Taker:
        """The route by what is known of the number. Refusal: nobody serves it, or nobody under this sender."""
        if found is None or isinstance(found, Unanswered):
            raise Refusal(Reason.NO_ROUTE)
        choice = self._routes.settled(found.carrier)
        if choice is None:
            query = Query(customer, sender, e164, found.carrier, minute_of(wall_ms), priority, kind, message_id)
            choice = self._routes.choose(query)
        route = choice.first(self._usable)
        if route is None:
            raise Refusal(Reason.INVALID_SOURCE if choice.barred else Reason.NO_ROUTE)
        return Taker(found, route)

    def choice(self, row: MessageAccepted, serving: str, wall_ms: int) -> Choice:
        """The routes of a message that was accepted, in their order."""
        return self._routes.settled(serving) or self._routes.choose(
            Query(
                row.customer,
                row.source_addr,
                row.e164,
                serving,
                minute_of(wall_ms),
                row.priority,
                row.kind,
                row.message_id,
            )
        )

    def now(self, row: MessageAccepted) -> Serving | None:
        """Whose number it is by what is known here, nobody being asked; what its customer said does not count."""
        return self._portability.look_up(row.e164)

    @property
    def alternatives(self) -> frozenset[str]:
        """The carriers that some message has another route beside."""
        return self._routes.alternatives

    def usable(self, key: str) -> bool:
        """Whether a carrier is fit to take a message now."""
        return self._usable(key)


def minute_of(wall_ms: int) -> int:
    """The minute of the day in Japan."""
    return (wall_ms // MS_A_MINUTE + JST_MINUTES) % MINUTES_A_DAY


def forced_by(row: MessageAccepted) -> str:
    """The carrier that the customer named, which a row keeps in `serving`; empty when it named none."""
    return row.serving if row.known_by == BY_CUSTOMER else ""


def pack_sender(sender: Address | None) -> bytes:
    """The `sender` column: type of number and numbering plan, an octet each, then the address; empty: as it came."""
    return b"" if sender is None else bytes((sender.ton, sender.npi)) + sender.addr


def unpack_sender(row: MessageAccepted) -> Address:
    """What the carrier is told."""
    sender = row.sender
    if sender:
        return Address(sender[0], sender[1], sender[2:])
    return Address(row.source_ton, row.source_npi, row.source_addr)

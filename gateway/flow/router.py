"""Whose number, which rule, which route: asked by every message, and by whoever explains one, in the same words."""

from collections.abc import Callable

from gateway.model.errors import Reason, Refusal
from gateway.model.values import Address, Serving
from gateway.routing.portability import BY_CUSTOMER, Portability
from gateway.routing.routes import Choice, Route, Routes
from gateway.routing.rules import MINUTES_A_DAY, Query
from gateway.store.contract import MessageAccepted

JST_MINUTES = 540  # rules tell hours as people in Japan read them
MS_A_MINUTE = 60_000


class Router:
    """`usable` tells whether a carrier is fit to take a message now; asked only where there is a choice."""

    def __init__(self, portability: Portability, routes: Routes, usable: Callable[[str], bool]) -> None:
        self.usable = usable
        self.take_routes(routes)
        self.ask = portability.ask
        self.look_up = portability.look_up

    def take_routes(self, routes: Routes) -> None:
        """From now on these."""
        self._routes = routes
        self._settled = routes.settled
        self.only = routes.only  # by carrier, where nothing is to choose
        self.choose = routes.choose

    def taker(
        self,
        found: Serving | None,
        customer: str,
        sender: bytes,
        e164: bytes,
        wall_ms: int,
        priority: int = 0,
        kind: str = "",
        message_id: int = 0,
    ) -> tuple[Serving, Route]:
        """Whose number it is, and the route to it. Refusal: nobody serves it, or nobody under this sender."""
        if found is None:
            raise Refusal(Reason.NO_ROUTE)
        choice = self._settled(found.carrier)
        if choice is None:
            query = Query(customer, sender, e164, found.carrier, minute_of(wall_ms), priority, kind, message_id)
            choice = self.choose(query)
        return found, first(choice, self.usable)

    def choice(self, row: MessageAccepted, serving: str, wall_ms: int) -> Choice:
        """The routes of a message that was accepted, in their order, if its number is that carrier's."""
        return self._settled(serving) or self.choose(
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

    @property
    def alternatives(self) -> frozenset[str]:
        """The carriers that some message has another route beside."""
        return self._routes.alternatives

    def reaches(self, carrier: str) -> bool:
        """Whether any route leads to this carrier or brand."""
        return self._routes.reaches(carrier)


def every(_: str) -> bool:
    """For who explains: as if every carrier were fit."""
    return True


def first(choice: Choice, usable: Callable[[str], bool]) -> Route:
    """The route that is taken. Refusal: there is none, or none under this sender."""
    route = choice.first(usable)
    if route is None:
        raise Refusal(Reason.INVALID_SOURCE if choice.barred else Reason.NO_ROUTE)
    return route


def minute_of(wall_ms: int) -> int:
    """The minute of the day in Japan."""
    return (wall_ms // MS_A_MINUTE + JST_MINUTES) % MINUTES_A_DAY


def forced_by(row: MessageAccepted) -> str:
    """The carrier that the customer named, which a row keeps in `serving`; empty when it named none."""
    return row.serving if row.known_by == BY_CUSTOMER else ""


def pack_sender(sender: Address | None) -> bytes:
    """The `sender` column: type of number and numbering plan, an octet each, then the address; empty: as it came."""
    return b"" if sender is None else bytes((sender.ton, sender.npi)) + sender.addr


def unpack_sender(packed: bytes) -> Address:
    """What `pack_sender` made of an address."""
    return Address(packed[0], packed[1], packed[2:])

"""Where carriers call us: their outbind chooses one of our binds, which then binds on the connection that they made."""

import asyncio
import hmac
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from gateway.flow.caller import CallerLink, Unwanted
from gateway.flow.carriers import CarrierLink
from gateway.model.origin import Network, Origin
from gateway.net.connection import Connection, MakeLink
from gateway.net.listener import Crowd, Listener
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.settings.outbind import OutbindSettings
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import Outbind
from gateway.smpp.session import Session
from gateway.smpp.states import Side

log = structlog.get_logger(room="carriers")

MOST_CALLS = 1_000  # connections of all carriers, ours to them too
MOST_CALLS_OF_ADDRESS = 200


class Callee(Protocol):
    """A bind that may be called."""

    outbind: OutbindSettings | None

    @property
    def limits(self) -> SessionLimits:
        """Of its sessions."""

    @property
    def free(self) -> bool:
        """Whether it would bind now."""

    def bind_on(self, session: Session) -> CarrierLink:
        """Ask to bind on this session."""


class Calls:
    """One listening socket for each host and port that binds name. `addresses` are those that are open."""

    def __init__(
        self,
        callees: Iterable[Callee],
        turn: Turn,
        now: Callable[[], float],
        connections: set[Connection],
    ) -> None:
        self._turn = turn
        self._now = now
        self._connections = connections
        self._callees: dict[tuple[str, int], list[tuple[OutbindSettings, Callee]]] = {}
        for one in callees:
            if one.outbind is not None:
                self._callees.setdefault((one.outbind.host, one.outbind.port), []).append((one.outbind, one))
        self.addresses: list[str] = []

    def start(self, tasks: Tasks) -> None:
        """Listen, until the tasks end."""
        for host, port in self._callees:
            tasks.start(self._listen(host, port), f"outbind-{host}-{port}")

    async def _listen(self, host: str, port: int) -> None:
        callees = self._callees[host, port]
        allowed: tuple[Network, ...] = tuple({network for called, _ in callees for network in called.allow_from})
        crowd = Crowd(MOST_CALLS, MOST_CALLS_OF_ADDRESS)
        listener = Listener(self._turn, self._now, self._make_link(callees), crowd, self._connections)
        address = await listener.listen(host, port, allow_from=allowed)
        self.addresses.append(address)
        log.info("outbind_ready", listen=address)
        try:
            await asyncio.get_running_loop().create_future()  # until it is cancelled
        finally:
            listener.stop_accepting()

    def _make_link(self, callees: list[tuple[OutbindSettings, Callee]]) -> MakeLink:
        def answer(session: Session, origin: Origin, outbind: Outbind) -> CarrierLink | Unwanted:
            return choose(callees, session, origin, outbind)

        def make_link(wake: Callable[[], None], origin: Origin) -> CallerLink:
            # Whose call it is, the outbind will tell: until then the widest window of those that it may be.
            near = (one.limits for called, one in callees if origin.within(called.allow_from))
            limits = max(near, key=lambda limits: limits.send_window, default=SessionLimits())
            return CallerLink(Session(Side.ESME, limits, self._now(), wake), origin, answer)

        return make_link


def choose(
    callees: list[tuple[OutbindSettings, Callee]], session: Session, origin: Origin, outbind: Outbind
) -> CarrierLink | Unwanted:
    """The first free bind that may be called from there under this name binds on the session; or why none does."""
    near = [(called, one) for called, one in callees if origin.within(called.allow_from)]
    if not near:
        return Unwanted.NOT_FROM_THERE
    named = [one for called, one in near if is_named(called, outbind)]
    if not named:
        return Unwanted.WRONG_NAME
    one = next((one for one in named if one.free), None)
    return Unwanted.NO_BIND_LEFT if one is None else one.bind_on(session)


def is_named(called: OutbindSettings, outbind: Outbind) -> bool:
    """Whether name and password are the carrier's; the time it takes tells nothing of the password."""
    password = called.password
    right = password is None or hmac.compare_digest(password.reveal().encode("ascii"), outbind.password)
    return right and called.system_id.encode("ascii") == outbind.system_id

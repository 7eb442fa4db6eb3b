"""Where customers connect: listening sockets, their connections, and who is turned away at the door."""

import asyncio
import socket
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import structlog

from gateway.model.origin import Network, Origin
from gateway.net.connection import Connection, MakeLink
from gateway.net.front import Front, Header
from gateway.net.tls import Certificates
from gateway.net.turn import Turn
from gateway.smpp.states import SessionState

log = structlog.get_logger(room="listener")

BACKLOG = 1_024
CUSTOMER_HIGH_WATER = 1 << 16  # octets; what a thousand answers take is half of it
FILES_OF_OUR_OWN = 128  # the store, the log, carriers, whoever asks for metrics


class Crowd(NamedTuple):
    """How many connections there may be, in all and from one address, and seconds for header and handshake."""

    most: int
    most_of_address: int = 1_000
    front_seconds: float = 10.0


def most_connections(wanted: int, open_files: int) -> int:
    """As many as the limit of open files allows, with room for a burst that is accepted before it is turned away."""
    return max(1, min(wanted, open_files - FILES_OF_OUR_OWN - min(BACKLOG, open_files // 4)))


class Listener:
    """Listens on any number of addresses.

    When it is full, the connection that has waited longest to bind makes room for a new one; if all are bound, or too
    many are from its address, the new one is closed at once and counted in `turned_away`. `refused` counts what came to
    nothing before its session began: no header or a wrong one, no TLS.
    """

    def __init__(
        self,
        turn: Turn,
        now: Callable[[], float],
        make_link: MakeLink,
        crowd: Crowd,
        connections: set[Connection] | None = None,
    ) -> None:
        self._turn = turn
        self._now = now
        self._make_link = make_link
        self._crowd = crowd
        self._servers: list[asyncio.Server] = []
        self._held = False
        self._unbound: OrderedDict[Connection, None] = OrderedDict()  # and some that have bound since
        self._of_address: Counter[str] = Counter()
        self._snapshot: list[Connection] = []
        self.certificates: dict[str, Certificates] = {}  # by address, host:port
        self.connections = set() if connections is None else connections  # None: nobody else's are in it
        self.turned_away = 0
        self.refused = 0

    async def listen(
        self,
        host: str,
        port: int,
        certificates: Certificates | None = None,
        balancers: tuple[Network, ...] = (),
        allow_from: tuple[Network, ...] | None = None,
        inherited: socket.socket | None = None,
    ) -> str:
        """Open one address. Return it as host:port, with the port that the kernel chose for 0.

        Who is not in `allow_from` is closed before a session begins; None: everybody may come. `inherited`: a socket
        that listens there already, in place of one of our own.
        """
        loop = asyncio.get_running_loop()
        door = _Door(self, self._crowd, certificates, balancers, allow_from)
        if inherited is None:
            server = await loop.create_server(lambda: self._connection(door), host, port, backlog=BACKLOG)
        else:
            server = await loop.create_server(lambda: self._connection(door), sock=inherited, backlog=BACKLOG)
        self._servers.append(server)
        name = server.sockets[0].getsockname()
        address = f"{name[0]}:{name[1]}"
        if certificates is not None:
            self.certificates[address] = certificates
        return address

    def _connection(self, door: "_Door") -> asyncio.BaseProtocol:
        if len(self.connections) >= self._crowd.most and not self._make_room():
            self.turned_away += 1
            return TurnedAway()
        connection = Connection(self._turn, self._now, self._make_link, self.connections, door)
        if self._held:
            connection.hold(True)
        return connection

    def _make_room(self) -> bool:
        """Drop the connection that has waited longest to bind."""
        while self._unbound:
            connection, _ = self._unbound.popitem(last=False)
            if connection.link is None or connection.link.session.state is SessionState.OPEN:
                connection.abort()
                self.turned_away += 1
                return True
        return False

    def enter(self, connection: Connection, origin: Origin) -> bool:
        """A connection is known by its address. False: there are too many from there."""
        household = origin.household
        if self._of_address[household] >= self._crowd.most_of_address:
            self.turned_away += 1
            return False
        self._of_address[household] += 1
        self._unbound[connection] = None
        return True

    def leave(self, connection: Connection, origin: Origin) -> None:
        """It is gone."""
        self._unbound.pop(connection, None)
        household = origin.household
        self._of_address[household] -= 1
        if not self._of_address[household]:
            del self._of_address[household]

    def refuse(self, origin: Origin, why: str) -> None:
        """It came to nothing. The 1st, 2nd, 4th, 8th, ... is logged: a scanner does not fill the log."""
        self.refused += 1
        if not self.refused & (self.refused - 1):
            log.warning("connection_refused", peer=str(origin), why=why, count=self.refused)

    def hold(self, held: bool) -> None:
        """Stop or go on reading from everybody."""
        if held != self._held:
            self._held = held
            for connection in self.connections:
                connection.hold(held)

    def tick(self, now: float, part: int = 0, parts: int = 1) -> None:
        """The timers of all sessions; or a part of them, so that thousands do not stop the loop at once."""
        if part == 0:
            self._snapshot = list(self.connections)
        for connection in self._snapshot[part::parts]:
            connection.tick(now)

    def stop_accepting(self) -> None:
        """Close the listening sockets; what is connected stays. Of an inherited one only our end is closed."""
        for server in self._servers:
            server.close()


class _Door:
    """One address of a listener."""

    def __init__(
        self,
        listener: Listener,
        crowd: Crowd,
        certificates: Certificates | None,
        balancers: tuple[Network, ...],
        allow_from: tuple[Network, ...] | None,
    ) -> None:
        self._listener = listener
        self._certificates = certificates
        self._balancers = balancers
        self._allow_from = allow_from
        self.high_water = CUSTOMER_HIGH_WATER
        self.front_seconds = crowd.front_seconds
        self.leave = listener.leave
        self.refuse = listener.refuse

    def enter(self, connection: Connection, origin: Origin) -> bool:
        """It is known where it comes from. False: nobody may come from there, or not one more."""
        if self._allow_from is not None and not origin.within(self._allow_from):
            self.refuse(origin, "nobody may connect from there")
            return False
        return self._listener.enter(connection, origin)

    def front(self, socket: Origin) -> Front:
        """What a connection goes through."""
        header = Header.NEVER_HEARD_OF
        if self._balancers:
            header = Header.FROM_A_BALANCER if socket.within(self._balancers) else Header.FROM_A_STRANGER
        return Front(socket, header, None if self._certificates is None else self._certificates.context)


class TurnedAway(asyncio.Protocol):
    """A connection above the limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        transport.close()

"""Where customers connect: a listening socket and its connections."""

import asyncio
from collections.abc import Callable

from gateway.net.connection import Connection, MakeLink
from gateway.net.turn import Turn

BACKLOG = 1024


class Listener:
    """Listens on any number of addresses; refuses what is above `max_connections` by closing it at once."""

    def __init__(self, turn: Turn, now: Callable[[], float], make_link: MakeLink, max_connections: int) -> None:
        self._turn = turn
        self._now = now
        self._make_link = make_link
        self._max_connections = max_connections
        self._servers: list[asyncio.Server] = []
        self._held = False
        self.connections: set[Connection] = set()
        self.turned_away = 0

    async def listen(self, host: str, port: int) -> str:
        """Open one address. Return it as host:port, with the port that the kernel chose for 0."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connection, host, port, backlog=BACKLOG)
        self._servers.append(server)
        name = server.sockets[0].getsockname()
        return f"{name[0]}:{name[1]}"

    def _connection(self) -> asyncio.BaseProtocol:
        if len(self.connections) >= self._max_connections:
            self.turned_away += 1
            return TurnedAway()
        connection = Connection(self._turn, self._now, self._make_link, self.connections)
        if self._held:
            connection.hold(True)
        return connection

    def hold(self, held: bool) -> None:
        """Stop or go on reading from everybody."""
        if held != self._held:
            self._held = held
            for connection in self.connections:
                connection.hold(held)

    def tick(self, now: float) -> None:
        """The timers of all sessions."""
        for connection in tuple(self.connections):
            connection.tick(now)

    def stop_accepting(self) -> None:
        """Close the listening sockets; what is connected stays."""
        for server in self._servers:
            server.close()


class TurnedAway(asyncio.Protocol):
    """A connection above the limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        transport.close()

"""One bind to a carrier, kept up: connect, bind, and after a loss again, later each time it fails."""

import asyncio
import random
from collections.abc import Callable

import structlog

from gateway.net.connection import Connection, MakeLink
from gateway.net.turn import Turn

log = structlog.get_logger(room="connector")

CONNECT_SECONDS = 10.0
STEADY_SECONDS = 10.0  # a connection that lived so long was a good one: the next wait is the shortest


class Connector:
    """Keeps one connection to `host`:`port`. `make_link` builds the session, which binds by itself."""

    def __init__(
        self,
        turn: Turn,
        now: Callable[[], float],
        make_link: MakeLink,
        host: str,
        port: int,
        *,
        name: str,
        wait_seconds: tuple[float, float],
        connections: set[Connection],
    ) -> None:
        self._turn = turn
        self._now = now
        self._make_link = make_link
        self._host = host
        self._port = port
        self._name = name
        self._shortest, self._longest = wait_seconds
        self._connections = connections
        self._wait = self._shortest

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            connection = await self._connect()
            if connection is not None:
                since = self._now()
                await connection.closed
                if self._now() - since >= STEADY_SECONDS:
                    self._wait = self._shortest
            await asyncio.sleep(self._next_wait())

    def _next_wait(self) -> float:
        """Doubles up to the longest; a random half of it keeps many binds from knocking at once."""
        wait, self._wait = self._wait, min(self._wait * 2, self._longest)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it

    async def _connect(self) -> Connection | None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._turn, self._now, self._make_link, self._connections),
                    self._host,
                    self._port,
                )
        except (OSError, TimeoutError) as failure:
            log.warning("carrier_unreachable", bind=self._name, host=self._host, port=self._port, why=str(failure))
            return None
        return connection

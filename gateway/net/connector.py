"""One bind to a carrier, kept up: connect, bind, and after a loss again, later each time it fails."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog

from gateway.net.backoff import Backoff, Ended
from gateway.net.client_tls import ClientTls
from gateway.net.connection import Connection, MakeLink
from gateway.net.turn import Turn
from gateway.settings.certificates import CertificateError

log = structlog.get_logger(room="connector")

CONNECT_SECONDS = 10.0
STEADY_SECONDS = 10.0  # a connection that lived so long was a good one: the next wait is the shortest


class Connector:
    """Keeps one connection to one of the hosts that `backoff` goes through. `make_link` builds the session, which
    binds by itself; `ended` tells, after a connection, what became of its bind.
    """

    def __init__(
        self,
        turn: Turn,
        now: Callable[[], float],
        make_link: MakeLink,
        backoff: Backoff,
        ended: Callable[[], Ended],
        *,
        name: str,
        connections: set[Connection],
        tls: ClientTls | None = None,
        of_customer: bool = False,
    ) -> None:
        self._turn = turn
        self._now = now
        self._make_link = make_link
        self._backoff = backoff
        self._ended = ended
        self._name = name
        self._connections = connections
        self._tls = tls
        self._of_customer = of_customer
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._at_once = asyncio.Event()
        self.connection: Connection | None = None
        self.failures = 0  # connections that were never made

    def stay_away(self) -> None:
        """Make no new connection. The present one is not touched."""
        self._wanted.clear()

    def go_on(self) -> None:
        """Connect again, when the wait is over."""
        self._wanted.set()

    def come_back(self) -> None:
        """Connect again, at once and from the first host."""
        self._backoff.fresh()
        self._at_once.set()
        self._wanted.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._wanted.wait()
            self._at_once.clear()
            since, ended = self._now(), Ended.FAILED
            self.connection = await self._connect()
            if self.connection is not None:
                await asyncio.shield(self.connection.closed)  # others wait for it too
                self.connection = None
                ended = self._ended()
            wait = self._backoff.after(ended, steady=self._now() - since >= STEADY_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._at_once.wait()

    async def _connect(self) -> Connection | None:
        loop = asyncio.get_running_loop()
        host, port = self._backoff.place
        begun: list[Connection] = []
        connection: Connection | None = None

        def begin() -> Connection:
            begun.append(Connection(self._turn, self._now, self._make_link, self._connections))
            return begun[-1]

        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    begin,
                    host,
                    port,
                    **self._secured(host),
                )
        except (OSError, TimeoutError, ValueError, CertificateError) as failure:
            self.failures += 1
            if self._of_customer:
                log.warning("customer_unreachable", customer=self._name, host=host, port=port, why=_why(failure))
            else:
                log.warning("carrier_unreachable", bind=self._name, host=host, port=port, why=_why(failure))
            return None
        finally:
            if connection is None:
                for one in begun:  # a connection that was just made is closed without a word when we are cancelled
                    one.connection_lost(None)
        return connection

    def _secured(self, host: str) -> dict[str, Any]:
        if self._tls is None:
            return {}
        return {
            "ssl": self._tls.build().context,
            "server_hostname": self._tls.server_name or host,
            "ssl_handshake_timeout": CONNECT_SECONDS,
        }


def _why(failure: Exception) -> str:
    return str(failure) or type(failure).__name__

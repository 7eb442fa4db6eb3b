"""HTTP for people and programs of the house: aiohttp's server with limits, and a guard that all requests pass.

The guard: a Host that nobody can have bound to another address, requests that change something only from our own pages
or from programs, headers that let a browser load nothing from elsewhere.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from typing import Final

from aiohttp import web

MOST_CONNECTIONS = 64
CONNECTION_SECONDS = 60.0  # from connecting to the end, however many requests
MOST_BODY_OCTETS = 16_384
MOST_HEAD_LINE_OCTETS = 4_096
KEEP_ALIVE_SECONDS = 15.0
SHUTDOWN_SECONDS = 1.0
HOST = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]{2,45})\](:\d{1,5})?|(?P<name>[0-9A-Za-z._-]{1,253})(:\d{1,5})?")
SAFE_METHODS = frozenset({"GET", "HEAD"})
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "smpp-gateway",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Judges every request before its handler. `hosts` are names that are ours, beside localhost and addresses."""

    def __init__(self, hosts: Collection[str], on_failure: Callable[[Exception], None]) -> None:
        self._hosts = frozenset(one.lower() for one in hosts) | {"localhost"}
        self._on_failure = on_failure

    def wrong(self, request: web.BaseRequest) -> tuple[int, str] | None:
        """The status and why it is not answered; None: it is."""
        host = request.headers.get("Host", "")
        if not self._is_ours(host):
            return 421, "this host is not ours; `hosts` of the page's configuration names those that are"
        if request.method not in SAFE_METHODS:
            origin = request.headers.get("Origin")
            if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
                return 403, "that comes from another site"
            if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
                return 403, "that comes from another site"
        return None

    def _is_ours(self, host: str) -> bool:
        """A browser that was lied to about a name sends that name; an address is what it is."""
        match = HOST.fullmatch(host)
        if match is None:
            return False
        name = match["six"] or match["name"]
        if name.lower() in self._hosts:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True

    async def run(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The middleware."""
        wrong = self.wrong(request)
        answer: web.StreamResponse
        if wrong is not None:
            answer = web.Response(status=wrong[0], text=f"{wrong[1]}\n")
        else:
            try:
                answer = await handler(request)
            except web.HTTPException as said:
                kept = {name: said.headers[name] for name in ("Allow", "Location") if name in said.headers}
                answer = web.Response(status=said.status, text=f"{said.reason}\n", headers=kept)
            except Exception as failure:  # noqa: BLE001 - a page must not take the gateway down; it is told, with its traceback
                self._on_failure(failure)
                answer = web.Response(status=500, text="a bug of ours; the log says more\n")
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class Server:
    """Opens nothing until `listen`. `on_failure` gets what a handler raised; the peer gets 500 and not a word of it."""

    def __init__(
        self, routes: Collection[web.RouteDef], hosts: Collection[str], on_failure: Callable[[Exception], None]
    ) -> None:
        guard = Guard(hosts, on_failure)

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await guard.run(request, handler)

        self._application = web.Application(middlewares=[guarded], client_max_size=MOST_BODY_OCTETS)
        self._application.add_routes(routes)
        self._runner: web.AppRunner | None = None
        self._servers: list[asyncio.Server] = []

    async def listen(self, host: str, port: int) -> str:
        """Open one address. Return it as host:port, with the port the kernel chose for 0. OSError: it is taken."""
        if self._runner is None:
            self._runner = web.AppRunner(
                self._application,
                access_log=None,
                handle_signals=False,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                max_line_size=MOST_HEAD_LINE_OCTETS,
                max_field_size=MOST_HEAD_LINE_OCTETS,
                shutdown_timeout=SHUTDOWN_SECONDS,
            )
            await self._runner.setup()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: self._entered(loop), host, port)
        self._servers.append(server)
        name = server.sockets[0].getsockname()
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"

    def _entered(self, loop: asyncio.AbstractEventLoop) -> asyncio.BaseProtocol:
        """A connection comes: one too many is closed at once, the others have their time."""
        served = None if self._runner is None else self._runner.server
        if served is None or len(served.connections) >= MOST_CONNECTIONS:
            return _TurnedAway()
        one = served()
        loop.call_later(CONNECTION_SECONDS, one.force_close)
        return one

    async def close(self) -> None:
        """Nobody is answered any more; who waits for an answer has a second to get it."""
        for server in self._servers:
            server.close()
        if self._runner is not None:
            await self._runner.cleanup()


class _TurnedAway(asyncio.Protocol):
    """A connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        transport.close()

"""A few pages over HTTP/1.1 out of the gateway's own loop: GET or HEAD, one request a connection, small limits.

In the loop, because what the pages tell is the loop's own state: a thread would read it while it changes. And by hand,
because three pages of text need neither a framework nor a dependency.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

MOST_HEAD_OCTETS = 8_192
MOST_CONNECTIONS = 32
CONNECTION_SECONDS = 10.0  # from connecting until the answer is taken

REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """What a page says."""

    status: int
    body: bytes
    content_type: str = TEXT


# Asked in the loop at every request of the path; must be quick.
Page = Callable[[], Answer]


class Pages:
    """Serves pages by path. `on_failure` gets what a page raised; the peer gets 500 and not a word of it."""

    def __init__(self, pages: Mapping[str, Page], on_failure: Callable[[Exception], None]) -> None:
        self._pages = pages
        self._on_failure = on_failure
        self._servers: list[asyncio.Server] = []
        self._connections: set[_Exchange] = set()

    async def listen(self, host: str, port: int) -> str:
        """Open one address. Return it as host:port, with the port the kernel chose for 0. OSError: it is taken."""
        server = await asyncio.get_running_loop().create_server(lambda: _Exchange(self), host, port)
        self._servers.append(server)
        name = server.sockets[0].getsockname()
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"

    def close(self) -> None:
        """Close the addresses and every connection."""
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.abort()

    def enter(self, exchange: "_Exchange") -> bool:
        """A connection came. False when it is one too many."""
        if len(self._connections) >= MOST_CONNECTIONS:
            return False
        self._connections.add(exchange)
        return True

    def leave(self, exchange: "_Exchange") -> None:
        """It is gone."""
        self._connections.discard(exchange)

    def answer(self, path: str) -> Answer:
        """What the page of this path says now."""
        page = self._pages.get(path)
        if page is None:
            return Answer(404, f"try {' '.join(self._pages)}\n".encode())
        try:
            return page()
        except Exception as failure:  # noqa: BLE001 - a page must not take the gateway down; it is told, with its traceback
            self._on_failure(failure)
            return Answer(500, b"the log says why\n")


class _Exchange(asyncio.Protocol):
    """One connection: a request comes, an answer goes."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._head = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._pages.enter(self):
            self._transport.abort()
            return
        self._timer = asyncio.get_running_loop().call_later(CONNECTION_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self._head += data
        if b"\r\n\r\n" in self._head or b"\n\n" in self._head:
            self._say(*self._judge())
        elif len(self._head) > MOST_HEAD_OCTETS:
            self._say(Answer(431, b"the request is too long\n"))

    def _judge(self) -> tuple[Answer, bool]:
        """The answer, and whether its body goes with it."""
        if len(self._head) > MOST_HEAD_OCTETS:
            return Answer(431, b"the request is too long\n"), True
        words = self._head.split(b"\n", 1)[0].decode("latin-1").split()
        if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
            return Answer(400, b"that is no HTTP/1.1 request\n"), True
        method, target, _ = words
        if method not in {"GET", "HEAD"}:
            return Answer(405, b"only GET and HEAD\n"), True
        return self._pages.answer(target.partition("?")[0]), method == "GET"

    def _say(self, answer: Answer, with_body: bool = True) -> None:
        if self._transport is None:
            return
        head = [
            f"HTTP/1.1 {answer.status} {REASONS[answer.status]}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.body)}",
            *(["Allow: GET, HEAD"] if answer.status == 405 else []),
            "Cache-Control: no-store",
            "Connection: close",
            "",
            "",
        ]
        self._transport.write("\r\n".join(head).encode("latin-1") + (answer.body if with_body else b""))
        self._transport.close()  # nothing is read any more: a body, or a second request, is not looked at

    def abort(self) -> None:
        """Close without waiting for anything."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was, it is over
        """asyncio calls it."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._pages.leave(self)

"""Who takes notices, over real sockets: an SMTP server that is another's work (aiosmtpd), and an HTTP server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class PostOffice:
    """What came. `refuse` is answered to RCPT; after `hang` nothing is answered at all."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refuse: str = ""
    hang: bool = False
    cuts: bool = False  # instead of an answer to QUIT
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang:
            await self._released.wait()
        if self.refuse:
            self.came.set()
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(
            server.transport is not None and server.transport.get_extra_info("ssl_object") is not None
        )
        self.came.set()
        return "250 taken"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.cuts:
            assert server.transport is not None
            server.transport.close()
        return "221 bye"

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)

    async def until(self, count: int) -> None:
        """So many mails are there."""
        async with asyncio.timeout(10):
            while len(self.mails) < count:
                self.came.clear()
                await self.came.wait()

    def subjects(self) -> list[str]:
        """Of all that came, in order."""
        return [str(mail["Subject"]) for mail in self.mails]

    def release(self) -> None:
        """Whoever hangs goes on."""
        self.hang = False
        self._released.set()


@asynccontextmanager
async def post_office(
    tls: ssl.SSLContext | None = None, *, starttls: bool = False, port: int = 0
) -> AsyncIterator[PostOffice]:
    """One that listens. With `tls` from the first octet, or after STARTTLS, and then only with a login."""
    office = PostOffice()
    sessions: set[SMTP] = set()

    def serve() -> SMTP:
        one = SMTP(
            office,
            hostname="mx.example.jp",
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            authenticator=office.login if tls is not None else None,
            auth_require_tls=starttls,
        )
        sessions.add(one)
        return one

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", port, ssl=None if starttls else tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        office.release()
        server.close()
        for one in sessions:
            if one.transport is not None:
                one.transport.close()
        await server.wait_closed()


@dataclass
class Receiver:
    """An HTTP server that answers what it is told to, or nothing; a `status` of 0 hangs."""

    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if self.statuses else 204
        self.came.set()
        if not status:
            await self.released.wait()
        return web.Response(status=status or 500, headers={"Location": "/elsewhere"} if status == 302 else {})

    async def until(self, count: int) -> None:
        """So many requests came."""
        async with asyncio.timeout(10):
            while len(self.requests) < count:
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def receiver(*statuses: int) -> AsyncIterator[Receiver]:
    """One that listens; after these statuses it takes everything."""
    one = Receiver(list(statuses))
    app = web.Application()
    app.router.add_post("/hook", one.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield one
    finally:
        one.released.set()
        await runner.cleanup()


@asynccontextmanager
async def babbler(says: bytes) -> AsyncIterator[int]:
    """Somebody who says this to whoever connects, and hangs up. Its port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def until(holds: Callable[[], bool]) -> None:
    """The loop turns until it holds."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)

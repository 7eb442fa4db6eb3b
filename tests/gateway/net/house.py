"""A listener whose links grant every bind, over real sockets."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence

from gateway.clock import monotonic
from gateway.model.origin import Network, Origin
from gateway.net.listener import Crowd, Listener
from gateway.net.tls import Certificates
from gateway.net.turn import Turn
from gateway.smpp.codec import encode
from gateway.smpp.events import Closed, Event
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindTransceiver, SubmitSm
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from tests.gateway.settings.issued import NAME

BIND = encode(BindTransceiver(system_id=b"x", interface_version=0x34), 1)
BIND_RESP_OCTETS = 16 + len(b"echo\0") + 5


class EchoLink:
    """Grants every bind, answers every submit_sm, remembers the end."""

    def __init__(self, session: Session, origin: Origin) -> None:
        self.session = session
        self.origin = origin
        self.hold_for = 0.0
        self.ended: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def hold_seconds(self) -> float:
        seconds, self.hold_for = self.hold_for, 0.0
        return seconds

    def handle(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, BindTransceiver):
                self.session.accept_bind(event, b"echo")
            elif isinstance(event, SubmitSm):
                self.session.submit_sm_resp(event.sequence_number, 0, b"1")
            elif isinstance(event, Closed):
                self.ended.set_result(event)


class House:
    """A listener with echo links, and the links it made."""

    def __init__(self, crowd: Crowd, limits: SessionLimits | None = None) -> None:
        self.turn = Turn(asyncio.get_running_loop(), lambda: None)
        self.links: list[EchoLink] = []
        self.made = asyncio.Event()
        self.listener = Listener(self.turn, monotonic, self.make, crowd)
        self.limits = limits or SessionLimits()
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    def make(self, wake: Callable[[], None], origin: Origin) -> EchoLink:
        link = EchoLink(Session(Side.MC, self.limits, monotonic(), wake), origin)
        self.links.append(link)
        self.made.set()
        return link

    async def open(self, certificates: Certificates | None = None, balancers: tuple[Network, ...] = ()) -> None:
        address = await self.listener.listen("127.0.0.1", 0, certificates, balancers)
        self.port = int(address.rsplit(":", 1)[1])

    async def connect(self, source: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.made.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        self._writers.append(writer)
        return reader, writer

    async def connect_tls(self, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname=NAME)
        self._writers.append(writer)
        return reader, writer

    async def bound(self, source: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await self.connect(source)
        writer.write(BIND)
        await reader.readexactly(BIND_RESP_OCTETS)
        return reader, writer

    async def close(self) -> None:
        self.listener.stop_accepting()
        for connection in tuple(self.listener.connections):
            connection.abort()
            await connection.closed
        for writer in self._writers:
            with contextlib.suppress(AttributeError):  # asyncio of 3.11.2: a TLS transport that is gone
                writer.transport.abort()
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await writer.wait_closed()


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until it holds."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never holds")


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other end is closed, in whatever way."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""

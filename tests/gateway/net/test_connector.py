"""A bind is kept up: connected, and after a loss connected again, later each time, host after host."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import trustme
import uvloop
from structlog.testing import capture_logs

from gateway.clock import monotonic
from gateway.net.backoff import Backoff, Ended, Place, Waits
from gateway.net.client_tls import ClientTls
from gateway.net.connection import Connection
from gateway.net.connector import Connector
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.smpp.events import Event
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindTransceiver
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from tests.gateway.net.house import until

NEVER = 3_600.0


class QuietLink:
    """Binds, and that is all."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def hold_seconds(self) -> float:
        return 0.0

    def handle(self, events: Sequence[Event]) -> None:
        """Nothing follows from them."""


def make_link(wake: Callable[[], None], _origin: object) -> QuietLink:
    session = Session(Side.ESME, SessionLimits(), monotonic(), wake)
    session.bind(BindTransceiver(system_id=b"gw"), monotonic())
    return QuietLink(session)


class Centre:
    """Takes connections and remembers them."""

    def __init__(self) -> None:
        self.arrivals: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self.binds: list[bytes] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self, context: ssl.SSLContext | None = None) -> "Centre":
        self._server = await asyncio.start_server(self._arrived, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.binds.append(await reader.readexactly(16))
        await self.arrivals.put(writer)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()


class Kept:
    """A connector at work."""

    def __init__(
        self,
        *ports: int,
        ended: Ended = Ended.FAILED,
        waits: Waits = Waits(0.001, 0.002, NEVER),  # noqa: B008 - it is frozen
        tls: ClientTls | None = None,
        of_customer: bool = False,
    ) -> None:
        self.failures: list[BaseException] = []
        self.connections: set[Connection] = set()
        self.connector = Connector(
            Turn(asyncio.get_running_loop(), lambda: None),
            monotonic,
            make_link,
            Backoff([Place("127.0.0.1", port) for port in ports], waits),
            lambda: ended,
            name="one",
            connections=self.connections,
            tls=tls,
            of_customer=of_customer,
        )
        self._tasks = Tasks(self.failures.append)

    def start(self) -> "Kept":
        self._tasks.start(self.connector.run(), "one")
        return self

    async def end(self) -> None:
        await self._tasks.end()
        for connection in tuple(self.connections):
            connection.abort()
            await connection.closed
        assert self.failures == []


async def closed_port() -> int:
    centre = await Centre().open()
    await centre.close()
    return centre.port


async def test_it_comes_back_after_every_loss() -> None:
    centre = await Centre().open()
    kept = Kept(centre.port).start()
    for _ in range(3):
        (await centre.arrivals.get()).transport.abort()
    last = await centre.arrivals.get()
    assert [octets[4:8] for octets in centre.binds[:3]] == [b"\0\0\0\x09"] * 3
    await kept.end()
    last.close()
    await centre.close()


async def test_nobody_there_is_no_failure() -> None:
    kept = Kept(await closed_port())
    assert await kept.connector._connect() is None
    assert kept.connections == set()
    assert kept.connector.failures == 1


@pytest.mark.parametrize("turns", range(16))
def test_a_stop_while_it_connects_leaves_no_dead_connection(turns: int) -> None:
    """uvloop closes the transport of a connection that was just made, and tells nobody."""

    async def stop_after_turns(port: int) -> None:
        kept = Kept(port).start()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await kept.end()
        assert kept.connections == set()
        for _ in range(3):  # what was closed is freed
            await asyncio.sleep(0)

    loop = uvloop.new_event_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        loop.run_until_complete(stop_after_turns(listening.getsockname()[1]))
    loop.close()


@pytest.mark.parametrize(("of_customer", "event"), [(False, "carrier_unreachable"), (True, "customer_unreachable")])
async def test_the_log_tells_who_is_not_there(of_customer: bool, event: str) -> None:
    kept = Kept(port := await closed_port(), of_customer=of_customer)
    with capture_logs() as logs:
        assert await kept.connector._connect() is None
    (line,) = logs
    assert (line["event"], line["port"], line["log_level"]) == (event, port, "warning")
    assert "one" in {line.get("bind"), line.get("customer")}


async def test_the_next_host_is_tried_when_the_first_is_not_there() -> None:
    centre = await Centre().open()
    kept = Kept(await closed_port(), centre.port).start()
    writer = await centre.arrivals.get()
    await kept.end()
    writer.close()
    await centre.close()


async def test_who_fails_after_the_connection_is_left_for_the_next_host_and_seen_again() -> None:
    first, second = await Centre().open(), await Centre().open()
    kept = Kept(first.port, second.port).start()
    for centre in (first, second, first, second):
        (await centre.arrivals.get()).transport.abort()
    await kept.end()
    await first.close()
    await second.close()


async def test_who_refused_for_good_is_not_asked_again_until_somebody_says_so() -> None:
    centre = await Centre().open()
    kept = Kept(centre.port, ended=Ended.REFUSED).start()
    (await centre.arrivals.get()).transport.abort()
    await until(lambda: not kept.connections)
    assert len(centre.binds) == 1
    kept.connector.come_back()
    last = await centre.arrivals.get()
    assert len(centre.binds) == 2
    await kept.end()
    last.close()
    await centre.close()


async def test_who_stays_away_comes_back_only_when_told() -> None:
    centre = await Centre().open()
    kept = Kept(centre.port)
    kept.connector.stay_away()
    kept.start()
    for _ in range(20):
        await asyncio.sleep(0)
    assert centre.binds == []
    kept.connector.come_back()
    writer = await centre.arrivals.get()
    await kept.end()
    writer.close()
    await centre.close()


class TestTls:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def server(self, authority: trustme.CA) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("centre.example").configure_cert(context)
        return context

    async def test_it_binds_over_tls_and_shows_its_certificate(
        self, authority: trustme.CA, server: ssl.SSLContext, tmp_path: Path
    ) -> None:
        authority.configure_trust(server)
        server.verify_mode = ssl.CERT_REQUIRED
        ours = authority.issue_cert("gateway.example")
        ca, certificate, key = (tmp_path / name for name in ("ca.pem", "cert.pem", "key.pem"))
        authority.cert_pem.write_to_path(str(ca))
        ours.cert_chain_pems[0].write_to_path(str(certificate))
        ours.private_key_pem.write_to_path(str(key))
        centre = await Centre().open(server)
        kept = Kept(centre.port, tls=ClientTls(ca, certificate, key, "centre.example")).start()
        writer = await centre.arrivals.get()
        assert writer.get_extra_info("peercert")
        await kept.end()
        writer.transport.abort()
        await centre.close()

    @pytest.mark.parametrize(("trusted", "name"), [(False, "centre.example"), (True, "other.example")])
    async def test_somebody_else_gets_no_password(
        self, authority: trustme.CA, server: ssl.SSLContext, tmp_path: Path, trusted: bool, name: str
    ) -> None:
        ca = tmp_path / "ca.pem"
        (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(ca))
        centre = await Centre().open(server)
        kept = Kept(centre.port, tls=ClientTls(ca, server_name=name))
        assert await kept.connector._connect() is None
        assert centre.binds == []
        await centre.close()

    async def test_a_ca_that_is_gone_is_no_end(self, tmp_path: Path) -> None:
        kept = Kept(1, tls=ClientTls(tmp_path / "absent.pem"))
        assert await kept.connector._connect() is None

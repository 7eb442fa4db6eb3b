"""A bind is kept up: connected, and after a loss connected again, later each time."""

import asyncio
from collections.abc import Callable, Sequence

from gateway.clock import monotonic
from gateway.net.connection import Connection
from gateway.net.connector import Connector
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.smpp.events import Event
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindTransceiver
from gateway.smpp.session import Session
from gateway.smpp.states import Side


class QuietLink:
    """Binds, and that is all."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def handle(self, events: Sequence[Event]) -> None:
        """Nothing follows from them."""


def make_link(wake: Callable[[], None], _origin: object) -> QuietLink:
    session = Session(Side.ESME, SessionLimits(), monotonic(), wake)
    session.bind(BindTransceiver(system_id=b"gw"), monotonic())
    return QuietLink(session)


def connector(port: int, wait_seconds: tuple[float, float] = (0.001, 0.002)) -> tuple[Connector, set[Connection]]:
    connections: set[Connection] = set()
    turn = Turn(asyncio.get_running_loop(), lambda: None)
    one = Connector(
        turn,
        monotonic,
        make_link,
        "127.0.0.1",
        port,
        name="one",
        wait_seconds=wait_seconds,
        connections=connections,
    )
    return one, connections


async def test_it_comes_back_after_every_loss() -> None:
    arrivals: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    binds: list[bytes] = []

    async def centre(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        binds.append(await reader.readexactly(16))
        await arrivals.put(writer)

    server = await asyncio.start_server(centre, "127.0.0.1", 0)
    one, connections = connector(server.sockets[0].getsockname()[1])
    failures: list[BaseException] = []
    tasks = Tasks(failures.append)
    tasks.start(one.run(), "one")
    for _ in range(3):
        writer = await arrivals.get()
        writer.transport.abort()
    assert [octets[4:8] for octets in binds[:3]] == [b"\0\0\0\x09"] * 3
    last = await arrivals.get()
    await tasks.end()
    for connection in tuple(connections):
        connection.abort()
    last.close()
    server.close()
    assert failures == []


async def test_nobody_there_is_no_failure() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    one, connections = connector(port)
    assert await one._connect() is None
    assert connections == set()


async def test_waits_double_up_to_the_longest_and_are_never_equal_for_all() -> None:
    one, _ = connector(1, wait_seconds=(1.0, 8.0))
    waits = [one._next_wait() for _ in range(6)]
    for wait, longest in zip(waits, (1.0, 2.0, 4.0, 8.0, 8.0, 8.0), strict=True):
        assert longest / 2 <= wait <= longest

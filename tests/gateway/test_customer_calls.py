"""Customers that are called, over real sockets: when something is owed, by outbind, and not otherwise."""

import asyncio
import contextlib
from typing import Any

import pytest

from gateway.assemble import assemble
from gateway.clock import monotonic, wall_ms
from gateway.customer_calls import CustomerCalls
from gateway.flow.clock import Clock
from gateway.flow.customer_link import CustomerLink
from gateway.model.origin import Origin
from gateway.net.backoff import Waits
from gateway.net.connection import Connection
from gateway.net.tasks import Tasks
from gateway.net.turn import Turn
from gateway.smpp.pdu import BindTransmitter
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.store.memory import Disk, MemoryStore
from simulators import wire
from tests.gateway.flow.world import Centre, World, message, settings
from tests.gateway.kept_binds import until

OUTBIND = 0x0B
FAST = Waits(shortest=0.001, longest=0.002, refused=0.001)


class Phone:
    """A customer's end that waits to be called: takes outbind, binds as it is told to, takes what it gets."""

    def __init__(self, password: bytes = b"secret", kind: int = wire.BIND_RECEIVER) -> None:
        self._password = password
        self._kind = kind
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0
        self.calls: list[bytes] = []  # bodies of outbinds
        self.statuses: list[int] = []  # of bind responses
        self.receipts: list[bytes] = []

    async def open(self) -> "Phone":
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readexactly(wire.HEADER_OCTETS)
                whole = head + await reader.readexactly(int.from_bytes(head[:4], "big") - len(head))
                self._heard(writer, whole)
        writer.transport.abort()

    def _heard(self, writer: asyncio.StreamWriter, pdu: bytes) -> None:
        head = wire.header(pdu)
        if head.command == OUTBIND:
            assert head.sequence == 1
            self.calls.append(pdu[wire.HEADER_OCTETS :])
            writer.write(wire.bind(self._kind, 1, b"shop", self._password))
        elif head.command == self._kind | wire.RESPONSE:
            self.statuses.append(head.status)
        elif head.command == wire.DELIVER_SM:
            self.receipts.append(wire.parse_sm(pdu).short_message)
            writer.write(wire.deliver_sm_resp(head.sequence))

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()


class Gateway:
    """The flow over what a disk holds, and the calls to its customer `shop`."""

    def __init__(self, phone: Phone, disk: Disk, **account: Any) -> None:
        called = {"host": "127.0.0.1", "port": phone.port, "password": "knock"}
        shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "outbind": called}
        self._settings = settings(customers={"shop": shop | account})
        self._store = MemoryStore(disk)
        self._failures: list[BaseException] = []
        self._tasks = Tasks(self._failures.append)
        self._connections: set[Connection] = set()

    async def open(self) -> "Gateway":
        self.flow = assemble(self._settings, self._store, Clock(monotonic, wall_ms), await self._store.load())
        self._turn = Turn(asyncio.get_running_loop(), self._end_of_turn)
        self.calls = CustomerCalls(
            self._settings.customers, "gateway", self.flow, self._turn, monotonic, self._link, self._connections, FAST
        )
        self.calls.start(self._tasks)
        self.calls.tick()
        return self

    def _link(self, wake: Any, origin: Origin) -> CustomerLink:
        session = Session(Side.MC, self._settings.sessions.limits(), monotonic(), wake)
        return CustomerLink(session, origin, self.flow.customers, self.flow.requests, self.flow.receipts_out)

    def _end_of_turn(self) -> float | None:
        again = self.flow.end_of_turn()
        self._store.flush()
        return 0.0 if self._store.sync() else again

    async def close(self) -> None:
        await self._tasks.end()
        for connection in tuple(self._connections):
            connection.abort()
            await connection.closed
        assert self._failures == []


def owing(receipts: int) -> Disk:
    """A disk on which a customer is owed so many receipts."""
    world = World()
    world.carrier(centre=Centre(receipts=True))
    sender = world.customer(bind=BindTransmitter(system_id=b"shop", password=b"secret", interface_version=0x34))
    for _ in range(receipts):
        world.submit(sender, message())
    assert len(world.store.disk.owed) == receipts
    return world.store.disk


@pytest.fixture
def three() -> Disk:
    return owing(3)


@pytest.fixture
def one() -> Disk:
    return owing(1)


@pytest.fixture
def another() -> Disk:
    return owing(1)


@pytest.mark.parametrize("kind", [wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER])
async def test_who_is_owed_something_is_called_and_gets_it(kind: int, three: Disk) -> None:
    disk = three
    phone = await Phone(kind=kind).open()
    gateway = await Gateway(phone, disk).open()
    await until(lambda: len(phone.receipts) == 3 and not disk.owed)
    assert phone.calls == [b"gateway\0knock\0"]
    assert phone.statuses == [0]
    gateway.calls.tick()
    phone.hang_up()
    await until(lambda: not gateway.flow.accounts["shop"].binds)
    gateway.calls.tick()  # nothing is owed any more
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(phone.calls) == 1
    await gateway.close()
    await phone.close()


async def test_a_wrong_password_is_refused_as_on_any_connection(one: Disk) -> None:
    disk = one
    phone = await Phone(password=b"wrong").open()
    gateway = await Gateway(phone, disk).open()
    await until(lambda: len(phone.statuses) >= 1)
    assert phone.statuses[0] == wire.ESME_RINVPASWD
    assert (len(disk.owed), phone.receipts) == (1, [])
    await gateway.close()
    await phone.close()


async def test_an_account_that_may_not_bind_from_there_gets_nothing(one: Disk) -> None:
    disk = one
    phone = await Phone().open()
    gateway = await Gateway(phone, disk, allow_from=["192.0.2.1"]).open()
    await until(lambda: len(phone.statuses) >= 1)
    assert phone.statuses[0] == wire.ESME_RBINDFAIL
    assert phone.receipts == []
    await gateway.close()
    await phone.close()


async def test_who_goes_without_a_bind_is_called_again(one: Disk, another: Disk) -> None:
    disk = one
    phone = await Phone().open()
    gateway = await Gateway(phone, disk).open()
    await until(lambda: phone.receipts)
    assert len(phone.calls) == 1
    await phone.close()
    await gateway.close()

    deaf = await Phone(password=b"wrong").open()
    again = await Gateway(deaf, another).open()
    await until(lambda: len(deaf.calls) >= 3)
    await again.close()
    await deaf.close()


async def test_while_the_gateway_drains_nobody_is_called(one: Disk) -> None:
    phone = await Phone(password=b"wrong").open()
    gateway = await Gateway(phone, one).open()
    await until(lambda: phone.calls)
    gateway.flow.hold()
    gateway.calls.tick()
    await until(lambda: not gateway._connections)
    before = len(phone.calls)
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(phone.calls) <= before + 1  # one may have been on its way
    await gateway.close()
    await phone.close()


async def test_who_has_no_outbind_is_never_called(one: Disk) -> None:
    phone = await Phone().open()
    gateway = await Gateway(phone, one, outbind=None).open()
    gateway.calls.tick()
    for _ in range(200):
        await asyncio.sleep(0)
    assert phone.calls == []
    await gateway.close()
    await phone.close()

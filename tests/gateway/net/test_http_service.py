"""A service over HTTP that fails in every way, over real sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from gateway.model.money import Sen
from gateway.net.http_service import HttpLimits, HttpService
from gateway.routing.breaker import Breaker, BreakerState
from gateway.routing.lookup_formats import Request
from gateway.throttle.bucket import TokenBucket
from simulators.lookup_server import ENDLESS_OCTETS, LookupConfig, LookupServer

NUMBER = "819012345678"
ENTRY = {"name": "One", "mcc": "440", "mnc": "10", "ported": True}


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


Start = Callable[..., Awaitable[LookupServer]]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    started: list[LookupServer] = []

    async def one(**config: object) -> LookupServer:
        server = LookupServer(LookupConfig.model_validate({"numbers": {NUMBER: ENTRY}, **config}))
        started.append(server)
        server.address = await server.listen()
        return server

    yield one
    for server in started:
        await server.close()


def service(
    clock: Callable[[], float],
    *,
    failures: int = 3,
    deadline: float = 2.0,
    headers: dict[str, str] | None = None,
    bucket: TokenBucket | None = None,
) -> HttpService:
    breaker = Breaker(failures, 10.0, 40.0)
    return HttpService(headers or {}, HttpLimits(deadline, 4), Sen(30), breaker, bucket, clock)


def asking(server: LookupServer, path: str = f"plain/{NUMBER}") -> Request:
    return Request("GET", f"http://{server.address}/{path}", b"")


def faulty(fault: str, seconds: float = 1.0) -> dict[str, object]:
    return {"faults": ({"number": ".", "fault": fault, "seconds": seconds},)}


async def test_an_answer_and_what_it_cost(start: Start) -> None:
    server = await start()
    one = service(Clock())
    reply = await one.send(asking(server))
    assert reply is not None
    assert (reply.status, b'"One"' in reply.octets) == (200, True)
    one.accept(paid=True)
    one.accept(paid=False)
    assert one.counts.cost == Sen(30)
    assert one.counts.statuses == {"200": 1}
    await one.close()


async def test_who_we_are_goes_along_and_nothing_else_is_kept(start: Start) -> None:
    server = await start(authorization="Bearer hush")
    one = service(Clock(), headers={"Authorization": "Bearer hush"})
    for _ in range(2):
        reply = await one.send(asking(server))
        assert reply is not None
        assert reply.status == 200
    assert "Cookie" not in server.seen[-1]["headers"]  # type: ignore[operator]
    await one.close()


@pytest.mark.parametrize(
    ("fault", "told"), [("slow", "timeout"), ("down", "ServerDisconnectedError"), ("endless", "ValueError")]
)
async def test_no_answer(start: Start, fault: str, told: str) -> None:
    server = await start(**faulty(fault, 30.0))
    one = service(Clock(), deadline=0.1 if fault == "slow" else 2.0)
    assert await one.send(asking(server)) is None
    assert one.counts.statuses == {told: 1}
    await one.close()


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    assert ENDLESS_OCTETS > 65_536


async def test_nobody_listens(start: Start) -> None:
    server = await start()
    await server.close()
    one = service(Clock(), failures=1)
    assert await one.send(asking(server)) is None
    assert one.breaker.state is BreakerState.OPEN
    await one.close()


@pytest.mark.parametrize("url", ["http://[broken/", "http://127.0.0.1:99999/", "http:///x"])
async def test_a_url_that_cannot_be(url: str) -> None:
    one = service(Clock())
    assert await one.send(Request("GET", url, b"")) is None
    await one.close()


async def test_a_redirect_is_not_followed(start: Start) -> None:
    server = await start(**faulty("redirect"))
    one = service(Clock())
    reply = await one.send(asking(server))
    assert reply is not None
    assert reply.status == 302
    await one.close()


async def test_a_service_that_fails_is_left_alone_and_tried_with_one(start: Start) -> None:
    server = await start(**faulty("down"))
    clock = Clock()
    one = service(clock, failures=2)
    for _ in range(5):
        assert await one.send(asking(server)) is None
    assert server.asked[NUMBER] <= 4  # the library tries a connection that broke once more
    assert one.counts.held_back == 3
    server.faults = ()
    clock.now += 10.0
    reply = await one.send(asking(server))
    assert reply is not None
    one.accept(paid=True)
    assert one.breaker.state is BreakerState.CLOSED
    await one.close()


async def test_429_is_obeyed_for_as_long_as_it_says(start: Start) -> None:
    server = await start(**faulty("throttled", 25.0))
    clock = Clock()
    one = service(clock)
    assert await one.send(asking(server)) is None
    server.faults = ()
    clock.now += 24.9
    assert await one.send(asking(server)) is None
    assert server.asked[NUMBER] == 1
    clock.now += 0.1
    assert await one.send(asking(server)) is not None
    await one.close()


async def test_what_the_caller_rejects_counts_as_a_failure(start: Start) -> None:
    server = await start()
    one = service(Clock(), failures=2)
    for _ in range(2):
        assert await one.send(asking(server)) is not None
        one.reject()
    assert one.breaker.state is BreakerState.OPEN
    await one.close()


async def test_the_rate_holds_back_until_a_token_is_there(start: Start) -> None:
    server = await start()
    clock = Clock()
    asked: list[float] = []

    def ticking() -> float:
        asked.append(clock.now)
        clock.now += 0.001  # so that time passes only by looking at it
        return clock.now

    one = service(ticking, bucket=TokenBucket(100.0, 1, clock.now))
    begun = clock.now
    for _ in range(3):
        assert await one.send(asking(server)) is not None
    assert clock.now - begun >= 0.02
    await one.close()

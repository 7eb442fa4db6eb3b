"""Tokens against a service that gives and wants them, over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.money import Sen
from gateway.net.http_service import HttpLimits, HttpService
from gateway.net.oauth import EARLY_SECONDS, UNTOLD_SECONDS, Grant, Tokens, read_token
from gateway.routing.breaker import Breaker
from gateway.routing.lookup_formats import Request
from simulators.lookup_server import LookupConfig, LookupServer


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def server() -> AsyncIterator[LookupServer]:
    config = {"numbers": {"8190": {"name": "X"}}, "client": "us:h&sh", "token_seconds": 60}
    one = LookupServer(LookupConfig.model_validate(config))
    await one.listen()
    yield one
    await one.close()


def tokens(server: LookupServer, clock: Clock, secret: str = "h&sh") -> Tokens:
    return Tokens(Grant(f"http://{server.address}/token", "us", secret, "number-recycling:check"), clock)


def service(server: LookupServer, clock: Clock, secret: str = "h&sh") -> HttpService:
    limits = HttpLimits(2.0, 8)
    return HttpService({}, limits, Sen(0), Breaker(100, 1.0, 1.0), None, clock, tokens=tokens(server, clock, secret))


def asking(server: LookupServer) -> Request:
    return Request("GET", f"http://{server.address}/plain/8190", b"")


async def test_one_token_for_all_until_it_is_nearly_over(server: LookupServer) -> None:
    clock = Clock()
    one = service(server, clock)
    replies = await asyncio.gather(*(one.send(asking(server)) for _ in range(8)))
    assert [reply.status for reply in replies if reply] == [200] * 8
    assert server.tokens_given == 1
    clock.now += 60.0 - EARLY_SECONDS - 0.001
    await one.send(asking(server))
    assert server.tokens_given == 1
    clock.now += 0.001
    await one.send(asking(server))
    assert server.tokens_given == 2
    await one.close()


async def test_a_token_that_is_refused_is_replaced(server: LookupServer) -> None:
    one = service(server, Clock())
    await one.send(asking(server))
    server.tokens.clear()
    refused, taken = await one.send(asking(server)), await one.send(asking(server))
    assert refused is not None
    assert taken is not None
    assert (refused.status, taken.status, server.tokens_given) == (401, 200, 2)
    await one.close()


async def test_a_wrong_secret_is_no_answer(server: LookupServer) -> None:
    one = service(server, Clock(), "wrong")
    assert await one.send(asking(server)) is None
    assert one.counts.statuses == {"ValueError": 1}
    assert server.asked.total() == 0
    await one.close()


async def test_an_old_refusal_does_not_throw_a_new_token_away(server: LookupServer) -> None:
    one = tokens(server, Clock())
    async with aiohttp.ClientSession() as session:
        first = await one.header(session)
        one.refused(first)
        second = await one.header(session)
        one.refused(first)
        assert await one.header(session) == second
    assert one.fetched == 2


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b'{"access_token": "x", "token_type": "BEARER", "expires_in": 3600}', ("Bearer x", 3600.0)),
        (b'{"access_token": "x"}', ("Bearer x", UNTOLD_SECONDS)),
        (b'{"access_token": "x", "expires_in": "soon"}', ("Bearer x", UNTOLD_SECONDS)),
        (b'{"access_token": "x", "expires_in": -1}', ("Bearer x", UNTOLD_SECONDS)),
        (b'{"access_token": "x", "expires_in": 1e12}', ("Bearer x", 86_400.0)),
    ],
)
def test_what_is_a_token(octets: bytes, told: tuple[str, float]) -> None:
    assert read_token(200, octets) == told


@pytest.mark.parametrize(
    ("status", "octets"),
    [
        (400, b'{"access_token": "x"}'),
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"access_token": 5}'),
        (200, b'{"access_token": ""}'),
        (200, b'{"access_token": "a\\r\\nHost: b"}'),
        (200, '{"access_token": "é"}'.encode()),
        (200, b'{"access_token": "x", "token_type": "mac"}'),
    ],
)
def test_what_is_none(status: int, octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_token(status, octets)


@given(st.binary(max_size=50))
def test_no_octets_make_it_raise_otherwise(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_token(200, octets)

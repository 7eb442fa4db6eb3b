"""ENUM against a server that answers, and misbehaves, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from gateway.model.values import Ported
from gateway.net.dns_lookups import RESOLVER_SECONDS, DnsLookups, EnumService
from gateway.routing.breaker import Breaker, BreakerState
from gateway.routing.lookup_answers import Answer, Names, Said
from simulators.enum_server import EnumConfig, EnumFault, EnumServer, Naptr

NUMBER = b"819012345678"
DIGITS = NUMBER.decode()
NAMES = Names({"D2701": "one", "51589": "two", "440-20": "three"})


def tel(parameters: str) -> tuple[Naptr, ...]:
    return (Naptr(regexp=rf"!^(.*)$!tel:\1;{parameters}!"),)


@pytest_asyncio.fixture
async def servers() -> AsyncIterator[Callable[..., Awaitable[tuple[EnumServer, str]]]]:
    started: list[EnumServer] = []

    async def start(numbers: dict[str, tuple[Naptr, ...]], **more: object) -> tuple[EnumServer, str]:
        server = EnumServer(EnumConfig.model_validate({"numbers": numbers, **more}))
        started.append(server)
        return server, await server.listen()

    yield start
    for server in started:
        await server.close()


Servers = Callable[..., Awaitable[tuple[EnumServer, str]]]


def asking(
    *addresses: str,
    absent: Said = Said.AT_HOME,
    deadline: float = 2.0,
    failures: int = 100,
    clock: Callable[[], float] = lambda: 1.0,
) -> DnsLookups:
    service = EnumService(addresses, "e164.arpa", 0.05, 2, deadline, absent)
    return DnsLookups("tree", service, NAMES, Breaker(failures, 60.0, 600.0), clock, lambda: 77)


async def ask(lookups: DnsLookups, number: bytes = NUMBER) -> Answer:
    try:
        return await lookups.look_up(number)
    finally:
        await lookups.close()


@pytest.mark.parametrize(
    ("parameters", "carrier", "ported", "brand"),
    [
        ("npdi;rn=d2701", "one", Ported.YES, "d2701"),
        ("npdi;spn=51589", "two", Ported.NO, "51589"),
        ("mcc=440;mnc=20", "three", Ported.UNKNOWN, "44020"),
        ("npdi;rn=9999;spn=51589", "two", Ported.YES, "51589"),
    ],
)
async def test_what_a_record_says(servers: Servers, parameters: str, carrier: str, ported: Ported, brand: str) -> None:
    _, address = await servers({DIGITS: tel(parameters)}, ttl=300)
    assert await ask(asking(address)) == Answer(Said.KNOWN, "tree", carrier, ported, 77, brand, 300.0)


async def test_a_number_that_is_not_there_is_where_its_block_is_or_unknown(servers: Servers) -> None:
    _, address = await servers({DIGITS: ()})
    assert (await ask(asking(address), b"818011112222")).said is Said.AT_HOME
    assert (await ask(asking(address, absent=Said.UNKNOWN), b"818011112222")).said is Said.UNKNOWN
    assert (await ask(asking(address))).said is Said.AT_HOME  # the name is there, without a record


async def test_an_answer_that_names_nobody_whom_we_know(servers: Servers) -> None:
    _, address = await servers({DIGITS: tel("npdi;rn=7"), "818011112222": tel("npdi"), "818033334444": tel("cic=+1")})
    assert await ask(asking(address)) == Answer(Said.UNKNOWN, "tree", "", Ported.YES, 77, "7", 60.0)
    assert (await ask(asking(address), b"818011112222")).said is Said.AT_HOME
    assert (await ask(asking(address), b"818033334444")).said is Said.UNKNOWN


async def test_a_lying_ttl_is_told_and_believed_no_longer_than_a_resolver_lives(servers: Servers) -> None:
    server, address = await servers({DIGITS: tel("npdi;rn=d2701")}, ttl=2**31 - 1)
    now = [1.0]
    lookups = asking(address, clock=lambda: now[0])
    first = await lookups.look_up(NUMBER)
    server.numbers = {DIGITS: tel("npdi;spn=51589")}
    now[0] += RESOLVER_SECONDS
    second = await ask(lookups)
    assert first.ttl == 2**31 - 1
    assert (first.carrier, second.carrier) == ("one", "two")
    assert server.asked[DIGITS] == 2


async def test_a_resolver_that_is_replaced_ends_its_questions_first(servers: Servers) -> None:
    faults = (EnumFault(number=DIGITS, fault="slow", seconds=0.02),)
    _, address = await servers({DIGITS: tel("npdi;rn=d2701"), "818011112222": tel("npdi;spn=51589")}, faults=faults)
    now = [1.0]
    lookups = asking(address, clock=lambda: now[0])

    async def later() -> Answer:
        now[0] += RESOLVER_SECONDS
        return await lookups.look_up(b"818011112222")

    slow, quick = await asyncio.gather(lookups.look_up(NUMBER), later())
    await lookups.close()
    assert (slow.carrier, quick.carrier) == ("one", "two")


@pytest.mark.parametrize("fault", ["silent", "failure", "refused", "garbage", "cut", "wrong_id"])
async def test_a_bad_server_is_a_silence_and_the_next_one_answers(servers: Servers, fault: str) -> None:
    numbers = {DIGITS: tel("npdi;rn=d2701")}
    bad, bad_address = await servers(numbers, faults=(EnumFault.model_validate({"number": ".", "fault": fault}),))
    _, good_address = await servers(numbers)
    alone = asking(bad_address, deadline=0.5)
    assert (await ask(alone)).said is Said.SILENT
    assert bad.asked[DIGITS] > 0
    assert (await ask(asking(bad_address, good_address))).carrier == "one"


async def test_nobody_listens(servers: Servers) -> None:
    server, address = await servers({})
    await server.close()
    assert (await ask(asking(address))).said is Said.SILENT


async def test_a_slow_server_is_waited_for_no_longer_than_the_deadline(servers: Servers) -> None:
    faults = (EnumFault(number=".", fault="slow", seconds=30.0),)
    _, address = await servers({DIGITS: tel("npdi;rn=d2701")}, faults=faults)
    assert (await ask(asking(address, deadline=0.1))).said is Said.SILENT


async def test_a_tree_that_fails_is_left_alone(servers: Servers) -> None:
    server, address = await servers({}, faults=(EnumFault(number=".", fault="failure"),))
    lookups = asking(address, failures=2)
    for _ in range(5):
        assert (await lookups.look_up(NUMBER)).said is Said.SILENT
    asked = server.asked[DIGITS]
    assert lookups.breaker.state is BreakerState.OPEN
    await ask(lookups)
    assert server.asked[DIGITS] == asked


async def test_a_missing_name_is_no_failure(servers: Servers) -> None:
    _, address = await servers({})
    lookups = asking(address, failures=1)
    await lookups.look_up(NUMBER)
    assert lookups.breaker.state is BreakerState.CLOSED
    await lookups.close()


async def test_many_at_once(servers: Servers) -> None:
    numbers = {f"8190{n:08}": tel("npdi;rn=d2701" if n % 2 else "npdi;spn=51589") for n in range(200)}
    _, address = await servers(numbers)
    lookups = asking(address)
    answers = await asyncio.gather(*(lookups.look_up(number.encode()) for number in numbers))
    await lookups.close()
    assert [one.carrier for one in answers] == ["one" if n % 2 else "two" for n in range(200)]

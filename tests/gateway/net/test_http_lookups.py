"""Look-ups and checks against a service that answers in several styles, and misbehaves, over real sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import pytest
import pytest_asyncio

from gateway.model.money import Sen
from gateway.model.values import Ported
from gateway.net.http_lookups import HttpLookups, Question, RecyclingChecks, RecyclingService
from gateway.net.http_service import HttpLimits, HttpService
from gateway.routing.breaker import Breaker, BreakerState
from gateway.routing.lookup_answers import Answer, Names, Said
from gateway.routing.lookup_formats import FORMATS
from gateway.routing.recycling import NO_ANSWER, Check, Checked, Outcome
from simulators.lookup_server import LookupConfig, LookupServer

NUMBER = b"819012345678"
UNKNOWN = b"818000000000"
NUMBERS = {
    "819012345678": {
        "name": "Brand X",
        "mcc": "440",
        "mnc": "10",
        "ported": True,
        "recycled": True,
        "since": "2025-01-01",
    },
    "818011112222": {"name": "Nobody's", "mcc": "999", "mnc": "99", "ported": False, "recycled": False},
    "818033334444": {"name": "Nobody's", "mcc": "999", "mnc": "99", "ported": True},
}
NAMES = Names({"440-10": "one"})
Start = Callable[..., Awaitable[LookupServer]]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    started: list[LookupServer] = []

    async def one(**config: object) -> LookupServer:
        server = LookupServer(LookupConfig.model_validate({"numbers": NUMBERS, **config}))
        started.append(server)
        await server.listen()
        return server

    yield one
    for server in started:
        await server.close()


def http(failures: int = 100, deadline: float = 2.0) -> HttpService:
    return HttpService({}, HttpLimits(deadline, 4), Sen(30), Breaker(failures, 10.0, 40.0), None, lambda: 1.0)


def lookups(server: LookupServer, style: str, form: str, failures: int = 100, deadline: float = 2.0) -> HttpLookups:
    known = FORMATS[form]
    tail = "" if known.body else "/{number}"
    queries = {"budgetsms": "?to={number}", "alibaba": "?PhoneNumber={number}"}
    path = f"{style}{queries.get(form, tail)}"
    question = Question(known.method, f"http://{server.address}/{path}", known.body, known.headers)
    return HttpLookups("service", http(failures, deadline), question, known.reading, NAMES, lambda: 77)


async def ask(one: HttpLookups, number: bytes = NUMBER) -> Answer:
    try:
        return await one.look_up(number)
    finally:
        await one.close()


@pytest.mark.parametrize(
    ("style", "form", "ported"),
    [
        ("plain", "plain", Ported.YES),
        ("seven", "seven-mnp", Ported.YES),
        ("sinch", "sinch", Ported.YES),
        ("tmt", "tmt-live", Ported.YES),
        ("ovh", "ovh", Ported.YES),
        ("budgetsms", "budgetsms", Ported.UNKNOWN),
        ("hlrlookup", "hlrlookup", Ported.YES),
        ("hlr-lookup", "hlr-lookups", Ported.YES),
        ("alibaba", "alibaba", Ported.YES),
        ("telnyx", "telnyx", Ported.YES),
        ("twilio", "twilio", Ported.UNKNOWN),
        ("tmt-velocity", "tmt-velocity", Ported.YES),
        ("seven-hlr", "seven-hlr", Ported.YES),
    ],
)
async def test_styles(start: Start, style: str, form: str, ported: Ported) -> None:
    server = await start()
    one = lookups(server, style, form)
    answer = await ask(one)
    assert (answer.said, answer.carrier, answer.ported, answer.as_of) == (Said.KNOWN, "one", ported, 77)
    assert answer.source == "service"
    assert one.service.counts.cost == Sen(30)


async def test_a_service_that_knows_blocks_and_sorts_of_numbers(start: Start) -> None:
    block = {"name": "X", "mcc": "440", "mnc": "10", "ported": False}
    numbers = {"8190": block, "8180": block | {"kind": "landline"}, "8170": block | {"ported": None}}
    one = lookups(await start(numbers=numbers), "nt-lookup", "hlr-lookups-nt")
    assert [(await one.look_up(number)).said for number in (b"8190", b"8180", b"8170", b"8160")] == [
        Said.KNOWN,
        Said.UNKNOWN,
        Said.UNKNOWN,
        Said.UNKNOWN,
    ]
    await one.close()


async def test_names_of_nobody_and_numbers_that_it_does_not_have(start: Start) -> None:
    server = await start()
    one = lookups(server, "plain", "plain")
    assert (await one.look_up(b"818011112222")).said is Said.AT_HOME
    assert (await one.look_up(b"818033334444")).said is Said.UNKNOWN
    assert one.service.counts.cost == Sen(60)
    assert (await ask(one, UNKNOWN)).said is Said.UNKNOWN
    assert one.service.counts.cost == Sen(60)  # a number that it does not have is not paid for
    assert (await ask(lookups(server, "budgetsms", "budgetsms"), UNKNOWN)).said is Said.UNKNOWN


@pytest.mark.parametrize(
    ("style", "form"),
    [("plain", "plain"), ("hlrlookup", "hlrlookup"), ("nt-lookup", "hlr-lookups-nt"), ("alibaba", "alibaba")],
)
@pytest.mark.parametrize("fault", ["down", "slow", "malformed", "list", "throttled", "broken", "endless", "redirect"])
async def test_faults_are_silence_and_open_the_breaker(start: Start, fault: str, style: str, form: str) -> None:
    server = await start(faults=({"number": ".", "fault": fault, "seconds": 600 if fault == "slow" else 1},))
    one = lookups(server, style, form, failures=1, deadline=0.05 if fault == "slow" else 2.0)
    assert await one.look_up(NUMBER) == Answer(Said.SILENT, "service")
    assert one.service.breaker.state is BreakerState.OPEN
    assert (await ask(one)).said is Said.SILENT
    # A broken connection is tried once more, of a request that may be repeated.
    assert server.asked[NUMBER.decode()] == (2 if fault == "down" and FORMATS[form].method == "GET" else 1)
    assert one.service.counts.cost == Sen(0)


@pytest.mark.parametrize(
    ("style", "form"),
    [
        ("plain", "plain"),
        ("seven", "seven-mnp"),
        ("sinch", "sinch"),
        ("tmt", "tmt-live"),
        ("hlrlookup", "hlrlookup"),
        ("nt-lookup", "hlr-lookups-nt"),
        ("alibaba", "alibaba"),
    ],
)
async def test_an_answer_in_another_shape_names_nobody(start: Start, style: str, form: str) -> None:
    server = await start(faults=({"number": ".", "fault": "wrong"},))
    assert (await ask(lookups(server, style, form))).said is Said.UNKNOWN


async def test_a_login_that_is_refused_is_a_silence(start: Start) -> None:
    server = await start(authorization="Bearer other")
    assert (await ask(lookups(server, "plain", "plain"))).said is Said.SILENT


# The check for recycled numbers ---------------------------------------------------------------------------------------


def checks(*servers: tuple[LookupServer, frozenset[str] | None]) -> RecyclingChecks:
    return RecyclingChecks(
        tuple(
            RecyclingService(f"s{place}", f"http://{server.address}/recycling", http(2), carriers)
            for place, (server, carriers) in enumerate(servers)
        )
    )


async def check(one: RecyclingChecks, number: bytes, since: str = "2024-04-01", carrier: str = "one") -> Checked:
    try:
        return await one.check((carrier, Check(number, date.fromisoformat(since))))
    finally:
        await one.close()


async def test_outcomes(start: Start) -> None:
    server = await start()
    everybody = checks((server, None))
    assert await check(everybody, NUMBER) == Checked(Outcome.CHANGED, answered=True)
    assert await check(everybody, NUMBER, "2026-01-01") == Checked(Outcome.SAME, answered=True)
    assert await check(everybody, b"818011112222") == Checked(Outcome.SAME, answered=True)
    assert await check(everybody, b"818033334444") == Checked(Outcome.CANNOT_TELL, answered=True)
    assert await check(everybody, UNKNOWN) == Checked(Outcome.CANNOT_TELL, answered=True, elsewhere=True)
    assert server.seen[0]["content"] == {"phoneNumber": "+819012345678", "specifiedDate": "2024-04-01"}
    assert everybody.services[0].service.counts.cost == Sen(150)


@pytest.mark.parametrize("fault", ["down", "malformed", "wrong", "throttled", "broken", "list", "endless"])
async def test_faults_are_no_answer(start: Start, fault: str) -> None:
    server = await start(faults=({"number": ".", "fault": fault},))
    one = checks((server, None))
    for _ in range(3):
        assert await check(one, NUMBER) == NO_ANSWER
    assert one.services[0].service.breaker.state is BreakerState.OPEN
    assert server.asked[NUMBER.decode()] < 3


async def test_a_number_of_another_operator_is_asked_there(start: Start) -> None:
    first = await start(numbers={})
    second = await start()
    one = checks((first, None), (second, None))
    assert (await check(one, NUMBER)).outcome is Outcome.CHANGED
    assert (first.asked.total(), second.asked.total()) == (1, 1)


async def test_only_those_are_asked_who_know_the_carriers_numbers(start: Start) -> None:
    first, second = await start(), await start()
    one = checks((first, frozenset({"two"})), (second, frozenset({"one"})))
    assert [one.serves(carrier) for carrier in ("one", "two", "three")] == [True, True, False]
    assert (await check(one, NUMBER)).outcome is Outcome.CHANGED
    assert await check(one, NUMBER, carrier="three") == NO_ANSWER
    assert (first.asked.total(), second.asked.total()) == (0, 1)

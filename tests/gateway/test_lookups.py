"""Look-ups and checks as they are built from settings, against both simulators over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from gateway import clock
from gateway.flow.clock import Clock
from gateway.flow.lookups import Act, Verdict
from gateway.flow.recipient_check import CheckPolicy, CheckVerdict
from gateway.lookups import NetworkLookups, check_policy, headers
from gateway.model.money import Sen
from gateway.net.tasks import Tasks
from gateway.routing.breaker import BreakerState
from gateway.routing.lookup_answers import Said
from gateway.routing.recycling import Check, Outcome
from gateway.settings.lookups import LoginSettings, LookupSettings, RecipientCheckSettings, RecyclingSettings
from gateway.smpp.tlv import Kind, TlvType, Vocabulary
from simulators.enum_server import EnumConfig, EnumServer
from simulators.lookup_server import LookupConfig, LookupServer
from tests.gateway.net.house import until

NUMBER = b"819012345678"
ELSEWHERE = b"818011112222"
NOWHERE = b"817000000000"


class Street:
    """Both simulators, and what looks numbers up at them."""

    def __init__(self, **enum: object) -> None:
        record = {"regexp": "!^.*$!tel:+81;npdi;rn=d2701!"}
        self.enum = EnumServer(EnumConfig.model_validate({"numbers": {NUMBER.decode(): (record,)}, **enum}))
        entry = {"mcc": "440", "mnc": "20", "ported": True, "recycled": True}
        numbers = {NUMBER.decode(): entry, ELSEWHERE.decode(): entry}
        self.http = LookupServer(LookupConfig.model_validate({"numbers": numbers, "authorization": "Bearer hush"}))
        self.woken = 0
        self.turned = asyncio.Event()
        self.failures: list[BaseException] = []
        self.tasks = Tasks(self.failures.append)
        self.network: NetworkLookups
        self.told: list[Verdict] = []
        self.checked: list[CheckVerdict] = []

    async def open(self, **more: Any) -> None:
        login = {"secret": "hush"}
        tree = {
            "servers": (await self.enum.listen(),),
            "carriers": {"d2701": "one"},
            "absent": "unknown",
            "try_seconds": 0.05,
            "tries": 1,
        }
        service = {
            "url": f"http://{await self.http.listen()}/{{style}}/{{number}}",
            "secrets": {"style": "plain"},
            "format": "plain",
            "login": login,
            "price_yen": "0.8",
            "carriers": {"440-20": "two"},
        }
        settings = {"order": ("tree", "service"), "enum": {"tree": tree}, "http": {"service": service}, **more}
        recycling = {
            "services": {
                "first": {"root": f"http://{self.http.address}/recycling", "login": login, "carriers": ("one",)}
            }
        }
        self.network = NetworkLookups(
            LookupSettings.model_validate(settings),
            RecyclingSettings.model_validate(recycling),
            Clock(clock.monotonic, clock.wall_ms),
            self.wake,
        )
        self.network.start(self.tasks)

    def wake(self) -> None:
        self.woken += 1
        self.turned.set()

    async def until_told(self, told: list[Any], count: int) -> None:
        async with asyncio.timeout(20):
            while len(told) < count:
                self.turned.clear()
                await self.turned.wait()

    async def ask(self, *numbers: bytes) -> list[Verdict]:
        self.told = []
        for number in numbers:
            self.network.lookups.ask(number, self.network.order, self.told.append)
        await self.until_told(self.told, len(numbers))
        return self.told

    async def check(self, number: bytes, carrier: str = "one") -> CheckVerdict:
        assert self.network.checks is not None
        self.checked = []
        self.network.checks.ask(carrier, Check(number, date(2024, 4, 1)), False, self.checked.append)
        await self.until_told(self.checked, 1)
        return self.checked[0]

    async def close(self) -> None:
        await self.tasks.end()
        await self.network.close()
        await self.enum.close()
        await self.http.close()
        assert self.failures == []


Open = Callable[..., Awaitable[Street]]


@pytest_asyncio.fixture
async def street() -> AsyncIterator[Open]:
    built: list[Street] = []

    async def build(enum: dict[str, object] | None = None, **more: object) -> Street:
        one = Street(**(enum or {}))
        built.append(one)
        await one.open(**more)
        return one

    yield build
    for one in built:
        await one.close()


async def test_sources_in_order_and_what_is_counted(street: Open) -> None:
    one = await street()
    by_tree, by_service, by_nobody = await one.ask(NUMBER, ELSEWHERE, NOWHERE)
    named = {(verdict.act, verdict.answer.said, verdict.answer.source, verdict.answer.carrier) for verdict in one.told}
    assert named == {
        (Act.ROUTE, Said.KNOWN, "tree", "one"),
        (Act.ROUTE, Said.KNOWN, "service", "two"),
        (Act.BLOCKS, Said.UNKNOWN, "service", ""),
    }
    assert all(verdict.answer.as_of > 0 for verdict in one.told if verdict.act is Act.ROUTE)
    tree, service = one.network.desks["tree"].counts, one.network.desks["service"].counts
    assert tree.results == {"KNOWN": 1, "UNKNOWN": 2}
    assert service.results == {"KNOWN": 1, "UNKNOWN": 1}
    assert (sum(tree.answer_ms.counts), tree.answer_ms.total > 0) == (3, True)
    assert one.network.costs() == {"service": Sen(80), "recycling first": Sen(0)}
    states = {name: breaker.state for name, breaker in one.network.breakers().items()}
    assert states == dict.fromkeys(("tree", "service", "recycling first"), BreakerState.CLOSED)
    assert one.woken == 5
    assert {by_tree, by_service, by_nobody} == set(one.told)


async def test_a_crowd_asks_once_and_is_answered_from_memory_later(street: Open) -> None:
    one = await street()
    await one.ask(*[NUMBER] * 500)
    assert one.enum.asked[NUMBER.decode()] == 1
    await one.ask(*[NUMBER] * 500)
    assert one.enum.asked[NUMBER.decode()] == 1
    assert one.network.lookups.counts.from_cache == 500


async def test_thousands_of_numbers_a_few_at_a_time(street: Open) -> None:
    one = await street()
    numbers = [b"8190%08d" % number for number in range(1_000)]
    told = await one.ask(*numbers)
    assert {verdict.answer.said for verdict in told} == {Said.UNKNOWN}
    assert one.http.most_under_way <= 16
    assert len(one.network.lookups) == 0


async def test_a_tree_that_is_silent_and_a_service_that_is_down(street: Open) -> None:
    faults = ({"number": ".", "fault": "silent"},)
    one = await street({"faults": faults}, when_silent="fail")
    (verdict,) = await one.ask(NUMBER)
    assert (verdict.act, verdict.answer.carrier) == (Act.ROUTE, "two")
    await one.http.close()
    (verdict,) = await one.ask(ELSEWHERE)
    assert (verdict.act, verdict.answer.said) == (Act.FAIL, Said.SILENT)


async def test_a_desk_whose_queue_is_full_is_a_silence(street: Open) -> None:
    one = await street(order=("service",))
    one.http.open.clear()
    told: list[Verdict] = []
    desk = one.network.desks["service"]
    full = 16 + 10_000
    for number in range(full):
        one.network.lookups.ask(b"8190%08d" % number, ("service",), told.append)
        if number == 15:
            await until(lambda: one.http.under_way == 16)
    one.network.lookups.ask(NUMBER, ("service",), told.append)
    assert [verdict.answer.said for verdict in told] == [Said.SILENT]
    assert desk.counts.refused == 1


async def test_checks(street: Open) -> None:
    one = await street()
    assert await one.check(NUMBER) == CheckVerdict(send=False, outcome=Outcome.CHANGED, charge=Sen(350))
    assert await one.check(NOWHERE) == CheckVerdict(send=False, outcome=Outcome.CANNOT_TELL, charge=Sen(350))
    assert await one.check(NUMBER, "two") == CheckVerdict(send=False, outcome=Outcome.CANNOT_TELL, charge=Sen(0))
    assert one.network.check_desk is not None
    assert one.network.check_desk.counts.results == {"CHANGED": 1, "CANNOT_TELL": 1}


async def test_nothing_is_built_that_nobody_asked_for() -> None:
    network = NetworkLookups(LookupSettings(), None, Clock(clock.monotonic, clock.wall_ms), lambda: None)
    assert (network.order, network.desks, network.checks) == ((), {}, None)
    told: list[Verdict] = []
    network.lookups.ask(NUMBER, network.order, told.append)
    assert [verdict.act for verdict in told] == [Act.BLOCKS]
    await network.close()


def test_logins() -> None:
    assert headers(None) == {}
    secret = {"secret": "Zm9v"}
    assert headers(LoginSettings.model_validate(secret)) == {"Authorization": "Bearer Zm9v"}
    assert headers(LoginSettings.model_validate(secret | {"header": "X-Key"})) == {"X-Key": "Zm9v"}
    basic = headers(LoginSettings.model_validate({"user": "Aladdin", "secret": "open-sesame"}))
    assert basic == {"Authorization": "Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ=="}
    by_token = {"user": "us", "token_url": "https://x.example/token"}
    assert headers(LoginSettings.model_validate(secret | by_token)) == {}
    assert headers(LoginSettings.model_validate(secret | {"user": "us", "signature": "acs3"})) == {}


async def test_a_service_that_wants_tokens_gets_them() -> None:
    server = LookupServer(
        LookupConfig.model_validate({"numbers": {NUMBER.decode(): {"mcc": "440"}}, "client": "us:hush"})
    )
    root = f"http://{await server.listen()}"
    login = {"user": "us", "secret": "hush", "token_url": f"{root}/token"}
    service = {"url": f"{root}/plain/{{number}}", "format": "plain", "login": login, "carriers": {}}
    settings = LookupSettings.model_validate({"order": ("service",), "http": {"service": service}})
    network = NetworkLookups(settings, None, Clock(clock.monotonic, clock.wall_ms), lambda: None)
    assert (await network.sources["service"].look_up(NUMBER)).said is Said.UNKNOWN
    assert (server.asked.total(), server.tokens_given) == (1, 1)
    await network.close()
    await server.close()


@pytest.mark.parametrize("scheme", ["acs3", "x-digest"])
@pytest.mark.parametrize(("secret", "said"), [("hush", Said.KNOWN), ("other", Said.SILENT)])
async def test_a_service_that_wants_signatures_gets_them(scheme: str, secret: str, said: Said) -> None:
    signing = {"scheme": scheme, "key": "us", "secret": "hush"}
    entry = {"mcc": "440", "mnc": "10", "ported": True}
    server = LookupServer(LookupConfig.model_validate({"numbers": {NUMBER.decode(): entry}, "signing": signing}))
    root = f"http://{await server.listen()}"
    asks = {
        "acs3": {"url": f"{root}/alibaba?PhoneNumber={{number}}&AuthCode={{code}}", "format": "alibaba"},
        "x-digest": {"url": f"{root}/api/v2/hlr-lookup", "format": "hlr-lookups"},
    }[scheme]
    secrets = {"secrets": {"code": "a/b+c"}} if scheme == "acs3" else {}
    login = {"user": "us", "secret": secret, "signature": scheme}
    service = {**asks, **secrets, "login": login, "carriers": {"44010": "one"}}
    settings = LookupSettings.model_validate({"order": ("service",), "http": {"service": service}})
    network = NetworkLookups(settings, None, Clock(clock.monotonic, clock.wall_ms), lambda: None)
    answers = [await network.sources["service"].look_up(NUMBER) for _ in range(2)]
    assert [answer.said for answer in answers] == [said, said]
    words = [one["headers"].get("x-acs-signature-nonce", str(at)) for at, one in enumerate(server.seen)]  # type: ignore[attr-defined]
    assert len(set(words)) == 2  # each is used once
    await network.close()
    await server.close()


async def test_a_service_whose_body_has_the_key() -> None:
    entry = {"mcc": "440", "mnc": "10", "ported": True}
    server = LookupServer(LookupConfig.model_validate({"numbers": {NUMBER.decode(): entry}, "body_key": "us:hush"}))
    url = f"http://{await server.listen()}/hlrlookup"
    service = {
        "url": url,
        "format": "hlrlookup",
        "secrets": {"key": "us", "secret": "hush"},
        "carriers": {"44010": "one"},
    }
    settings = LookupSettings.model_validate({"order": ("service",), "http": {"service": service}})
    network = NetworkLookups(settings, None, Clock(clock.monotonic, clock.wall_ms), lambda: None)
    source = network.sources["service"]
    assert [(await source.look_up(one)).said for one in (NUMBER, ELSEWHERE)] == [Said.KNOWN, Said.UNKNOWN]
    await network.close()
    await server.close()


def test_what_an_account_asks_for() -> None:
    words = Vocabulary({"owner_since": (0x1410, TlvType(Kind.C_OCTETS, 1, 20))})
    asked = RecipientCheckSettings.model_validate({"since_tlv": "owner_since", "cannot_tell": "fail"})
    assert check_policy(asked, words) == CheckPolicy(0x1410, None, sends_when_unclear=False)
    asked = RecipientCheckSettings.model_validate({"since": "2024-04-01"})
    assert check_policy(asked, words) == CheckPolicy(None, date(2024, 4, 1), sends_when_unclear=True)
    assert check_policy(None, words) is None

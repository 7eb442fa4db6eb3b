"""From what the operator wrote to look-ups over the network: desks, services, breakers, cache, and who asks them."""

from base64 import b64encode
from collections.abc import Callable
from secrets import token_hex
from typing import TypeAlias

from gateway.flow.clock import Clock
from gateway.flow.lookups import Act, LookupPolicy, Lookups, WhenSilent
from gateway.flow.recipient_check import CheckPolicy, RecipientChecks
from gateway.model.money import Sen
from gateway.net.dns_lookups import DnsLookups, EnumService
from gateway.net.http_lookups import HttpLookups, Question, RecyclingChecks, RecyclingService
from gateway.net.http_service import HttpLimits, HttpService
from gateway.net.lookups import Desk, DeskLimits
from gateway.net.oauth import Grant, Tokens
from gateway.net.tasks import Tasks
from gateway.routing.breaker import Breaker
from gateway.routing.lookup_answers import Answer, Names, Said
from gateway.routing.lookup_cache import Keeping, LookupCache
from gateway.routing.lookup_formats import Request, fill
from gateway.routing.lookup_signing import SIGN, Scheme, SigningKey
from gateway.routing.recycling import Check, Checked
from gateway.settings.lookups import (
    BreakerSettings,
    EnumSettings,
    HttpLookupSettings,
    KeepSettings,
    LoginSettings,
    LookupSettings,
    QueueSettings,
    RecipientCheckSettings,
    RecyclingSettings,
    ServiceSettings,
)
from gateway.smpp.tlv import Vocabulary
from gateway.throttle.bucket import TokenBucket

ABSENT = {"not_ported": Said.AT_HOME, "unknown": Said.UNKNOWN}
ACT = {"blocks": Act.BLOCKS, "fail": Act.FAIL}

NumberDesk: TypeAlias = Desk[bytes, Answer]
CheckDesk: TypeAlias = Desk[tuple[str, Check], Checked]


class NetworkLookups:
    """All who ask over the network. `order` names the sources of numbers; empty: nobody is asked."""

    def __init__(
        self,
        lookups: LookupSettings,
        recycling: RecyclingSettings | None,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._wake = wake
        self.order = lookups.order
        self.sources: dict[str, DnsLookups | HttpLookups] = {
            **{name: self._enum(name, lookups.enum[name]) for name in lookups.order if name in lookups.enum},
            **{name: self._http(name, lookups.http[name]) for name in lookups.order if name in lookups.http},
        }
        settings: dict[str, EnumSettings | HttpLookupSettings] = {**lookups.enum, **lookups.http}
        self.desks: dict[str, NumberDesk] = {
            name: self._desk(name, source, settings[name].queue) for name, source in self.sources.items()
        }
        self.cache = LookupCache(lookups.most_kept, {name: _keeping(settings[name].keep) for name in lookups.order})
        self.lookups = Lookups(self._ask, self.cache, clock.monotonic, policy(lookups))
        self.recycling: RecyclingChecks | None = None
        self.check_desk: CheckDesk | None = None
        self.checks: RecipientChecks | None = None
        if recycling is not None:
            self.recycling = RecyclingChecks(
                tuple(
                    RecyclingService(
                        name,
                        one.root,
                        self._service(one, recycling.queue.at_a_time),
                        None if one.carriers is None else frozenset(one.carriers),
                    )
                    for name, one in recycling.services.items()
                )
            )
            limits = DeskLimits(recycling.queue.at_a_time, recycling.queue.most_waiting)
            self.check_desk = Desk(
                "recycling", self.recycling.check, lambda one: one.outcome.name, limits, clock.monotonic, wake
            )
            self.checks = RecipientChecks(self._check, recycling.price_yen, recycling.most_waiting)

    def start(self, tasks: Tasks) -> None:
        """Open the desks. Their tasks end with `tasks`; `close` follows."""
        for desk in self.desks.values():
            desk.start(tasks)
        if self.check_desk is not None:
            self.check_desk.start(tasks)

    async def close(self) -> None:
        """End the connections, after the tasks."""
        for source in self.sources.values():
            await source.close()
        if self.recycling is not None:
            await self.recycling.close()

    def all_desks(self) -> dict[str, NumberDesk | CheckDesk]:
        """By source; that of checks as `recycling`."""
        checks = {} if self.check_desk is None else {self.check_desk.name: self.check_desk}
        return {**self.desks, **checks}

    def breakers(self) -> dict[str, Breaker]:
        """By source, and by service of checks as `recycling NAME`."""
        found = {
            name: source.breaker if isinstance(source, DnsLookups) else source.service.breaker
            for name, source in self.sources.items()
        }
        return found | {name: service.breaker for name, service in self._recycling_services().items()}

    def costs(self) -> dict[str, Sen]:
        """What was paid since the start, by the same names; those of services over HTTP only."""
        found = {
            name: source.service.counts.cost for name, source in self.sources.items() if isinstance(source, HttpLookups)
        }
        return found | {name: service.counts.cost for name, service in self._recycling_services().items()}

    def _recycling_services(self) -> dict[str, HttpService]:
        services = () if self.recycling is None else self.recycling.services
        return {f"recycling {one.name}": one.service for one in services}

    def _ask(self, source: str, e164: bytes, then: Callable[[Answer], None]) -> bool:
        return self.desks[source].ask(e164, then)

    def _check(self, carrier: str, check: Check, then: Callable[[Checked], None]) -> bool:
        if self.recycling is None or self.check_desk is None or not self.recycling.serves(carrier):
            return False
        return self.check_desk.ask((carrier, check), then)

    def _desk(self, name: str, source: DnsLookups | HttpLookups, queue: QueueSettings) -> NumberDesk:
        limits = DeskLimits(queue.at_a_time, queue.most_waiting)
        return Desk(name, source.look_up, lambda one: one.said.name, limits, self._clock.monotonic, self._wake)

    def _enum(self, name: str, settings: EnumSettings) -> DnsLookups:
        service = EnumService(
            settings.servers,
            settings.suffix,
            settings.try_seconds,
            settings.tries,
            settings.deadline_seconds,
            ABSENT[settings.absent],
        )
        names, breaker = Names(settings.carriers), _breaker(settings.breaker)
        return DnsLookups(name, service, names, breaker, self._clock.monotonic, self._clock.wall_ms)

    def _http(self, name: str, settings: HttpLookupSettings) -> HttpLookups:
        asks = settings.asks()
        url, body = settings.url, asks.body
        for word, secret in settings.secrets.items():
            url = fill(url, word, secret.reveal())
            body = tuple((path, text.replace(f"{{{word}}}", secret.reveal())) for path, text in body)
        return HttpLookups(
            name,
            self._service(settings, settings.queue.at_a_time),
            Question(asks.method, url, body, asks.headers),
            asks.reading,
            Names(settings.carriers),
            self._clock.wall_ms,
        )

    def _service(self, settings: ServiceSettings, at_a_time: int) -> HttpService:
        rate = settings.requests_per_second
        now = self._clock.monotonic()
        return HttpService(
            headers(settings.login),
            HttpLimits(settings.deadline_seconds, at_a_time),
            settings.price_yen,
            _breaker(settings.breaker),
            None if rate is None else TokenBucket(rate, settings.burst_requests, now),
            self._clock.monotonic,
            settings.tls(),
            self._tokens(settings.login),
            self._signer(settings.login),
        )

    def _signer(self, login: LoginSettings | None) -> Callable[[Request], dict[str, str]] | None:
        if login is None or login.signature is None or login.user is None:
            return None
        sign, key = SIGN[Scheme(login.signature)], SigningKey(login.user, login.secret.reveal().encode())
        wall_ms = self._clock.wall_ms
        return lambda request: sign(request, key, wall_ms(), token_hex(16))

    def _tokens(self, login: LoginSettings | None) -> Tokens | None:
        if login is None or login.token_url is None or login.user is None:
            return None
        grant = Grant(login.token_url, login.user, login.secret.reveal(), login.scope)
        return Tokens(grant, self._clock.monotonic)


def headers(login: LoginSettings | None) -> dict[str, str]:
    """What shows a service who we are."""
    if login is None or login.token_url is not None or login.signature is not None:
        return {}
    secret = login.secret.reveal()
    if login.header is not None:
        return {login.header: secret}
    if login.user is not None:
        return {"Authorization": f"Basic {b64encode(f'{login.user}:{secret}'.encode('ascii')).decode('ascii')}"}
    return {"Authorization": f"Bearer {secret}"}


def check_policy(settings: RecipientCheckSettings | None, vocabulary: Vocabulary) -> CheckPolicy | None:
    """What an account asked for, with the tag of its parameter; None: no check."""
    if settings is None:
        return None
    tag = None if settings.since_tlv is None else vocabulary.tag(settings.since_tlv)
    return CheckPolicy(tag, settings.date(), settings.cannot_tell == "send")


def policy(settings: LookupSettings) -> LookupPolicy:
    """What becomes of messages whose number nobody tells, as the flow takes it."""
    return LookupPolicy(
        WhenSilent(settings.when_silent), ACT[settings.when_unknown], settings.wait_seconds, settings.most_waiting
    )


def _keeping(settings: KeepSettings) -> Keeping:
    return Keeping(settings.known_seconds, settings.least_seconds, settings.unknown_seconds)


def _breaker(settings: BreakerSettings) -> Breaker:
    return Breaker(settings.failures, settings.pause_seconds, settings.longest_pause_seconds)

"""ENUM over the DNS: one question to several servers, within a deadline; what comes back as an answer of ours."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import aiodns
import pycares

from gateway.routing.breaker import Breaker
from gateway.routing.enum import Naptr, TelUri, name_of, read_naptrs
from gateway.routing.lookup_answers import Answer, Names, Said

# The library keeps answers as long as servers claim, without bound in number, and cannot be told not to. How long an
# answer is good is our cache's business: a resolver is replaced before what it keeps can matter.
RESOLVER_SECONDS = 5.0
RESOLVER_QUESTIONS = 10_000

# The name is not there (NXDOMAIN), or has no NAPTR records: an answer. Every other error is a silence.
NOT_THERE = frozenset({aiodns.error.ARES_ENOTFOUND, aiodns.error.ARES_ENODATA})


class EnumService(NamedTuple):
    """Where to ask. `servers` are `address:port`, IPv6 in brackets. All times in seconds."""

    servers: tuple[str, ...]
    suffix: str
    try_seconds: float  # for one server; it grows with each round
    tries: int  # rounds through the servers
    deadline: float  # for all of it
    absent: Said  # what it means that a number is not there: AT_HOME or UNKNOWN


class _Resolver:
    """A resolver for a while, and how many questions are under way over it."""

    __slots__ = ("asked", "begun", "dns", "under_way")

    def __init__(self, dns: aiodns.DNSResolver, begun: float) -> None:
        self.dns = dns
        self.begun = begun
        self.asked = 0
        self.under_way = 0


class DnsLookups:
    """Asks one ENUM tree."""

    def __init__(
        self,
        name: str,
        service: EnumService,
        names: Names,
        breaker: Breaker,
        monotonic: Callable[[], float],
        wall_ms: Callable[[], int],
    ) -> None:
        self.name = name
        self.breaker = breaker
        self._service = service
        self._names = names
        self._monotonic = monotonic
        self._wall_ms = wall_ms
        self._silent = Answer(Said.SILENT, name)
        self._resolver: _Resolver | None = None

    async def look_up(self, e164: bytes) -> Answer:
        """Ask for one number. It raises for nothing that a server can do."""
        if not self.breaker.allows(self._monotonic()):
            return self._silent
        try:
            async with asyncio.timeout(self._service.deadline):
                found = await self._ask(name_of(e164, self._service.suffix))
        except aiodns.error.DNSError as error:
            if error.args and error.args[0] in NOT_THERE:
                self.breaker.succeeded()
                return Answer(self._service.absent, self.name, as_of=self._wall_ms())
            self.breaker.failed(self._monotonic())
            return self._silent
        except TimeoutError:
            self.breaker.failed(self._monotonic())
            return self._silent
        self.breaker.succeeded()
        return self._read(found, e164)

    async def _ask(self, name: str) -> pycares.DNSResult:
        resolver = await self._fresh()
        resolver.asked += 1
        resolver.under_way += 1
        try:
            return await resolver.dns.query_dns(name, "NAPTR")
        finally:
            resolver.under_way -= 1
            if resolver is not self._resolver and not resolver.under_way:
                await resolver.dns.close()

    async def _fresh(self) -> _Resolver:
        now = self._monotonic()
        old = self._resolver
        if old is not None and now - old.begun < RESOLVER_SECONDS and old.asked < RESOLVER_QUESTIONS:
            return old
        dns = aiodns.DNSResolver(
            servers=self._service.servers, timeout=self._service.try_seconds, tries=self._service.tries
        )
        fresh = self._resolver = _Resolver(dns, now)
        if old is not None and not old.under_way:
            await old.dns.close()
        return fresh

    def _read(self, found: pycares.DNSResult, e164: bytes) -> Answer:
        naptrs: list[Naptr] = []
        ttls: list[int] = []
        for record in found.answer:
            data = record.data
            if isinstance(data, pycares.NAPTRRecordData):
                naptrs.append(Naptr(data.order, data.preference, data.flags, data.service, data.regexp))
                ttls.append(record.ttl)
        uri = read_naptrs(naptrs, e164)
        ttl = float(min(ttls, default=0))
        if uri is None:
            return Answer(Said.UNKNOWN, self.name, as_of=self._wall_ms(), ttl=ttl)
        return self._answer(uri, ttl)

    def _answer(self, uri: TelUri, ttl: float) -> Answer:
        key, called = self._names.find(uri.names())
        ported, as_of = uri.ported, self._wall_ms()
        if key:
            return Answer(Said.KNOWN, self.name, key, ported, as_of, called, ttl)
        said = Said.AT_HOME if uri.npdi and not uri.rn else Said.UNKNOWN
        return Answer(said, self.name, "", ported, as_of, called, ttl)

    async def close(self) -> None:
        """Ask nothing more. What is under way is a silence."""
        resolver, self._resolver = self._resolver, None
        if resolver is not None:
            await resolver.dns.close()

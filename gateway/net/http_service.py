"""A service over HTTP that costs money and fails: login, rate, breaker, deadline, a bounded answer, what it cost."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import aiohttp

from gateway.model.money import Sen
from gateway.net.oauth import Tokens
from gateway.routing.breaker import Breaker
from gateway.routing.lookup_formats import Request
from gateway.throttle.bucket import TokenBucket

MOST_OCTETS = 65_536  # of an answer; a longer one is none
UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
LONGEST_RETRY_AFTER = 3_600.0
FREE = Sen(0)


class HttpLimits(NamedTuple):
    """`deadline` in seconds, for one request with its answer; `at_a_time` connections."""

    deadline: float
    at_a_time: int


@dataclass(slots=True)
class HttpCounts:
    """Since the start."""

    statuses: Counter[str] = field(default_factory=Counter)  # by HTTP status, or what went wrong without one
    held_back: int = 0  # by the circuit breaker
    cost: Sen = FREE  # of all that was answered usably


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    octets: bytes


class HttpService:
    """Sends requests. What is usable in an answer the caller says, by `accept` or `reject`."""

    def __init__(
        self,
        headers: dict[str, str],
        limits: HttpLimits,
        price: Sen,
        breaker: Breaker,
        bucket: TokenBucket | None,
        monotonic: Callable[[], float],
        tls: ssl.SSLContext | None = None,
        tokens: Tokens | None = None,
        sign: Callable[[Request], dict[str, str]] | None = None,
    ) -> None:
        self.breaker = breaker
        self.counts = HttpCounts()
        self._headers = {**headers, "Accept": "application/json, text/plain"}
        self._limits = limits
        self._price = price
        self._bucket = bucket
        self._monotonic = monotonic
        self._tls = tls
        self._tokens = tokens
        self._sign = sign
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Reply | None:
        """The answer, or None when there is none. It raises for nothing that a service can do."""
        if not self.breaker.allows(self._monotonic()):
            self.counts.held_back += 1
            return None
        await self._turn()
        try:
            async with asyncio.timeout(self._limits.deadline):
                reply, retry_after = await self._exchange(request)
        except TimeoutError:
            self._failed("timeout")
            return None
        except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: headers or a URL that cannot be
            self._failed(type(error).__name__)
            return None
        self.counts.statuses[str(reply.status)] += 1
        if reply.status == TOO_MANY_REQUESTS:
            now = self._monotonic()
            self.breaker.failed(now)
            self.breaker.hold(now + retry_after)
            return None
        return reply

    def accept(self, *, paid: bool) -> None:
        """The answer was one, and perhaps it costs something."""
        self.breaker.succeeded()
        if paid:
            self.counts.cost = Sen(self.counts.cost + self._price)

    def reject(self) -> None:
        """The answer was none of the interface's."""
        self.breaker.failed(self._monotonic())

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _failed(self, why: str) -> None:
        self.counts.statuses[why] += 1
        self.breaker.failed(self._monotonic())

    async def _turn(self) -> None:
        if self._bucket is None:
            return
        while not self._bucket.take(1, now := self._monotonic()):  # noqa: ASYNC110 - time fills a bucket, no event
            await asyncio.sleep(self._bucket.seconds_until(1, now))

    async def _exchange(self, request: Request) -> tuple[Reply, float]:
        session = self._open()
        if request.body:
            request = request._replace(headers=(*request.headers, ("Content-Type", "application/json")))
        headers = dict(request.headers)
        if self._tokens is not None:
            headers["Authorization"] = await self._tokens.header(session)
        if self._sign is not None:
            headers |= self._sign(request)
        async with session.request(
            request.method, request.url, data=request.body or None, headers=headers, allow_redirects=False
        ) as response:
            if self._tokens is not None and response.status == UNAUTHORIZED:
                self._tokens.refused(headers["Authorization"])
            octets = await response.content.read(MOST_OCTETS + 1)
            while len(octets) <= MOST_OCTETS and (more := await response.content.read(MOST_OCTETS + 1 - len(octets))):
                octets += more
            if len(octets) > MOST_OCTETS:
                raise ValueError("an endless answer")
            return Reply(response.status, octets), _seconds(response.headers.get("Retry-After", ""))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._limits.at_a_time, ssl=True if self._tls is None else self._tls)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session


def _seconds(retry_after: str) -> float:
    """Of a Retry-After header; a date in it is not read, the breaker's own pause holds then."""
    return min(float(retry_after), LONGEST_RETRY_AFTER) if retry_after.isdecimal() else 0.0

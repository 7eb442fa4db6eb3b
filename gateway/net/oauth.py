"""A token for a service over HTTP by OAuth 2.0 client credentials (RFC 6749, section 4.4), kept until it is over."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

import aiohttp
import orjson

MOST_OCTETS = 16_384
OK = 200
LONGEST_SECONDS = 86_400.0
UNTOLD_SECONDS = 300.0  # where the server does not say how long it is good
EARLY_SECONDS = 10.0  # a token is replaced so long before its end


class Grant(NamedTuple):
    """Where tokens come from, and who asks for them."""

    url: str
    client: str
    secret: str
    scope: str


class Tokens:
    """Everybody who needs the token waits for the one request that fetches it."""

    def __init__(self, grant: Grant, monotonic: Callable[[], float]) -> None:
        self._grant = grant
        self._monotonic = monotonic
        self._header = ""
        self._until = 0.0
        self._fetching = asyncio.Lock()
        self.fetched = 0

    async def header(self, session: aiohttp.ClientSession) -> str:
        """The value of the header Authorization. ValueError, OSError or aiohttp.ClientError: there is none."""
        async with self._fetching:
            if not self._header or self._monotonic() >= self._until:
                self._header, seconds = await self._fetch(session)
                self._until = self._monotonic() + max(seconds - EARLY_SECONDS, 0.0)
                self.fetched += 1
            return self._header

    def refused(self, header: str) -> None:
        """The service did not take it: the next request fetches another one."""
        if header == self._header:
            self._header = ""

    async def _fetch(self, session: aiohttp.ClientSession) -> tuple[str, float]:
        url, client, secret, scope = self._grant
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        basic = b64encode(f"{quote_plus(client)}:{quote_plus(secret)}".encode("ascii")).decode("ascii")
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        async with session.post(url, data=urlencode(form), headers=headers, allow_redirects=False) as response:
            octets = await response.content.read(MOST_OCTETS)
            while more := await response.content.read(MOST_OCTETS):
                octets += more
                if len(octets) > MOST_OCTETS:
                    raise ValueError("an endless answer")
            return read_token(response.status, octets)


def read_token(status: int, octets: bytes) -> tuple[str, float]:
    """The header's value and for how many seconds it is good. ValueError for what is no token."""
    content = orjson.loads(octets) if status == OK else None
    if not isinstance(content, dict):
        raise ValueError("no answer of the token endpoint's")  # noqa: TRY004 - the peer's fault, not a caller's
    token, kind, seconds = content.get("access_token"), content.get("token_type", "bearer"), content.get("expires_in")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise ValueError("no token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise ValueError("another kind of token")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds <= 0:
        seconds = UNTOLD_SECONDS
    return f"Bearer {token}", min(float(seconds), LONGEST_SECONDS)

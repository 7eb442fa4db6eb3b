"""One JSON document to one address over HTTP, signed where there is a secret.

The signature is the HMAC-SHA256 of the timestamp's digits, a dot and the body: who checks it also sees how old it is.
"""

import asyncio
import hmac
import ssl
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

import aiohttp

from gateway.net.courier import Delivery, Handed

SIGNATURE, TIMESTAMP, KEY = "X-SMPP-Gateway-Signature", "X-SMPP-Gateway-Timestamp", "Idempotency-Key"
# What a receiver says that may be otherwise in a while; its other 4xx stay.
LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class Hook(NamedTuple):
    """`key` is the same for each try of one letter."""

    key: str
    body: bytes


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a receiver computes too, and compares."""
    return "sha256=" + hmac.digest(secret.encode("ascii"), timestamp.encode("ascii") + b"." + body, sha256).hex()


class Webhook:
    """One receiver. `deadline` is in seconds, for one request; `secret` None: not signed. `wall_ms` as everywhere."""

    def __init__(
        self, url: str, secret: str | None, ca: Path | None, deadline: float, wall_ms: Callable[[], int]
    ) -> None:
        self._url = url
        self._secret = secret
        self._tls = True if ca is None else ssl.create_default_context(cafile=ca)
        self._deadline = deadline
        self._wall_ms = wall_ms

    async def carry(self, hook: Hook) -> Handed:
        """Send it. It raises for nothing that a receiver can do. A notice is seldom: no connection is kept."""
        timestamp = str(self._wall_ms() // 1000)
        headers = {"Content-Type": "application/json", KEY: hook.key, TIMESTAMP: timestamp}
        if self._secret is not None:
            headers[SIGNATURE] = signature(self._secret, timestamp, hook.body)
        try:
            async with (
                asyncio.timeout(self._deadline),
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(ssl=self._tls), cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.post(self._url, data=hook.body, headers=headers, allow_redirects=False) as response,
            ):
                return _judged(response.status)
        except TimeoutError:
            return Handed(Delivery.LATER, f"no answer in {self._deadline:g} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Handed(Delivery.LATER, f"{type(error).__name__}: {error}")


def _judged(status: int) -> Handed:
    if status // 100 == HTTPStatus.OK // 100:
        return Handed(Delivery.SENT)
    later = status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Handed(Delivery.LATER if later else Delivery.NEVER, f"HTTP {status}")

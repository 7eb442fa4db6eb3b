"""Requests that a service wants signed: headers made of the request, a key's secret, the time and a word used once."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from gateway.routing.lookup_formats import Request

UNRESERVED = "-_.~"  # RFC 3986, section 2.3, beside letters and digits
USUAL_PORT = {"http": 80, "https": 443}

_API_ROOT = re.compile(r"^/api/v[0-9]+(?=/)")


class Scheme(StrEnum):
    """Ways to sign, as operators call them."""

    ACS3 = "acs3"  # Alibaba Cloud, request syntax and signature method V3
    X_DIGEST = "x-digest"  # HLR-lookups.com


class SigningKey(NamedTuple):
    """Who signs."""

    name: str
    secret: bytes

    def hmac(self, text: str) -> str:
        """SHA-256, in hexadecimal digits."""
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()


def acs3(request: Request, key: SigningKey, now_ms: int, nonce: str) -> dict[str, str]:
    """ACS3-HMAC-SHA256 over method, path, query, body, and the headers `host`, `content-type` and `x-acs-*`."""
    url = urlsplit(request.url)
    digest = hashlib.sha256(request.body).hexdigest()
    new = {
        "x-acs-content-sha256": digest,
        "x-acs-date": f"{datetime.fromtimestamp(now_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
    }
    told = {name.lower(): value.strip() for name, value in request.headers}
    signed = {name: value for name, value in told.items() if name.startswith("x-acs-") or name == "content-type"}
    signed |= new | {"host": _host(request.url)}
    names = sorted(signed)
    canonical = "\n".join(
        (
            request.method,
            quote(url.path or "/", safe=f"/%{UNRESERVED}"),
            "&".join(
                f"{quote(name, safe=UNRESERVED)}={quote(value, safe=UNRESERVED)}" for name, value in _query(url.query)
            ),
            *(f"{name}:{signed[name]}" for name in names),
            "",
            ";".join(names),
            digest,
        )
    )
    signature = key.hmac(f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}")
    who = f"Credential={key.name},SignedHeaders={';'.join(names)},Signature={signature}"
    return new | {"Authorization": f"ACS3-HMAC-SHA256 {who}"}


def x_digest(request: Request, key: SigningKey, now_ms: int, _nonce: str) -> dict[str, str]:
    """HMAC-SHA256 over endpoint (the path behind `/api/v2`), seconds since 1970, method and body."""
    seconds = str(now_ms // 1000)
    endpoint = _API_ROOT.sub("", urlsplit(request.url).path)
    signature = key.hmac(endpoint + seconds + request.method + request.body.decode())
    return {"X-Digest-Key": key.name, "X-Digest-Signature": signature, "X-Digest-Timestamp": seconds}


SIGN: Mapping[Scheme, Callable[[Request, SigningKey, int, str], dict[str, str]]] = {
    Scheme.ACS3: acs3,
    Scheme.X_DIGEST: x_digest,
}


def _host(written: str) -> str:
    """As a client writes it into the header `Host`."""
    url = urlsplit(written)
    host = url.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if url.port in (None, USUAL_PORT[url.scheme]) else f"{host}:{url.port}"


def _query(query: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(query, keep_blank_values=True))

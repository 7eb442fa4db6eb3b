"""Whether a request was signed as it should be, by a reading of the schemes that is not the gateway's."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, unquote_plus

from simulators.sections import Section


class Signing(Section):
    """One key."""

    scheme: Literal["acs3", "x-digest"]
    key: str
    secret: str


def sound(signing: Signing, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signature is the request's. `target` is path and query as they came, `headers` by lower case."""
    path, _, query = target.partition("?")
    if signing.scheme == "x-digest":
        told = "/" + path.rpartition("/")[2] + headers.get("x-digest-timestamp", "") + method + body.decode()
        expected = _hmac(signing, told)
        return headers.get("x-digest-key") == signing.key and headers.get("x-digest-signature") == expected
    match = re.fullmatch(
        r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if match is None or match[1] != signing.key:
        return False
    names = match[2].split(";")
    wanted = {name for name in headers if name.startswith("x-acs-") or name in {"host", "content-type"}}
    digest = hashlib.sha256(body).hexdigest()
    if set(names) != wanted or headers.get("x-acs-content-sha256") != digest:
        return False
    pairs = sorted(tuple(map(unquote_plus, one.partition("=")[::2])) for one in query.split("&") if one)
    canonical = f"{method}\n{path}\n"
    canonical += "&".join("=".join(quote(word, safe="~") for word in pair) for pair in pairs) + "\n"
    canonical += "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(names))
    canonical += f"\n{match[2]}\n{digest}"
    return match[3] == _hmac(signing, "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest())


def _hmac(signing: Signing, text: str) -> str:
    return hmac.new(signing.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

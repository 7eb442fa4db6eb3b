"""Signatures: the providers' published examples, and that every part of a request counts."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.lookup_formats import Request
from gateway.routing.lookup_signing import SIGN, Scheme, SigningKey, acs3, x_digest
from simulators.lookup_signatures import Signing, sound

KEY = SigningKey("us", b"hush")
NOW = 1_795_478_400_000
JSON = ("Content-Type", "application/json")


def test_the_example_of_alibaba_cloud() -> None:
    query = "RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    headers = (("x-acs-action", "RunInstances"), ("x-acs-version", "2014-05-26"))
    asked = Request("POST", f"https://ecs.cn-shanghai.aliyuncs.com/?{query}", b"", headers)
    at = int(datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC).timestamp()) * 1000 + 999
    signed = acs3(asked, SigningKey("YourAccessKeyId", b"YourAccessKeySecret"), at, "3156853299f313e23d1673dc12e1703d")
    assert signed["x-acs-date"] == "2023-10-26T10:22:32Z"
    assert signed["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_an_example_of_hlr_lookups() -> None:
    asked = Request("POST", "https://www.hlr-lookups.com/api/v2/hlr-lookup", b'{"msisdn":"+491788735000"}', (JSON,))
    assert x_digest(asked, SigningKey("hlr-key", b"hlr-secret-value"), 1_790_000_000_999, "") == {
        "X-Digest-Key": "hlr-key",
        "X-Digest-Timestamp": "1790000000",
        "X-Digest-Signature": "997fc8db45a0ac1c0e8ecc70bb2de21de9967b3c3c8ae50803aece5962aec6c8",
    }


def judged(scheme: Scheme, asked: Request, seen: Request, key: SigningKey = KEY) -> bool:
    """What the simulator thinks of `seen`, with the signature of `asked`."""
    headers = {name.lower(): value for name, value in seen.headers}
    headers |= {name.lower(): value for name, value in SIGN[scheme](asked, key, NOW, "once").items()}
    headers["host"] = seen.url.split("/")[2]
    target = "/" + seen.url.split("/", 3)[3]
    return sound(Signing(scheme=scheme.value, key="us", secret="hush"), seen.method, target, headers, seen.body)


ASKED = Request("POST", "http://x.example:81/api/v2/hlr-lookup?b=1&a=2", b'{"msisdn": "+81"}', (("x-acs-a", "b"), JSON))


@pytest.mark.parametrize(
    ("changed", "schemes"),
    [
        ({}, {Scheme.ACS3, Scheme.X_DIGEST}),
        ({"method": "GET"}, set()),
        ({"url": "http://x.example:81/api/v2/mnp-lookup?b=1&a=2"}, set()),
        ({"body": b'{"msisdn": "+82"}'}, set()),
        ({"url": "http://x.example:81/api/v2/hlr-lookup?b=1&a=3"}, {Scheme.X_DIGEST}),
        ({"url": "http://y.example:81/api/v2/hlr-lookup?b=1&a=2"}, {Scheme.X_DIGEST}),
        ({"headers": (("x-acs-a", "c"), JSON)}, {Scheme.X_DIGEST}),
        ({"headers": (JSON,)}, {Scheme.X_DIGEST}),
        ({"headers": (("x-acs-a", "b"), ("Content-Type", "text/plain"))}, {Scheme.X_DIGEST}),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused(changed: dict[str, Any], schemes: set[Scheme]) -> None:
    assert {scheme for scheme in Scheme if judged(scheme, ASKED, ASKED._replace(**changed))} == schemes


def test_another_key_is_refused() -> None:
    for scheme in Scheme:
        assert not judged(scheme, ASKED, ASKED, SigningKey("us", b"other"))
        assert not judged(scheme, ASKED, ASKED, SigningKey("them", b"hush"))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://X.example:443/", "x.example"),
        ("http://x.example:80/a", "x.example"),
        ("https://x.example:80/a", "x.example:80"),
        ("http://[::1]:8080/a", "[::1]:8080"),
    ],
)
def test_the_host_is_signed_as_clients_write_it(url: str, host: str) -> None:
    headers = acs3(Request("GET", url, b""), KEY, NOW, "once")
    key = Signing(scheme="acs3", key="us", secret="hush")
    told = {name.lower(): value for name, value in headers.items()} | {"host": host}
    assert sound(key, "GET", "/" + url.split("/", 3)[3], told, b"")


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=6), st.text(max_size=6), max_size=4))
def test_any_words_in_a_url_are_signed_as_they_are_read(words: dict[str, str]) -> None:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in words.items())
    asked = Request("GET", f"http://x.example/?{query}", b"")
    assert judged(Scheme.ACS3, asked, asked)

"""The providers' published examples are sound, and nothing else is."""

import pytest

from simulators.lookup_signatures import Signing, sound

# Alibaba Cloud, request syntax and signature method V3.
TARGET = "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
ACS3 = Signing(scheme="acs3", key="YourAccessKeyId", secret="YourAccessKeySecret")
HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
    "authorization": "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
    "x-acs-date;x-acs-signature-nonce;x-acs-version,"
    "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
}
DIGEST = Signing(scheme="x-digest", key="hlr-key", secret="hlr-secret-value")
DIGESTED = {
    "x-digest-key": "hlr-key",
    "x-digest-timestamp": "1790000000",
    "x-digest-signature": "997fc8db45a0ac1c0e8ecc70bb2de21de9967b3c3c8ae50803aece5962aec6c8",
}
BODY = b'{"msisdn":"+491788735000"}'


def test_the_examples_are_sound() -> None:
    assert sound(ACS3, "POST", TARGET, HEADERS, b"")
    assert sound(DIGEST, "POST", "/api/v2/hlr-lookup", DIGESTED, BODY)


@pytest.mark.parametrize("name", HEADERS)
def test_every_header_counts(name: str) -> None:
    assert not sound(ACS3, "POST", TARGET, HEADERS | {name: HEADERS[name] + "x"}, b"")
    assert not sound(ACS3, "POST", TARGET, {key: HEADERS[key] for key in HEADERS if key != name}, b"")


def test_everything_else_counts_too() -> None:
    assert not sound(ACS3, "GET", TARGET, HEADERS, b"")
    assert not sound(ACS3, "POST", TARGET + "&a=b", HEADERS, b"")
    assert not sound(ACS3, "POST", TARGET, HEADERS, b"x")
    assert not sound(ACS3, "POST", TARGET, HEADERS | {"x-acs-more": "x"}, b"")
    assert not sound(DIGEST, "POST", "/api/v2/mnp-lookup", DIGESTED, BODY)
    assert not sound(DIGEST, "POST", "/api/v2/hlr-lookup", DIGESTED, BODY + b" ")
    assert not sound(DIGEST, "POST", "/api/v2/hlr-lookup", {}, BODY)

"""Webhooks to a real HTTP server: signed, once a try, and judged by what it says."""

import hmac
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.net.courier import Delivery
from gateway.net.webhook import KEY, SIGNATURE, TIMESTAMP, Hook, Webhook, signature
from tests.gateway.net.post_office import babbler, receiver

NOW_MS = 1_795_478_400_123
HOOK = Hook("CarrierDown.one.1.1", '{"text":"障害"}'.encode())


def webhook(url: str, secret: str | None = "s3cret", deadline: float = 2.0) -> Webhook:
    return Webhook(url, secret, None, deadline, lambda: NOW_MS)


async def test_a_document_arrives_with_a_signature_that_its_receiver_can_check() -> None:
    async with receiver() as one:
        assert (await webhook(one.url).carry(HOOK)).how is Delivery.SENT
        assert (await webhook(one.url, None).carry(HOOK)).how is Delivery.SENT
    (headers, body), (unsigned, _) = one.requests
    assert body == HOOK.body
    assert headers["Content-Type"] == "application/json"
    assert (headers[KEY], headers[TIMESTAMP]) == (HOOK.key, "1795478400")
    expected = hmac.new(b"s3cret", b"1795478400." + body, sha256).hexdigest()
    assert headers[SIGNATURE] == f"sha256={expected}" == signature("s3cret", "1795478400", body)
    assert SIGNATURE not in unsigned


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (200, Delivery.SENT),
        (202, Delivery.SENT),
        (302, Delivery.NEVER),
        (400, Delivery.NEVER),
        (404, Delivery.NEVER),
        (408, Delivery.LATER),
        (429, Delivery.LATER),
        (500, Delivery.LATER),
        (503, Delivery.LATER),
    ],
)
async def test_the_status_decides(status: int, how: Delivery) -> None:
    async with receiver(status) as one:
        handed = await webhook(one.url).carry(HOOK)
    assert handed.how is how
    assert len(one.requests) == 1, "no redirect is followed"


async def test_who_is_down_hangs_or_talks_nonsense_is_asked_later() -> None:
    async with receiver(0) as slow, babbler(b"220 mail is here\r\n") as nonsense:
        for url in ("http://127.0.0.1:1/", f"http://127.0.0.1:{nonsense}/", slow.url):
            handed = await webhook(url, deadline=0.3).carry(HOOK)
            assert handed.how is Delivery.LATER
            assert handed.why


def test_roots_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Webhook("https://127.0.0.1/", None, tmp_path / "ca.pem", 1.0, lambda: NOW_MS)

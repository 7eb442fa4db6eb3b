"""Mails over real SMTP: what arrives is what was meant; what cannot be sent says why, and whether to try again."""

import asyncio
from pathlib import Path

import pytest
import trustme

from gateway.net.courier import Delivery
from gateway.net.mail import Mail, MailServer, Postman, Security, written
from tests.gateway.net.post_office import babbler, post_office

SENDER = "gateway@sms.example.jp"
BODY = "docomo との接続がすべて切断されています。\n.\n一行だけの点も届く。\n"
MAIL = Mail(
    "CarrierDown.one.1.2",
    "CarrierDown.one.1.1",
    "noc@example.jp",
    "【障害】接続断（CarrierDown）",
    BODY,
    1_795_478_400_000,
)


def plain(port: int) -> MailServer:
    return MailServer("127.0.0.1", port, Security.PLAIN)


async def test_a_mail_arrives_as_it_was_meant() -> None:
    async with post_office() as office:
        assert (await Postman([plain(office.port)], SENDER, 5.0).carry(MAIL)).how is Delivery.SENT
    (mail,) = office.mails
    assert office.recipients == ["noc@example.jp"]
    assert mail["Subject"] == MAIL.subject
    assert mail.get_content().replace("\r\n", "\n") == BODY
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    assert mail["Message-ID"] == "<CarrierDown.one.1.2@sms.example.jp>"
    assert mail["References"] == mail["In-Reply-To"] == "<CarrierDown.one.1.1@sms.example.jp>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Tue, 24 Nov 2026 00:00:00 +0000"


def test_octets_are_ascii_lines_of_bounded_length_and_no_header_is_smuggled_in() -> None:
    octets = written(MAIL._replace(subject="fault\r\nBcc: everybody@example.jp", body="あ" * 2_000), SENDER)
    octets.decode("ascii")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"\r\nBcc:" not in octets
    assert b"References" not in written(MAIL._replace(thread=MAIL.key), SENDER)


@pytest.mark.parametrize(
    ("answer", "how"),
    [("550 no such user", Delivery.NEVER), ("451 later", Delivery.LATER), ("452 full", Delivery.LATER)],
)
async def test_the_servers_word_decides_whether_it_is_tried_again(answer: str, how: Delivery) -> None:
    async with post_office() as office:
        office.refuse = answer
        handed = await Postman([plain(office.port)], SENDER, 5.0).carry(MAIL)
    assert handed.how is how
    assert answer in handed.why


async def test_the_next_server_is_tried_when_one_is_down_hangs_or_talks_nonsense() -> None:
    async with post_office() as slow, post_office() as good, babbler(b"HTTP/1.1 400 what?\r\n\r\n") as nonsense:
        slow.hang = True
        servers = [plain(1), plain(nonsense), plain(slow.port), plain(good.port)]
        assert (await Postman(servers, SENDER, 0.2).carry(MAIL)).how is Delivery.SENT
        handed = await Postman(servers[:3], SENDER, 0.2).carry(MAIL)
    assert (handed.how, len(good.mails), slow.mails) == (Delivery.LATER, 1, [])
    assert "no answer in 0.2 seconds" in handed.why


@pytest.mark.parametrize("garbage", [b"", b"220", b"\xff\xfe\x00" * 50, b"220 hi\r\n" + b"x" * 100_000, b"999 hi\r\n"])
async def test_garbage_is_later(garbage: bytes) -> None:
    async with babbler(garbage) as port:
        assert (await Postman([plain(port)], SENDER, 1.0).carry(MAIL)).how is Delivery.LATER


@pytest.fixture
def ca() -> trustme.CA:
    return trustme.CA()


def context(ca: trustme.CA, tmp_path: Path) -> tuple[Path, object]:
    import ssl

    mine = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(mine)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem", mine


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_over_tls_with_a_login(ca: trustme.CA, tmp_path: Path, security: Security) -> None:
    roots, mine = context(ca, tmp_path)
    async with post_office(mine, starttls=security is Security.STARTTLS) as office:  # type: ignore[arg-type]
        server = MailServer("127.0.0.1", office.port, security, "gateway", "right", roots)
        if security is Security.STARTTLS:
            assert (await Postman([server], SENDER, 5.0).carry(MAIL)).how is Delivery.SENT
            assert office.logins == [("gateway", "right")]
            wrong = await Postman([server._replace(password="wrong")], SENDER, 5.0).carry(MAIL)
            assert (wrong.how, "535" in wrong.why) == (Delivery.LATER, True)
        else:
            assert (
                await Postman([server._replace(user="", password="")], SENDER, 5.0).carry(MAIL)
            ).how is Delivery.SENT
        strangers = await Postman([server._replace(ca=None)], SENDER, 5.0).carry(MAIL)
        assert strangers.how is Delivery.LATER
        assert office.encrypted == [True]


async def test_a_server_that_offers_no_starttls_gets_nothing() -> None:
    async with post_office() as office:
        handed = await Postman([MailServer("127.0.0.1", office.port, Security.STARTTLS)], SENDER, 5.0).carry(MAIL)
    assert handed.how is Delivery.LATER
    assert office.mails == []


async def test_the_next_mail_begins_with_the_server_that_took_the_last() -> None:
    async with post_office() as slow, post_office() as good:
        slow.hang = True
        postman = Postman([plain(slow.port), plain(good.port)], SENDER, 0.2)
        loop = asyncio.get_running_loop()
        assert (await postman.carry(MAIL)).how is Delivery.SENT
        begun = loop.time()
        assert (await postman.carry(MAIL)).how is Delivery.SENT
        assert loop.time() - begun < 0.2
        good.refuse = "451 later"
        slow.release()
        assert (await postman.carry(MAIL)).how is Delivery.SENT
    assert (len(slow.mails), len(good.mails)) == (1, 2)


async def test_a_mail_that_was_taken_is_sent_however_the_connection_ends() -> None:
    async with post_office() as office:
        office.cuts = True
        assert (await Postman([plain(office.port)], SENDER, 5.0).carry(MAIL)).how is Delivery.SENT
    assert len(office.mails) == 1

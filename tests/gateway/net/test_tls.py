"""TLS by hand: handshakes in every cut, names of certificates, alerts, and files that change."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.net.tls import Certificates, Tls, TlsError
from gateway.settings.certificates import CertificateError, server_side
from tests.gateway.net.tls_peer import CA, OTHER_CA, TlsPeer, ours, theirs
from tests.gateway.settings.issued import issue


def talk(tls: Tls, peer: TlsPeer, cut: int = 1 << 20) -> bytes:
    """Until nothing moves; what we heard."""
    heard = b""
    wire = peer.step()
    while wire or tls._to_wire.pending:
        for at in range(0, len(wire), cut):
            heard += tls.receive(wire[at : at + cut])
        wire = peer.step(tls.take_output())
    return heard


@pytest.mark.parametrize("cut", [1, 2, 7, 100, 1 << 20])
def test_a_conversation_in_every_cut(tmp_path: Path, cut: int) -> None:
    tls, peer = Tls(ours(tmp_path).context), TlsPeer(theirs())
    peer.say(b"hello" * 10_000)
    assert talk(tls, peer, cut) == b"hello" * 10_000
    assert tls.established
    assert tls.names() == frozenset()
    tls.send(b"answer" * 100_000)
    assert talk(tls, peer, cut) == b""
    assert peer.heard == b"answer" * 100_000


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions(tmp_path: Path, version: ssl.TLSVersion) -> None:
    context = theirs("shop.example")
    context.minimum_version = context.maximum_version = version
    tls, peer = Tls(ours(tmp_path, asks=True).context), TlsPeer(context)
    talk(tls, peer)
    assert peer.object.version() == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
    assert tls.names() == {"shop.example"}


def test_what_is_older_is_refused(tmp_path: Path) -> None:
    context = theirs()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    tls, peer = Tls(ours(tmp_path).context), TlsPeer(context)
    with pytest.raises(TlsError, match="unsupported protocol"):
        talk(tls, peer)
    assert tls.take_output()  # the alert


def test_common_name_and_alternative_names(tmp_path: Path) -> None:
    context = theirs("shop.example", "192.0.2.7", "ops@shop.example", common_name="Shop")
    tls = Tls(ours(tmp_path, required=True).context)
    talk(tls, TlsPeer(context))
    assert tls.names() == {"shop.example", "192.0.2.7", "ops@shop.example", "Shop"}


@pytest.mark.parametrize("required", [False, True])
def test_a_certificate_that_somebody_else_signed_is_refused(tmp_path: Path, required: bool) -> None:
    tls = Tls(ours(tmp_path, asks=True, required=required).context)
    with pytest.raises(TlsError, match="certificate verify failed"):
        talk(tls, TlsPeer(theirs("shop.example", signed_by=OTHER_CA)))
    assert not tls.established


def test_none_where_one_is_required(tmp_path: Path) -> None:
    with pytest.raises(TlsError, match="peer did not return a certificate"):
        talk(Tls(ours(tmp_path, required=True).context), TlsPeer(theirs()))


@pytest.mark.parametrize("octets", [b"\0\0\0\x10\0\0\0\x15" + bytes(8), b"GET / HTTP/1.1\r\n\r\n", bytes(100)])
def test_plain_octets_are_refused(tmp_path: Path, octets: bytes) -> None:
    tls = Tls(ours(tmp_path).context)
    with pytest.raises(TlsError):
        tls.receive(octets)


def test_the_peers_last_word(tmp_path: Path) -> None:
    tls, peer = Tls(ours(tmp_path).context), TlsPeer(theirs())
    talk(tls, peer)
    peer.say(b"last")
    assert tls.receive(peer.step() + peer.goodbye()) == b"last"
    assert tls.ended
    tls.close()
    assert tls.take_output()


def test_our_last_word(tmp_path: Path) -> None:
    tls, peer = Tls(ours(tmp_path).context), TlsPeer(theirs())
    talk(tls, peer)
    tls.send(b"bye")
    tls.close()
    peer.step(tls.take_output())
    assert peer.heard == b"bye"
    assert peer.object.read(1) == b""


def test_new_files_are_for_new_connections(tmp_path: Path) -> None:
    files = issue(tmp_path, CA)
    certificates = Certificates(lambda: server_side(files.certificate, files.key, None, required=False))
    tls, peer = Tls(certificates.context), TlsPeer(theirs())
    talk(tls, peer)
    before = certificates.ends_ms
    issue(tmp_path, CA, not_after=datetime(2040, 1, 1, tzinfo=UTC))
    certificates.reload(0)
    assert certificates.ends_ms == int(datetime(2040, 1, 1, tzinfo=UTC).timestamp()) * 1000 != before
    peer.say(b"still here")
    assert talk(tls, peer) == b"still here"
    again, new = Tls(certificates.context), TlsPeer(theirs())
    talk(again, new)
    told, first = new.object.getpeercert(), peer.object.getpeercert()
    assert told is not None
    assert first is not None
    assert told["notAfter"] == "Jan  1 00:00:00 2040 GMT" != first["notAfter"]


def test_bad_files_change_nothing(tmp_path: Path) -> None:
    files = issue(tmp_path, CA)
    certificates = Certificates(lambda: server_side(files.certificate, files.key, None, required=False))
    context, ends_ms = certificates.context, certificates.ends_ms
    now_ms = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1000
    files.key.write_bytes(CA.issue_cert("x").private_key_pem.bytes())
    with pytest.raises(CertificateError, match="does not open"):
        certificates.reload(now_ms)
    files.certificate.unlink()
    with pytest.raises(CertificateError, match="No such file"):
        certificates.reload(now_ms)
    issue(tmp_path, CA, not_after=datetime(2025, 1, 1, tzinfo=UTC))
    with pytest.raises(CertificateError, match="has ended already"):
        certificates.reload(now_ms)
    assert certificates.context is context
    assert certificates.ends_ms == ends_ms

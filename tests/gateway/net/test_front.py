"""Header, then handshake, then the session's octets: in every cut, from balancers and from strangers."""

from pathlib import Path

import pytest

from gateway.model.origin import Origin
from gateway.net.front import Front, FrontError, Header
from tests.gateway.net.tls_peer import TlsPeer, ours, theirs

BALANCER = Origin.of("10.0.0.1", 4_000)
LINE = b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 2775\r\n"


def test_where_no_balancer_is_named_all_is_the_sessions() -> None:
    front = Front(BALANCER, Header.NEVER_HEARD_OF, None)
    assert front.open
    assert front.bare
    assert front.origin == BALANCER
    assert front.receive(LINE) == LINE


@pytest.mark.parametrize("cut", range(1, len(LINE) + 3))
def test_a_header_in_every_cut(cut: int) -> None:
    front = Front(BALANCER, Header.FROM_A_BALANCER, None)
    assert front.origin is None
    octets = LINE + b"rest"
    assert front.receive(octets[:cut]) + front.receive(octets[cut:]) == b"rest"
    assert front.bare
    assert str(front.origin) == "192.0.2.7:5000"


def test_a_balancer_that_speaks_for_itself_comes_from_its_own_address() -> None:
    front = Front(BALANCER, Header.FROM_A_BALANCER, None)
    assert front.receive(b"PROXY UNKNOWN\r\n") == b""
    assert front.open
    assert front.origin == BALANCER


@pytest.mark.parametrize("octets", [b"\0\0\0\x10", b"\x16\x03\x01\x02\0\x01", b"x", b"PROXY TCP4 me you 1 2\r\n"])
def test_a_balancer_without_a_header_is_refused(octets: bytes) -> None:
    front = Front(BALANCER, Header.FROM_A_BALANCER, None)
    with pytest.raises(FrontError, match="PROXY header"):
        front.receive(octets)
    assert not front.open


@pytest.mark.parametrize("header", [LINE, b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"])
def test_a_header_of_a_stranger_is_refused_in_every_cut(header: bytes) -> None:
    for cut in range(1, 5):
        front = Front(BALANCER, Header.FROM_A_STRANGER, None)
        assert front.receive(header[:cut]) == b""
        assert not front.open
        with pytest.raises(FrontError, match="no named balancer"):
            front.receive(header[cut:])


def test_a_stranger_without_one_is_a_customer() -> None:
    front = Front(BALANCER, Header.FROM_A_STRANGER, None)
    assert front.receive(b"\0\0\0") == b""
    assert front.receive(b"\x10\0rest") == b"\0\0\0\x10\0rest"
    assert front.bare
    assert front.origin == BALANCER


@pytest.mark.parametrize("cut", [1, 20, 1 << 20])
@pytest.mark.parametrize("header", [Header.NEVER_HEARD_OF, Header.FROM_A_BALANCER, Header.FROM_A_STRANGER])
def test_tls_comes_after_the_header(tmp_path: Path, header: Header, cut: int) -> None:
    front = Front(BALANCER, header, ours(tmp_path, asks=True).context)
    peer = TlsPeer(theirs("shop.example"))
    peer.say(b"hello")
    wire = (LINE if header is Header.FROM_A_BALANCER else b"") + peer.step()
    heard = b""
    while wire:
        for at in range(0, len(wire), cut):
            heard += front.receive(wire[at : at + cut])
        wire = peer.step(front.take_output())
    assert heard == b"hello"
    assert front.open
    assert not front.bare
    assert front.origin is not None
    assert front.origin.names == {"shop.example"}
    assert str(front.origin) == ("192.0.2.7:5000" if header is Header.FROM_A_BALANCER else "10.0.0.1:4000")
    peer.step(front.send(b"answer") + front.close())
    assert peer.heard == b"answer"
    front.receive(peer.goodbye())
    assert front.ended


def test_a_header_within_tls_is_none(tmp_path: Path) -> None:
    front = Front(BALANCER, Header.FROM_A_BALANCER, ours(tmp_path).context)
    with pytest.raises(FrontError):
        front.receive(TlsPeer(theirs()).step())


def test_what_is_no_tls_is_refused_with_a_reason(tmp_path: Path) -> None:
    front = Front(BALANCER, Header.NEVER_HEARD_OF, ours(tmp_path).context)
    with pytest.raises(FrontError, match=r"^TLS: "):
        front.receive(b"GET / HTTP/1.1\r\n\r\n")
    assert not front.open
    assert front.close() == b""

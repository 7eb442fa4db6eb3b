"""PROXY headers of both versions, cut anywhere, from balancers that err or lie."""

from ipaddress import IPv4Address, IPv6Address
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.origin import Origin
from gateway.net.proxy_protocol import LONGEST_1, LONGEST_2, SIGNATURE_2, BadHeader, Header, looks_like_one, read_header

V4 = (IPv4Address("192.0.2.7"), IPv4Address("198.51.100.1"))
V6 = (IPv6Address("2001:db8::7"), IPv6Address("2001:db8::1"))


def version_2(command: int, family: int, body: bytes, length: int | None = None) -> bytes:
    return SIGNATURE_2 + pack(">BBH", command, family, len(body) if length is None else length) + body


TCP4 = V4[0].packed + V4[1].packed + pack(">HH", 5_000, 2_775)
TCP6 = V6[0].packed + V6[1].packed + pack(">HH", 5_000, 2_775)
TLVS = b"\x04\x00\x03abc" + b"\x05\x00\x80" + bytes(128)

SOUND = {
    b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 2775\r\n": Origin.of("192.0.2.7", 5_000),
    b"PROXY TCP4 192.0.2.7 198.51.100.1 0 65535\r\n": Origin.of("192.0.2.7", 0),
    b"PROXY TCP6 2001:db8::7 2001:DB8::1 5000 2775\r\n": Origin.of("2001:db8::7", 5_000),
    b"PROXY TCP6 ::ffff:192.0.2.7 ::1 5000 2775\r\n": Origin.of("192.0.2.7", 5_000),
    b"PROXY UNKNOWN\r\n": None,
    b"PROXY UNKNOWN " + b"f" * (LONGEST_1 - 16) + b"\r\n": None,
    version_2(0x21, 0x11, TCP4): Origin.of("192.0.2.7", 5_000),
    version_2(0x21, 0x21, TCP6): Origin.of("2001:db8::7", 5_000),
    version_2(0x21, 0x11, TCP4 + TLVS): Origin.of("192.0.2.7", 5_000),
    version_2(0x21, 0x00, b""): None,
    version_2(0x21, 0x00, TLVS): None,
    version_2(0x20, 0x00, b""): None,
    version_2(0x20, 0x11, TCP4): None,
    version_2(0x20, 0x11, b"short"): None,
    version_2(0x21, 0x11, TCP4 + bytes(LONGEST_2 - 16 - len(TCP4))): Origin.of("192.0.2.7", 5_000),
}


@pytest.mark.parametrize(("octets", "origin"), SOUND.items())
def test_a_header_in_every_cut(octets: bytes, origin: Origin | None) -> None:
    for cut in range(len(octets)):
        assert read_header(octets[:cut]) is None
    assert read_header(octets) == Header(origin, len(octets))
    assert read_header(octets + b"\0\0\0\x10PROXY \r\n") == Header(origin, len(octets))


@pytest.mark.parametrize(
    "octets",
    [
        b"\0\0\0\x10",
        b"\x16\x03\x01",
        b"GET / HTTP/1.1\r\n",
        b"PROXZ",
        b"proxy TCP4 192.0.2.7 198.51.100.1 5000 2775\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 5000\r\n",
        b"PROXY TCP4  192.0.2.7 198.51.100.1 5000 2775\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 2775 \r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 65536\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 05000 2775\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 2775\r\n",
        b"PROXY TCP4 192.0.2.256 198.51.100.1 5000 2775\r\n",
        b"PROXY TCP4 192.0.02.7 198.51.100.1 5000 2775\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100 5000 2775\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 5000 2775\r\n",
        b"PROXY TCP6 192.0.2.7 198.51.100.1 5000 2775\r\n",
        b"PROXY UDP4 192.0.2.7 198.51.100.1 5000 2775\r\n",
        b"PROXY UNKNOWNS\r\n",
        b"PROXY \r\n",
        b"PROXY " + b"x" * (LONGEST_1 - 6),
        b"PROXY UNKNOWN " + b"f" * (LONGEST_1 - 15) + b"\r\n",
        SIGNATURE_2 + b"\x11\x11\x00\x0c" + TCP4,
        SIGNATURE_2 + b"\x22\x11\x00\x0c" + TCP4,
        version_2(0x21, 0x11, TCP4[:-1]),
        version_2(0x21, 0x21, TCP4),
        version_2(0x21, 0x12, TCP4),
        version_2(0x21, 0x31, bytes(216)),
        version_2(0x21, 0x99, TCP4),
        version_2(0x21, 0x11, b"", LONGEST_2 - 15),
        version_2(0x20, 0x00, b"", 0xFFFF),
    ],
)
def test_what_is_no_header(octets: bytes) -> None:
    with pytest.raises(BadHeader) as caught:
        read_header(octets)
    assert "192.0" not in str(caught.value)
    assert "2001:" not in str(caught.value)


@given(st.binary(max_size=40) | st.binary(max_size=200).map(lambda tail: b"PROXY " + tail))
def test_garbage_is_refused_or_waited_for_within_bounds(octets: bytes) -> None:
    try:
        header = read_header(octets)
    except BadHeader:
        return
    assert header is not None or len(octets) < LONGEST_1


@given(st.binary(max_size=80))
def test_garbage_of_version_2(tail: bytes) -> None:
    octets = SIGNATURE_2 + tail
    try:
        header = read_header(octets)
    except BadHeader:
        return
    assert header is None or header.octets <= len(octets)


def test_a_header_of_a_stranger_is_seen() -> None:
    assert all(looks_like_one(octets) for octets in SOUND)
    assert not any(looks_like_one(octets) for octets in (b"", b"\0\0\0\x10\0", b"\x16\x03\x01\x02\0", b"GET /"))

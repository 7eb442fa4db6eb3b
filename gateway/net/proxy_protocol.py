"""The PROXY protocol, versions 1 and 2: the header in which a balancer tells whom it speaks for. Pure: octets in.

Source: "The PROXY protocol, versions 1 & 2" of HAProxy. The TLVs of version 2 are skipped. A header is taken only from
a balancer that the operator named, and from it nothing else is taken first.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from struct import Struct
from typing import NamedTuple

from gateway.model.origin import Origin

SIGNATURE_1 = b"PROXY "
SIGNATURE_2 = b"\r\n\r\n\0\r\nQUIT\n"
LONGEST_1 = 107  # with its CR LF, says the source
LONGEST_2 = 16 + 4_096  # the addresses need 36 octets; the rest are TLVs that nobody here reads

_HEAD_2 = Struct(">12sBBH")
_TCP4, _TCP6, _UNSPECIFIED = 0x11, 0x21, 0x00
_ENDS = {_TCP4: Struct(">4s4sHH"), _TCP6: Struct(">16s16sHH")}
_LOCAL, _PROXY = 0x20, 0x21
_LINE = re.compile(rb"PROXY (TCP4|TCP6) ([0-9A-Fa-f:.]{2,39}) ([0-9A-Fa-f:.]{2,39}) (\d{1,5}) (\d{1,5})\r\n")
MOST_PORT = 0xFFFF


class BadHeader(Exception):
    """What came is no PROXY header. The text says why, and holds nothing of what came."""


class Header(NamedTuple):
    """A header that is complete. `origin` None: the balancer speaks for itself (a check of ours, for one)."""

    origin: Origin | None
    octets: int


def read_header(data: bytes) -> Header | None:
    """The header that the octets begin with, or None while it may still become one.

    BadHeader as soon as it cannot become one: nothing longer than LONGEST_1 or LONGEST_2 is ever waited for.
    """
    if data[: len(SIGNATURE_2)] == SIGNATURE_2[: len(data)]:
        return _version_2(data) if len(data) >= _HEAD_2.size else None
    if data[: len(SIGNATURE_1)] == SIGNATURE_1[: len(data)]:
        return _version_1(data)
    raise BadHeader("a balancer must begin with a PROXY header")


def looks_like_one(data: bytes) -> bool:
    """Whether a stranger begins with a header. Five octets tell: no SMPP PDU and no TLS record begins so."""
    return data[:5] in (SIGNATURE_1[:5], SIGNATURE_2[:5])


def _version_1(data: bytes) -> Header | None:
    end = data.find(b"\r\n", 0, LONGEST_1)
    if end < 0:
        if len(data) >= LONGEST_1:
            raise BadHeader(f"a PROXY header of version 1 is longer than {LONGEST_1} octets")
        return None
    line = data[: end + 2]
    if line.startswith((b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ")):
        return Header(None, len(line))
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadHeader("a PROXY header of version 1 that cannot be read")
    family, source, destination, *ports = match.groups()
    read = IPv4Address if family == b"TCP4" else IPv6Address
    try:
        read(destination.decode("ascii"))
        host = str(read(source.decode("ascii")))
    except AddressValueError:
        raise BadHeader("a PROXY header of version 1 with a malformed address") from None
    if any(int(port) > MOST_PORT or (port[:1] == b"0" and port != b"0") for port in ports):
        raise BadHeader("a PROXY header of version 1 with a malformed port")
    return Header(Origin.of(host, int(ports[0])), len(line))


def _version_2(data: bytes) -> Header | None:
    _, command, family, length = _HEAD_2.unpack_from(data)
    whole = _HEAD_2.size + length
    if command not in (_LOCAL, _PROXY):
        raise BadHeader("a PROXY header of an unknown version or command")
    if whole > LONGEST_2:
        raise BadHeader(f"a PROXY header of version 2 is longer than {LONGEST_2} octets")
    ends = _ENDS.get(family)
    if command == _PROXY and family != _UNSPECIFIED:
        if ends is None:
            raise BadHeader("a PROXY header of version 2 for something else than TCP")
        if length < ends.size:
            raise BadHeader("a PROXY header of version 2 that is shorter than its addresses")
    if len(data) < whole:
        return None
    if command == _LOCAL or ends is None:
        return Header(None, whole)
    source, _, port, _ = ends.unpack_from(data, _HEAD_2.size)
    address = IPv4Address(source) if family == _TCP4 else IPv6Address(source)
    return Header(Origin.of(str(address), port), whole)

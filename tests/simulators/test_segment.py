"""A submit_sm as a carrier judges it, at its edges, and its text as patterns see it."""

import pytest

from simulators import wire
from simulators.segment import MOST_PAYLOAD_OCTETS, MOST_SEGMENT_OCTETS, Takes, Text, misfit

UDH8 = b"\x05\x00\x03\x07\x02\x01"
UDH16 = b"\x06\x08\x04\x00\x07\x02\x01"


def sm(octets: bytes, esm_class: int = 0, tlvs: bytes = b"") -> wire.Sm:
    return wire.parse_sm(wire.submit_sm(1, b"1", b"8190", octets, esm_class, tlvs=tlvs))


@pytest.mark.parametrize(
    ("takes", "octets", "esm_class", "status"),
    [
        ("udh8", bytes(MOST_SEGMENT_OCTETS), 0, 0),
        ("udh8", bytes(MOST_SEGMENT_OCTETS + 1), 0, wire.ESME_RINVMSGLEN),
        ("udh16", UDH16 + bytes(133), 0x40, 0),
        ("udh16", UDH8 + bytes(134), 0x40, wire.ESME_RINVESMCLASS),
        ("udh8", b"\x09", 0x40, wire.ESME_RINVESMCLASS),
        ("payload", bytes(MOST_PAYLOAD_OCTETS), 0, 0),
        ("payload", bytes(MOST_PAYLOAD_OCTETS + 1), 0, wire.ESME_RINVMSGLEN),
        ("anything", b"", 0, wire.ESME_RINVMSGLEN),
        ("anything", b"\x09", 0x40, wire.ESME_RINVESMCLASS),
    ],
)
def test_who_takes_what(takes: Takes, octets: bytes, esm_class: int, status: int) -> None:
    one = sm(octets, esm_class)
    assert misfit(takes, one, wire.text_octets(one)) == status


def test_text_is_read_behind_its_header_and_from_message_payload() -> None:
    body = "保険料".encode("utf_16_be")
    assert Text(sm(UDH8 + body, 0x40), UDH8 + body).read() == "保険料"
    whole = sm(b"", tlvs=wire.tlv(wire.MESSAGE_PAYLOAD, body))
    text = Text(whole, wire.text_octets(whole))
    assert (text.read(), text.destination) == ("保険料", "8190")
    assert Text(sm(b"", 0x40), b"").read() == ""

"""Requests of customers that the simulators' pen does not write. Section numbers are those of SMPP 3.4."""

from collections.abc import Sequence

from simulators import wire

QUERY_SM = 0x03
REPLACE_SM = 0x07
CANCEL_SM = 0x08
SUBMIT_MULTI = 0x21
DATA_SM = 0x103
USER_MESSAGE_REFERENCE = 0x0204
SAR_MSG_REF_NUM, SAR_TOTAL_SEGMENTS, SAR_SEGMENT_SEQNUM = 0x020C, 0x020E, 0x020F

_TON_NPI = b"\x01\x01"


def submit_multi(sequence: int, source: bytes, destinations: Sequence[bytes], octets: bytes, registered: int) -> bytes:
    """One text of at most 254 octets to many numbers (section 4.5.1)."""
    to = b"".join(b"\x01%b%b\0" % (_TON_NPI, one) for one in destinations)
    body = b"\0%b%b\0%c%b\0\0\0\0\0%c\0\x08\0%c%b" % (
        _TON_NPI,
        source,
        len(destinations),
        to,
        registered,
        len(octets),
        octets,
    )
    return wire.pdu(SUBMIT_MULTI, 0, sequence, body)


def refused_of_multi(pdu: bytes) -> list[bytes]:
    """The destinations that a submit_multi_resp says were not taken (section 4.5.2)."""
    at = pdu.index(0, wire.HEADER_OCTETS) + 1
    refused = []
    for _ in range(pdu[at]):
        end = pdu.index(0, at + 3)
        refused.append(pdu[at + 3 : end])
        at = end + 4
    return refused


def data_sm(sequence: int, source: bytes, destination: bytes, octets: bytes, registered: int) -> bytes:
    """Text in message_payload (section 4.7.1)."""
    body = b"\0%b%b\0%b%b\0\0%c\x08" % (_TON_NPI, source, _TON_NPI, destination, registered)
    return wire.pdu(DATA_SM, 0, sequence, body + wire.tlv(wire.MESSAGE_PAYLOAD, octets))


def query_sm(sequence: int, message_id: bytes, source: bytes) -> bytes:
    """Section 4.8.1."""
    return wire.pdu(QUERY_SM, 0, sequence, b"%b\0%b%b\0" % (message_id, _TON_NPI, source))


def state_of_query(pdu: bytes) -> int:
    """The message_state of a query_sm_resp (section 4.8.2)."""
    end_of_id = pdu.index(0, wire.HEADER_OCTETS)
    return pdu[pdu.index(0, end_of_id + 1) + 1]


def cancel_sm(sequence: int, message_id: bytes, source: bytes, destination: bytes) -> bytes:
    """Section 4.9.1."""
    body = b"\0%b\0%b%b\0%b%b\0" % (message_id, _TON_NPI, source, _TON_NPI, destination)
    return wire.pdu(CANCEL_SM, 0, sequence, body)


def replace_sm(sequence: int, message_id: bytes, source: bytes, octets: bytes, registered: int) -> bytes:
    """Text of at most 254 octets (section 4.10.1)."""
    body = b"%b\0%b%b\0\0\0%c\0%c%b" % (message_id, _TON_NPI, source, registered, len(octets), octets)
    return wire.pdu(REPLACE_SM, 0, sequence, body)


def sar(reference: int, total: int, number: int) -> bytes:
    """The TLVs that make a submit_sm a part of a longer message."""
    return (
        wire.tlv(SAR_MSG_REF_NUM, reference.to_bytes(2, "big"))
        + wire.tlv(SAR_TOTAL_SEGMENTS, bytes((total,)))
        + wire.tlv(SAR_SEGMENT_SEQNUM, bytes((number,)))
    )


def udh16(reference: int, total: int, number: int) -> bytes:
    """The user data header that makes a text a part of a longer one (3GPP TS 23.040, section 9.2.3.24.8)."""
    return b"\x06\x08\x04%b%c%c" % (reference.to_bytes(2, "big"), total, number)


def udh8(reference: int, total: int, number: int) -> bytes:
    """The same with a reference of 8 bits (section 9.2.3.24.1)."""
    return b"\x05\x00\x03%c%c%c" % (reference % 256, total, number)


def submit_sm(
    sequence: int,
    source: bytes,
    destination: bytes,
    octets: bytes,
    *,
    registered: int = 1,
    esm_class: int = 0,
    replaces: bool = False,
    priority: int = 0,
    validity: bytes = b"",
    schedule: bytes = b"",
    tlvs: bytes = b"",
) -> bytes:
    """UCS2 (section 4.4.1). Text that short_message can't hold goes in message_payload."""
    if len(octets) > wire.MOST_SHORT_MESSAGE:
        octets, tlvs = b"", tlvs + wire.tlv(wire.MESSAGE_PAYLOAD, octets)
    body = b"\0%b%b\0%b%b\0%c\0%c%b\0%b\0%c%c\x08\0%c%b%b" % (
        _TON_NPI,
        source,
        _TON_NPI,
        destination,
        esm_class,
        priority,
        schedule,
        validity,
        registered,
        replaces,
        len(octets),
        octets,
        tlvs,
    )
    return wire.pdu(wire.SUBMIT_SM, 0, sequence, body)

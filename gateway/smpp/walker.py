"""The plain codec: walks a PDU's field table, octet by octet. The reference for the fast one.

Reading is lenient where peers are known to be sloppy:

- a response may lack its body, or the rest of it: what is missing keeps its default;
- the last string of a response may lack its NUL;
- a response with an error status may carry any body, or a broken one;
- a PDU without fields may have a body, which is ignored;
- TLVs come in any order; what begins like one and runs past the end is dropped.
"""

import struct
from typing import Any

from gateway.model.errors import PeerFault
from gateway.smpp.fields import COctets
from gateway.smpp.pdu import DeliverSmResp, Pdu, Tlvs, fields_of, is_response
from gateway.smpp.status import CommandStatus

HEADER = struct.Struct(">IIII")  # command_length, command_id, command_status, sequence_number
HEADER_OCTETS = HEADER.size
TLV_HEADER = struct.Struct(">HH")
NO_HEADER = "command_status and sequence_number are 0..0xFFFFFFFF"  # what does not fit raises ValueError with it

# deliver_sm_resp is 17 octets in everybody's practice, whatever its status; the specification, which lets every other
# response go without a body when it says an error, has no such words for it.
BODY_ON_ERROR = frozenset({DeliverSmResp})


def read_pdu(cls: type[Pdu], frame: bytes, command_status: int, sequence_number: int) -> Pdu:
    """The PDU in a frame whose header says `cls`. PeerFault."""
    found: dict[str, Any] = {"command_status": command_status, "sequence_number": sequence_number}
    if is_response(cls):
        _read_response(cls, frame, found)
    elif fields_of(cls):
        at = HEADER_OCTETS
        for name, kind in fields_of(cls):
            found[name], at = kind.read(name, frame, at)
        found["tlvs"] = read_tlvs(frame, at)
    return cls(**found)


def _read_response(cls: type[Pdu], frame: bytes, found: dict[str, Any]) -> None:
    at = HEADER_OCTETS
    try:
        for name, kind in fields_of(cls):
            if at >= len(frame):
                return
            if isinstance(kind, COctets) and frame.find(b"\0", at) < 0 and len(frame) - at <= kind.longest:
                found[name], at = frame[at:], len(frame)
            else:
                found[name], at = kind.read(name, frame, at)
    except PeerFault as fault:
        if not found["command_status"] and fault.command_status != CommandStatus.ESME_RINVCMDLEN:
            raise
        return
    if fields_of(cls):
        found["tlvs"] = read_tlvs(frame, at)


def read_tlvs(frame: bytes, at: int) -> Tlvs:
    """The TLVs from `at` to the end of the frame."""
    tlvs: list[tuple[int, bytes]] = []
    last = len(frame) - TLV_HEADER.size
    while at <= last:
        tag, length = TLV_HEADER.unpack_from(frame, at)
        at += TLV_HEADER.size
        octets = frame[at : at + length]
        if len(octets) < length:
            break
        tlvs.append((tag, octets))
        at += length
    return tuple(tlvs)


def write_body(pdu: Pdu, tlvs: Tlvs) -> bytes:
    """Everything behind the header, with these TLVs. ValueError for what does not fit its field."""
    cls = type(pdu)
    if not fields_of(cls):
        if tlvs:
            raise ValueError(f"{cls.__name__} takes no TLVs")
        return b""
    if pdu.command_status and not tlvs and is_response(cls) and cls not in BODY_ON_ERROR:
        return b""
    written: list[bytes] = []
    for name, kind in fields_of(cls):
        value: Any = getattr(pdu, name)
        written.append(kind.write(name, value))
    written.append(write_tlvs(tlvs))
    return b"".join(written)


def write_tlvs(tlvs: Tlvs) -> bytes:
    """The octets of TLVs, in order. ValueError when a tag or a length does not fit."""
    written: list[bytes] = []
    for tag, octets in tlvs:
        if not 0 <= tag <= 0xFFFF or len(octets) > 0xFFFF:
            raise ValueError(f"TLV {tag:#06x} of {len(octets)} octets does not fit")
        written.append(TLV_HEADER.pack(tag, len(octets)))
        written.append(octets)
    return b"".join(written)

"""Octets to PDUs and back: the fast way (`compiled`) for what is in order, the plain way (`walker`) for the rest."""

import struct

from gateway.model.errors import PeerFault
from gateway.smpp.commands import CommandId
from gateway.smpp.compiled import Reader, Writer, compile_reader, compile_writer
from gateway.smpp.pdu import PDUS, Pdu
from gateway.smpp.status import CommandStatus
from gateway.smpp.walker import HEADER, HEADER_OCTETS, NO_HEADER

__all__ = ["HEADER_OCTETS", "decode", "encode", "encode_deliver_sm_resp", "encode_submit_sm_resp", "read"]

_READERS: dict[int, Reader] = {int(command_id): compile_reader(cls) for command_id, cls in PDUS.items()}
_WRITERS: dict[type[Pdu], Writer] = {cls: compile_writer(cls) for cls in PDUS.values()}

_SUBMIT_SM_RESP = int(CommandId.SUBMIT_SM_RESP)
_DELIVER_SM_RESP = int(CommandId.DELIVER_SM_RESP)
_EMPTY_RESP_OCTETS = HEADER_OCTETS + 1
_MAX_MESSAGE_ID_OCTETS = 64


def decode(frame: bytes) -> Pdu:
    """The PDU in one whole frame, header included. PeerFault with the command_status to answer, when it is none."""
    if len(frame) < HEADER_OCTETS:
        raise PeerFault(CommandStatus.ESME_RINVCMDLEN, f"{len(frame)} octets are less than a header")
    length, command_id, command_status, sequence_number = HEADER.unpack_from(frame)
    if length != len(frame):
        raise PeerFault(CommandStatus.ESME_RINVCMDLEN, f"command_length is {length}, the frame has {len(frame)} octets")
    return read(frame, command_id, command_status, sequence_number)


def read(frame: bytes, command_id: int, command_status: int, sequence_number: int) -> Pdu:
    """As decode, of a whole frame whose header was read already. PeerFault."""
    reader = _READERS.get(command_id)
    if reader is None:
        raise PeerFault(CommandStatus.ESME_RINVCMDID, f"command_id 0x{command_id:08X} is not served")
    return reader(frame, command_status, sequence_number)


def encode(pdu: Pdu, sequence_number: int | None = None, *, tlvs: bool = True) -> bytes:
    """The frame of a PDU, under its own sequence_number or the given one; without TLVs for peers of 3.3.

    ValueError for what does not fit. A response that says an error has no body, unless
    it has TLVs or is a deliver_sm_resp.
    """
    if sequence_number is None:
        sequence_number = pdu.sequence_number
    return _WRITERS[type(pdu)](pdu, sequence_number, pdu.tlvs if tlvs else ())


def encode_submit_sm_resp(command_status: int, sequence_number: int, message_id: bytes) -> bytes:
    """`encode(SubmitSmResp(...))`, without the value. ValueError for what does not fit."""
    try:
        if command_status:
            return HEADER.pack(HEADER_OCTETS, _SUBMIT_SM_RESP, command_status, sequence_number)
        if len(message_id) > _MAX_MESSAGE_ID_OCTETS or 0 in message_id:
            raise ValueError("message_id: at most 64 octets, none of them NUL")
        return b"%b%b\0" % (
            HEADER.pack(_EMPTY_RESP_OCTETS + len(message_id), _SUBMIT_SM_RESP, command_status, sequence_number),
            message_id,
        )
    except struct.error:
        raise ValueError(NO_HEADER) from None


def encode_deliver_sm_resp(command_status: int, sequence_number: int) -> bytes:
    """`encode(DeliverSmResp(...))`, without the value: message_id is one NUL, also beside an error. ValueError."""
    try:
        return HEADER.pack(_EMPTY_RESP_OCTETS, _DELIVER_SM_RESP, command_status, sequence_number) + b"\0"
    except struct.error:
        raise ValueError(NO_HEADER) from None

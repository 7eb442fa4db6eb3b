"""The three ways to bind: the response to each, and what a version tells. Source: SMPP 3.4, sections 4.1 and 5.2.4."""

from typing import TypeAlias

from gateway.model.errors import PeerFault
from gateway.smpp.codec import decode
from gateway.smpp.pdu import (
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Pdu,
)
from gateway.smpp.tlv import Tag

BindRequest: TypeAlias = BindTransmitter | BindReceiver | BindTransceiver
BindResponse: TypeAlias = BindTransmitterResp | BindReceiverResp | BindTransceiverResp

OUR_VERSION = 0x34
FIRST_VERSION_WITH_TLVS = 0x34

_RESPONSE: dict[type[Pdu], type[BindResponse]] = {
    BindTransmitter: BindTransmitterResp,
    BindReceiver: BindReceiverResp,
    BindTransceiver: BindTransceiverResp,
}
_OUR_VERSION_TLV = ((int(Tag.SC_INTERFACE_VERSION), bytes((OUR_VERSION,))),)


def granted(request: BindRequest, system_id: bytes) -> BindResponse:
    """The response that grants it."""
    response = _RESPONSE[type(request)]
    return response(system_id=system_id, sequence_number=request.sequence_number, tlvs=_OUR_VERSION_TLV)


def refused(request: BindRequest, status: int) -> BindResponse:
    """The response that does not."""
    return _RESPONSE[type(request)](command_status=status, sequence_number=request.sequence_number)


def takes_tlvs(version: int) -> bool:
    """Whether a peer of this interface_version knows optional parameters."""
    return version >= FIRST_VERSION_WITH_TLVS


def version_of_centre(frame: bytes) -> int | None:
    """The sc_interface_version in a response that grants our bind; None when it is absent, or the body unreadable."""
    try:
        version = decode(frame).tlv(Tag.SC_INTERFACE_VERSION)
    except PeerFault:
        return None  # its status is what counts
    return version[0] if version else None

"""From a submit_sm or deliver_sm to its text's octets, and to the longer message that they may be a part of."""

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.udh import (
    CONCATENATION_8_BIT,
    CONCATENATION_16_BIT,
    PartOf,
    concatenation,
    read_udh,
    write_udh,
)
from gateway.smpp.constants import ESM_UDH_INDICATOR
from gateway.smpp.pdu import DeliverSm, SubmitMulti, SubmitSm
from gateway.smpp.tlv import Tag

_CONCATENATION = frozenset({CONCATENATION_8_BIT, CONCATENATION_16_BIT})


def unwrap(pdu: SubmitSm | DeliverSm | SubmitMulti) -> tuple[bytes, PartOf | None, bytes]:
    """The octets of the text, of which longer message they are a part (UDH or sar_ TLVs), and other UDH elements.

    Refusal when there are two texts, or the header is malformed.
    """
    octets = pdu.short_message
    sar = None
    if pdu.tlvs:
        payload = pdu.tlv(Tag.MESSAGE_PAYLOAD)
        if payload is not None:
            if octets:
                raise Refusal(Reason.TWO_TEXTS)
            octets = payload
        sar = _sar(pdu)
    if not pdu.esm_class & ESM_UDH_INDICATOR:
        return octets, sar, b""
    if sar is not None:
        raise Refusal(Reason.MALFORMED_UDH, "sar_ parameters beside a user data header")
    elements, rest = read_udh(octets)
    part_of = concatenation(elements)
    others = tuple(element for element in elements if element[0] not in _CONCATENATION)
    return rest, part_of, write_udh(others) if others else b""


def _sar(pdu: SubmitSm | DeliverSm | SubmitMulti) -> PartOf | None:
    reference = pdu.tlv(Tag.SAR_MSG_REF_NUM)
    total = pdu.tlv(Tag.SAR_TOTAL_SEGMENTS)
    number = pdu.tlv(Tag.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None:
        return None
    if len(reference) != 2 or len(total) != 1 or len(number) != 1 or not 1 <= number[0] <= total[0]:
        raise Refusal(Reason.MALFORMED_UDH, "sar_ parameters")
    return PartOf(int.from_bytes(reference, "big"), total[0], number[0], True) if total[0] > 1 else None

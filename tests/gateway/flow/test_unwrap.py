"""Whole or a part, by header or by TLVs, in short_message or message_payload."""

import pytest

from gateway.flow.unwrap import unwrap
from gateway.model.errors import Refusal
from gateway.segmenter.udh import PartOf
from gateway.smpp.pdu import SubmitSm
from gateway.smpp.tlv import Tag


def test_plain() -> None:
    assert unwrap(SubmitSm(short_message=b"hi")) == (b"hi", None, b"")


def test_payload() -> None:
    assert unwrap(SubmitSm(tlvs=((Tag.MESSAGE_PAYLOAD, b"long"),))) == (b"long", None, b"")


def test_a_part_by_udh() -> None:
    pdu = SubmitSm(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01hi")
    assert unwrap(pdu) == (b"hi", PartOf(7, 2, 1, False), b"")


def test_a_part_in_a_payload() -> None:
    pdu = SubmitSm(esm_class=0x43, tlvs=((Tag.MESSAGE_PAYLOAD, b"\x06\x08\x04\x01\x07\x02\x01hi"),))
    assert unwrap(pdu) == (b"hi", PartOf(0x0107, 2, 1, True), b"")


def test_other_elements_are_kept() -> None:
    pdu = SubmitSm(esm_class=0x40, short_message=b"\x0b\x05\x04\x15\x8a\x00\x00\x00\x03\x07\x02\x01hi")
    assert unwrap(pdu) == (b"hi", PartOf(7, 2, 1, False), b"\x06\x05\x04\x15\x8a\x00\x00")


def test_a_part_by_sar() -> None:
    sar = ((Tag.SAR_SEGMENT_SEQNUM, b"\2"), (Tag.SAR_TOTAL_SEGMENTS, b"\3"), (Tag.SAR_MSG_REF_NUM, b"\1\2"))
    assert unwrap(SubmitSm(short_message=b"hi", tlvs=sar)) == (b"hi", PartOf(0x0102, 3, 2, True), b"")


def test_one_of_one_is_whole() -> None:
    sar = ((Tag.SAR_SEGMENT_SEQNUM, b"\1"), (Tag.SAR_TOTAL_SEGMENTS, b"\1"), (Tag.SAR_MSG_REF_NUM, b"\1\2"))
    assert unwrap(SubmitSm(short_message=b"hi", tlvs=sar)) == (b"hi", None, b"")


@pytest.mark.parametrize(
    ("reference", "total", "number"), [(b"\1", b"\2", b"\1"), (b"\1\2", b"\2", b"\3"), (b"\1\2", b"\2", b"\0")]
)
def test_sar_that_cannot_be(reference: bytes, total: bytes, number: bytes) -> None:
    sar = ((Tag.SAR_SEGMENT_SEQNUM, number), (Tag.SAR_TOTAL_SEGMENTS, total), (Tag.SAR_MSG_REF_NUM, reference))
    with pytest.raises(Refusal):
        unwrap(SubmitSm(short_message=b"hi", tlvs=sar))


def test_sar_beside_a_header() -> None:
    sar = ((Tag.SAR_SEGMENT_SEQNUM, b"\1"), (Tag.SAR_TOTAL_SEGMENTS, b"\2"), (Tag.SAR_MSG_REF_NUM, b"\1\2"))
    with pytest.raises(Refusal):
        unwrap(SubmitSm(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01hi", tlvs=sar))

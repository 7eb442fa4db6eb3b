"""The plain codec: its leniencies, and what it writes of responses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.commands import RESPONSE
from gateway.smpp.pdu import DataSmResp, DeliverSmResp, EnquireLink, Pdu, SubmitSm, SubmitSmResp, fields_of, is_response
from gateway.smpp.walker import BODY_ON_ERROR, HEADER_OCTETS, read_pdu, read_tlvs, write_body, write_tlvs
from tests.gateway.smpp.values import CLASSES, PDU_VALUES, TLVS

HEADER = bytes(HEADER_OCTETS)


@given(PDU_VALUES)
def test_reading_is_the_reverse_of_writing(pdu: Pdu) -> None:
    frame = HEADER + write_body(pdu, pdu.tlvs)
    assert read_pdu(type(pdu), frame, pdu.command_status, pdu.sequence_number) == pdu


@given(TLVS)
def test_tlvs_are_kept_in_order_and_octet_for_octet(tlvs: tuple[tuple[int, bytes], ...]) -> None:
    assert read_tlvs(write_tlvs(tlvs), 0) == tlvs


@given(TLVS, st.binary(max_size=8), st.integers(1, 9))
def test_a_tlv_that_is_cut_off_is_dropped_alone(tlvs: tuple[tuple[int, bytes], ...], last: bytes, cut: int) -> None:
    octets = write_tlvs(((1, last),))
    assert read_tlvs(write_tlvs(tlvs) + octets[: max(0, len(octets) - cut)], 0) == tlvs


@pytest.mark.parametrize("tlv", [(-1, b""), (0x10000, b""), (1, bytes(0x10000))])
def test_a_tlv_that_does_not_fit(tlv: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        write_tlvs((tlv,))


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if is_response(cls)], ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("status", [0, 0x58])
def test_every_response_may_come_without_its_body(cls: type[Pdu], status: int) -> None:
    assert cls.command_id & RESPONSE
    assert read_pdu(cls, HEADER, status, 7) == cls(command_status=status, sequence_number=7)


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if is_response(cls)], ids=lambda cls: cls.__name__)
@given(body=st.binary(max_size=90))
def test_an_error_response_with_any_body_is_an_error_response(cls: type[Pdu], body: bytes) -> None:
    found = read_pdu(cls, HEADER + body, 0x58, 7)
    assert (type(found), found.command_status, found.sequence_number) == (cls, 0x58, 7)


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if is_response(cls)], ids=lambda cls: cls.__name__)
def test_an_error_response_goes_without_a_body(cls: type[Pdu]) -> None:
    body = write_body(cls(command_status=0x58), ())
    assert body == (b"\0" if cls in BODY_ON_ERROR else b"")
    assert frozenset({DeliverSmResp}) == BODY_ON_ERROR


def test_an_error_response_with_tlvs_needs_its_body() -> None:
    refused = DataSmResp(command_status=0xFE, tlvs=((0x0425, b"\3"),))
    assert write_body(refused, refused.tlvs) == b"\0\x04\x25\0\1\3"
    assert write_body(refused, ()) == b""


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if not fields_of(cls)], ids=lambda cls: cls.__name__)
def test_a_pdu_without_fields_has_no_tlvs(cls: type[Pdu]) -> None:
    assert read_pdu(cls, HEADER + b"\x04\x27\0\1\2", 0, 1) == cls(sequence_number=1)
    with pytest.raises(ValueError, match=f"{cls.__name__} takes no TLVs"):
        write_body(cls(), ((0x0427, b"\2"),))


def test_what_is_written_is_a_body() -> None:
    assert write_body(EnquireLink(), ()) == b""
    assert write_body(SubmitSmResp(message_id=b"1"), ()) == b"1\0"
    assert len(write_body(SubmitSm(), ())) == 17

"""PDUs as values: equality, slots, TLVs, and what printing keeps to itself."""

import pytest

from gateway.smpp.declare import Pdu, fields_of, is_response
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    EnquireLink,
    GenericNack,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
)
from gateway.smpp.tlv import Tag
from tests.gateway.smpp.values import CLASSES


def test_values_are_equal_by_type_and_fields() -> None:
    assert SubmitSm(source_addr=b"1") == SubmitSm(source_addr=b"1")
    assert SubmitSm(source_addr=b"1") != SubmitSm(source_addr=b"2")
    submitted: Pdu = SubmitSm(source_addr=b"1")
    transmitter: Pdu = BindTransmitter()
    assert submitted != DeliverSm(source_addr=b"1")
    assert transmitter != BindReceiver()
    assert SubmitSm(sequence_number=1) != SubmitSm()
    assert SubmitSm(tlvs=((1, b""),)) != SubmitSm()
    assert len({SubmitSm(), SubmitSm(), DeliverSm()}) == 2


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_values_have_slots_only_and_defaults(cls: type[Pdu]) -> None:
    assert not hasattr(cls(), "__dict__")
    assert cls() == cls()
    assert cls() == cls(command_status=0, sequence_number=0, tlvs=())


def test_fields_are_read_off_the_declaration() -> None:
    assert [name for name, _ in fields_of(BindTransmitter)][:3] == ["system_id", "password", "system_type"]
    assert fields_of(BindTransmitter) == fields_of(BindReceiver)
    assert fields_of(EnquireLink) == ()
    assert fields_of(SubmitSm) is fields_of(SubmitSm)


def test_a_generic_nack_is_a_response() -> None:
    assert is_response(GenericNack)
    assert is_response(SubmitSmResp)
    assert not is_response(SubmitSm)


def test_the_first_tlv_with_a_tag_counts() -> None:
    pdu = DeliverSm(tlvs=((0x1501, b"x"), (Tag.MESSAGE_STATE, b"\2"), (Tag.MESSAGE_STATE, b"\5")))
    assert pdu.tlv(Tag.MESSAGE_STATE) == b"\2"
    assert pdu.tlv(0x1501) == b"x"
    assert pdu.tlv(Tag.RECEIPTED_MESSAGE_ID) is None
    assert SubmitSmResp().tlv(Tag.MESSAGE_STATE) is None


def test_printing_shows_no_text_no_password_and_no_number() -> None:
    text = SubmitSm(
        sequence_number=7, source_addr=b"0501234567", destination_addr=b"8190", short_message=b"hello", esm_class=0x40,
        tlvs=((Tag.MESSAGE_PAYLOAD, b"hello"),),
    )  # fmt: skip
    assert repr(text) == (
        "SubmitSm(command_status=0x0, sequence_number=7, source_addr=<10 octets>, destination_addr=<4 octets>,"
        " esm_class=64, short_message=<5 octets>, 0x0424=<5 octets>)"
    )
    bind = repr(BindTransceiver(system_id=b"demo", password=b"demo-pw"))
    assert "demo-pw" not in bind
    assert "system_id=b'demo'" in bind
    multi = repr(SubmitMulti(dest_addresses=()))
    assert "dest_addresses=<0>" in multi

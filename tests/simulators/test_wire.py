"""The judges' pen against smpplib's, and against cuts and garbage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import consts, smpp
from smpplib.client import SimpleSequenceGenerator

from simulators import wire

SUBMIT = wire.submit_sm(7, b"INSURER", b"819030000001", "保険料".encode("utf_16_be"))


class Sequences:
    """What smpplib's PDUs want of a client."""

    def __init__(self) -> None:
        self.next_sequence = SimpleSequenceGenerator().next_sequence


@pytest.mark.parametrize("step", [1, 2, 3, 15, 16, 17, 10_000])
def test_frames_come_out_whole_however_they_are_cut(step: int) -> None:
    stream = wire.enquire_link(1) + SUBMIT + wire.unbind(3)
    buffer, out = bytearray(), []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        pdus, sound = wire.frames(buffer)
        assert sound
        out += pdus
    assert out == [wire.enquire_link(1), SUBMIT, wire.unbind(3)]
    assert not buffer


@pytest.mark.parametrize("length", [0, 4, 15, wire.MOST_PDU_OCTETS + 1, 0xFFFF_FFFF])
def test_a_length_is_judged_when_its_four_octets_are_here(length: int) -> None:
    buffer = bytearray(wire.unbind(3) + length.to_bytes(4, "big"))
    assert wire.frames(buffer) == ([wire.unbind(3)], False)


@pytest.mark.parametrize("length", [16, wire.MOST_PDU_OCTETS])
def test_lengths_at_the_edges_are_waited_for(length: int) -> None:
    buffer = bytearray(length.to_bytes(4, "big"))
    assert wire.frames(buffer) == ([], True)
    buffer += bytes(length - 4)
    (pdu,), sound = wire.frames(buffer)
    assert sound
    assert len(pdu) == length


def test_a_submit_sm_is_what_smpplib_reads() -> None:
    read = smpp.parse_pdu(SUBMIT, client=Sequences(), allow_unknown_opt_params=True)
    assert read.command == "submit_sm"
    assert (read.source_addr, read.destination_addr) == (b"INSURER", b"819030000001")
    assert (read.source_addr_ton, read.dest_addr_ton) == (consts.SMPP_TON_ALNUM, consts.SMPP_TON_INTL)
    assert (read.data_coding, read.registered_delivery, read.esm_class) == (8, 1, 0)
    assert read.short_message == "保険料".encode("utf_16_be")


def test_what_smpplib_writes_is_read_field_by_field() -> None:
    pdu = smpp.make_pdu(
        "submit_sm",
        client=Sequences(),
        service_type="CMT",
        source_addr_ton=5,
        source_addr_npi=9,
        source_addr="INSURER",
        dest_addr_ton=2,
        dest_addr_npi=1,
        destination_addr="09030000001",
        esm_class=0x40,
        protocol_id=3,
        priority_flag=2,
        schedule_delivery_time="",
        validity_period="000000010000000R",
        registered_delivery=1,
        replace_if_present_flag=1,
        data_coding=8,
        sm_default_msg_id=4,
        short_message=b"\x05\x00\x03\x01\x02\x01\x30\x42",
        user_message_reference=77,
    )
    sm = wire.parse_sm(pdu.generate())
    assert sm[:12] == (b"CMT", 5, 9, b"INSURER", 2, 1, b"09030000001", 0x40, 3, 2, b"", b"000000010000000R")
    assert sm[12:16] == (1, 1, 8, 4)
    assert sm.short_message == b"\x05\x00\x03\x01\x02\x01\x30\x42"
    assert wire.parse_tlvs(sm.tlvs) == {0x0204: (77).to_bytes(2, "big")}


@pytest.mark.parametrize(("octets", "payload"), [(254, False), (255, True), (1_320, True)])
def test_long_text_goes_into_message_payload(octets: int, payload: bool) -> None:
    text = b"\x30\x42" * (octets // 2) + b"\x30" * (octets % 2)
    sm = wire.parse_sm(wire.submit_sm(1, b"1", b"2", text))
    assert (sm.short_message == b"") is payload
    assert wire.text_octets(sm) == text


def test_every_cut_of_a_submit_sm_is_a_value_error() -> None:
    whole = wire.submit_sm(1, b"1", b"2", b"text")
    for end in range(16, len(whole)):
        with pytest.raises(ValueError, match=r"submit_sm|short_message"):
            wire.parse_sm(whole[:end])
    assert wire.parse_sm(whole).short_message == b"text"


@given(st.binary(max_size=80))
def test_garbage_is_a_value_error_or_read(body: bytes) -> None:
    pdu = wire.pdu(wire.SUBMIT_SM, 0, 1, body)
    for read in (wire.parse_sm, wire.parse_bind):
        try:
            read(pdu)
        except ValueError:
            continue


@pytest.mark.parametrize("tlvs", [b"\x04", b"\x04\x24\x00", b"\x04\x24\x00\x02a"])
def test_cut_tlvs_are_a_value_error(tlvs: bytes) -> None:
    with pytest.raises(ValueError, match="TLV"):
        wire.parse_tlvs(tlvs)


def test_a_bind_goes_there_and_back() -> None:
    pdu = wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"secret", b"SMPP", 0x50)
    assert wire.parse_bind(pdu) == (b"gateway", b"secret", b"SMPP", 0x50)
    read = smpp.parse_pdu(pdu, client=Sequences(), allow_unknown_opt_params=True)
    assert (read.command, read.system_id, read.interface_version) == ("bind_transceiver", b"gateway", 0x50)
    for end in range(16, len(pdu) - 3):
        with pytest.raises(ValueError, match="interface_version"):
            wire.parse_bind(pdu[:end])


def test_a_bind_resp_names_its_version_and_a_refusal_has_no_body() -> None:
    good = wire.bind_resp(wire.BIND_RECEIVER, 0, 4, b"smsc")
    assert wire.header(good).command == 0x8000_0001
    assert good.endswith(b"smsc\0\x02\x10\x00\x01\x34")
    assert wire.header(wire.bind_resp(wire.BIND_RECEIVER, wire.ESME_RINVPASWD, 4, b"smsc")) == (
        16,
        0x8000_0001,
        0x0E,
        4,
    )


def test_a_receipt_is_what_smpplib_reads() -> None:
    text = wire.receipt_text(b"0A1B", "UNDELIV", "001", "2611242015", "2611242016")
    tlvs = wire.receipt_tlvs(b"0A1B", "UNDELIV", "001")
    pdu = wire.deliver_sm(9, b"819030000001", b"INSURER", text, wire.ESM_RECEIPT, tlvs=tlvs)
    read = smpp.parse_pdu(pdu, client=Sequences(), allow_unknown_opt_params=True)
    assert read.short_message == (
        b"id:0A1B sub:001 dlvrd:000 submit date:2611242015 done date:2611242016 stat:UNDELIV err:001 text:"
    )
    assert (read.esm_class, read.message_state) == (4, consts.SMPP_MESSAGE_STATE_UNDELIVERABLE)
    assert read.receipted_message_id.rstrip(b"\0") == b"0A1B"
    assert wire.parse_tlvs(wire.parse_sm(pdu).tlvs)[wire.NETWORK_ERROR_CODE] == b"\x03\x00\x01"


def test_no_error_has_no_network_error_code() -> None:
    assert wire.NETWORK_ERROR_CODE not in wire.parse_tlvs(wire.receipt_tlvs(b"1", "DELIVRD", "000"))
    assert b"dlvrd:001" in wire.receipt_text(b"1", "DELIVRD", "000", "2611242015", "2611242016")


def test_the_small_ones() -> None:
    assert wire.parse_id(wire.submit_sm_resp(2, b"0A")) == b"0A"
    assert wire.parse_id(wire.submit_sm_resp(2, b"0A", wire.ESME_RTHROTTLED)) == b""
    assert wire.header(wire.deliver_sm_resp(3)) == (17, 0x8000_0005, 0, 3)
    assert wire.header(wire.enquire_link_resp(4)) == (16, 0x8000_0015, 0, 4)
    assert wire.header(wire.unbind_resp(5)) == (16, 0x8000_0006, 0, 5)
    assert wire.header(wire.generic_nack(6, wire.ESME_RINVCMDID)) == (16, 0x8000_0000, 3, 6)

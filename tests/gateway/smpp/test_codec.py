"""Frames and values: vectors written by hand, round trips, garbage, and smpplib as the other side."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smpplib.smpp import make_pdu, parse_pdu

from gateway.model.errors import PeerFault
from gateway.model.values import Address
from gateway.smpp import pdu as p
from gateway.smpp.codec import HEADER_OCTETS, decode, encode, encode_deliver_sm_resp, encode_submit_sm_resp
from gateway.smpp.fields import DistributionList, Unsuccess
from gateway.smpp.receipt import read_receipt
from gateway.smpp.status import CommandStatus
from tests.gateway.smpp.values import CLASSES, PDU_VALUES, UINT32, c_octets, pdus_of
from tests.wire_vectors.load import load

SOUND = load("sound.txt")
SLOPPY = load("sloppy.txt")
BROKEN = load("broken.txt")

SOUND_VALUES: dict[str, p.Pdu] = {
    "bind_transceiver": p.BindTransceiver(
        sequence_number=1, system_id=b"demo", password=b"demo-pw", system_type=b"BOX", addr_ton=1, addr_npi=1,
        address_range=b"^8190.*",
    ),
    "bind_receiver": p.BindReceiver(
        sequence_number=0x7FFFFFFF, system_id=b"a", password=b"b", interface_version=0x33, address_range=b"505050"
    ),
    "bind_transceiver_resp": p.BindTransceiverResp(sequence_number=1, system_id=b"gateway", tlvs=((0x0210, b"\x50"),)),
    "outbind": p.Outbind(sequence_number=1, system_id=b"smsc", password=b"secre"),
    "unbind": p.Unbind(sequence_number=9),
    "unbind_resp": p.UnbindResp(sequence_number=9),
    "enquire_link": p.EnquireLink(sequence_number=10),
    "enquire_link_resp": p.EnquireLinkResp(sequence_number=10),
    "generic_nack": p.GenericNack(command_status=3),
    "submit_sm": p.SubmitSm(
        sequence_number=2, service_type=b"CMT", source_addr_ton=5, source_addr=b"ACME", dest_addr_ton=1,
        dest_addr_npi=1, destination_addr=b"819012345678", esm_class=0x40, priority_flag=1,
        validity_period=b"000001000000000R", registered_delivery=1, data_coding=8,
        short_message=bytes.fromhex("050003a7020130423044"), tlvs=((0x0204, b"\1\2"), (0x1501, b"ABC")),
    ),
    "submit_sm_resp": p.SubmitSmResp(sequence_number=2, message_id=b"0a0B0C0D"),
    "submit_sm_resp_error": p.SubmitSmResp(sequence_number=3, command_status=0x58),
    "deliver_sm": p.DeliverSm(
        sequence_number=4, source_addr_ton=1, source_addr_npi=1, source_addr=b"819012345678", destination_addr=b"5050",
        esm_class=4, tlvs=((0x001E, b"12\0"), (0x0427, b"\2")),
    ),
    "deliver_sm_resp": p.DeliverSmResp(sequence_number=4),
    "deliver_sm_resp_error": p.DeliverSmResp(sequence_number=4, command_status=0x64),
    "submit_multi": p.SubmitMulti(
        sequence_number=5, source_addr=b"1", short_message=b"hi", tlvs=((0x020A, b"\0\x50"),),
        dest_addresses=(Address(1, 1, b"81"), DistributionList(b"list"), Address(0, 0, b"")),
    ),
    "submit_multi_resp": p.SubmitMultiResp(
        sequence_number=5, message_id=b"7", unsuccess_smes=(Unsuccess(Address(1, 1, b"81"), 0x0B),)
    ),
    "data_sm": p.DataSm(
        sequence_number=6, source_addr_ton=1, source_addr_npi=1, source_addr=b"819", dest_addr_ton=2,
        destination_addr=b"90", registered_delivery=1, data_coding=8, tlvs=((0x0424, b"0B0D"),),
    ),
    "data_sm_resp_error": p.DataSmResp(sequence_number=6, command_status=0xFE, tlvs=((0x0425, b"\3"),)),
    "query_sm": p.QuerySm(sequence_number=7, message_id=b"7"),
    "query_sm_resp": p.QuerySmResp(
        sequence_number=7, message_id=b"7", final_date=b"261124000100036+", message_state=2
    ),
    "cancel_sm": p.CancelSm(
        sequence_number=8, message_id=b"7", source_addr=b"1", dest_addr_ton=1, dest_addr_npi=1, destination_addr=b"2"
    ),
    "cancel_sm_resp": p.CancelSmResp(sequence_number=8, command_status=0x11),
    "replace_sm": p.ReplaceSm(
        sequence_number=11, message_id=b"7", source_addr=b"1", registered_delivery=1, short_message=b"abc"
    ),
    "replace_sm_resp": p.ReplaceSmResp(sequence_number=11),
    "alert_notification": p.AlertNotification(
        sequence_number=12, source_addr_ton=1, source_addr_npi=1, source_addr=b"81", esme_addr=b"5",
        tlvs=((0x0422, b"\0"),),
    ),
    "broadcast_sm": p.BroadcastSm(sequence_number=13, source_addr=b"1", message_id=b"9"),
}  # fmt: skip

SLOPPY_VALUES: dict[str, p.Pdu] = {
    "submit_sm_resp_without_body": p.SubmitSmResp(sequence_number=2),
    "submit_sm_resp_error_with_id": p.SubmitSmResp(sequence_number=2, command_status=0x14, message_id=b"1234"),
    "submit_sm_resp_error_with_garbage": p.SubmitSmResp(sequence_number=2, command_status=8, message_id=b"\xff" * 4),
    "submit_sm_resp_error_with_an_endless_id": p.SubmitSmResp(sequence_number=2, command_status=8),
    "submit_sm_resp_without_nul": p.SubmitSmResp(sequence_number=2, message_id=b"1234"),
    "bind_transceiver_resp_without_body": p.BindTransceiverResp(sequence_number=1, command_status=0x0E),
    "enquire_link_resp_with_body": p.EnquireLinkResp(sequence_number=10),
    "unbind_with_body": p.Unbind(sequence_number=10),
    "generic_nack_with_body": p.GenericNack(command_status=3),
    "deliver_sm_resp_with_id": p.DeliverSmResp(sequence_number=4, message_id=b"12"),
    "query_sm_resp_cut_short": p.QuerySmResp(sequence_number=7, message_id=b"7"),
    "deliver_sm_with_nul_behind_text": p.DeliverSm(sequence_number=4, short_message=b"hide\0"),
    "deliver_sm_with_truncated_tlv": p.DeliverSm(sequence_number=4, short_message=b"hi", tlvs=((0x0427, b"\2"),)),
    "deliver_sm_with_half_a_tlv_header": p.DeliverSm(sequence_number=4, short_message=b"hi"),
    "deliver_sm_with_tlvs_shuffled_and_twice": p.DeliverSm(
        sequence_number=4, tlvs=((0x1501, b""), (0x0427, b"\5"), (0x001E, b"1\0"), (0x0427, b"\2"))
    ),
    "submit_multi_resp_cut_within_the_list": p.SubmitMultiResp(sequence_number=5, message_id=b"7"),
    "submit_sm_resp_with_tlv": p.SubmitSmResp(sequence_number=2, message_id=b"12", tlvs=((0x001D, b"A\0"),)),
}


def reframed(frame: bytes) -> bytes:
    """The frame with a command_length that is true."""
    return struct.pack(">I", len(frame)) + frame[4:]


def test_every_vector_has_its_value() -> None:
    assert set(SOUND) == set(SOUND_VALUES)
    assert set(SLOPPY) == set(SLOPPY_VALUES)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_frame_is_read_and_written_back(name: str) -> None:
    assert decode(SOUND[name]) == SOUND_VALUES[name]
    assert encode(SOUND_VALUES[name]) == SOUND[name]


@pytest.mark.parametrize("name", SLOPPY)
def test_a_sloppy_frame_is_read(name: str) -> None:
    assert decode(SLOPPY[name]) == SLOPPY_VALUES[name]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_frame_is_refused(name: str) -> None:
    with pytest.raises(PeerFault) as caught:
        decode(BROKEN[name])
    assert CommandStatus(caught.value.command_status).name == name.partition(":")[2]


@pytest.mark.parametrize("name", SOUND)
def test_every_cut_of_a_frame_is_refused_whatever_its_length_says(name: str) -> None:
    frame = SOUND[name]
    for cut in range(len(frame)):
        with pytest.raises(PeerFault) as caught:
            decode(frame[:cut])
        assert caught.value.command_status == CommandStatus.ESME_RINVCMDLEN
    with pytest.raises(PeerFault):
        decode(frame + b"\0")


@pytest.mark.parametrize("name", [name for name in SOUND if not p.is_response(type(SOUND_VALUES[name]))])
def test_a_request_that_ends_within_its_fields_is_refused(name: str) -> None:
    pdu = SOUND_VALUES[name]
    if not p.fields_of(type(pdu)):
        return
    mandatory = len(encode(pdu, tlvs=False))
    for cut in range(HEADER_OCTETS, mandatory):
        with pytest.raises(PeerFault) as caught:
            decode(reframed(SOUND[name][:cut]))
        assert caught.value.command_status in {CommandStatus.ESME_RINVCMDLEN, CommandStatus.ESME_RINVMSGLEN}
    for cut in range(mandatory, len(SOUND[name])):
        found = decode(reframed(SOUND[name][:cut]))
        assert len(found.tlvs) < len(pdu.tlvs)
        assert found.tlvs == pdu.tlvs[: len(found.tlvs)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_round_trip(cls: type[p.Pdu], data: st.DataObject) -> None:
    pdu = data.draw(pdus_of(cls))
    frame = encode(pdu)
    assert decode(frame) == pdu
    assert int.from_bytes(frame[:4], "big") == len(frame)
    assert int.from_bytes(frame[4:8], "big") == cls.command_id


@given(PDU_VALUES, UINT32)
def test_the_sender_numbers_and_a_3_3_peer_gets_no_tlvs(pdu: p.Pdu, sequence_number: int) -> None:
    bare = decode(encode(pdu, sequence_number, tlvs=False))
    assert bare.sequence_number == sequence_number
    assert bare.tlvs == ()
    assert encode(bare, pdu.sequence_number) == encode(pdu, tlvs=False)


def test_sequence_number_zero_is_a_number() -> None:
    assert encode(p.EnquireLink(sequence_number=7), 0)[12:] == bytes(4)


@given(st.binary(max_size=120))
def test_garbage_is_refused(octets: bytes) -> None:
    with pytest.raises(PeerFault):
        decode(octets)  # a true command_length would be a wonder


@given(st.sampled_from(sorted(p.PDUS)), st.sampled_from((0, 1, 0x58)), st.binary(max_size=300))
@settings(max_examples=500)
def test_garbage_behind_a_sound_header_is_a_pdu_or_a_fault(command_id: int, status: int, body: bytes) -> None:
    frame = struct.pack(">IIII", HEADER_OCTETS + len(body), command_id, status, 5) + body
    try:
        pdu = decode(frame)
    except PeerFault as fault:
        refused_with = fault.command_status
    else:
        assert (pdu.command_id, pdu.command_status, pdu.sequence_number) == (command_id, status, 5)
        return
    assert refused_with in set(CommandStatus) - {CommandStatus.ESME_ROK}


@given(UINT32, UINT32, c_octets(65))
def test_the_short_ways_write_what_encode_writes(status: int, sequence_number: int, message_id: bytes) -> None:
    submitted = p.SubmitSmResp(command_status=status, sequence_number=sequence_number, message_id=message_id)
    assert encode_submit_sm_resp(status, sequence_number, message_id) == encode(submitted)
    accepted = p.SubmitSmResp(sequence_number=sequence_number, message_id=message_id)
    assert encode_submit_sm_resp(0, sequence_number, message_id) == encode(accepted)
    delivered = p.DeliverSmResp(command_status=status, sequence_number=sequence_number)
    assert encode_deliver_sm_resp(status, sequence_number) == encode(delivered)


@pytest.mark.parametrize("message_id", [b"x" * 65, b"1\0"])
def test_the_short_way_refuses_an_id_that_does_not_fit(message_id: bytes) -> None:
    with pytest.raises(ValueError, match="message_id"):
        encode_submit_sm_resp(0, 1, message_id)


# smpplib as the other side: it has 20 of the PDUs, text as str where we have octets, and no unknown TLVs.

ASCII = {"service_type": "CMT", "source_addr": "0501234567", "destination_addr": "819012345678"}
NUMBERS = {
    "source_addr_ton": 1,
    "source_addr_npi": 2,
    "dest_addr_ton": 3,
    "dest_addr_npi": 4,
    "esm_class": 0x40,
    "registered_delivery": 1,
    "data_coding": 8,
}
MORE = {"protocol_id": 5, "priority_flag": 1, "replace_if_present_flag": 1, "sm_default_msg_id": 9}
TIMES = {"schedule_delivery_time": "261124153000036+", "validity_period": "000001000000000R"}
BIND = {"system_id": "demo", "password": "demo-pw", "system_type": "BOX", "addr_ton": 1, "addr_npi": 2}

THEIRS: list[tuple[str, type[p.Pdu], dict[str, Any]]] = [
    ("bind_transmitter", p.BindTransmitter, BIND),
    ("bind_receiver", p.BindReceiver, BIND | {"address_range": "^81"}),
    ("bind_transceiver", p.BindTransceiver, BIND),
    ("bind_transmitter_resp", p.BindTransmitterResp, {"system_id": "gateway"}),
    ("bind_transceiver_resp", p.BindTransceiverResp, {"system_id": ""}),
    ("submit_sm", p.SubmitSm, ASCII | NUMBERS | MORE | TIMES | {"short_message": b"\0a\0b"}),
    ("submit_sm", p.SubmitSm, {"short_message": bytes(range(254))}),
    ("submit_sm_resp", p.SubmitSmResp, {"message_id": "0123456789abcdef"}),
    ("deliver_sm", p.DeliverSm, ASCII | NUMBERS | MORE | {"short_message": b"id:1 stat:DELIVRD"}),
    ("deliver_sm_resp", p.DeliverSmResp, {"message_id": ""}),
    ("data_sm", p.DataSm, ASCII | NUMBERS),
    ("data_sm_resp", p.DataSmResp, {"message_id": "12"}),
    ("query_sm", p.QuerySm, {"message_id": "12", "source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "5"}),
    ("query_sm_resp", p.QuerySmResp, {"message_id": "12", "final_date": "261124000100036+", "message_state": 2}),
    ("unbind", p.Unbind, {}),
    ("unbind_resp", p.UnbindResp, {}),
    ("enquire_link", p.EnquireLink, {}),
    ("enquire_link_resp", p.EnquireLinkResp, {}),
    ("generic_nack", p.GenericNack, {}),
]


def ours(cls: type[p.Pdu], theirs: dict[str, Any]) -> p.Pdu:
    """Our value of smpplib's arguments."""
    fields: dict[str, Any] = {key: value.encode() if isinstance(value, str) else value for key, value in theirs.items()}
    return cls(sequence_number=77, **fields)


@pytest.mark.parametrize(("name", "cls", "fields"), THEIRS)
def test_we_read_what_smpplib_writes(name: str, cls: type[p.Pdu], fields: dict[str, Any]) -> None:
    theirs = make_pdu(name, sequence=77, **fields)
    theirs.sequence = 77  # it keeps only a number that is set
    assert decode(theirs.generate()) == ours(cls, fields)


@pytest.mark.parametrize(("name", "cls", "fields"), THEIRS)
def test_smpplib_reads_what_we_write(name: str, cls: type[p.Pdu], fields: dict[str, Any]) -> None:
    pdu = ours(cls, fields)
    theirs = parse_pdu(encode(pdu), sequence=0)
    assert (theirs.command, theirs.sequence, theirs.status) == (name, 77, 0)
    for field, _ in p.fields_of(cls):
        value = getattr(pdu, field)
        assert getattr(theirs, field) == value or (not value and not getattr(theirs, field))


def test_smpplib_reads_our_tlvs_and_we_read_its() -> None:
    pdu = p.DeliverSm(
        sequence_number=77,
        esm_class=4,
        tlvs=((0x0204, b"\1\2"), (0x0423, b"\3\0\x0b"), (0x0427, b"\2"), (0x001E, b"0123456789abcdef\0")),
    )
    theirs = parse_pdu(encode(pdu), sequence=0)
    assert theirs.user_message_reference == 0x0102
    assert theirs.receipted_message_id == b"0123456789abcdef"
    assert theirs.message_state == 2
    assert theirs.network_error_code == b"\3\0\x0b"
    written = make_pdu(
        "deliver_sm",
        sequence=77,
        esm_class=4,
        user_message_reference=0x0102,
        receipted_message_id="0123456789abcdef",
        message_state=2,
        network_error_code=b"\3\0\x0b",
    )
    written.sequence = 77
    found = decode(written.generate())
    assert set(found.tlvs) == set(pdu.tlvs)
    assert isinstance(found, p.DeliverSm)
    assert read_receipt(found) == read_receipt(pdu)


def test_smpplib_reads_our_long_text() -> None:
    text = "本日のご予約を確認しました。".encode("utf-16-be") * 9
    pdu = p.SubmitSm(sequence_number=1, data_coding=8, tlvs=((0x0424, text),))
    assert parse_pdu(encode(pdu), sequence=0).message_payload == text


def test_smpplib_reads_an_error_without_a_body() -> None:
    theirs = parse_pdu(encode_submit_sm_resp(0x58, 7, b""), sequence=0)
    assert (theirs.status, theirs.sequence, theirs.message_id) == (0x58, 7, None)
    assert parse_pdu(encode_deliver_sm_resp(0, 7), sequence=0).message_id == b""


@pytest.mark.parametrize("number", [-1, 1 << 32])
def test_a_header_that_does_not_fit_is_our_own_mistake(number: int) -> None:
    writes: tuple[Callable[[], bytes], ...] = (
        lambda: encode_submit_sm_resp(0, number, b"1"),
        lambda: encode_submit_sm_resp(number, 1, b""),
        lambda: encode_deliver_sm_resp(0, number),
        lambda: encode_deliver_sm_resp(number, 1),
        lambda: encode(p.SubmitSm(), number),
        lambda: encode(p.SubmitSmResp(command_status=number), 1),
        lambda: encode(p.EnquireLink(), number),
    )
    for write in writes:
        with pytest.raises(ValueError, match="command_status and sequence_number are"):
            write()

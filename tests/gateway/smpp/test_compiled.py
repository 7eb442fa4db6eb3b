"""The fast codec is the plain one, faster: same values, same octets, same faults."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import PeerFault
from gateway.model.values import Address
from gateway.smpp.codec import decode
from gateway.smpp.compiled import compile_reader, compile_writer, is_plain
from gateway.smpp.pdu import (
    PDUS,
    DeliverSm,
    EnquireLinkResp,
    Pdu,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    fields_of,
    is_response,
)
from gateway.smpp.walker import HEADER, HEADER_OCTETS, read_pdu, write_body
from tests.gateway.smpp.values import CLASSES, PDU_VALUES, UINT32

READERS = {cls: compile_reader(cls) for cls in CLASSES}
WRITERS = {cls: compile_writer(cls) for cls in CLASSES}


def outcome(work: Any, *arguments: Any) -> object:
    try:
        return work(*arguments)
    except PeerFault as fault:
        return fault.command_status, str(fault)
    except ValueError as error:
        return str(error)


def test_all_but_those_with_lists_are_fast() -> None:
    assert {cls for cls in CLASSES if not is_plain(cls)} == {SubmitMulti, SubmitMultiResp}


@given(PDU_VALUES)
@settings(max_examples=300)
def test_it_writes_what_the_walker_writes(pdu: Pdu) -> None:
    frame = WRITERS[type(pdu)](pdu, pdu.sequence_number, pdu.tlvs)
    body = write_body(pdu, pdu.tlvs)
    assert frame == HEADER.pack(16 + len(body), type(pdu).command_id, pdu.command_status, pdu.sequence_number) + body


@given(PDU_VALUES, UINT32)
@settings(max_examples=300)
def test_it_reads_what_the_walker_reads(pdu: Pdu, status: int) -> None:
    frame = WRITERS[type(pdu)](pdu, pdu.sequence_number, pdu.tlvs)
    fast = READERS[type(pdu)](frame, status, pdu.sequence_number)
    assert fast == read_pdu(type(pdu), frame, status, pdu.sequence_number)
    assert type(fast) is type(pdu)
    assert all(type(getattr(fast, name)) is type(getattr(pdu, name)) for name, _ in fields_of(type(pdu)))


@given(PDU_VALUES, st.data())
@settings(max_examples=300)
def test_it_reads_frames_with_faults_as_the_walker_does(pdu: Pdu, data: st.DataObject) -> None:
    frame = bytearray(WRITERS[type(pdu)](pdu, pdu.sequence_number, pdu.tlvs))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(HEADER_OCTETS, len(frame)))
        put = data.draw(st.binary(max_size=3) | st.just(b"\0") | st.binary(min_size=60, max_size=70))
        frame[at : at + data.draw(st.integers(0, 2))] = put
    hurt = bytes(frame[: data.draw(st.integers(HEADER_OCTETS, len(frame)))])
    cls = data.draw(st.sampled_from((type(pdu), *CLASSES)))
    status = data.draw(st.sampled_from((0, 0, 0x58)))
    assert outcome(READERS[cls], hurt, status, 1) == outcome(read_pdu, cls, hurt, status, 1)


@given(st.sampled_from(CLASSES), st.binary(max_size=200), st.sampled_from((0, 0x58)))
def test_it_reads_garbage_as_the_walker_does(cls: type[Pdu], body: bytes, status: int) -> None:
    frame = bytes(HEADER_OCTETS) + body
    assert outcome(READERS[cls], frame, status, 1) == outcome(read_pdu, cls, frame, status, 1)


STRAY = {
    int: st.sampled_from((-1, 256, 1 << 40)),
    bytes: st.sampled_from((b"a\0b", b"1" * 15, b"1" * 300)),
}


@given(PDU_VALUES, st.data())
@settings(max_examples=200)
def test_it_refuses_what_the_walker_refuses(pdu: Pdu, data: st.DataObject) -> None:
    cls = type(pdu)
    fields = {name: getattr(pdu, name) for name, _ in fields_of(cls)}
    if fields:
        name = data.draw(st.sampled_from(sorted(fields)))
        fields[name] = data.draw(STRAY.get(type(fields[name]), st.just(fields[name])))
    tlvs = data.draw(st.sampled_from(((), ((1 << 16, b""),), ((-1, b""),), ((1, bytes(1 << 16)),))))
    stray = cls(tlvs=tlvs, **fields)
    fast, plain = outcome(WRITERS[cls], stray, 1, stray.tlvs), outcome(write_body, stray, stray.tlvs)
    assert fast == plain if isinstance(plain, str) else isinstance(fast, bytes) and fast[HEADER_OCTETS:] == plain


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("number", [-1, 1 << 32])
def test_a_header_holds_32_bits(cls: type[Pdu], number: int) -> None:
    more: dict[str, Any] = {"dest_addresses": (Address(1, 1, b"81"),)} if cls is SubmitMulti else {}
    for status, sequence_number in ((0, number), (number, 1)):
        with pytest.raises(ValueError, match=r"0\.\.0xFFFFFFFF"):
            WRITERS[cls](cls(command_status=status, **more), sequence_number, ())


def test_a_fresh_value_shares_nothing_with_another() -> None:
    frame = WRITERS[SubmitSm](SubmitSm(short_message=b"a"), 1, ())
    one, other = READERS[SubmitSm](frame, 0, 1), READERS[SubmitSm](frame, 0, 1)
    assert one == other
    assert one is not other


@pytest.mark.parametrize(
    ("frame", "cls"),
    [
        (WRITERS[SubmitSm](SubmitSm(), 1, ()), SubmitSm),
        (WRITERS[DeliverSm](DeliverSm(), 1, ()), DeliverSm),
        (WRITERS[SubmitSmResp](SubmitSmResp(), 1, ()), SubmitSmResp),
        (WRITERS[EnquireLinkResp](EnquireLinkResp(), 1, ()), EnquireLinkResp),
    ],
)
def test_the_class_is_the_commands(frame: bytes, cls: type[Pdu]) -> None:
    assert type(decode(frame)) is cls is PDUS[cls.command_id]
    assert is_response(cls) == bool(frame[4] & 0x80)

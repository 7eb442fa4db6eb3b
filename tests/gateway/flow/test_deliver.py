"""What is owed, as a deliver_sm. Whole conversations are in test_receipts_out and test_from_phones."""

from dataclasses import replace
from datetime import UTC

import pytest

from gateway.flow.deliver import (
    REMEMBERED_MINUTES,
    USUAL_STYLE,
    Dates,
    ReceiptFormat,
    ReceiptStyle,
    deliver_sm,
    network_error_code,
)
from gateway.model.ids import SHORT_IDS
from gateway.smpp.codec import encode
from gateway.smpp.constants import MessageState
from gateway.smpp.receipt import read_receipt
from gateway.smpp.tlv import Tag
from gateway.store.contract import ReceiptOwed
from tests.gateway.store.rows import mo, owed


def test_dates_are_minutes_in_jst_and_remembered_ones_are_the_same() -> None:
    dates = Dates()
    assert dates.write(0) == b"7001010900"
    for minute in range(REMEMBERED_MINUTES + 500):
        dates.write(minute * 60_000)
    assert dates.write(59_999) == b"7001010900"
    assert dates.write(60_000) == b"7001010901"


def test_a_message_from_a_phone_is_untouched() -> None:
    row = mo(1)
    pdu = deliver_sm(row, Dates())
    assert (pdu.esm_class, pdu.data_coding, pdu.short_message) == (row.esm_class, row.data_coding, row.short_message)
    assert (pdu.source_addr, pdu.destination_addr) == (row.source_addr, row.destination_addr)
    assert pdu.tlvs == ((int(Tag.USER_MESSAGE_REFERENCE), b"\0\7"),)


def test_a_receipt_turns_the_addresses_round() -> None:
    row = owed(2)
    pdu = deliver_sm(row, Dates())
    assert (pdu.source_addr, pdu.destination_addr) == (row.destination_addr, row.source_addr)
    assert pdu.esm_class == 0x04


def test_an_error_that_is_no_number_has_no_network_error_code() -> None:
    row = owed(2)._replace(error=b"21b")
    assert deliver_sm(row, Dates()).tlv(Tag.NETWORK_ERROR_CODE) is None
    assert deliver_sm(row._replace(error=b"65536"), Dates()).tlv(Tag.NETWORK_ERROR_CODE) is None
    assert deliver_sm(row._replace(error=b"65535"), Dates()).tlv(Tag.NETWORK_ERROR_CODE) == b"\3\xff\xff"


FAILED: ReceiptOwed = owed(9 << 33)._replace(
    message_id=(1 << 58) + 255,
    message_state=5,
    error=b"034",
    reason="absent",
    delivered=0,
    user_message_reference=b"\1\2",
)


def test_the_usual_style_is_octet_for_octet_what_it_always_was() -> None:
    pdu = deliver_sm(FAILED, Dates())
    assert pdu == deliver_sm(FAILED, Dates(), ReceiptStyle(), takes_tlvs=False)
    assert pdu.short_message == (
        b"id:04000000000000ff sub:001 dlvrd:000 submit date:2701151700 done date:2701151700 stat:UNDELIV err:034 text:"
    )
    assert pdu.tlvs == (
        (Tag.RECEIPTED_MESSAGE_ID, b"04000000000000ff\0"),
        (Tag.MESSAGE_STATE, b"\5"),
        (Tag.NETWORK_ERROR_CODE, b"\3\0\x22"),
        (Tag.USER_MESSAGE_REFERENCE, b"\1\2"),
    )


def styled(**changes: object) -> ReceiptStyle:
    return replace(USUAL_STYLE, **changes)  # type: ignore[arg-type]


def test_text_only() -> None:
    pdu = deliver_sm(FAILED, Dates(), styled(format=ReceiptFormat.TEXT, reason_tag=0x1400))
    assert pdu.tlvs == ()
    assert pdu.short_message == deliver_sm(FAILED, Dates()).short_message


def test_tlvs_only() -> None:
    pdu = deliver_sm(FAILED, Dates(), styled(format=ReceiptFormat.TLVS))
    assert pdu.short_message == b""
    assert pdu.tlvs == deliver_sm(FAILED, Dates()).tlvs


def test_the_text_in_message_payload() -> None:
    pdu = deliver_sm(FAILED, Dates(), styled(format=ReceiptFormat.PAYLOAD))
    assert pdu.short_message == b""
    assert pdu.tlv(Tag.MESSAGE_PAYLOAD) == deliver_sm(FAILED, Dates()).short_message


@pytest.mark.parametrize("wanted", ReceiptFormat)
def test_what_a_reader_makes_of_every_format(wanted: ReceiptFormat) -> None:
    pdu = deliver_sm(FAILED, Dates(), styled(format=wanted))
    assert encode(pdu, 1)
    read = read_receipt(pdu)
    assert read is not None
    assert (read.message_id, read.state) == (b"04000000000000ff", MessageState.UNDELIVERABLE)


@pytest.mark.parametrize("wanted", ReceiptFormat)
def test_who_takes_no_tlvs_has_the_text_whatever_the_account_says(wanted: ReceiptFormat) -> None:
    pdu = deliver_sm(FAILED, Dates(), styled(format=wanted), takes_tlvs=False)
    assert pdu.short_message == deliver_sm(FAILED, Dates()).short_message


def test_ids_in_decimal_in_text_and_tlv() -> None:
    pdu = deliver_sm(FAILED, Dates(), styled(decimal_ids=True))
    assert pdu.short_message.startswith(b"id:288230376151711999 sub:")
    assert pdu.tlv(Tag.RECEIPTED_MESSAGE_ID) == b"288230376151711999\0"
    short = FAILED._replace(message_id=SHORT_IDS - 1)
    assert deliver_sm(short, Dates(), styled(decimal_ids=True)).tlv(Tag.RECEIPTED_MESSAGE_ID) == b"ffffffff\0"


def test_times_in_utc() -> None:
    assert b"submit date:2701150800 " in deliver_sm(FAILED, Dates(UTC)).short_message


def test_the_reason_only_where_there_is_one() -> None:
    style = styled(reason_tag=0x1400)
    assert deliver_sm(FAILED, Dates(), style).tlv(0x1400) == b"absent\0"
    assert deliver_sm(FAILED._replace(reason=""), Dates(), style).tlv(0x1400) is None
    assert deliver_sm(FAILED, Dates()).tlv(0x1400) is None


@pytest.mark.parametrize("state", [MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.SCHEDULED])
def test_one_that_is_not_the_last_says_so(state: MessageState) -> None:
    pdu = deliver_sm(FAILED._replace(message_state=int(state)), Dates())
    assert pdu.esm_class == 0x20
    read = read_receipt(pdu)
    assert read is not None
    assert read.intermediate


def test_one_of_a_segment() -> None:
    pdu = deliver_sm(FAILED._replace(segments=3, segment=2, delivered=1), Dates())
    assert b" sub:001 dlvrd:001 " in pdu.short_message
    assert (pdu.tlv(Tag.SAR_TOTAL_SEGMENTS), pdu.tlv(Tag.SAR_SEGMENT_SEQNUM)) == (b"\3", b"\2")
    assert pdu.tlv(Tag.SAR_MSG_REF_NUM) is None  # it is no part of a longer message


@pytest.mark.parametrize(
    ("error", "code", "err"),
    [
        (b"034", b"\3\0\x22", b"034"),
        (b"030022", b"\3\0\x22", b"034"),
        (b"0600ff", b"\6\0\xff", b"255"),
        (b"0000000b", b"\7\0\x0b", b"00b"),
        (b"00000058", b"\7\0\x58", b"058"),
        (b"00010000", b"", b"000"),
        (b"21b", b"", b"21b"),
        (b"65535", b"\3\xff\xff", b"535"),
        (b"65536", b"", b"536"),
        (b"", b"", b"000"),
        (b"absent", b"", b"abs"),
    ],
)
def test_errors_of_every_kind(error: bytes, code: bytes, err: bytes) -> None:
    assert network_error_code(error) == code
    pdu = deliver_sm(FAILED._replace(error=error), Dates())
    assert pdu.tlv(Tag.NETWORK_ERROR_CODE) == (code or None)
    assert b" err:%b text:" % err in pdu.short_message

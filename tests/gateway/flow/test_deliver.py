"""What is owed, as a deliver_sm. Whole conversations are in test_receipts_out and test_from_phones."""

from gateway.flow.deliver import REMEMBERED_MINUTES, Dates, deliver_sm
from gateway.smpp.tlv import Tag
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

"""TLV values: typed access, lenient in reading, strict in writing; vendors' tags beside the standard's."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.tlv import MAX_LENGTH, STANDARD, TYPES, Kind, Tag, TlvType, Value, Vocabulary, read_value, write_value

TABLE = Path(__file__).parents[2] / "data" / "tlvs.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
ACME = Vocabulary(
    {
        "acme_route": (0x1400, TlvType(Kind.INTEGER, 2, 4)),
        "acme_name": (0x3FFF, TlvType(Kind.C_OCTETS, 1, 5)),
    }
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name_v50"])
def test_every_tag_has_its_number_and_its_type(row: dict[str, str]) -> None:
    tag = Tag[row["name_v50"].upper()]
    assert tag == int(row["tag_hex"], 16)
    kind = {
        "integer": Kind.INTEGER,
        "bit mask": Kind.INTEGER,
        "none or integer": Kind.INTEGER,
        "c-octet string": Kind.C_OCTETS,
    }
    assert TYPES[tag].kind is kind.get(row["value_type_v50"], Kind.OCTETS)
    length = row["value_length_octets_v50"]
    if length.isdigit() and tag is not Tag.BROADCAST_END_TIME:
        assert (TYPES[tag].least, TYPES[tag].most) == (int(length), int(length))


def test_there_are_no_others() -> None:
    assert len(Tag) == len(ROWS) == len(TYPES)
    assert set(TYPES) == set(Tag)


@pytest.mark.parametrize(
    ("tag", "value", "octets"),
    [
        (Tag.MESSAGE_STATE, 2, b"\x02"),
        (Tag.USER_MESSAGE_REFERENCE, 0x0102, b"\x01\x02"),
        (Tag.USER_MESSAGE_REFERENCE, 1, b"\x00\x01"),
        (Tag.QOS_TIME_TO_LIVE, 0xFFFF_FFFF, b"\xff\xff\xff\xff"),
        (Tag.RECEIPTED_MESSAGE_ID, b"12ab", b"12ab\0"),
        (Tag.RECEIPTED_MESSAGE_ID, b"x" * 64, b"x" * 64 + b"\0"),
        (Tag.MESSAGE_PAYLOAD, b"", b""),
        (Tag.MESSAGE_PAYLOAD, b"a\0", b"a\0"),
        (Tag.NETWORK_ERROR_CODE, b"\x03\x00\x01", b"\x03\x00\x01"),
        (Tag.ALERT_ON_MESSAGE_DELIVERY, None, b""),
        (Tag.ALERT_ON_MESSAGE_DELIVERY, 1, b"\x01"),
        (Tag.DEST_ADDR_NP_COUNTRY, 81, b"\x51"),
        (Tag.DEST_ADDR_NP_COUNTRY, 0x0151, b"\x01\x51"),
        (0x1499, b"anything", b"anything"),
    ],
)
def test_values_and_octets(tag: int, value: Value, octets: bytes) -> None:
    assert write_value(tag, value) == octets
    assert read_value(tag, octets) == value


@pytest.mark.parametrize(
    ("tag", "octets", "value"),
    [
        (Tag.SOURCE_TELEMATICS_ID, b"\x00\x07", 7),
        (Tag.USER_MESSAGE_REFERENCE, b"\x07", 7),
        (Tag.RECEIPTED_MESSAGE_ID, b"12", b"12"),
        (Tag.RECEIPTED_MESSAGE_ID, b"12\0\0", b"12\0"),
        (Tag.RECEIPTED_MESSAGE_ID, b"", b""),
        (Tag.NETWORK_ERROR_CODE, b"1", b"1"),
        (Tag.MESSAGE_STATE, b"", None),
    ],
)
def test_reading_takes_what_peers_write(tag: int, octets: bytes, value: Value) -> None:
    assert read_value(tag, octets) == value


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (Tag.MESSAGE_STATE, 256),
        (Tag.MESSAGE_STATE, -1),
        (Tag.MESSAGE_STATE, b"\x02"),
        (Tag.MESSAGE_STATE, None),
        (Tag.USER_MESSAGE_REFERENCE, 0x10000),
        (Tag.RECEIPTED_MESSAGE_ID, 12),
        (Tag.RECEIPTED_MESSAGE_ID, b"x" * 65),
        (Tag.RECEIPTED_MESSAGE_ID, b"1\x002"),
        (Tag.NETWORK_ERROR_CODE, b"\x03\x00"),
        (Tag.NETWORK_ERROR_CODE, 3),
        (Tag.SOURCE_SUBADDRESS, b"a"),
        (Tag.MESSAGE_PAYLOAD, bytes(MAX_LENGTH + 1)),
    ],
)
def test_writing_refuses_what_does_not_fit(tag: int, value: Value) -> None:
    with pytest.raises(ValueError, match=Tag(tag).name.lower()):
        write_value(tag, value)


def test_an_integer_of_nine_octets_is_none() -> None:
    assert read_value(Tag.MESSAGE_STATE, b"\0" * 7 + b"\2") == 2
    with pytest.raises(ValueError, match="9 octets"):
        read_value(Tag.MESSAGE_STATE, b"\0" * 8 + b"\2")


def test_a_vendors_tags_have_names_and_types() -> None:
    assert ACME.tag("acme_route") == 0x1400
    assert ACME.name(0x1400) == "acme_route"
    assert ACME.write_value(0x1400, 7) == b"\0\7"
    assert ACME.read_value(0x3FFF, b"abc\0") == b"abc"
    assert ACME.tag("message_state") == Tag.MESSAGE_STATE
    with pytest.raises(ValueError, match="acme_name"):
        ACME.write_value(0x3FFF, b"abcde")


def test_a_vendors_tags_stay_its_own() -> None:
    assert STANDARD.name(0x1400) == "0x1400"
    assert STANDARD.read_value(0x1400, b"\0\7") == b"\0\7"
    with pytest.raises(KeyError):
        STANDARD.tag("acme_route")


@pytest.mark.parametrize(
    ("name", "tag", "its_type"),
    [
        ("message_state", 0x1400, TlvType(Kind.INTEGER, 1, 1)),
        ("mine", 0x0427, TlvType(Kind.INTEGER, 1, 1)),
        ("mine", -1, TlvType(Kind.INTEGER, 1, 1)),
        ("mine", 0x10000, TlvType(Kind.INTEGER, 1, 1)),
        ("mine", 0x1400, TlvType(Kind.OCTETS, 2, 1)),
        ("mine", 0x1400, TlvType(Kind.OCTETS, -1, 1)),
        ("mine", 0x1400, TlvType(Kind.OCTETS, 0, MAX_LENGTH + 1)),
    ],
)
def test_a_vendors_tag_that_cannot_be(name: str, tag: int, its_type: TlvType) -> None:
    with pytest.raises(ValueError, match=name):
        Vocabulary({name: (tag, its_type)})


def test_two_vendors_names_for_one_tag() -> None:
    integer = TlvType(Kind.INTEGER, 1, 1)
    with pytest.raises(ValueError, match="0x1400"):
        Vocabulary({"one": (0x1400, integer), "two": (0x1400, integer)})


@given(st.sampled_from(sorted(TYPES)), st.binary(max_size=70))
def test_what_was_read_and_fits_is_written_back(tag: int, octets: bytes) -> None:
    try:
        value = read_value(tag, octets)
    except ValueError:
        assert TYPES[tag].kind is Kind.INTEGER
        return
    try:
        written = write_value(tag, value)
    except ValueError:
        return
    assert read_value(tag, written) == value
    assert TYPES[tag].least <= len(written) <= TYPES[tag].most

"""Customers' parts, cut by splitters of every kind, read as the text that was cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.alphabets import Alphabet, Reading
from gateway.segmenter.parts import Content, Piece, read_message

PLAIN = Reading()
PACKS = Reading(default=Alphabet.GSM_PACKED)
EMOJI = "\U0001f600"
TURKISH_LOCKING, TURKISH_SINGLE = "032501 01", "032401 01"
PORTS = "0605040b8423f0"


def pack(septets: bytes, header_octets: int) -> bytes:
    """Least significant bit first, behind the filling that a header asks for."""
    value = 0
    for place, septet in enumerate(septets):
        value |= septet << 7 * place
    fill = -header_octets * 8 % 7
    return (value << fill).to_bytes(-(-(7 * len(septets) + fill) // 8), "little")


def parts(octets: list[bytes], data_coding: int, header: str = "", wide: bool = False) -> list[Piece]:
    return [Piece(one, data_coding, bytes.fromhex(header), wide, number) for number, one in enumerate(octets, 1)]


def text_of(pieces: list[Piece], reading: Reading = PLAIN) -> str:
    content = read_message(pieces, reading)
    assert not content.binary
    return content.text.decode("utf_16_be")


def refused(pieces: list[Piece], reading: Reading = PLAIN) -> Reason:
    with pytest.raises(Refusal) as caught:
        read_message(pieces, reading)
    return caught.value.reason


def test_a_message_that_came_whole_is_not_copied() -> None:
    octets = "漢字".encode("utf_16_be")
    content = read_message([Piece(octets, 8)], PLAIN)
    assert content == Content(octets, False, 8, b"")
    assert content.text is octets


@pytest.mark.parametrize(
    ("reading", "data_coding", "encoded"),
    [
        (PLAIN, 8, ("漢" + EMOJI + "字").encode("utf_16_be")),
        (Reading(little_endian=True), 8, ("漢" + EMOJI + "字").encode("utf_16_le")),
        (Reading(default=Alphabet.UTF8), 0, ("漢" + EMOJI + "字").encode()),
        (PLAIN, 5, "漢字①ｶﾞ".encode("cp932")),
        (Reading(jis=Alphabet.EUC_JP), 5, "漢字ｶﾞ".encode("euc_jp")),
        (Reading(jis=Alphabet.ISO2022JP), 5, "a漢字b".encode("iso2022_jp")),
        (PLAIN, 0, b"a\x1be\x1b\x14z"),
    ],
    ids=["utf16be", "utf16le", "utf8", "shift_jis", "euc", "iso2022jp", "gsm"],
)
def test_a_cut_between_any_two_octets_is_healed(reading: Reading, data_coding: int, encoded: bytes) -> None:
    whole = text_of([Piece(encoded, data_coding)], reading)
    for at in range(len(encoded) + 1):
        for wide in (False, True):
            assert text_of(parts([encoded[:at], encoded[at:]], data_coding, wide=wide), reading) == whole, at


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("header", ["", PORTS, TURKISH_SINGLE])
def test_packed_septets_begin_at_an_edge_in_each_part(wide: bool, header: str) -> None:
    others = len(bytes.fromhex(header))
    header_octets = (others or 1) + (6 if wide else 5)
    septets = [b"Hello, world", b"1234567890a", b"\x1be!"]
    pieces = parts([pack(one, header_octets) for one in septets], 0, header, wide)
    assert text_of(pieces, PACKS) == "Hello, world1234567890a€!"


@pytest.mark.parametrize("length", range(145, 154))
def test_packed_parts_of_any_length_leave_no_filling_behind(length: int) -> None:
    septets = [b"x" * length, b"\x1be" + b"y" * (length - 2), b"\x1b<z"]
    text = "x" * length + "€" + "y" * (length - 2) + "[z"
    assert text_of(parts([pack(one, 6) for one in septets], 0), PACKS) == text
    if length <= 152:
        assert text_of(parts([pack(one, 7) for one in septets], 0, wide=True), PACKS) == text


def test_a_full_part_may_end_with_an_at_sign() -> None:
    septets = [b"x" * 152 + b"\0", b"y" * 152 + b"\r", b"\nz"]
    assert text_of(parts([pack(one, 6) for one in septets], 0), PACKS) == "x" * 152 + "@" + "y" * 152 + "\nz"


def test_a_last_at_sign_is_one_for_an_account_that_fills_with_cr() -> None:
    assert text_of([Piece(pack(b"1234567\0", 0), 0)], Reading(default=Alphabet.GSM_PACKED_CR)) == "1234567@"
    assert text_of([Piece(pack(b"1234567\0", 0), 0)], PACKS) == "1234567"
    for reading in (PACKS, Reading(default=Alphabet.GSM_PACKED_CR)):
        assert text_of([Piece(pack(b"1234567\r", 0), 0)], reading) == "1234567"
        assert text_of([Piece(pack(b"12345678\0", 0), 0)], reading) == "12345678@"


def test_packed_septets_by_sar_and_whole_with_a_header() -> None:
    assert text_of(parts([pack(b"Hello", 0), pack(b" you", 0)], 0, wide=True), PACKS) == "Hello you"
    ports = bytes.fromhex(PORTS[:2] + PORTS[2:])
    assert text_of([Piece(pack(b"Hello", len(ports)), 0, ports)], PACKS) == "Hello"
    five = bytes.fromhex("0405022342")
    assert text_of([Piece(pack(b"Hello", len(five)), 0xF1, five)], PACKS) == "Hello"


def test_an_escape_at_the_end_of_a_packed_part_counts_for_the_next() -> None:
    assert text_of(parts([pack(b"ab\x1b", 6), pack(b"ecd", 6)], 0), PACKS) == "ab€cd"


def test_a_part_of_one_with_a_header_is_packed_behind_it() -> None:
    assert text_of([Piece(pack(b"Hello", 6), 0, b"", False)], PACKS) == "Hello"


def test_each_part_has_its_own_national_tables() -> None:
    pieces = [
        Piece(b"\x04\x1bs", 0, bytes.fromhex("06250101240101"), False, 1),
        Piece(b"\x04\x1be", 0, b"", False, 2),
        Piece(b"\x04\x1be", 0, bytes.fromhex("03250103"), False, 3),
        Piece(b"\x1b", 0, bytes.fromhex("03250103"), False, 4),
        Piece(b"\x14", 0, bytes.fromhex("03250103"), False, 5),
    ]
    assert text_of(pieces) == "€ş" + "è€" + "ê€^"
    assert read_message(pieces, PLAIN).other_elements == b""


def test_language_elements_are_used_up_also_where_they_mean_nothing() -> None:
    content = read_message([Piece("漢".encode("utf_16_be"), 8, bytes.fromhex("06250101240101"))], PLAIN)
    assert content == Content("漢".encode("utf_16_be"), False, 8, b"")
    malformed = bytes.fromhex("0725000524020101")
    assert refused([Piece(b"\x04", 0, malformed)]) is Reason.MALFORMED_UDH
    assert text_of([Piece(b"\x04", 0, bytes.fromhex("062500" + "24020101"))]) == "è"


def test_a_language_of_one_part_of_ucs2_does_not_part_it_from_its_neighbour() -> None:
    high, low = EMOJI.encode("utf_16_be")[:2], EMOJI.encode("utf_16_be")[2:]
    pieces = [Piece(high, 8, bytes.fromhex(TURKISH_LOCKING), False, 1), Piece(low, 8, b"", False, 2)]
    assert text_of(pieces) == EMOJI


def test_other_elements_are_kept_each_once_and_whatever_part_they_stand_in() -> None:
    icon = "04010200ff"
    pieces = [
        Piece("漢".encode("utf_16_be"), 8, bytes.fromhex(PORTS), False, 1),
        Piece("字".encode("utf_16_be"), 8, bytes.fromhex("0a05040b8423f0" + icon[2:]), False, 2),
        Piece("列".encode("utf_16_be"), 8, bytes.fromhex("0a" + icon[2:] + "05040b8423f0"), False, 3),
    ]
    content = read_message(pieces, PLAIN)
    assert content.text == "漢字列".encode("utf_16_be")
    assert content.other_elements == bytes.fromhex("0a05040b8423f0" + icon[2:])


def test_text_beside_other_elements_is_read_as_the_account_writes() -> None:
    content = read_message([Piece(b"caf\xe9", 0, bytes.fromhex(PORTS))], Reading(default=Alphabet.LATIN1))
    assert content == Content("café".encode("utf_16_be"), False, 0, bytes.fromhex(PORTS))


def test_a_header_alone_is_a_message_and_a_concatenation_alone_is_not() -> None:
    waiting = bytes.fromhex("0401020003")
    assert read_message([Piece(b"", 0, waiting)], PLAIN) == Content(b"", False, 0, waiting)
    assert read_message([Piece(b"", 4, waiting)], PLAIN) == Content(b"", True, 4, waiting)
    for coding in (0, 4, 8):
        assert refused([Piece(b"", coding)]) is Reason.EMPTY_TEXT
        assert refused(parts([b"", b""], coding)) is Reason.EMPTY_TEXT
        assert refused([Piece(b"", 0, bytes.fromhex(TURKISH_LOCKING))]) is Reason.EMPTY_TEXT


def test_an_empty_part_among_others_is_nothing() -> None:
    assert text_of(parts([b"", "漢".encode("utf_16_be"), b""], 8)) == "漢"


def test_binary_is_joined_untouched() -> None:
    content = read_message(parts([b"\xff\x00", b"\x1b", b"\r\n"], 0xF5, PORTS), PLAIN)
    assert content == Content(b"\xff\x00\x1b\r\n", True, 0xF5, bytes.fromhex(PORTS))
    language = bytes.fromhex("03240101")
    assert read_message([Piece(b"x", 4, language)], PLAIN).other_elements == language
    assert read_message([Piece(b"x", 2)], PLAIN) == Content(b"x", True, 2, b"")


def test_parts_of_text_beside_parts_of_octets_are_refused() -> None:
    pieces = [Piece(b"a", 0, b"", False, 1), Piece(b"b", 4, b"", False, 2)]
    assert refused(pieces) is Reason.UNDECODABLE_TEXT
    assert refused(pieces[::-1]) is Reason.UNDECODABLE_TEXT


def test_parts_in_different_codings_are_each_read_in_their_own() -> None:
    pieces = [
        Piece(b"a\x02", 0, b"", False, 1),
        Piece("漢".encode("utf_16_be")[:1], 8, b"", False, 2),
        Piece("漢".encode("utf_16_be")[1:], 8, b"", False, 3),
        Piece(b"\xe9", 3, b"", False, 4),
        Piece(b"\x02", 0xF1, b"", False, 5),
    ]
    content = read_message(pieces, PLAIN)
    assert content.text.decode("utf_16_be") == "a$漢é$"
    assert content.data_coding == 0


def test_the_class_of_the_first_part_holds_for_all() -> None:
    assert read_message(parts([b"a", b"b"], 0xF0), PLAIN).data_coding == 0xF0


@pytest.mark.parametrize("mark", ["utf_16_be", "utf_16_le"])
def test_a_byte_order_mark_in_the_first_part_or_in_each(mark: str) -> None:
    bom, first, second = "\ufeff".encode(mark), "漢字".encode(mark), "列".encode(mark)
    assert text_of(parts([bom + first, second], 8)) == "漢字列"
    assert text_of(parts([bom + first, bom + second], 8)) == "漢字列"
    assert text_of(parts([bom + first[:1], first[1:] + second], 8)) == "漢字列"


def test_a_mark_that_is_text_stays_text() -> None:
    feff = "\ufeff".encode("utf_16_be")
    assert text_of(parts(["漢".encode("utf_16_be"), feff], 8)) == "漢\ufeff"
    kept = Reading(strip_bom=False)
    assert text_of(parts([feff + "漢".encode("utf_16_be"), feff], 8), kept) == "\ufeff漢\ufeff"
    utf8 = Reading(default=Alphabet.UTF8)
    assert text_of(parts(["\ufeff漢".encode(), "\ufeff字".encode()], 0), utf8) == "漢字"


def test_a_line_end_that_was_cut_is_one_line_feed() -> None:
    assert text_of(parts([b"a\r", b"\nb"], 0)) == "a\nb"
    mixed = [Piece(b"a\r", 0, b"", False, 1), Piece(b"\nb", 1, b"", False, 2)]
    assert text_of(mixed) == "a\nb"


@pytest.mark.parametrize(
    ("octets", "data_coding", "reason"),
    [
        ([b"\xd8\x3d", b"\x65\xe5"], 8, Reason.UNDECODABLE_TEXT),
        ([b"\x65\xe5", b"\x00\x00"], 8, Reason.UNDECODABLE_TEXT),
        ([b"\x65\xe5", b"\x65"], 8, Reason.UNDECODABLE_TEXT),
        ([b"a", b"\x80"], 0, Reason.UNDECODABLE_TEXT),
        ([b"a", b"b"], 0x0F, Reason.UNKNOWN_CODING),
    ],
)
def test_what_is_no_text_is_refused(octets: list[bytes], data_coding: int, reason: Reason) -> None:
    assert refused(parts(octets, data_coding)) is reason


def test_parts_that_are_missing_leave_the_others_readable() -> None:
    """For a message that never became whole and is sent as it is."""
    first, third = ("漢" * 3).encode("utf_16_be"), ("字" * 3).encode("utf_16_be")
    pieces = [Piece(first, 8, b"", False, 1), Piece(third, 8, b"", False, 3)]
    assert text_of(pieces) == "漢漢漢字字字"
    broken = [Piece(first + b"\xd8\x3d", 8, b"", False, 1), Piece(b"\xde\x00" + third, 8, b"", False, 3)]
    assert refused(broken) is Reason.UNDECODABLE_TEXT  # the halves of two characters are not one
    neighbours = [piece._replace(number=number) for number, piece in enumerate(broken, 1)]
    assert text_of(neighbours) == "漢漢漢" + EMOJI + "字字字"


def test_a_header_that_became_too_long_is_refused() -> None:
    pieces = [
        Piece(b"a", 0, bytes((130, number, 128)) + bytes((number,)) * 128, False, number) for number in (0x71, 0x72)
    ]
    assert refused(pieces) is Reason.MALFORMED_UDH


@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=4),
    st.integers(0, 255),
    st.sampled_from(["", PORTS, "03250101", "06250102240103"]),
    st.sampled_from(Alphabet),
    st.sampled_from(Alphabet),
    st.booleans(),
)
def test_any_parts_are_sound_text_or_octets_or_a_refusal(
    octets: list[bytes], data_coding: int, header: str, default: Alphabet, jis: Alphabet, wide: bool
) -> None:
    try:
        content = read_message(parts(octets, data_coding, header, wide), Reading(default=default, jis=jis))
    except Refusal:
        return
    if content.binary:
        assert content.text == b"".join(octets)
    else:
        assert "\0" not in content.text.decode("utf_16_be")
        assert content.text or content.other_elements


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), min_size=1), st.data()
)
def test_any_text_cut_anywhere_is_that_text(text: str, data: st.DataObject) -> None:
    encoded = text.encode("utf_16_be")
    edges = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=5)))
    bounds = [0, *edges, len(encoded)]
    pieces = parts([encoded[at:end] for at, end in pairwise(bounds)], 8)
    assert text_of(pieces, Reading(strip_bom=False)) == text

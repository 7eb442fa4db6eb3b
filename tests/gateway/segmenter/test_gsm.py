"""GSM 03.38 against smpplib's table, published vectors, and a packer written here."""

import pytest
import smpplib.gsm
from hypothesis import given
from hypothesis import strategies as st

from gateway.segmenter.gsm import (
    BEYOND_GSM,
    PORTUGUESE,
    SPANISH,
    TURKISH,
    decode_gsm,
    encode_gsm,
    encode_gsm_text,
    unpack,
)

BASIC_CODES = [code for code in range(128) if code != 0x1B]
ENCODABLE = "".join(decode_gsm(bytes((code,))) for code in BASIC_CODES) + "\f^{}\\[~]|€"


def pack(septets: bytes, header_octets: int = 0) -> bytes:
    """Bit by bit, least significant first; a CR fills seven spare bits (3GPP TS 23.038, section 6.1.2.3.1)."""
    bits = [0] * (-header_octets * 8 % 7)
    for septet in septets:
        bits.extend(septet >> place & 1 for place in range(7))
    if len(bits) % 8 == 1 or (len(bits) % 8 == 0 and septets.endswith(b"\r")):
        bits.extend((1, 0, 1, 1, 0, 0, 0))
    bits.extend([0] * (-len(bits) % 8))
    return bytes(sum(bits[at + place] << place for place in range(8)) for at in range(0, len(bits), 8))


def test_smpplib_has_the_same_table() -> None:
    wrong_in_smpplib = {"§", "`"}  # it has a backquote where 23.038 has a section sign
    unknown_to_smpplib = {"\f"}
    for character in set(ENCODABLE) - wrong_in_smpplib - unknown_to_smpplib:
        assert encode_gsm(character) == smpplib.gsm.gsm_encode(character), character


def test_what_smpplib_cannot_encode_neither_can_we() -> None:
    for character in map(chr, range(0x3100)):
        if 0xD800 <= ord(character) < 0xE000 or character in "`§\f\x1b":
            continue
        try:
            theirs: bytes | None = smpplib.gsm.gsm_encode(character)
        except UnicodeError:
            theirs = None
        assert encode_gsm(character) == theirs, f"U+{ord(character):04X}"


def test_the_basic_table_has_128_codes_each_once() -> None:
    assert len({decode_gsm(bytes((code,))) for code in BASIC_CODES}) == 127


@pytest.mark.parametrize(
    ("text", "septets"),
    [("@", b"\0"), ("Hello", b"Hello"), ("€", b"\x1be"), ("[{^}]", b"\x1b<\x1b(\x1b\x14\x1b)\x1b>"), ("§", b"\x5f")],
)
def test_vectors(text: str, septets: bytes) -> None:
    assert encode_gsm(text) == septets
    assert decode_gsm(septets) == text


@pytest.mark.parametrize("text", ["あ", "`", "a😀", "\x1b", "ﾊ", "ê", "\ufeff"])
def test_other_characters_are_not_encodable(text: str) -> None:
    assert encode_gsm(text) is None


@given(st.text(alphabet=ENCODABLE))
def test_encoding_and_decoding_are_inverse(text: str) -> None:
    septets = encode_gsm(text)
    assert septets is not None
    assert decode_gsm(septets) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.text(alphabet=ENCODABLE))
def test_octets_and_characters_are_judged_alike(text: str) -> None:
    assert encode_gsm_text(text.encode("utf_16_be")) == encode_gsm(text)
    assert (encode_gsm(text) is None) == (BEYOND_GSM.search(text) is not None)


def test_every_character_of_the_basic_plane_is_judged_alike() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        assert (encode_gsm_text(chr(code).encode("utf_16_be")) is None) == (encode_gsm(chr(code)) is None), hex(code)


def test_an_unknown_escape_shows_the_basic_character() -> None:
    assert decode_gsm(b"\x1bA\x1b\x00z") == "A@z"


def test_an_escape_before_an_escape_or_the_end_shows_a_space() -> None:
    assert decode_gsm(b"a\x1b\x1bA") == "a A"
    assert decode_gsm(b"a\x1b") == "a "
    assert decode_gsm(b"\x1b\x1b\x1b") == "  "


def test_an_octet_above_127_is_no_septet_and_its_place_is_named() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        decode_gsm(b"a\x1beb\x80")
    assert caught.value.start == 4


@given(st.binary(max_size=40))
def test_decoding_is_total_over_septets(octets: bytes) -> None:
    text = decode_gsm(bytes(octet & 0x7F for octet in octets))
    assert len(text) <= len(octets)
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("octets", "locking", "single", "text"),
    [
        (b"\x04\x07\x0b\x0c\x1c\x1d\x40\x60", TURKISH, 0, "€ıĞğŞşİç"),
        (b"\x1bG\x1bI\x1bS\x1bc\x1be\x1bg\x1bi\x1bs", 0, TURKISH, "ĞİŞç€ğış"),
        (b"\x1b\x09\x1bA\x1bI\x1bO\x1bU\x1ba\x1bi\x1bo\x1bu", 0, SPANISH, "çÁÍÓÚáíóú"),
        (
            b"\x04\x06\x07\x08\x09\x0b\x0c\x0e\x0f\x12\x13\x14\x15\x16\x17\x18\x19\x1a",
            PORTUGUESE,
            0,
            "êúíóçÔôÁáªÇÀ∞^\\€Ó|",
        ),
        (b"\x24\x40\x5b\x5c\x5d\x5f\x60\x7b\x7c\x7d", PORTUGUESE, 0, "ºÍÃÕÚ§~ãõ`"),
        (b"\x1b\x05\x1b\x0b\x1b\x12\x1bA\x1b[\x1b\\\x1ba\x1b{\x1b|\x1b\x7f", 0, PORTUGUESE, "êÔΦÀÃÕÂãõâ"),
        (b"\x1bA\x1b<", TURKISH, TURKISH, "A["),
        (b"\x1b\x7f\x04", PORTUGUESE, PORTUGUESE, "âê"),
        (b"\x04\x1b\x14", SPANISH, 0, "è^"),
        (b"\x04\x1be", 99, 99, "è€"),
    ],
)
def test_national_language_tables(octets: bytes, locking: int, single: int, text: str) -> None:
    assert decode_gsm(octets, locking, single) == text


def test_locking_tables_have_128_codes() -> None:
    for language in (TURKISH, PORTUGUESE):
        text = decode_gsm(bytes(BASIC_CODES), locking=language)
        assert len(set(text)) == 127, language


@pytest.mark.parametrize(
    ("packed", "septets"),
    [
        ("e8329bfd4697d9ec37", b"hellohello"),
        ("c8329bfd065ddf72363904", b"Hello World!"),
    ],
)
def test_published_packed_vectors(packed: str, septets: bytes) -> None:
    assert unpack(bytes.fromhex(packed)) == septets


def test_seven_characters_fill_seven_octets_without_an_eighth_character() -> None:
    packed = pack(b"1234567")
    assert packed.hex() == "31d98c56b3dd1a"
    assert unpack(packed) == b"1234567"


def test_eight_characters_that_end_with_an_at_sign_keep_it_unless_zeros_are_filling() -> None:
    assert unpack(pack(b"1234567\0")) == b"1234567\0"
    assert unpack(pack(b"1234567\0"), filling=b"\0\r") == b"1234567"
    assert unpack(pack(b"123456\0"), filling=b"\0\r") == b"123456\0"
    assert unpack(pack(b"1234567\r")[:7], filling=b"") == b"1234567\r"


@pytest.mark.parametrize("header_octets", [0, 6, 7, 4, 5])
@given(st.binary(max_size=170))
def test_unpacking_is_the_reverse_of_packing(header_octets: int, octets: bytes) -> None:
    septets = bytes(octet & 0x7F for octet in octets)
    ends_with_octet = (len(septets) * 7 + -header_octets * 8 % 7) % 8 == 0
    doubled = b"\r" if ends_with_octet and septets.endswith(b"\r") else b""  # as the standard has it
    assert unpack(pack(septets, header_octets), header_octets) == septets + doubled


def test_less_than_a_septet_is_nothing() -> None:
    assert unpack(b"") == b""
    assert unpack(b"\xff", header_octets=5) == b""

"""Each data_coding's octets become one form of text, or a refusal that says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.alphabets import (
    UCS2,
    Alphabet,
    Reading,
    checked,
    decode,
    is_binary,
    is_gsm,
    is_packed,
    is_ucs2,
    message_class,
    order_mark,
    outgoing_coding,
    read_text,
)

PLAIN = Reading()


def read(octets: bytes, data_coding: int, reading: Reading = PLAIN) -> str:
    return read_text(octets, data_coding, reading).decode("utf_16_be")


def refused(octets: bytes, data_coding: int, reading: Reading = PLAIN) -> Reason:
    with pytest.raises(Refusal) as caught:
        read_text(octets, data_coding, reading)
    return caught.value.reason


def test_sound_ucs2_is_passed_on_without_a_copy() -> None:
    octets = "本日は晴天なり😀\n".encode("utf_16_be")
    assert read_text(octets, UCS2, PLAIN) is octets


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (0x00, b"Hello\x00\x1be", "Hello@€"),
        (0x01, b"Hello~", "Hello~"),
        (0x03, b"caf\xe9", "café"),
        (0x05, bytes.fromhex("93fa967b b6de 8740"), "日本ｶﾞ①"),
        (0x06, b"\xbf\xe0", "Пр"),
        (0x07, b"\xf9\xec", "של"),
        (0x08, bytes.fromhex("65e5672c d83dde00"), "日本😀"),
        (0x0A, b"\x1b$B\x46\x7c\x4b\x5c\x1b(B!", "日本!"),
        (0x0E, b"\xb0\xa1\xc7\xd1", "가한"),
        (0x10, b"Hi", "Hi"),
        (0x18, bytes.fromhex("65e5"), "日"),
        (0xC8, b"Hi", "Hi"),
        (0xD9, b"Hi", "Hi"),
        (0xE9, bytes.fromhex("65e5"), "日"),
        (0xF0, b"\x00", "@"),
        (0xF3, b"Hi", "Hi"),
        (0xF8, b"Hi", "Hi"),
    ],
)
def test_vectors_of_each_coding(data_coding: int, octets: bytes, text: str) -> None:
    assert read(octets, data_coding) == text


@pytest.mark.parametrize(
    ("jis", "data_coding", "octets", "text"),
    [
        (Alphabet.SHIFT_JIS, 0x05, "8160 fbfc", "～髙"),
        (Alphabet.EUC_JP, 0x05, "c6fccbdc 8eb6", "日本ｶ"),
        (Alphabet.EUC_JP, 0x0D, "8fb0a1", "丂"),
        (Alphabet.ISO2022JP, 0x05, "1b2442 467c4b5c 1b2842", "日本"),
        (Alphabet.ISO2022JP, 0x0D, "1b242844 3021 1b2842", "丂"),
    ],
)
def test_jis_has_the_form_the_account_uses(jis: Alphabet, data_coding: int, octets: str, text: str) -> None:
    assert read(bytes.fromhex(octets), data_coding, Reading(jis=jis)) == text


@pytest.mark.parametrize(
    ("default", "octets", "text"),
    [
        (Alphabet.GSM, b"\x00\x11", "@_"),
        (Alphabet.GSM_PACKED, bytes.fromhex("e8329bfd4697d9ec37"), "hellohello"),
        (Alphabet.GSM_PACKED, bytes.fromhex("31d98c56b3dd00"), "1234567"),
        (Alphabet.GSM_PACKED_CR, bytes.fromhex("31d98c56b3dd00"), "1234567@"),
        (Alphabet.GSM_PACKED_CR, bytes.fromhex("31d98c56b3dd1a"), "1234567"),
        (Alphabet.LATIN1, b"\xa3@", "£@"),
        (Alphabet.ASCII, b"\x7e", "~"),
        (Alphabet.UTF8, "日本😀".encode(), "日本😀"),
        (Alphabet.UTF8, b"\xef\xbb\xbfA", "A"),
        (Alphabet.SHIFT_JIS, b"\x93\xfa", "日"),
        (Alphabet.EUC_JP, b"\xc6\xfc", "日"),
        (Alphabet.ISO2022JP, b"\x1b$B\x46\x7c\x1b(B", "日"),
    ],
)
def test_data_coding_0_is_the_account_s_default(default: Alphabet, octets: bytes, text: str) -> None:
    assert read(octets, 0, Reading(default=default)) == text


def test_a_message_class_in_septets_is_packed_for_an_account_that_packs() -> None:
    packs = Reading(default=Alphabet.GSM_PACKED)
    assert read(bytes.fromhex("e8329bfd4697d9ec37"), 0xF0, packs) == "hellohello"
    assert read(b"@", 0xF0, Reading(default=Alphabet.LATIN1)) == "¡"


def test_decode_takes_octets_as_they_are_and_checked_makes_text_of_them() -> None:
    assert decode(b"", 8, PLAIN) == ""
    assert decode(b"a\r\n\0", 1, PLAIN) == "a\r\n\0"
    assert decode(b"\x04\x1bs", 0, PLAIN, locking=1, single=1) == "€ş"
    assert checked("a\r\nb") == "a\nb".encode("utf_16_be")
    assert checked("", may_be_empty=True) == b""
    for text, reason in (("a\0", Reason.UNDECODABLE_TEXT), ("", Reason.EMPTY_TEXT)):
        with pytest.raises(Refusal) as caught:
            checked(text)
        assert caught.value.reason is reason


def test_packed_is_what_a_packing_account_writes_in_gsm_codings() -> None:
    packs = Reading(default=Alphabet.GSM_PACKED)
    assert {coding for coding in range(256) if is_packed(coding, packs)} == set(filter(is_gsm, range(256)))
    assert not any(is_packed(coding, PLAIN) for coding in range(256))


@pytest.mark.parametrize(
    ("octets", "data_coding", "reading", "mark"),
    [
        ("feff65e5", 8, PLAIN, "feff"),
        ("fffee565", 8, Reading(little_endian=True), "fffe"),
        ("feff65e5", 0x18, PLAIN, "feff"),
        ("65e5feff", 8, PLAIN, ""),
        ("feff65e5", 8, Reading(strip_bom=False), ""),
        ("feff", 3, PLAIN, ""),
        ("efbbbf41", 0, Reading(default=Alphabet.UTF8), "efbbbf"),
        ("efbb", 0, Reading(default=Alphabet.UTF8), ""),
        ("efbbbf41", 0, Reading(default=Alphabet.LATIN1), ""),
    ],
)
def test_order_marks(octets: str, data_coding: int, reading: Reading, mark: str) -> None:
    assert order_mark(bytes.fromhex(octets), data_coding, reading) == bytes.fromhex(mark)


def test_vendors_characters_in_every_form_of_jis() -> None:
    assert read(b"\xad\xa1\xc6\xfc", 0x05, Reading(jis=Alphabet.EUC_JP)) == "①日"
    assert read(b"\x1b$B\x2d\x21\x46\x7c\x1b(B", 0x05, Reading(jis=Alphabet.ISO2022JP)) == "①日"
    assert read(b"\x1b$B\x2d\x6a\x1b(B", 0x0A) == "㈱"


@pytest.mark.parametrize("data_coding", [0x00, 0x01, 0x05, 0x08, 0x0A, 0x18, 0xF0])
def test_no_octets_are_no_text(data_coding: int) -> None:
    assert refused(b"", data_coding) is Reason.EMPTY_TEXT


@pytest.mark.parametrize(
    ("octets", "reading"),
    [
        (b"\xfe\xff", PLAIN),
        (b"\xff\xfe", PLAIN),
        (b"\xff\xfe", Reading(little_endian=True)),
    ],
)
def test_a_byte_order_mark_alone_is_no_text(octets: bytes, reading: Reading) -> None:
    assert refused(octets, UCS2, reading) is Reason.EMPTY_TEXT


def test_what_leaves_no_character_is_no_text() -> None:
    assert refused(b"\xef\xbb\xbf", 0, Reading(default=Alphabet.UTF8)) is Reason.EMPTY_TEXT
    assert refused(b"\x1b(B", 0x0A) is Reason.EMPTY_TEXT


@pytest.mark.parametrize(
    ("octets", "data_coding"),
    [
        (b"\x65", 8),  # half a code unit
        (bytes.fromhex("65e5d83d"), 8),  # a high surrogate at the end
        (bytes.fromhex("d83d65e5"), 8),
        (bytes.fromhex("de0065e5"), 8),
        (bytes.fromhex("de00d83d"), 8),
        (bytes.fromhex("65e50000"), 8),  # U+0000
        (b"a\x00", 1),
        (b"\x80", 0),
        (b"\x80", 1),
        (b"\x81", 5),
        (b"\xff\xff", 0x0E),
        (b"\x1b$B\x46", 0x0A),
        (bytes.fromhex("d83d"), 0x18),
    ],
)
def test_octets_that_are_no_text_are_refused(octets: bytes, data_coding: int) -> None:
    assert refused(octets, data_coding) is Reason.UNDECODABLE_TEXT


@pytest.mark.parametrize("octets", [b"\xc3", b"\xed\xa0\x80", b"a\x00b", b"\xc0\x80"])
def test_broken_utf8_is_refused(octets: bytes) -> None:
    assert refused(octets, 0, Reading(default=Alphabet.UTF8)) is Reason.UNDECODABLE_TEXT


def test_a_refusal_names_the_place_and_not_the_text() -> None:
    with pytest.raises(Refusal, match=r"data_coding 0x08, octet 4$"):
        read_text(bytes.fromhex("65e5672cd83d"), 8, PLAIN)


@pytest.mark.parametrize("data_coding", [0x09, 0x0B, 0x0C, 0x0F, 0x1C, 0x20, 0x38, 0x40, 0x80, 0xBF, 0x02, 0x04, 0xF4])
def test_codings_without_an_alphabet_are_refused(data_coding: int) -> None:
    assert refused(b"ab", data_coding) is Reason.UNKNOWN_CODING


@pytest.mark.parametrize(
    ("octets", "reading", "text"),
    [
        ("feff65e5", PLAIN, "日"),
        ("fffee565", PLAIN, "日"),
        ("e565", Reading(little_endian=True), "日"),
        ("fffee565", Reading(little_endian=True), "日"),
        ("feff65e5", Reading(little_endian=True), "日"),
        ("feff65e5", Reading(strip_bom=False), "\ufeff日"),
        ("fffee565", Reading(strip_bom=False, little_endian=True), "\ufeff日"),
        ("65e5feff", PLAIN, "日\ufeff"),
        ("3dd800de", Reading(little_endian=True), "😀"),
    ],
)
def test_byte_order_is_the_mark_s_or_else_the_account_s(octets: str, reading: Reading, text: str) -> None:
    assert read(bytes.fromhex(octets), UCS2, reading) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\r\nb", "a\nb"), ("\r\n", "\n"), ("a\rb", "a\rb"), ("\n\r", "\n\r"), ("\r\r\n", "\r\n"), ("\n\n", "\n\n")],
)
def test_crlf_becomes_lf_and_a_lone_cr_stays(text: str, expected: str) -> None:
    assert read(text.encode("utf_16_be"), UCS2) == expected
    assert read(text.encode(), 0x01) == expected
    assert read(text.encode(), 0x00) == expected


@given(
    st.binary(max_size=300), st.integers(0, 255), st.sampled_from(Alphabet), st.sampled_from(Alphabet), st.booleans()
)
def test_any_octets_in_any_coding_are_sound_text_or_a_refusal(
    octets: bytes, data_coding: int, default: Alphabet, jis: Alphabet, little_endian: bool
) -> None:
    reading = Reading(default=default, jis=jis, little_endian=little_endian)
    try:
        text = read_text(octets, data_coding, reading).decode("utf_16_be")
    except Refusal:
        return
    assert text
    assert "\0" not in text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), min_size=1))
def test_any_text_in_ucs2_and_utf8_is_read_as_it_is(text: str) -> None:
    assert read(text.encode("utf_16_be"), UCS2, Reading(strip_bom=False)) == text
    assert read(text.encode("utf_16_le"), UCS2, Reading(strip_bom=False, little_endian=True)) == text
    assert read(text.encode(), 0, Reading(default=Alphabet.UTF8)) == text


def test_binary_codings() -> None:
    binary = {0x02, 0x04, *range(0x14, 0x18), *range(0xF4, 0xF8), *range(0xFC, 0x100)}
    assert {coding for coding in range(256) if is_binary(coding)} == binary


def test_a_coding_is_binary_or_gsm_or_ucs2_and_never_two_of_them() -> None:
    for coding in range(256):
        assert is_binary(coding) + is_gsm(coding) + is_ucs2(coding) <= 1, hex(coding)
    assert all(map(is_gsm, (0x00, 0x10, 0xC0, 0xDF, 0xF0, 0xFB)))
    assert all(map(is_ucs2, (0x08, 0x18, 0x1B, 0xE0, 0xEF)))


@pytest.mark.parametrize(
    ("data_coding", "expected"),
    [(0x00, None), (0x08, None), (0x10, 0), (0x18, 0), (0x1B, 3), (0xC9, None), (0xF0, 0), (0xF1, 1), (0xF6, 2)],
)
def test_message_class(data_coding: int, expected: int | None) -> None:
    assert message_class(data_coding) == expected


@pytest.mark.parametrize(
    ("received", "in_ucs2", "in_gsm"),
    [
        (0x00, 0x08, 0x00),
        (0x05, 0x08, 0x00),
        (0x08, 0x08, 0x00),
        (0xF0, 0x18, 0xF0),
        (0xF2, 0x1A, 0xF2),
        (0x18, 0x18, 0xF0),
        (0x11, 0x19, 0xF1),
        (0xC8, 0xE8, 0xC8),
        (0xDA, 0xEA, 0xDA),
        (0xE1, 0xE1, 0xD1),
    ],
)
def test_class_and_indication_go_along(received: int, in_ucs2: int, in_gsm: int) -> None:
    assert outgoing_coding(received, gsm=False) == in_ucs2
    assert outgoing_coding(received, gsm=True) == in_gsm


def test_what_goes_out_keeps_its_class_and_alphabet() -> None:
    for received in range(256):
        if is_binary(received):
            continue
        ucs2, gsm = outgoing_coding(received, gsm=False), outgoing_coding(received, gsm=True)
        assert is_ucs2(ucs2)
        assert is_gsm(gsm)
        assert message_class(ucs2) == message_class(gsm) == message_class(received)

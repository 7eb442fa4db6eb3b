"""What a phone shows: parts joined whatever their order, and a character cut in two seen as such."""

from itertools import permutations

import pytest
from smpplib import consts, gsm

from simulators.phone import Part, Segment, decode, read, split_header


def segment(
    octets: bytes, *, udhi: bool = False, stat: str = "DELIVRD", destination: str = "8190", coding: int = 8
) -> Segment:
    return Segment("smsc", "", "1", "INSURER", destination, udhi, False, coding, octets, 0, stat)


def wide(number: int, total: int, text: str, reference: int = 0xABCD) -> bytes:
    return b"\x06\x08\x04" + reference.to_bytes(2, "big") + bytes((total, number)) + text.encode("utf_16_be")


def test_a_single_message_is_read() -> None:
    assert read([segment("保険料".encode("utf_16_be"))]) == {"8190": ["保険料"]}


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_parts_are_joined_in_any_order(order: tuple[int, ...]) -> None:
    texts = {1: "保険料の", 2: "お支払い", 3: "について"}
    parts = [segment(wide(number, 3, texts[number]), udhi=True) for number in order]
    assert read(parts) == {"8190": ["保険料のお支払いについて"]}


def test_smpplibs_own_parts_are_read() -> None:
    text = "ご契約の更新について。" * 20
    parts, coding, esm_class = gsm.make_parts(text, consts.SMPP_ENCODING_ISO10646)
    assert esm_class == 0x40
    assert read(segment(part, udhi=True, coding=coding) for part in parts) == {"8190": [text]}


def test_a_message_that_misses_a_part_is_not_read() -> None:
    assert read([segment(wide(1, 2, "保"), udhi=True)]) == {"8190": []}
    assert read([segment(wide(1, 2, "保"), udhi=True), segment(wide(2, 2, "険"), udhi=True, stat="UNDELIV")]) == {
        "8190": []
    }


def test_references_and_phones_are_kept_apart() -> None:
    parts = [
        segment(wide(1, 2, "保", 1), udhi=True),
        segment(wide(2, 2, "料", 2), udhi=True),
        segment(wide(2, 2, "険", 1), udhi=True),
        segment(wide(2, 2, "海", 1), udhi=True, destination="8191"),
    ]
    assert read(parts) == {"8190": ["保険"], "8191": []}


def test_a_part_that_comes_twice_is_shown_once_and_a_reference_may_come_again() -> None:
    parts = [segment(wide(number, 2, text), udhi=True) for number, text in ((1, "保"), (1, "保"), (2, "険"))]
    assert read(parts + parts) == {"8190": ["保険", "保険"]}


def test_a_character_cut_in_two_is_seen() -> None:
    emoji = "😀".encode("utf_16_be")
    first, second = wide(1, 2, "") + emoji[:2], wide(2, 2, "") + emoji[2:]
    assert read([segment(first, udhi=True), segment(second, udhi=True)]) == {"8190": ["\ufffd\ufffd"]}


def test_a_header_without_concatenation_is_not_shown() -> None:
    assert read([segment(b"\x03\x24\x01\x0d" + "保".encode("utf_16_be"), udhi=True)]) == {"8190": ["保"]}


def test_headers_are_read() -> None:
    assert split_header(b"\x05\x00\x03\x07\x02\x01ab") == Part(8, 7, 2, 1, b"ab")
    assert split_header(b"\x06\x08\x04\x01\x02\x03\x03ab") == Part(16, 0x0102, 3, 3, b"ab")
    assert split_header(b"\x08\x24\x01\x0d\x00\x03\x07\x02\x01ab") == Part(8, 7, 2, 1, b"ab")


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x05\x00\x03", b"\x01\x00", b"\x03\x00\x03\x01", b"\x05\x00\x03\x07\x02\x00", b"\x05\x00\x03\x07\x02\x03"],
)
def test_broken_headers_are_a_value_error(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"header|part"):
        split_header(octets)


@pytest.mark.parametrize(
    ("octets", "text"),
    [(b"Hello", "Hello"), (b"\x00\x1b\x65", "@€"), (b"\x1b\x28x", "{x"), (b"\xff", "\ufffd"), (b"a\x1b", "a")],
)
def test_gsm_text_is_read(octets: bytes, text: str) -> None:
    assert decode(octets, 0) == text


def test_text_of_an_odd_length_shows_its_break() -> None:
    assert decode(b"\x4f\x01\x4f", 8) == "\u4f01\ufffd"

"""User data headers: read whole or refused, written so that an independent reader agrees."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.udh import (
    MAX_HEADER_OCTETS,
    Element,
    PartOf,
    concatenation,
    concatenation_octets,
    part_element,
    read_udh,
    write_udh,
)

ELEMENTS = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=12)), max_size=9)


@pytest.mark.parametrize(
    ("header", "elements", "part"),
    [
        ("050003a70201", ((0x00, b"\xa7\x02\x01"),), PartOf(0xA7, 2, 1, False)),
        ("0608041234ff0a", ((0x08, b"\x12\x34\xff\x0a"),), PartOf(0x1234, 255, 10, True)),
        ("06050415811581", ((0x05, b"\x15\x81\x15\x81"),), None),
        ("0b0504158115810003a70202", ((0x05, b"\x15\x81\x15\x81"), (0x00, b"\xa7\x02\x02")), PartOf(0xA7, 2, 2, False)),
        ("0b0003a7020205041581158a", ((0x00, b"\xa7\x02\x02"), (0x05, b"\x15\x81\x15\x8a")), PartOf(0xA7, 2, 2, False)),
        ("00", (), None),
        ("027000", ((0x70, b""),), None),
    ],
)
def test_vectors(header: str, elements: tuple[Element, ...], part: PartOf | None) -> None:
    assert read_udh(bytes.fromhex(header) + b"text") == (elements, b"text")
    assert concatenation(elements) == part
    assert write_udh(elements) == bytes.fromhex(header)


@pytest.mark.parametrize(
    "octets", ["", "01", "0500", "050003a702", "0100", "020003", "03000301", "0400030102", "ff0003"]
)
def test_a_header_that_is_cut_off_or_overruns_is_refused(octets: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_udh(bytes.fromhex(octets))
    assert caught.value.reason is Reason.MALFORMED_UDH


def test_every_cut_of_a_header_is_refused() -> None:
    header = bytes.fromhex("0b0504158115810003a70202")
    for cut in range(len(header)):
        with pytest.raises(Refusal):
            read_udh(header[:cut])


@pytest.mark.parametrize(
    "element",
    [
        (0x00, b"\x01\x00\x00"),
        (0x00, b"\x01\x02\x00"),
        (0x00, b"\x01\x02\x03"),
        (0x00, b"\x01\x00\x01"),
        (0x08, b"\x01\x01\x02\x03"),
        (0x00, b"\x01\x02"),
        (0x00, b"\x01\x02\x01\x01"),
        (0x08, b"\x01\x02\x01"),
        (0x08, b""),
    ],
)
def test_an_impossible_part_is_refused(element: Element) -> None:
    with pytest.raises(Refusal) as caught:
        concatenation((element,))
    assert caught.value.reason is Reason.MALFORMED_UDH


def test_the_last_of_two_concatenations_counts() -> None:
    narrow, wide = (0x00, b"\x01\x02\x01"), (0x08, b"\x00\x05\x03\x02")
    assert concatenation((narrow, wide)) == PartOf(5, 3, 2, True)
    assert concatenation((wide, narrow)) == PartOf(1, 2, 1, False)


def test_a_part_of_one_is_a_part() -> None:
    assert concatenation(((0x00, b"\x09\x01\x01"),)) == PartOf(9, 1, 1, False)


def test_a_reference_loses_bits_that_its_element_lacks() -> None:
    assert part_element(PartOf(0x12345, 2, 1, True)) == (0x08, b"\x23\x45\x02\x01")
    assert part_element(PartOf(0x12345, 2, 1, False)) == (0x00, b"\x45\x02\x01")


@pytest.mark.parametrize("wide", [False, True])
def test_octets_of_a_concatenation(wide: bool) -> None:
    alone = len(write_udh((part_element(PartOf(1, 2, 1, wide)),)))
    assert alone == 1 + concatenation_octets(wide=wide) == (7 if wide else 6)


def test_a_header_fills_a_segment_and_no_more() -> None:
    longest = ((0x70, bytes(MAX_HEADER_OCTETS - 3)),)
    header = write_udh(longest)
    assert len(header) == 140
    assert read_udh(header) == (longest, b"")
    with pytest.raises(Refusal) as caught:
        write_udh(((0x70, bytes(MAX_HEADER_OCTETS - 2)),))
    assert caught.value.reason is Reason.MALFORMED_UDH
    with pytest.raises(Refusal):
        read_udh(bytes((140, 0x70, 138)) + bytes(138))


@given(ELEMENTS, st.binary(max_size=140))
def test_reading_is_the_reverse_of_writing(elements: list[tuple[int, bytes]], text: bytes) -> None:
    assert read_udh(write_udh(elements) + text) == (tuple(elements), text)


@given(st.integers(0, 0xFFFF), st.integers(1, 255), st.data(), ELEMENTS, ELEMENTS)
def test_a_part_is_found_among_other_elements(
    reference: int, total: int, data: st.DataObject, before: list[Element], behind: list[Element]
) -> None:
    wide = reference > 0xFF
    part = PartOf(reference, total, data.draw(st.integers(1, total)), wide)
    others = [element for element in before if element[0] not in (0x00, 0x08)]
    more = [element for element in behind if element[0] not in (0x00, 0x08)]
    assert concatenation((*others, part_element(part), *more)) == part


@given(st.binary(max_size=160))
def test_garbage_is_a_header_or_a_refusal(octets: bytes) -> None:
    try:
        elements, rest = read_udh(octets)
    except Refusal:
        return
    assert sum(2 + len(data) for _, data in elements) + 1 + len(rest) == len(octets)
    assert write_udh(elements) + rest == octets
    with suppress(Refusal):
        part = concatenation(elements)
        assert part is None or 1 <= part.number <= part.total <= 255

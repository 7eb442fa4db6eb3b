"""Templates say what the plain pen says; texts and parts are whole."""

import pytest

from bench.messages import (
    FIRST_NUMBER,
    MOST_MESSAGES,
    NUMBER_CHARACTERS,
    SOURCE,
    SubmitTemplate,
    pieces,
    text,
)
from simulators import wire

LENGTHS = [1, 11, 12, 13, 70, 127, 128, 660]
TONS = (2, 1)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("receipts", [True, False])
def test_a_template_writes_what_the_plain_pen_writes(length: int, receipts: bool) -> None:
    template = SubmitTemplate(length, 1, receipts)
    for item in (0, 1, 255, 256, MOST_MESSAGES - 1):
        number = b"%d" % (FIRST_NUMBER + item)
        octets = text(item, length).encode("utf_16_be")
        plain = wire.submit_sm(7, SOURCE, number, octets, registered_delivery=int(receipts), tons=TONS)
        assert template.submit_sm(item, 0, 7) == plain


@pytest.mark.parametrize(("length", "parts"), [(200, 3), (201, 3), (24, 2), (660, 10), (134, 2)])
def test_parts_make_the_whole(length: int, parts: int) -> None:
    template = SubmitTemplate(length, parts, True)
    for item in (0, 255, 256, 70_000):
        joined = b""
        for part in range(parts):
            sm = wire.parse_sm(template.submit_sm(item, part, 1))
            assert sm.esm_class == wire.ESM_UDHI
            assert sm.short_message[:6] == bytes((5, 0, 3, item & 0xFF, parts, part + 1))
            assert len(sm.short_message) <= 140
            joined += sm.short_message[6:]
        assert joined.decode("utf_16_be") == text(item, length)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_text_has_its_length_and_its_number(length: int) -> None:
    for item in (0, 12_345):
        written = text(item, length)
        assert len(written) == length == len(written.encode("utf_16_be")) // 2
        assert written.startswith(str(FIRST_NUMBER + item)) == (length >= NUMBER_CHARACTERS)


def test_all_numbers_have_the_same_length() -> None:
    assert len(str(FIRST_NUMBER)) == len(str(FIRST_NUMBER + MOST_MESSAGES - 1)) == NUMBER_CHARACTERS


@pytest.mark.parametrize(("length", "parts"), [(30, 3), (4, 3)])
def test_too_short_for_its_parts(length: int, parts: int) -> None:
    with pytest.raises(ValueError, match="part"):
        pieces(length, parts)

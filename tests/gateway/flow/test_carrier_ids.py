"""What a profile that reads ids wrongly would have to say; and ids that are no plain numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.carrier_ids import IdForm, canonical, would_match

UUID = b"5C2F7A4E-1B2C-4D3E-8F90-0123456789AB"


def anyone(_: bytes) -> bool:
    return True


@pytest.mark.parametrize(
    ("known", "raw", "otherwise"),
    [
        (b"1f", b"1F", "hex"),  # the profile says decimal, and this is none
        (b"1f", b"31", "decimal"),
        (b"1F", b"31", "decimal"),  # both are text by the profile
        (b"31", b"1f", "hex"),
        (b"AbC-9", b"AbC-9", "text"),
        (b"msg_a", b"MSG_A", "other_case"),
        (b"MSG_A", b"msg_a", "other_case"),
        (b"x-17", b"000x-17", "zeros"),
        (b"000x-17", b"x-17", "zeros"),
        (b"5c2f7a4e1b2c4d3e8f900123456789ab", UUID, "dashes"),
        (b"ffffffffffffffffffff", b"1208925819614629174706175", "decimal"),
    ],
)
def test_the_other_way_to_read_it(known: bytes, raw: bytes, otherwise: str) -> None:
    assert would_match(raw, {known: 1}.keys(), anyone) == otherwise


def test_only_what_fits_counts() -> None:
    assert would_match(b"31", {b"1f": 1}, lambda _: False) == ""
    assert would_match(b"31", {b"20": 1}, anyone) == ""
    assert would_match(b"31", {}, anyone) == ""


@given(st.binary(max_size=70), st.sets(st.binary(max_size=8), max_size=3))
def test_no_octets_are_too_strange(raw: bytes, known: set[bytes]) -> None:
    assert isinstance(would_match(raw, known, anyone), str)


def test_an_uuid_is_a_number_with_dashes() -> None:
    write = canonical(IdForm.HEX)
    assert write(UUID) == write(UUID.lower()) == write(UUID.replace(b"-", b"")) == b"5c2f7a4e1b2c4d3e8f900123456789ab"
    assert canonical(IdForm.DECIMAL)(UUID) == UUID
    assert write(b"1-2") == b"1-2"


def test_text_of_any_case() -> None:
    assert canonical(IdForm.TEXT_ANY_CASE)(b"Msg-0A") == b"msg-0a"


@given(st.integers(0, 2**128), st.integers(0, 40))
def test_leading_zeros_case_and_size_do_not_matter(number: int, zeros: int) -> None:
    lower, upper = b"0" * zeros + b"%x" % number, b"0" * zeros + b"%X" % number
    assert canonical(IdForm.HEX)(lower) == canonical(IdForm.HEX)(upper)
    assert canonical(IdForm.DECIMAL)(b"0" * zeros + b"%d" % number) == canonical(IdForm.HEX)(lower) == b"%x" % number

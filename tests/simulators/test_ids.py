"""Ids in every writing: the same number each time, no longer than SMPP allows, and different for different numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.ids import MOST_ID, IdLook


@pytest.mark.parametrize(
    ("look", "id_"),
    [
        (IdLook(), b"3054"),
        (IdLook(radix="hex", upper=True, width=8), b"00000BEE"),
        (IdLook(radix="base36"), b"2cu"),
        (IdLook(radix="base36", upper=True, width=5), b"002CU"),
        (IdLook(radix="none"), b""),
        (IdLook(radix="none", width=3), b"000"),
    ],
)
def test_ids_look_as_they_should(look: IdLook, id_: bytes) -> None:
    assert look.write(0xBEE) == id_


@given(st.integers(0, 1 << 100), st.integers(0, 1 << 100), st.sampled_from(["hex", "decimal", "base36", "uuid"]))
def test_different_numbers_have_different_ids(one: int, other: int, radix: str) -> None:
    look = IdLook.model_validate({"radix": radix})
    assert (look.write(one) == look.write(other)) == (one == other)
    assert len(look.write(one)) <= MOST_ID


def test_numbers_read_back() -> None:
    number = 0x812F_C747_0000_001B
    assert int(IdLook().write(number)) == int(IdLook(radix="hex").write(number), 16) == number
    assert int(IdLook(radix="base36").write(number), 36) == number


def test_a_uuid_has_its_form() -> None:
    found = IdLook(radix="uuid").write(7).decode()
    assert [len(part) for part in found.split("-")] == [8, 4, 4, 4, 12]

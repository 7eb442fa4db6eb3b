"""Whatever somebody types at night is all that it may be, and nothing that it cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.archive import Mentions
from gateway.trace_asked import KINDS, understood


def test_an_id_of_ours() -> None:
    found = understood("01be21b2f3e00000", "81", "id")
    assert found == Mentions(told_ids=(0x01BE21B2F3E00000,))
    assert understood(" 0000ABCD ", "81", "id").told_ids == (0xABCD,)  # a short one


@pytest.mark.parametrize("written", ["09030000001", "090-3000-0001", "+81 90 3000 0001", "819030000001"])
def test_a_number_as_people_write_it(written: str) -> None:
    assert understood(written, "81", "number") == Mentions(numbers=("819030000001",))
    assert "819030000001" in understood(written, "81").numbers


@pytest.mark.parametrize("wrong", ["12345", "1234567890123456", "0" * 20, "09o", "-", ""])
def test_no_number(wrong: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        understood(wrong, "81", "number")


def test_a_carrier_s_id_in_each_form() -> None:
    assert set(understood("00ff", "81", "carrier-id").carrier_ids) == {b"00ff", b"ff"}
    assert set(understood("255", "81", "carrier-id").carrier_ids) == {b"255", b"ff"}
    assert b"X-9" in understood("X-9", "81", "carrier-id").carrier_ids


def test_a_reference_as_number_octets_or_text() -> None:
    assert set(understood("1234", "81", "reference").references) == {b"1234", b"\x12\x34", b"\x04\xd2"}
    assert set(understood("65536", "81", "reference").references) == {b"65536"}


def test_without_a_kind_it_is_all_of_them() -> None:
    found = understood("12345678", "81")
    assert all(found)


@given(st.text(max_size=40), st.sampled_from([None, *KINDS]))
def test_nothing_breaks_it(what: str, kind: str | None) -> None:
    try:
        found = understood(what, "81", kind)
    except ValueError:
        return
    assert any(found)
    assert all(0 <= one < 1 << 63 for one in found.told_ids)

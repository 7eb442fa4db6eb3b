"""Plain values: compared by what they hold, never changed, written as SMPP and the records write them."""

import pytest

from gateway.model.values import Address, Ported, Serving


def test_an_address_is_its_three_fields_in_smpps_order() -> None:
    assert Address(1, 1, b"819012345678") == (1, 1, b"819012345678")
    assert Address._fields == ("ton", "npi", "addr")


def test_values_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Address(1, 1, b"819012345678").addr = b"110"  # type: ignore[misc]


def test_ported_reads_back_from_its_word_in_a_record() -> None:
    assert [Ported(one.value) for one in Ported] == list(Ported)
    assert {one.value for one in Ported} == {"ported", "not ported", "unknown"}


def test_serving_says_whose_number_and_how_we_know() -> None:
    serving = Serving("au", Ported.YES, "ported numbers")
    assert (serving.carrier, serving.ported, serving.source) == ("au", Ported.YES, "ported numbers")

"""Dates of receipts in the shapes they come in."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.receipt_dates import read_date


@pytest.mark.parametrize(
    ("octets", "moment"),
    [
        (b"2611241530", "2026-11-24T15:30:00"),
        (b"261124153059", "2026-11-24T15:30:59"),
        (b"202611241530", "2026-11-24T15:30:00"),
        (b"20261124153059", "2026-11-24T15:30:59"),
        (b"261124153059036+", "2026-11-24T15:30:59+09:00"),
        (b"261124153059520-", "2026-11-24T15:30:59.500000-05:00"),
        (b"2802291530", "2028-02-29T15:30:00"),
    ],
)
def test_a_date(octets: bytes, moment: str) -> None:
    found = read_date(octets)
    expected = datetime.fromisoformat(moment)
    assert found == expected
    assert found is not None
    assert found.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"0000000000",
        b"00000000000000",
        b"2613241530",
        b"2602301530",
        b"2611242530",
        b"261124",
        b"26-11-24 15:30",
        b"yesterday!",
        b"261124153059049+",
        b"261124153059036R",
        b"2611241530\0",
        b"\xb2\xb9" * 5,
        b"1" * 400,
    ],
)
def test_no_date(octets: bytes) -> None:
    assert read_date(octets) is None


@given(st.binary(max_size=20) | st.from_regex(rb"[0-9]{9,16}[-+]?", fullmatch=True))
def test_any_octets_are_a_date_or_none(octets: bytes) -> None:
    found = read_date(octets)
    assert found is None or found.tzinfo is None or abs(found.utcoffset() or timedelta(0)) <= timedelta(hours=12)

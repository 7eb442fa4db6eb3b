"""The request and the answers of CAMARA Number Recycling, and customers' dates."""

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.recycling import Check, Checked, Outcome, body, read, read_date

TODAY = date(2026, 11, 25)


def test_the_request() -> None:
    octets = body(Check(b"819012345678", date(2024, 4, 1)))
    assert orjson.loads(octets) == {"phoneNumber": "+819012345678", "specifiedDate": "2024-04-01"}


@pytest.mark.parametrize(
    ("status", "octets", "checked"),
    [
        (200, b'{"phoneNumberRecycled": true}', Checked(Outcome.CHANGED, answered=True)),
        (200, b'{"phoneNumberRecycled": false, "more": 1}', Checked(Outcome.SAME, answered=True)),
        (404, b'{"code": "IDENTIFIER_NOT_FOUND"}', Checked(Outcome.CANNOT_TELL, answered=True, elsewhere=True)),
        (422, b'{"code": "SERVICE_NOT_APPLICABLE"}', Checked(Outcome.CANNOT_TELL, answered=True)),
        (200, b"{}", None),
        (200, b'{"phoneNumberRecycled": null}', None),
        (200, b'{"phoneNumberRecycled": 1}', None),
        (200, b'{"phoneNumberRecycled": "true"}', None),
        (200, b"[true]", None),
        (200, b"", None),
        (404, b"<html>", None),
        (404, b'{"code": "NOT_FOUND"}', None),
        (400, b'{"code": "OUT_OF_RANGE"}', None),
        (401, b'{"code": "UNAUTHENTICATED"}', None),
        (403, b'{"code": "PERMISSION_DENIED"}', None),
        (500, b'{"phoneNumberRecycled": true}', None),
    ],
)
def test_answers(status: int, octets: bytes, checked: Checked | None) -> None:
    assert read(status, octets) == checked


@given(st.integers(100, 599), st.binary(max_size=40))
def test_no_octets_make_it_raise_or_say_that_the_owner_changed(status: int, octets: bytes) -> None:
    checked = read(status, octets)
    assert checked is None or checked.outcome is Outcome.CANNOT_TELL


@pytest.mark.parametrize("octets", [b"20240401", b"2024-04-01", b"20240401\0"])
def test_dates_of_customers(octets: bytes) -> None:
    assert read_date(octets, TODAY) == date(2024, 4, 1)


@pytest.mark.parametrize("octets", [b"20261125"])
def test_today_is_no_day_ahead(octets: bytes) -> None:
    assert read_date(octets, TODAY) == TODAY


@pytest.mark.parametrize(
    "octets", [b"", b"20261126", b"20240230", b"2024/04/01", b"240401", b"20240401 ", b"\xff" * 8, b"00000000"]
)
def test_what_is_no_date(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_date(octets, TODAY)

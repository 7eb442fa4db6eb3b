"""Billing months are Japan's."""

from datetime import date

import pytest

from gateway.finance.months import (
    FinanceError,
    after,
    day_of,
    ends_ms,
    first_day,
    judged,
    last_day,
    month_of,
    starts_ms,
)


def test_months_follow_each_other_over_the_year() -> None:
    assert [after("2026-11"), after("2026-12"), after("2027-01")] == ["2026-12", "2027-01", "2027-02"]


def test_their_days() -> None:
    assert (first_day("2028-02"), last_day("2028-02")) == (date(2028, 2, 1), date(2028, 2, 29))
    assert last_day("2026-12") == date(2026, 12, 31)


def test_they_begin_and_end_at_midnight_in_japan() -> None:
    assert starts_ms("2026-12") == ends_ms("2026-11") == 1_796_050_800_000  # 2026-11-30T15:00Z
    assert (month_of(starts_ms("2026-12")), month_of(starts_ms("2026-12") - 1)) == ("2026-12", "2026-11")
    assert (day_of(starts_ms("2026-12")), day_of(starts_ms("2026-12") - 1)) == (date(2026, 12, 1), date(2026, 11, 30))


@pytest.mark.parametrize("written", ["2026-00", "2026-13", "1999-01", "2026-1", "２０２６-11", "2026-11\n", " 2026-11"])
def test_what_is_none(written: str) -> None:
    with pytest.raises(FinanceError):
        judged(written)
    assert judged("2026-11") == "2026-11"

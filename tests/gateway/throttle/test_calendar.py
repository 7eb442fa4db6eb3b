"""Sending hours in Japan."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttle.calendar import ALWAYS, COLLECTION, DAY_MINUTES, DAY_MS, MINUTE_MS, Calendar, Hours


def jst(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+09:00").timestamp() * 1000)


CALENDAR = Calendar({"collection": COLLECTION, "night": Hours(22 * 60, 6 * 60)})


@pytest.mark.parametrize(
    ("kind", "now", "opens"),
    [
        ("collection", "2026-06-30T08:00:00", "2026-06-30T08:00:00"),
        ("collection", "2026-06-30T20:59:59.999", "2026-06-30T20:59:59.999"),
        ("collection", "2026-06-30T21:00:00", "2026-07-01T08:00:00"),
        ("collection", "2026-06-30T07:59:59.999", "2026-06-30T08:00:00"),
        ("collection", "2026-12-31T23:59:59", "2027-01-01T08:00:00"),
        ("collection", "2026-07-01T00:00:00", "2026-07-01T08:00:00"),
        ("night", "2026-06-30T23:30:00", "2026-06-30T23:30:00"),
        ("night", "2026-06-30T05:59:00", "2026-06-30T05:59:00"),
        ("night", "2026-06-30T06:00:00", "2026-06-30T22:00:00"),
        ("password", "2026-06-30T03:00:00", "2026-06-30T03:00:00"),
    ],
)
def test_it_tells_when_it_opens(kind: str, now: str, opens: str) -> None:
    assert CALENDAR.opens_at(kind, jst(now)) == jst(opens)


def test_too_late_is_too_late() -> None:
    night = jst("2026-06-30T21:00:00")
    morning = jst("2026-07-01T08:00:00")
    assert CALENDAR.due("collection", night, morning + 1) == morning
    assert CALENDAR.due("collection", night, morning) is None
    assert CALENDAR.due("password", night, morning) == night


@given(st.integers(0, DAY_MINUTES - 1), st.integers(1, DAY_MINUTES), st.integers(0, 4 * 10**12))
def test_the_first_open_moment_is_found(opens: int, closes: int, now: int) -> None:
    if opens == closes:
        return
    calendar = Calendar({"kind": Hours(opens, closes)})
    at = calendar.opens_at("kind", now)
    assert now <= at < now + DAY_MS
    assert calendar.opens_at("kind", at) == at
    if at > now:
        assert calendar.opens_at("kind", at - 1) == at
        for moment in range(now, at, 97 * MINUTE_MS):
            assert calendar.opens_at("kind", moment) == at


@pytest.mark.parametrize("hours", [Hours(60, 60), Hours(-1, 60), Hours(0, 1_441), Hours(1_440, 60), Hours(5, 0)])
def test_hours_that_never_open_are_refused(hours: Hours) -> None:
    with pytest.raises(ValueError, match="hours"):
        Calendar({}, hours)
    assert Calendar({}, ALWAYS).opens_at("any", 1) == 1

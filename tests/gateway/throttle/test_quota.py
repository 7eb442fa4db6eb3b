"""Quotas: never exceeded, by days and months of Japan."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Bug
from gateway.throttle.quota import Limits, Quota, Snapshot, Use, Verdict, day_of, start_of_next_day

WITHOUT = Limits()


def list_or_text(value: str | Use) -> str | list[int]:
    return value if isinstance(value, str) else list(value)


def jst(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+09:00").timestamp() * 1000)


NOON = jst("2026-06-30T12:00:00")


def test_days_begin_at_midnight_in_japan() -> None:
    quota = Quota(Limits(messages=1), WITHOUT, 80, NOON)
    assert quota.take(Use(1, 1, 1000), NOON) is Verdict.WARN
    last = jst("2026-06-30T23:59:59") + 999
    assert quota.take(Use(1, 1, 1000), last) is Verdict.DAY
    assert start_of_next_day(last) == last + 1
    assert quota.take(Use(1, 1, 1000), last + 1) is Verdict.WARN


def test_the_month_holds_over_days_and_ends_in_japan() -> None:
    quota = Quota(WITHOUT, Limits(sen=5000), 80, NOON)
    assert quota.take(Use(1, 5, 5000), NOON) is Verdict.WARN
    assert quota.take(Use(1, 1, 1), NOON + 3_600_000) is Verdict.MONTH
    assert quota.take(Use(1, 5, 5000), jst("2026-07-01T00:00:00")) is Verdict.WARN


def test_the_warning_is_told_once() -> None:
    quota = Quota(Limits(units=10), WITHOUT, 80, NOON)
    said = [quota.take(Use(1, 1, 0), NOON) for _ in range(11)]
    assert said == [Verdict.WITHIN] * 7 + [Verdict.WARN] + [Verdict.WITHIN] * 2 + [Verdict.DAY]


USES = st.builds(Use, st.integers(0, 3), st.integers(0, 12), st.integers(0, 20_000))
LIMITS = st.builds(Limits, *[st.none() | st.integers(0, size) for size in (40, 100, 200_000)])


@given(LIMITS, LIMITS, st.lists(st.tuples(st.integers(-3_600_000, 40_000_000), USES, st.booleans()), max_size=60))
def test_no_day_and_no_month_sees_more(day: Limits, month: Limits, steps: list[tuple[int, Use, bool]]) -> None:
    """Whatever comes, the clock stepping back and restarts among it."""
    now = NOON
    quota = Quota(day, month, 80, now)
    by_day: dict[str, list[Use]] = {}
    latest = day_of(now)
    for pause, use, restart in steps:
        now += pause
        if restart:
            kept = quota.snapshot()
            quota = Quota(day, month, 80, now)
            quota.restore(Snapshot(kept.day, kept.used_in_day, kept.month, kept.used_in_month), now)
        latest = day_of(now) if restart else max(latest, day_of(now))
        if quota.take(use, now) in {Verdict.WITHIN, Verdict.WARN}:
            by_day.setdefault(quota.snapshot().day, []).append(use)
        used_in_day, used_in_month = quota.used(now)
        for used, limits in ((used_in_day, day), (used_in_month, month)):
            assert all(limit is None or count <= limit for count, limit in zip(used, limits, strict=True))
    if not any(restart for _, _, restart in steps) and all(pause >= 0 for pause, _, _ in steps):
        for uses in by_day.values():
            total = [sum(column) for column in zip(*uses, strict=True)]
            assert all(limit is None or count <= limit for count, limit in zip(total, day, strict=True))


def test_what_was_refused_was_not_counted() -> None:
    quota = Quota(Limits(messages=2, units=5), WITHOUT, 100, NOON)
    assert quota.take(Use(1, 6, 0), NOON) is Verdict.DAY
    assert quota.used(NOON)[0] == Use(0, 0, 0)
    assert quota.take(Use(1, 5, 0), NOON) is Verdict.WARN


def test_a_clock_that_steps_back_over_midnight_gives_no_second_day() -> None:
    quota = Quota(Limits(messages=1), WITHOUT, 100, NOON)
    tomorrow = jst("2026-07-01T00:00:00")
    quota.take(Use(1, 0, 0), tomorrow)
    assert quota.take(Use(1, 0, 0), tomorrow - 1) is Verdict.DAY
    assert quota.take(Use(1, 0, 0), tomorrow) is Verdict.DAY


def test_what_was_not_used_returns_to_its_own_day() -> None:
    quota = Quota(Limits(messages=1), Limits(messages=2), 100, NOON)
    quota.take(Use(1, 1, 1), NOON)
    quota.give_back(Use(1, 1, 1), NOON)
    assert quota.take(Use(1, 1, 1), NOON) is Verdict.WARN
    july = jst("2026-07-01T09:00:00")
    assert quota.used(july) == (Use(0, 0, 0), Use(0, 0, 0))
    quota.take(Use(1, 1, 1), july)
    quota.give_back(Use(1, 1, 1), NOON)  # of a month that is over
    assert quota.used(july) == (Use(1, 1, 1), Use(1, 1, 1))


def test_a_snapshot_survives_as_json_and_only_as_long_as_it_holds() -> None:
    quota = Quota(WITHOUT, WITHOUT, 80, NOON)
    quota.take(Use(2, 3, 3000), NOON)
    written = orjson.dumps([list_or_text(value) for value in quota.snapshot()])
    day, used_in_day, month, used_in_month = orjson.loads(written)
    kept = Snapshot(day, Use(*used_in_day), month, Use(*used_in_month))
    again = Quota(WITHOUT, WITHOUT, 80, NOON)
    again.restore(kept, NOON)
    assert again.snapshot() == quota.snapshot()
    again.restore(kept, jst("2026-07-01T00:00:00"))
    assert again.snapshot().day == "2026-07-01"
    fresh = Quota(WITHOUT, WITHOUT, 80, jst("2026-07-01T00:00:00"))
    fresh.restore(kept, jst("2026-07-01T00:00:00"))
    assert fresh.used(jst("2026-07-01T00:00:00")) == (Use(0, 0, 0), Use(0, 0, 0))


def test_a_negative_use_is_a_bug() -> None:
    with pytest.raises(Bug):
        Quota(WITHOUT, WITHOUT, 80, NOON).take(Use(1, -1, 0), NOON)


def test_a_warning_mark_is_a_percentage() -> None:
    with pytest.raises(ValueError, match="percent"):
        Quota(WITHOUT, WITHOUT, 0, NOON)


def test_utc_evening_is_the_next_day_in_japan() -> None:
    evening = int(datetime(2026, 12, 31, 15, tzinfo=UTC).timestamp() * 1000)
    assert day_of(evening).isoformat() == "2027-01-01"

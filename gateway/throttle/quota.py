"""What a customer may use up in a day and in a month of Japan: messages, units, sen. Money is whole sen."""

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import NamedTuple

from gateway.model.errors import Bug

JST = timezone(timedelta(hours=9))


class Use(NamedTuple):
    """What one message uses, or several together."""

    messages: int
    units: int
    sen: int


NOTHING = Use(0, 0, 0)


class Limits(NamedTuple):
    """The most of each; None: without limit."""

    messages: int | None = None
    units: int | None = None
    sen: int | None = None


class Verdict(Enum):
    """What came of it."""

    WITHIN = "within the quota"
    WARN = "within, and the warning mark was passed by this"
    DAY = "the day's quota would be exceeded"
    MONTH = "the month's quota would be exceeded"


class Snapshot(NamedTuple):
    """Plain values, to be kept and restored: what was used in a day and in its month."""

    day: str  # 2026-07-01, JST
    used_in_day: Use
    month: str  # 2026-07
    used_in_month: Use


def day_of(now_ms: int) -> date:
    """The day in Japan of a moment (ms since 1970)."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(JST).date()


def start_of_next_day(now_ms: int) -> int:
    """When the next day in Japan begins, ms since 1970: no day there has another length than 24 hours."""
    day = 86_400_000
    shift = 9 * 3_600_000
    return ((now_ms + shift) // day + 1) * day - shift


def _add(one: Use, two: Use) -> Use:
    return Use(*(a + b for a, b in zip(one, two, strict=True)))


def _above(used: Use, limits: Limits) -> bool:
    return any(limit is not None and count > limit for count, limit in zip(used, limits, strict=True))


class Quota:
    """Counts the use of one account. `warn_percent` of any limit is the warning mark, told once a day or month."""

    __slots__ = ("_day", "_ends", "_in_day", "_in_month", "_limits_day", "_limits_month", "_month", "_warn")

    def __init__(self, day: Limits, month: Limits, warn_percent: int, now_ms: int) -> None:
        if not 0 < warn_percent <= 100:
            raise ValueError("the warning mark is 1 to 100 percent")
        self._limits_day = day
        self._limits_month = month
        self._warn = warn_percent
        self._in_day = self._in_month = NOTHING
        self._day = day_of(now_ms)
        self._month = self._day.replace(day=1)
        self._ends = start_of_next_day(now_ms)

    def _turn(self, now_ms: int) -> None:
        """A new day; a clock that steps back stays in the later one."""
        today = day_of(now_ms)
        self._ends = start_of_next_day(now_ms)
        if today > self._day:
            self._day, self._in_day = today, NOTHING
            if (month := today.replace(day=1)) > self._month:
                self._month, self._in_month = month, NOTHING

    def take(self, use: Use, now_ms: int) -> Verdict:
        """Count `use`, all or nothing: after DAY and MONTH nothing was counted."""
        if min(use) < 0:
            raise Bug("a use is never negative; give_back returns one")
        if now_ms >= self._ends:
            self._turn(now_ms)
        in_day, in_month = _add(self._in_day, use), _add(self._in_month, use)
        if _above(in_month, self._limits_month):
            return Verdict.MONTH
        if _above(in_day, self._limits_day):
            return Verdict.DAY
        passed = self._passes(self._in_day, in_day, self._limits_day) or self._passes(
            self._in_month, in_month, self._limits_month
        )
        self._in_day, self._in_month = in_day, in_month
        return Verdict.WARN if passed else Verdict.WITHIN

    def _passes(self, before: Use, after: Use, limits: Limits) -> bool:
        return any(
            limit is not None and 100 * old < self._warn * limit <= 100 * new
            for old, new, limit in zip(before, after, limits, strict=True)
        )

    def give_back(self, use: Use, taken_at_ms: int) -> None:
        """What was taken at that moment was not used after all. Of a day or month that is over nothing returns."""
        taken = day_of(taken_at_ms)
        if taken == self._day:
            self._in_day = Use(*(max(0, a - b) for a, b in zip(self._in_day, use, strict=True)))
        if taken.replace(day=1) == self._month:
            self._in_month = Use(*(max(0, a - b) for a, b in zip(self._in_month, use, strict=True)))

    def used(self, now_ms: int) -> tuple[Use, Use]:
        """What was used today, and this month."""
        if now_ms >= self._ends:
            self._turn(now_ms)
        return self._in_day, self._in_month

    def snapshot(self) -> Snapshot:
        """What a restart must know."""
        return Snapshot(self._day.isoformat(), self._in_day, f"{self._month:%Y-%m}", self._in_month)

    def restore(self, kept: Snapshot, now_ms: int) -> None:
        """Go on from what was kept, as far as its day and month are still those of now."""
        self._turn(now_ms)
        if kept.day == self._day.isoformat():
            self._in_day = Use(*kept.used_in_day)
        if kept.month == f"{self._month:%Y-%m}":
            self._in_month = Use(*kept.used_in_month)

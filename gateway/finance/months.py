"""Billing months, e.g. 2026-11: calendar months of Japan."""

import re
from datetime import date, timedelta

from gateway.model.errors import GatewayError
from gateway.store import months

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)


class FinanceError(GatewayError):
    """What finance asked for cannot be done; the sentence says why."""


def judged(month: str) -> str:
    """The month as it is written. FinanceError if it is none."""
    if not MONTH.fullmatch(month):
        raise FinanceError(f"{month!r} is no month: write it like 2026-11")
    return month


def after(month: str) -> str:
    """The month that follows."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def first_day(month: str) -> date:
    """Its first day."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    """Its last day."""
    return first_day(after(month)) - timedelta(days=1)


def starts_ms(month: str) -> int:
    """When it begins, ms since 1970."""
    return months.bounds(month)[0]


def ends_ms(month: str) -> int:
    """When it is over, ms since 1970."""
    return months.bounds(month)[1]


def month_of(ms: int) -> str:
    """The month of a moment."""
    return months.month_of(ms)


def day_of(ms: int) -> date:
    """The day of a moment, in Japan."""
    return date(1970, 1, 1) + timedelta(days=(ms + 9 * 3_600_000) // 86_400_000)

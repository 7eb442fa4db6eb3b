"""Times as SMPP writes them: absolute `YYMMDDhhmmsstnnp` and relative `YYMMDDhhmmss000R` (SMPP 3.4, section 7.1.1).

t is tenths of a second, nn quarters of an hour between local time and UTC, p says in which direction. Absolute years
are those of the century that began in 2000.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta

MAX_QUARTERS = 48
_TIME = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([-+R])")
_CENTURY = 2000


def parse_time(octets: bytes, now: datetime) -> datetime | None:
    """The moment in UTC that the octets name, counted from `now` (aware) when they are relative; None for b"".

    ValueError when they name none.
    """
    if not octets:
        return None
    found = _TIME.fullmatch(octets)
    if found is None:
        raise ValueError("a time is YYMMDDhhmmsstnnp or YYMMDDhhmmss000R")
    *digits, sign = found.groups()
    year, month, day, hour, minute, second, tenths, quarters = map(int, digits)
    if sign == b"R":
        span = timedelta(days=day, hours=hour, minutes=minute, seconds=second)
        try:
            return _months_later(now.astimezone(UTC), 12 * year + month) + span
        except OverflowError:
            raise ValueError("beyond the last year") from None
    if quarters > MAX_QUARTERS:
        raise ValueError(f"{quarters} quarters of an hour from UTC, at most {MAX_QUARTERS}")
    local = datetime(_CENTURY + year, month, day, hour, minute, second, tenths * 100_000, UTC)
    ahead = timedelta(minutes=15 * quarters)
    return local - ahead if sign == b"+" else local + ahead


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day some months on; the month's last when it has no such day."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    if year > 9999:
        raise ValueError("beyond the last year")
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def write_absolute(moment: datetime) -> bytes:
    """An aware moment in its own offset from UTC, tenths cut off. ValueError when SMPP cannot say it."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a moment without an offset from UTC")
    quarters, rest = divmod(abs(offset), timedelta(minutes=15))
    if rest or quarters > MAX_QUARTERS:
        raise ValueError(f"{offset} is no number of quarters of an hour up to {MAX_QUARTERS}")
    if not _CENTURY <= moment.year < _CENTURY + 100:
        raise ValueError(f"year {moment.year} has no two digits here")
    sign = "-" if offset < timedelta(0) else "+"
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}{quarters:02d}{sign}".encode()


def write_relative(span: timedelta) -> bytes:
    """A span from now, in days and less, whole seconds. ValueError when it is negative or longer than 99 days."""
    seconds = span // timedelta(seconds=1)
    days, rest = divmod(seconds, 86_400)
    if not 0 <= days <= 99:
        raise ValueError(f"{span} is not 0..99 days")
    hours, rest = divmod(rest, 3_600)
    return b"0000%02d%02d%02d%02d000R" % (days, hours, *divmod(rest, 60))

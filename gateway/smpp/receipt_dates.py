"""The dates of receipts, in the five shapes they come in."""

from datetime import datetime, timedelta, timezone

from gateway.smpp.times import MAX_QUARTERS

_SMPP_TIME_OCTETS = 16


def read_date(octets: bytes) -> datetime | None:
    """The date that a receipt gives; None when it gives none, or none that can be.

    `YYMMDDhhmm`, `YYMMDDhhmmss`, `YYYYMMDDhhmm` and `YYYYMMDDhhmmss` are naive: whose time it is, the carrier's profile
    knows. An SMPP absolute time (`YYMMDDhhmmsstnnp`) is aware. Zeros mean: no date.
    """
    if not octets.isascii():
        return None
    digits = octets.decode("ascii")
    try:
        if digits.isdigit():
            return _naive(digits)
        if len(digits) == _SMPP_TIME_OCTETS and digits[:15].isdigit() and digits[15] in "+-":
            return _aware(digits)
    except ValueError:
        pass
    return None


def _naive(digits: str) -> datetime | None:
    if len(digits) == 10:
        return datetime.fromisoformat(f"20{digits[:6]}T{digits[6:]}")
    if len(digits) == 14:
        return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")
    if len(digits) != 12:
        return None
    try:
        return datetime.fromisoformat(f"20{digits[:6]}T{digits[6:]}")
    except ValueError:
        return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")


def _aware(time: str) -> datetime | None:
    quarters = int(time[13:15])
    if quarters > MAX_QUARTERS:
        return None
    offset = timedelta(minutes=15 * quarters)
    zone = timezone(offset if time[15] == "+" else -offset)
    return datetime.fromisoformat(f"20{time[:6]}T{time[6:12]}").replace(
        microsecond=int(time[12]) * 100_000, tzinfo=zone
    )

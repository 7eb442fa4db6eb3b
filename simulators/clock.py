"""The simulators' own clock: the only place here that reads the time. Everything else is handed it."""

import time
from datetime import UTC, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def monotonic() -> float:
    """Seconds that never step back."""
    return time.monotonic()  # noqa: TID251 - the simulators' only clock


def wall() -> datetime:
    """The time of day in Japan, as carriers write it into receipts."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, UTC).astimezone(JST)

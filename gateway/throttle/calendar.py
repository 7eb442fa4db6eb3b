"""When a kind of message may be sent: hours of the day in Japan. What comes outside of them waits until they open."""

from collections.abc import Mapping
from typing import NamedTuple

DAY_MS = 86_400_000
MINUTE_MS = 60_000
JST_MS = 9 * 3_600_000  # Japan has had no summer time since 1951
DAY_MINUTES = 1_440


class Hours(NamedTuple):
    """From `opens` up to, not including, `closes`, in minutes of the day; over midnight when `closes` is not later."""

    opens: int
    closes: int


ALWAYS = Hours(0, DAY_MINUTES)
# Money Lending Business Act, article 21, and article 19 of its enforcement rules: no collection from 21:00 to 8:00.
COLLECTION = Hours(8 * 60, 21 * 60)


class Calendar:
    """The sending hours of one account by kind; a kind that is not named has `otherwise`."""

    __slots__ = ("_hours", "_otherwise")

    def __init__(self, hours: Mapping[str, Hours], otherwise: Hours = ALWAYS) -> None:
        for one in (*hours.values(), otherwise):
            if not (0 <= one.opens < DAY_MINUTES and 0 < one.closes <= DAY_MINUTES and one.opens != one.closes):
                raise ValueError("hours are 00:00 to 24:00, and open for some of the day")
        self._hours = dict(hours)
        self._otherwise = otherwise

    def opens_at(self, kind: str, now_ms: int) -> int:
        """`now_ms` when that kind may be sent then, else the moment when it may next. Milliseconds since 1970."""
        opens, closes = self._hours.get(kind, self._otherwise)
        minute = (now_ms + JST_MS) % DAY_MS // MINUTE_MS
        is_open = opens <= minute < closes if opens < closes else minute >= opens or minute < closes
        if is_open:
            return now_ms
        midnight = (now_ms + JST_MS) // DAY_MS * DAY_MS - JST_MS
        opening = midnight + opens * MINUTE_MS
        return opening if opening > now_ms else opening + DAY_MS

    def due(self, kind: str, wanted_ms: int, expires_ms: int) -> int | None:
        """When a message that is wanted at `wanted_ms` (its set time, or now) may go; None: that is too late for it."""
        due = self.opens_at(kind, wanted_ms)
        return due if due < expires_ms else None

"""What customers are told of faults and planned maintenance: kept in the store, shown on the page, mailed by notices.

A fault that is ended is shown as recovered for a day. Maintenance is shown from when it is added until it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal, NamedTuple

import orjson
import structlog

from gateway.flow.clock import Clock
from gateway.store.contract import Kept, KeptDropped, Store

log = structlog.get_logger(room="announcements")

KIND = "announcement"  # of what the store keeps
MOST = 200  # that are shown at a time
MOST_CHARACTERS = 2_000  # of one text
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

Kinds = Literal["fault", "maintenance", "recovered"]


class AnnouncementRefused(Exception):
    """It cannot be announced so; the sentence says why."""


class Announcement(NamedTuple):
    """As it is shown. Times in ms since 1970; `ends_ms` None: nobody knows yet. `about` is a carrier, or empty: all."""

    id: str
    kind: Kinds
    begins_ms: int
    ends_ms: int | None
    ja: str
    en: str
    about: str = ""


class Occasion(Enum):
    """Why customers are mailed an announcement."""

    ADDED = "added"
    REMINDER = "reminder"
    ENDED = "ended"
    CANCELLED = "cancelled"  # maintenance that had not begun


@dataclass(frozen=True, slots=True)
class _Entry:
    """`mail`: it is mailed, and so are its reminders (`reminded` of them were, or were over) and its end."""

    shown: Announcement
    added_ms: int
    mail: bool
    reminded: int


class Announcements:
    """`remind_hours`: how long before maintenance begins it is mailed again, the longest first."""

    def __init__(self, store: Store, clock: Clock, remind_hours: Iterable[float] = ()) -> None:
        self._store = store
        self._clock = clock
        self._remind_ms = sorted((int(hours * HOUR_MS) for hours in remind_hours), reverse=True)
        self._entries: dict[str, _Entry] = {}

    def restore(self, kept: Iterable[Kept]) -> None:
        """After a start."""
        for row in kept:
            if row.kind == KIND:
                try:
                    entry = _read(row)
                except (ValueError, TypeError, KeyError):
                    log.warning("announcement_not_read", octets=len(row.value))
                else:
                    self._entries[entry.shown.id] = entry

    def current(self, now_ms: int) -> list[Announcement]:
        """What is to be shown, the newest first: planned, under way, and what recovered within the day."""
        shown = (one.shown for one in self._entries.values() if not _over(one.shown, now_ms))
        return sorted(shown, key=lambda one: (one.begins_ms, one.id), reverse=True)

    def find(self, name: str) -> Announcement | None:
        """By id."""
        entry = self._entries.get(name)
        return None if entry is None else entry.shown

    def mailed(self, name: str) -> bool:
        """Whether its end is mailed too."""
        entry = self._entries.get(name)
        return entry is not None and entry.mail

    def judge(self, kind: str, begins_ms: int, ends_ms: int | None, ja: str, en: str) -> None:
        """AnnouncementRefused for what cannot be added."""
        now_ms = self._clock.wall_ms()
        if kind == "maintenance" and ends_ms is None:
            raise AnnouncementRefused("maintenance has an end: say when")
        if ends_ms is not None and ends_ms <= max(begins_ms, now_ms):
            raise AnnouncementRefused("its end must be after its beginning, and not be past")
        for text in (ja, en):
            if not text.strip() or len(text) > MOST_CHARACTERS or any(c < " " and c != "\n" for c in text):
                raise AnnouncementRefused(f"a text has 1 to {MOST_CHARACTERS} characters, in both languages")
        if len(self.current(now_ms)) >= MOST:
            raise AnnouncementRefused(f"{MOST} are shown already; end some")

    def add(
        self,
        kind: Literal["fault", "maintenance"],
        begins_ms: int,
        ends_ms: int | None,
        ja: str,
        en: str,
        *,
        about: str = "",
        mail: bool = False,
    ) -> Announcement:
        """Show it from now on. AnnouncementRefused. It is durable when the store's next batch is."""
        self.judge(kind, begins_ms, ends_ms, ja, en)
        now_ms = self._clock.wall_ms()
        name = str(max((int(one) for one in self._entries), default=0) + 1)
        shown = Announcement(name, kind, begins_ms, ends_ms, ja.strip(), en.strip(), about)
        passed = sum(begins_ms - before <= now_ms for before in self._remind_ms)
        self._keep(_Entry(shown, now_ms, mail, passed))
        log.info("announced", announcement=name, kind=kind, about=about, mail=mail)
        return shown

    def end(self, name: str) -> tuple[Announcement, Occasion]:
        """It is over now. KeyError: there is none of this id, or it is over."""
        now_ms = self._clock.wall_ms()
        entry = self._entries[name]
        shown = entry.shown
        if shown.kind == "recovered" or _over(shown, now_ms):
            raise KeyError(name)
        log.info("announcement_ended", announcement=name, kind=shown.kind)
        if shown.kind == "maintenance":
            ended = shown._replace(ends_ms=max(now_ms, shown.begins_ms))
            self._drop(name)
            return ended, Occasion.CANCELLED if now_ms < shown.begins_ms else Occasion.ENDED
        ended = shown._replace(kind="recovered", ends_ms=now_ms)
        self._keep(replace(entry, shown=ended))
        return ended, Occasion.ENDED

    def due(self) -> list[Announcement]:
        """About once a second: maintenance of which customers are to be reminded now. What is over is forgotten."""
        now_ms, due = self._clock.wall_ms(), []
        for name, entry in tuple(self._entries.items()):
            shown = entry.shown
            if _over(shown, now_ms):
                self._drop(name)
            elif shown.kind == "maintenance" and now_ms < shown.begins_ms:
                passed = sum(shown.begins_ms - before <= now_ms for before in self._remind_ms)
                if passed > entry.reminded:
                    self._keep(replace(entry, reminded=passed))
                    due += [shown] if entry.mail else []
        return due

    def _keep(self, entry: _Entry) -> None:
        shown = entry.shown
        self._entries[shown.id] = entry
        value = orjson.dumps((tuple(shown), entry.added_ms, entry.mail, entry.reminded))
        self._store.write(Kept(KIND, "", shown.id.encode("ascii"), value, 0))

    def _drop(self, name: str) -> None:
        del self._entries[name]
        self._store.write(KeptDropped(KIND, "", name.encode("ascii")))


def _over(shown: Announcement, now_ms: int) -> bool:
    """Whether it is shown no more. A fault whose expected end has passed is shown until a person ends it."""
    if shown.ends_ms is None or shown.kind == "fault":
        return False
    return now_ms >= shown.ends_ms + (DAY_MS if shown.kind == "recovered" else 0)


def _read(row: Kept) -> _Entry:
    """ValueError, TypeError or KeyError for what is none."""
    shown, added_ms, mail, reminded = orjson.loads(row.value)
    entry = _Entry(Announcement(*shown), int(added_ms), bool(mail), int(reminded))
    if entry.shown.id != str(int(row.key)) or entry.shown.kind not in {"fault", "maintenance", "recovered"}:
        raise ValueError("no announcement")
    return entry

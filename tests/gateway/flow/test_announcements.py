"""Announcements are shown while they matter, kept over a crash, reminded of once, refused when senseless."""

import asyncio

import pytest

from gateway.flow.announcements import (
    DAY_MS,
    HOUR_MS,
    KIND,
    MOST,
    AnnouncementRefused,
    Announcements,
    Occasion,
)
from gateway.flow.clock import Clock
from gateway.store.contract import Kept
from gateway.store.memory import Disk, MemoryStore

NOW = 1_795_478_400_000
JA, EN = "配信基盤の更改作業を実施します。", "The platform is upgraded."


class Board:
    """Announcements over a memory store, and a clock."""

    def __init__(self, *remind_hours: float, disk: Disk | None = None, now: int = NOW) -> None:
        self.now = now
        self.remind = remind_hours
        self.store = MemoryStore(disk)
        self.board = Announcements(self.store, Clock(lambda: self.now / 1000, lambda: self.now), remind_hours)
        self.board.restore(asyncio.run(self.store.load()).kept)

    def crash(self) -> "Board":
        self.store.flush()
        self.store.sync()
        return Board(*self.remind, disk=self.store.disk, now=self.now)

    def shown(self) -> list[tuple[str, str]]:
        return [(one.id, one.kind) for one in self.board.current(self.now)]


def test_maintenance_is_shown_from_when_it_is_added_until_it_is_over() -> None:
    one = Board()
    added = one.board.add("maintenance", NOW + DAY_MS, NOW + DAY_MS + HOUR_MS, f" {JA}\n", EN, about="one")
    assert (added.ja, added.en, added.about) == (JA, EN, "one")
    assert one.shown() == [("1", "maintenance")]
    one.now += DAY_MS + HOUR_MS - 1
    assert one.shown() == [("1", "maintenance")]
    one.now += 1
    assert one.shown() == []


def test_a_fault_is_shown_until_a_person_ends_it_and_as_recovered_for_a_day() -> None:
    one = Board()
    one.board.add("fault", NOW - HOUR_MS, NOW + HOUR_MS, JA, EN)
    one.now += 10 * DAY_MS
    assert one.shown() == [("1", "fault")]
    ended, occasion = one.board.end("1")
    assert (ended.kind, ended.ends_ms, occasion) == ("recovered", one.now, Occasion.ENDED)
    one.now += DAY_MS - 1
    assert one.shown() == [("1", "recovered")]
    with pytest.raises(KeyError):
        one.board.end("1")
    one.now += 1
    assert one.shown() == []


def test_maintenance_ends_early_or_is_cancelled() -> None:
    one = Board()
    one.board.add("maintenance", NOW, NOW + HOUR_MS, JA, EN)
    one.board.add("maintenance", NOW + HOUR_MS, NOW + 2 * HOUR_MS, JA, EN)
    assert [one.board.end(name)[1] for name in ("1", "2")] == [Occasion.ENDED, Occasion.CANCELLED]
    assert one.shown() == []
    with pytest.raises(KeyError):
        one.board.end("1")


def test_a_crash_loses_nothing_that_was_durable() -> None:
    one = Board(24.0)
    one.board.add("fault", NOW, None, JA, EN, mail=True)
    one.board.add("maintenance", NOW + 2 * DAY_MS, NOW + 3 * DAY_MS, JA, EN)
    after = one.crash()
    assert after.board.current(NOW) == one.board.current(NOW)
    assert (after.board.mailed("1"), after.board.mailed("2"), after.board.mailed("3")) == (True, False, False)
    assert after.board.add("fault", NOW, None, JA, EN).id == "3"
    after.board.end("1")
    assert ("1", "recovered") in after.crash().shown()


def test_reminders_are_due_once_each_also_over_a_crash() -> None:
    one = Board(1.0, 24.0)
    one.board.add("maintenance", NOW + 2 * DAY_MS, NOW + 3 * DAY_MS, JA, EN, mail=True)
    one.board.add("maintenance", NOW + 2 * DAY_MS, NOW + 3 * DAY_MS, JA, EN)
    one.board.add("maintenance", NOW + HOUR_MS // 2, NOW + DAY_MS, JA, EN, mail=True)
    assert one.board.due() == []
    one.now += DAY_MS
    assert [due.id for due in one.board.due()] == ["1"]
    assert one.board.due() == []
    after = one.crash()
    assert after.board.due() == []
    after.now += 23 * HOUR_MS
    assert [due.id for due in after.board.due()] == ["1"]
    after.now += 10 * DAY_MS
    assert after.board.due() == []
    assert after.crash().board.find("1") is None, "what is over is forgotten"


def test_a_gateway_that_slept_reminds_once_and_not_when_it_began() -> None:
    one = Board(1.0, 24.0)
    one.board.add("maintenance", NOW + 2 * DAY_MS, NOW + 3 * DAY_MS, JA, EN, mail=True)
    one.now += 2 * DAY_MS - HOUR_MS // 2
    assert len(one.board.due()) == 1
    one.now += HOUR_MS
    assert one.board.due() == []


@pytest.mark.parametrize(
    ("kind", "begins", "ends", "ja", "en"),
    [
        ("maintenance", NOW, None, JA, EN),
        ("maintenance", NOW + 5, NOW + 5, JA, EN),
        ("maintenance", NOW - 10, NOW - 5, JA, EN),
        ("fault", NOW, NOW, JA, EN),
        ("fault", NOW, None, " ", EN),
        ("fault", NOW, None, JA, ""),
        ("fault", NOW, None, "あ" * 2_001, EN),
        ("fault", NOW, None, JA, "a\r\nBcc: x"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, begins: int, ends: int | None, ja: str, en: str) -> None:
    one = Board()
    with pytest.raises(AnnouncementRefused):
        one.board.add(kind, begins, ends, ja, en)  # type: ignore[arg-type]
    assert one.shown() == []


def test_there_is_an_end_to_them() -> None:
    one = Board()
    for _ in range(MOST):
        one.board.add("fault", NOW, None, JA, EN)
    with pytest.raises(AnnouncementRefused, match="end some"):
        one.board.add("fault", NOW, None, JA, EN)


def test_what_cannot_be_read_is_passed_over() -> None:
    one = Board()
    bad = (b"", b"[]", b'[["1","party",0,0,"a","b",""],0,false,0]', b'[["2","fault",0,0,"a","b",""],0,false,0]')
    one.board.restore([Kept(KIND, "", b"1", value, 0) for value in bad])
    assert one.board.current(NOW) == []

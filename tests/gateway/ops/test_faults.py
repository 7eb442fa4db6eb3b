"""When a fault is told, again, over, or only summed up: driven second by second, restarted in between."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.ops.fault_kinds import KINDS
from gateway.ops.faults import HOUR_MS, KEPT, MOST_FAULTS, Change, Facts, FaultRules, Faults, Key, Told
from gateway.store.contract import Kept

START_MS = 1_795_478_400_000
DOWN: Key = ("CarrierDown", "one")
KIND = KINDS["CarrierDown"]
RAISE, CLEAR = int(KIND.raise_seconds), int(KIND.clear_seconds)


class Night:
    """Faults, a clock, and the table that outlives them."""

    def __init__(self, rules: FaultRules | None = None) -> None:
        self.rules = rules or FaultRules()
        self.faults = Faults(self.rules)
        self.second = 0
        self.kept: dict[tuple[str, str, bytes], Kept] = {}
        self.told: list[tuple[int, Told]] = []

    def go(
        self, seconds: int, *keys: Key, facts: Facts | None = None, unsure: frozenset[str] = frozenset()
    ) -> list[str]:
        """So long these hold. What was told meanwhile, in words."""
        before = len(self.told)
        for _ in range(seconds):
            now_ms = START_MS + self.second * 1000
            found = {key: facts or {} for key in keys}
            for one in self.faults.look(found, unsure, float(self.second), now_ms):
                self.told.append((self.second, one))
            for change in self.faults.take_changes():
                if isinstance(change, Kept):
                    self.kept[change[:3]] = change
                else:
                    self.kept.pop(change[:3], None)
            self.second += 1
        return [one.change.value for _, one in self.told[before:]]

    def restart(self) -> None:
        """Another process, with what was kept."""
        self.faults = Faults(self.rules)
        self.faults.restore(self.kept.values())


def test_it_is_told_when_it_has_held_and_over_when_it_has_not() -> None:
    night = Night()
    assert night.go(RAISE, DOWN) == []
    assert night.go(1, DOWN, facts={"binds": "0/2"}) == ["fault"]
    assert night.go(300, DOWN) == []
    assert night.go(CLEAR) == []
    assert night.go(1) == ["recovery"]
    (_, first), (_, last) = night.told
    assert (first.since, first.raised, first.ended, first.facts) == (
        START_MS,
        START_MS + RAISE * 1000,
        0,
        {"binds": "0/2"},
    )
    assert (last.since, last.ended) == (START_MS, START_MS + (RAISE + 301) * 1000)
    assert (first.number, last.number, first.thread) == (1, 2, last.thread)
    assert night.go(2 * 3600) == []
    assert night.kept == {}, "an hour later nothing is left of it"


def test_a_moment_is_no_fault_and_a_moments_rest_no_recovery() -> None:
    night = Night()
    for _ in range(20):
        assert night.go(RAISE - 1, DOWN) + night.go(1) == []
    night.go(RAISE + 1, DOWN)
    for _ in range(20):
        assert night.go(CLEAR - 1) + night.go(1, DOWN) == []


def test_the_first_notice_comes_within_a_minute_whatever_pages() -> None:
    for kind in KINDS.values():
        night = Night()
        night.go(61, (kind.name, "x"))
        within_a_minute = [second for second, _ in night.told if second <= 60]
        assert bool(within_a_minute) == (kind.raise_seconds <= 60), kind.name


def test_while_it_lasts_it_is_told_again_at_growing_steps() -> None:
    night = Night(FaultRules(follow_up_minutes=(10.0, 30.0)))
    night.go(3 * 3600, DOWN)
    minutes = [(second - RAISE) // 60 for second, _ in night.told]
    assert minutes == [0, 10, 30, 60, 90, 120, 150]
    assert {one.change for _, one in night.told[1:]} == {Change.STILL}
    silent = Night(FaultRules(follow_up_minutes=()))
    assert silent.go(3 * 3600, DOWN) == ["fault"]


def test_what_comes_and_goes_is_summed_up_until_it_rests() -> None:
    night = Night(FaultRules(most_an_hour=6, rest_minutes=15.0))
    told: list[str] = []
    for _ in range(12):
        told += night.go(RAISE + 5, DOWN) + night.go(CLEAR + 5)
    assert told == ["fault", "recovery", "fault", "recovery", "fault", "flapping"]
    assert night.go(14 * 60) == []
    assert night.go(120) == ["recovery"]
    assert night.told[5][1].times == 3
    assert night.go(3600) + night.go(RAISE + 5, DOWN) == ["fault"], "an hour later it is told as any other"


def test_what_flaps_for_hours_is_told_once_an_hour() -> None:
    night = Night(FaultRules(most_an_hour=6))
    told: list[str] = []
    while night.second < 5 * 3600:
        told += night.go(RAISE + 5, DOWN) + night.go(CLEAR + 5)
    assert told[:6] == ["fault", "recovery"] * 2 + ["fault", "flapping"]
    assert set(told[6:]) == {"flapping"}
    assert 3 <= len(told[6:]) <= 5


def test_one_that_flapped_and_stays_is_told_to_be_there() -> None:
    night = Night(FaultRules(most_an_hour=4))
    for _ in range(4):
        night.go(RAISE + 5, DOWN)
        night.go(CLEAR + 5)
    assert night.go(3600, DOWN)[0] == "follow_up"


def test_a_restart_neither_forgets_nor_tells_twice() -> None:
    night = Night()
    night.go(RAISE + 1, DOWN)
    night.restart()
    assert [one.subject for one in night.faults.open] == ["one"]
    assert night.go(600, DOWN) == []
    night.restart()
    assert night.go(CLEAR + 1) == ["recovery"]
    assert night.told[-1][1].since == START_MS
    assert night.told[-1][1].number == 2
    night.restart()
    assert night.go(CLEAR + 1) == []


def test_after_a_restart_what_looks_back_is_not_over_before_it_can_know() -> None:
    night = Night()
    silent: Key = ("CarrierSilent", "one")
    night.go(100, silent)
    night.restart()
    assert night.go(900, unsure=frozenset({"CarrierSilent"})) == []
    assert night.go(100) == ["recovery"]


def test_a_flapping_fault_flaps_on_after_a_restart() -> None:
    night = Night(FaultRules(most_an_hour=4))
    for _ in range(3):
        night.go(RAISE + 5, DOWN)
        night.go(CLEAR + 5)
    told = len(night.told)
    night.restart()
    for _ in range(3):
        assert night.go(RAISE + 5, DOWN) + night.go(CLEAR + 5) == []
    assert night.go(1000) == ["recovery"]
    assert told == 4


def test_what_was_kept_by_another_version_is_forgotten() -> None:
    faults = Faults(FaultRules(silent=frozenset({"LaneOld"})))
    rows = [
        Kept(KEPT, "one", b"NoSuchFault", b"{}", 0),
        Kept(KEPT, "one", b"CarrierDown", b"\xff", 0),
        Kept(KEPT, "two", b"CarrierDown", b'{"since": "yesterday"}', 0),
        Kept(KEPT, "six", b"CarrierDown", b"[]", 0),
        Kept(KEPT, "one", b"LaneOld", b"{}", 0),
        Kept("quota", "shop", b"CarrierDown", b"", 0),
    ]
    faults.restore(rows)
    assert faults.open == []
    assert {change[:3] for change in faults.take_changes()} == {row[:3] for row in rows[:5]}


def test_kinds_that_nobody_wants_and_times_of_ones_own() -> None:
    night = Night(
        FaultRules(
            silent=frozenset({"LaneOld"}), raise_seconds={"CarrierDown": 5.0}, clear_seconds={"CarrierDown": 2.0}
        )
    )
    night.go(20, DOWN, ("LaneOld", "one"))
    assert [(second, one.kind.name) for second, one in night.told] == [(5, "CarrierDown")]
    assert night.go(3) == ["recovery"]


def test_there_is_an_end_to_how_many_are_told() -> None:
    night = Night()
    keys = [("QuotaUsedUp", f"c{number}") for number in range(MOST_FAULTS + 50)]
    assert len(night.go(3, *keys)) == MOST_FAULTS


def test_a_clock_that_is_set_back_or_forward_tells_at_most_one_follow_up() -> None:
    faults, told = Faults(FaultRules()), []
    clock = [0] * 60 + [86_400_000] * 60 + [-86_400_000] * 60
    for second, shift in enumerate(clock):
        told += faults.look({DOWN: {}}, frozenset(), float(second), START_MS + second * 1000 + shift)
    assert [one.change for one in told] == [Change.RAISED, Change.STILL]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400), st.booleans()), max_size=30))
def test_whatever_happens_notices_make_sense(steps: list[tuple[bool, int, bool]]) -> None:
    night = Night(FaultRules(most_an_hour=6, follow_up_minutes=()))
    for holds, seconds, restarts in steps:
        night.go(seconds, *([DOWN] if holds else []))
        if restarts:
            night.restart()
    words = [one.change for _, one in night.told]
    for before, after in pairwise(words):
        assert (before, after) != (Change.RAISED, Change.RAISED)
        assert (before, after) != (Change.RECOVERED, Change.RECOVERED)
    assert words[:1] in ([], [Change.RAISED])
    for second, _ in night.told:
        hour = [one for at, one in night.told if second <= at < second + HOUR_MS // 1000]
        assert len(hour) <= 6 + 2
    assert all(isinstance(row, Kept) for row in night.kept.values())

"""Waits after wrong passwords: they grow, they end, and they hit nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.doors import MOST_KNOWN_ADDRESSES, DoorLimits, Doors, Tallies
from gateway.model.origin import Origin

LIMITS = DoorLimits(
    free_attempts=3,
    free_attempts_of_address=5,
    free_attempts_of_system_id=8,
    first_wait_seconds=1.0,
    longest_wait_seconds=10.0,
    forget_seconds=100.0,
)
OFFICE, ELSEWHERE = Origin.of("192.0.2.1"), Origin.of("198.51.100.1")


def fail(doors: Doors, times: int, system_id: bytes = b"shop", origin: Origin = ELSEWHERE, now: float = 0.0) -> None:
    for _ in range(times):
        stranger = not doors.knows(system_id, origin)
        doors.failed(system_id, origin, now, stranger=stranger)


def wait(doors: Doors, system_id: bytes = b"shop", origin: Origin = ELSEWHERE, now: float = 0.0) -> float:
    return doors.wait_seconds(system_id, origin, now, stranger=not doors.knows(system_id, origin))


def test_waits_double_to_the_longest_and_pass() -> None:
    tallies: Tallies[str] = Tallies(3, LIMITS)
    seen = []
    for _ in range(9):
        tallies.failed("a", 0.0)
        seen.append(tallies.wait_seconds("a", 0.0))
    assert seen == [0.0, 0.0, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert tallies.wait_seconds("a", 9.5) == 0.5
    assert tallies.wait_seconds("a", 10.0) == 0.0
    assert tallies.wait_seconds("b", 0.0) == 0.0


def test_after_a_long_time_all_is_forgotten() -> None:
    tallies: Tallies[str] = Tallies(1, LIMITS)
    tallies.failed("a", 0.0)
    tallies.failed("a", 100.0)
    assert tallies.wait_seconds("a", 100.0) == 2.0
    tallies.failed("a", 200.1)
    assert tallies.wait_seconds("a", 200.1) == 1.0


def test_ten_thousand_years_of_mistakes() -> None:
    tallies: Tallies[str] = Tallies(1, LIMITS)
    for _ in range(5_000):
        tallies.failed("a", 0.0)
    assert tallies.wait_seconds("a", 0.0) == 10.0


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 10)), max_size=200))
def test_tallies_are_bounded(failures: list[tuple[int, float]]) -> None:
    tallies: Tallies[int] = Tallies(2, LIMITS, most=5)
    now = 0.0
    for key, seconds in failures:
        now += seconds
        tallies.failed(key, now)
        assert len(tallies) <= 5
        assert 0.0 <= tallies.wait_seconds(key, now) <= 10.0


def test_a_pair_waits_and_neither_the_others_of_the_address_nor_the_account_elsewhere() -> None:
    doors = Doors(LIMITS)
    fail(doors, 3)
    assert wait(doors) == 1.0
    assert wait(doors, b"mall") == 0.0
    assert wait(doors, origin=OFFICE) == 0.0


def test_an_address_that_tries_many_names_waits_for_all_of_them() -> None:
    doors = Doors(LIMITS)
    for number in range(5):
        fail(doors, 1, b"%d" % number)
    assert wait(doors, b"shop") == 1.0
    assert wait(doors, b"shop", OFFICE) == 0.0


def test_an_address_of_ipv6_is_a_household() -> None:
    doors = Doors(LIMITS)
    for number in range(5):
        fail(doors, 1, b"%d" % number, Origin.of(f"2001:db8:0:1::{number}"))
    assert wait(doors, b"shop", Origin.of("2001:db8:0:1:ffff::1")) == 1.0
    assert wait(doors, b"shop", Origin.of("2001:db8:0:2::1")) == 0.0


def test_strangers_from_everywhere_lock_out_strangers_only() -> None:
    doors = Doors(LIMITS)
    doors.bound(b"shop", OFFICE)
    for number in range(100):
        fail(doors, 1, origin=Origin.of(f"203.0.113.{number}"))
    assert wait(doors, origin=ELSEWHERE) == 10.0
    assert wait(doors, origin=OFFICE) == 0.0
    assert wait(doors, b"mall", ELSEWHERE) == 0.0


def test_strangers_at_its_own_address_do_not_lock_a_customer_out() -> None:
    doors = Doors(LIMITS)
    doors.bound(b"shop", OFFICE)
    fail(doors, 50, b"mall", OFFICE)
    assert wait(doors, b"mall", OFFICE) == 10.0
    assert wait(doors, b"other", OFFICE) == 10.0
    assert wait(doors, b"shop", OFFICE) == 0.0


def test_a_customer_waits_for_its_own_mistakes_alone() -> None:
    doors = Doors(LIMITS)
    doors.bound(b"shop", OFFICE)
    fail(doors, 20, b"shop", OFFICE)
    assert wait(doors, b"shop", OFFICE) == 10.0
    assert wait(doors, b"mall", OFFICE) == 0.0
    doors.bound(b"shop", OFFICE)
    assert wait(doors, b"shop", OFFICE) == 0.0


def test_one_account_of_ones_own_does_not_buy_others_passwords() -> None:
    doors = Doors(LIMITS)
    for number in range(5):
        fail(doors, 1, b"victim-%d" % number, ELSEWHERE)
        doors.bound(b"own", ELSEWHERE)
    assert wait(doors, b"victim-9", ELSEWHERE) == 1.0


def test_the_addresses_of_an_account_are_bounded() -> None:
    doors = Doors(LIMITS)
    for number in range(MOST_KNOWN_ADDRESSES + 1):
        doors.bound(b"shop", Origin.of(f"10.0.{number >> 8}.{number & 255}"))
    assert not doors.knows(b"shop", Origin.of("10.0.0.0"))
    assert doors.knows(b"shop", Origin.of("10.0.0.1"))
    assert not doors.knows(b"mall", Origin.of("10.0.0.1"))


@pytest.mark.parametrize("origin", [Origin(None), Origin.of("::1"), Origin.of("127.0.0.1")])
def test_any_origin_is_counted(origin: Origin) -> None:
    doors = Doors(LIMITS)
    fail(doors, 3, origin=origin)
    assert wait(doors, origin=origin) == 1.0


def test_who_must_wait_now_is_counted_of_those_that_failed_last() -> None:
    doors = Doors(LIMITS)
    for number in range(20):
        fail(doors, 3, b"s%d" % number)
    assert doors.locked(0.0, 100) == {"pair": 20, "address": 1, "system_id": 0}
    assert doors.locked(0.0, 7)["pair"] == 7
    assert set(doors.locked(1_000.0, 100).values()) == {0}

"""A tariff holds from its date, for messages submitted then or later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.schedule import Schedule
from gateway.billing.tariff import Tariff, Tier
from gateway.model.money import Sen


def named(name: str) -> Tariff:
    return Tariff(name, "1", (Tier(None, Sen(1)),))


def test_each_holds_from_its_moment_to_the_next() -> None:
    schedule = Schedule(named("first"), [(2_000, named("third")), (1_000, named("second"))])
    moments = (0, 999, 1_000, 1_999, 2_000, 10**15, 5, 1_500)
    assert [schedule.at(at).name for at in moments] == [
        "first", "first", "second", "second", "third", "third", "first", "second",
    ]  # fmt: skip
    assert [one.name for one in schedule.tariffs()] == ["first", "second", "third"]


def test_alone_it_holds_always() -> None:
    assert Schedule(named("only")).at(10**15).name == "only"


def test_two_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="same moment"):
        Schedule(named("a"), [(5, named("b")), (5, named("c"))])


@given(starts=st.sets(st.integers(1, 100), max_size=6), asked=st.lists(st.integers(0, 120), min_size=1, max_size=20))
def test_what_was_asked_before_does_not_matter(starts: set[int], asked: list[int]) -> None:
    schedule = Schedule(named("0"), [(start, named(str(start))) for start in starts])
    for at in asked:
        assert schedule.at(at).name == str(max([0, *(start for start in starts if start <= at)]))


def test_another_one_follows_from_a_moment_on() -> None:
    old = Schedule(named("a"), [(100, named("b")), (900, named("c"))])
    new = Schedule(named("x"), [(200, named("y")), (700, named("z"))])
    both = old.followed_by(new, 500)
    found = [(moment, both.at(moment).name) for moment in (0, 99, 100, 499, 500, 699, 700, 900, 10_000)]
    assert found == [
        (0, "a"), (99, "a"), (100, "b"), (499, "b"), (500, "y"), (699, "y"), (700, "z"), (900, "z"), (10_000, "z"),
    ]  # fmt: skip

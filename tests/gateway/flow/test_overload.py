"""Overload: the largest are refused first, and it does not flutter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.overload import Load, Overload, OverloadRules

SIZES = {"shop": 700, "insurer": 200, "bank": 50, "clinic": 1}


def load(waiting: int, commit: float = 0.01, sizes: dict[str, int] | None = None) -> Load:
    return Load(waiting, 1_000, commit, SIZES if sizes is None else sizes)


def test_within_the_marks_nobody_is_refused() -> None:
    overload = Overload(OverloadRules())
    assert overload.look(load(799)) == frozenset()


def test_the_largest_goes_first_and_the_small_last() -> None:
    overload = Overload(OverloadRules())
    seen = [overload.look(load(900)) for _ in range(4)]
    assert [len(refused) for refused in seen] == [1, 2, 3, 4]
    assert seen[0] == {"shop"}
    assert seen[2] == {"shop", "insurer", "bank"}


def test_a_slow_disk_counts_as_a_long_queue() -> None:
    overload = Overload(OverloadRules())
    assert overload.look(load(0, commit=1.0)) == {"shop"}


def test_between_the_marks_nothing_changes_and_below_them_the_small_return_first() -> None:
    overload = Overload(OverloadRules())
    for _ in range(3):
        overload.look(load(900))
    before = overload.refused
    assert overload.look(load(700)) == before
    assert overload.look(load(500, commit=0.5)) == before  # the disk is slow still
    assert overload.look(load(500)) == {"shop"}
    assert overload.look(load(500)) == frozenset()


def test_of_equals_half_are_refused() -> None:
    overload = Overload(OverloadRules())
    equal = {f"customer {number}": 10 for number in range(8)}
    assert len(overload.look(load(900, sizes=equal))) == 4


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1_000), st.floats(0, 3), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 500))
        ),
        max_size=60,
    )
)
def test_no_refused_one_is_smaller_than_one_let_in_at_that_look(
    looks: list[tuple[int, float, dict[str, int]]],
) -> None:
    overload = Overload(OverloadRules())
    for waiting, commit, sizes in looks:
        before = overload.refused
        after = overload.look(load(waiting, commit, sizes))
        if new := after - before:
            let_in = [sizes[one] for one in sizes if one not in after]
            assert min(sizes[one] for one in new) >= max(let_in, default=0)
    for _ in range(5):
        overload.look(load(0, 0.0, {}))
    assert overload.refused == frozenset()


@pytest.mark.parametrize(
    "rules",
    [
        OverloadRules(queue_begin=0.5, queue_end=0.5),
        OverloadRules(queue_begin=1.1),
        OverloadRules(commit_begin_seconds=0.1, commit_end_seconds=0.2),
    ],
)
def test_marks_that_would_flutter_are_refused(rules: OverloadRules) -> None:
    with pytest.raises(ValueError, match="mark"):
        Overload(rules)

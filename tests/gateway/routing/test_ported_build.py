"""Files of imported numbers are made whole or not at all, from rows in any order; differences do what they say."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing import ported_build
from gateway.routing.ported_build import Keys, TooManyRepetitions, alone, write_differences, write_full
from gateway.routing.ported_file import PortedFile

NAMES = ("", "a", "b", "c")
NUMBERS = st.integers(0, 200_000) | st.integers(819_000_000_000, 819_000_070_000) | st.integers(0, 10**15 - 1)


def full(path: Path, lumps: list[list[tuple[int, str]]], doubled: list[int] | None = None) -> PortedFile:
    found: list[int] = [] if doubled is None else doubled
    with Keys(path.parent) as keys:
        for lump in lumps:
            keys.add([number << 8 | NAMES.index(name) for number, name in lump])
        write_full(path, keys, NAMES, 1, found.append, lambda: None)
    return PortedFile(path)


def content(file: PortedFile) -> dict[int, str]:
    found: dict[int, str] = {}
    for place, block in enumerate(file.blocks()):
        lows, carriers = file.block(place)
        found |= {block << 16 | low: file.head.carriers[carrier] for low, carrier in zip(lows, carriers, strict=True)}
    return found


@given(st.dictionaries(NUMBERS, st.sampled_from(NAMES), max_size=300), st.integers(1, 7), st.randoms())
def test_rows_in_any_order_and_lumps(rows: dict[int, str], count: int, dice: random.Random) -> None:
    shuffled = list(rows.items())
    dice.shuffle(shuffled)
    with TemporaryDirectory() as directory:
        file = full(Path(directory) / "n", [shuffled[start::count] for start in range(count)])
        assert content(file) == rows
        assert list(file.blocks()) == sorted({number >> 16 for number in rows})
        file.verify()


@given(st.dictionaries(NUMBERS, st.sampled_from(NAMES), min_size=1, max_size=200))
def test_ranges_divide_no_block_and_lose_nothing(rows: dict[int, str]) -> None:
    with TemporaryDirectory() as directory, Keys(Path(directory)) as keys:
        for number, name in rows.items():
            keys.add([number << 8 | NAMES.index(name)])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ported_build, "SAMPLE", 3)
            found = list(keys.ranges(rows=6))
    assert [key for some in found for key in some] == sorted(n << 8 | NAMES.index(name) for n, name in rows.items())
    blocks = [{key >> 24 for key in some} for some in found]
    assert sum(map(len, blocks)) == len(set().union(*blocks))
    if len(rows) > 100 and len(set().union(*blocks)) > 50:
        assert len(found) > 1


def test_a_number_that_stands_twice_with_one_carrier_is_taken_once(tmp_path: Path) -> None:
    file = full(tmp_path / "n", [[(5, "a"), (5, "a")], [(5, "a"), (6, "b")]])
    assert content(file) == {5: "a", 6: "b"}


def test_a_number_with_two_carriers_is_told_and_left_out(tmp_path: Path) -> None:
    doubled: list[int] = []
    file = full(tmp_path / "n", [[(5, "a"), (6, "b"), (7, "c")], [(5, "b"), (7, "c")], [(5, "c")]], doubled)
    assert content(file) == {6: "b", 7: "c"}
    assert doubled == [5]


def test_nothing_takes_the_name_when_the_judge_objects(tmp_path: Path) -> None:
    full(tmp_path / "n", [[(5, "a")]])

    def object_() -> None:
        raise ZeroDivisionError

    with Keys(tmp_path) as keys:
        keys.add([7 << 8])
        with pytest.raises(ZeroDivisionError):
            write_full(tmp_path / "n", keys, NAMES, 1, print, object_)
    assert content(PortedFile(tmp_path / "n")) == {5: "a"}
    assert [path.name for path in tmp_path.iterdir()] == ["n"]


def test_memory_is_bounded_when_the_same_number_stands_over_and_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ported_build, "MOST_ROWS_A_RANGE", 10)
    with pytest.raises(TooManyRepetitions):
        full(tmp_path / "n", [[(5, "a")]] * 11)
    assert list(tmp_path.iterdir()) == []


@given(
    st.dictionaries(NUMBERS, st.sampled_from(NAMES), max_size=100),
    st.lists(st.tuples(NUMBERS, st.sampled_from([*NAMES, "new", None])), max_size=50),
    st.data(),
)
def test_differences_do_to_a_file_what_they_do_to_a_dict(
    rows: dict[int, str], changes: list[tuple[int, str | None]], data: st.DataObject
) -> None:
    if rows:
        old = data.draw(st.lists(st.sampled_from(sorted(rows)), max_size=20))
        changes += [(number, data.draw(st.sampled_from(["a", "new", None]))) for number in old]
    expected = dict(rows)
    for number, carrier in changes:
        expected.pop(number, None)
        if carrier is not None:
            expected[number] = carrier
    with TemporaryDirectory() as directory:
        path = Path(directory) / "n"
        full(path, [list(rows.items())])
        write_differences(path, dict(changes), 2)
        file = PortedFile(path)
        assert content(file) == expected
        assert list(file.blocks()) == sorted({number >> 16 for number in expected})
        assert len(file) == len(expected)
        file.verify()


def test_differences_to_no_file_make_one(tmp_path: Path) -> None:
    write_differences(tmp_path / "n", {5: "a", 6: None}, 2)
    assert content(PortedFile(tmp_path / "n")) == {5: "a"}


def test_too_many_carriers_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="255"):
        write_differences(tmp_path / "n", {number: str(number) for number in range(256)}, 2)
    assert list(tmp_path.iterdir()) == []


def test_one_import_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path / "n"), pytest.raises(BlockingIOError), alone(tmp_path / "n"):
        pass
    with alone(tmp_path / "n"):
        pass


def test_what_a_crashed_import_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".n.new").write_bytes(b"x" * 100_000)
    assert content(full(tmp_path / "n", [[(5, "a")]])) == {5: "a"}
    assert [path.name for path in tmp_path.iterdir()] == ["n"]

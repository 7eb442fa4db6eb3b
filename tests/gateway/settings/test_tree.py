"""YAML as values with positions: what YAML 1.1 bends stays as it is written, and no file overturns the reader."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings.tree import MOST_DEPTH, MOST_VALUES, Mistake, Position, Tree, plain, read_tree, shown


def tree_of(path: Path, text: str | bytes) -> Tree:
    file = path / "a.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_tree(file)


def told(tree: Tree) -> list[str]:
    return [str(mistake).removeprefix(f"{tree.file}:") for mistake in tree.mistakes]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("0123", "0123"), ("22:00", "22:00"), ("1_000", "1_000"),
        ("2026-04-01", "2026-04-01"), ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("0", 0), ("-7", -7), ("+7", 7), ("0x14", 20), ("0o17", 15), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        (".inf", ".inf"), (".nan", ".nan"), ("0x", "0x"), ("１", "１"), ("1 ", "1 "), ("-", "-"), ("9" * 40, "9" * 40),
    ],
)  # fmt: skip
def test_what_a_plain_scalar_means(written: str, value: object) -> None:
    assert plain(written) == value
    assert type(plain(written)) is type(value)


@given(st.text())
def test_every_plain_scalar_means_something(written: str) -> None:
    assert isinstance(plain(written), str | int | float | bool | None)


def test_values_and_positions(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "no: 0123\nb:\n  - {x: 1}\n  - 'true'\n12: |\n  text\n")
    assert tree.value == {"no": "0123", "b": ({"x": 1}, "true"), "12": "text\n"}
    assert not tree.mistakes
    assert tree.positions == {
        ("no",): Position(tree.file, 1, 1),
        ("b",): Position(tree.file, 2, 1),
        ("b", 0): Position(tree.file, 3, 5),
        ("b", 0, "x"): Position(tree.file, 3, 6),
        ("b", 1): Position(tree.file, 4, 5),
        ("12",): Position(tree.file, 5, 1),
    }


def test_an_empty_file_has_no_value(tmp_path: Path) -> None:
    for text in ("", "# nothing\n", "---\n", "\ufeff"):
        tree = tree_of(tmp_path, text)
        assert (tree.value, tree.mistakes, tree.broken) == (None, [], False)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert tree_of(tmp_path, "\ufeffa: 1\n").value == {"a": 1}


def test_keys_that_are_there_twice_are_told_and_the_first_stands(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "a: 1\nb: {x: 1, x: [{deep: 2}, 3]}\na: {c: 1, c: 2}\nd: 4\n")
    assert tree.value == {"a": 1, "b": {"x": 1}, "d": 4}
    assert told(tree) == [
        "2:11: b.x: is here twice; the first is in line 2",
        "3:1: a: is here twice; the first is in line 1",
    ]


def test_tags_are_mistakes(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "a: !!python/object:os.system x\nb: !!str 1\nc: ! 2\nd: !!map {}\n")
    assert told(tree) == [f"{line}:4: {key}: tags are not used here" for line, key in enumerate("abcd", start=1)]


def test_aliases_stand_for_values_before_them(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "a: &one {x: [1]}\nb: *one\nc: &self [*self]\nd: *two\n")
    assert tree.value == {"a": {"x": (1,)}, "b": {"x": (1,)}, "c": (None,), "d": None}
    assert [line.partition(":")[0] for line in told(tree)] == ["3", "4"]


def test_a_short_file_cannot_be_made_long_by_aliases(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    tree = tree_of(tmp_path, "\n".join(lines))
    assert tree.broken
    assert told(tree)[0].endswith(f"more than {MOST_VALUES} values")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_a_deep_file_is_given_up(tmp_path: Path, opening: str) -> None:
    tree = tree_of(tmp_path, opening * 100_000)
    assert tree.broken
    assert f"deeper than {MOST_DEPTH}" in told(tree)[0] or "not YAML" in told(tree)[0]


def test_a_file_as_deep_as_may_be_is_read(tmp_path: Path) -> None:
    assert not tree_of(tmp_path, "[" * MOST_DEPTH + "]" * MOST_DEPTH).mistakes
    assert tree_of(tmp_path, "[" * (MOST_DEPTH + 1) + "x" + "]" * (MOST_DEPTH + 1)).broken


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"a: 1\nb: [\n", "3:1"),
        (b"a: 1\n b: 2\n", "2:3"),
        (b"a: b: 1\n", "1:5"),
        (b"a:\n\tb: 1\n", "2:1"),
        (b"a: 1\nb: \xff\n", "2:4"),
        (b"a: 1\nb: x\x07\n", "2:5"),
        (b"a: 1\n---\nb: 2\n", "2:1"),
        (b"? [a]\n: 1\n", "1:3"),
    ],
)
def test_what_is_not_our_yaml_is_told_with_its_place(tmp_path: Path, text: bytes, place: str) -> None:
    tree = tree_of(tmp_path, text)
    assert tree.broken
    assert len(tree.mistakes) == 1
    assert told(tree)[0].startswith(f"{place}: ")


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    absent = read_tree(tmp_path / "absent.yaml")
    assert absent.broken
    assert [str(one) for one in absent.mistakes] == [
        f"{tmp_path}/absent.yaml:1:1: the file cannot be read: No such file or directory"
    ]
    assert read_tree(tmp_path).broken


SECRETS = [
    'password: "s3cret', "password: *s3cret", "password: s3cret: x", "password: !s3cret x", "password: @s3cret",
    "password: {s3cret: 1, s3cret: 2}", 'password: "x" s3cret', 'password: "\\s3cret"', "password: !!s3cret!s3cret",
    "? {password: s3cret}\n: 1", "password: [s3cret", "%s3cret\n---\n", "password: &s3cret [*s3cret]",
    "password: {a: !x s3cret}", "password: 's3cret\x07'", "password: `s3cret`", "password: s3cret\n  s3cret:",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_no_message_shows_what_was_written(tmp_path: Path, text: str) -> None:
    mistakes = told(tree_of(tmp_path, text))
    assert mistakes
    assert "s3cret" not in "".join(mistakes)


@given(st.text("{}[]:,-?&*!|>'\"%@`# \n\tab0~"), st.integers(0, 3))
def test_garbage_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str, indent: int) -> None:
    tree = tree_of(tmp_path_factory.getbasetemp(), " " * indent + text)
    assert tree.broken <= bool(tree.mistakes)
    for where in tree.positions:
        assert where


def test_how_a_mistake_is_written() -> None:
    position = Position(Path("config/a.yaml"), 12, 5)
    assert str(Mistake(position, "carriers.au", "must be given")) == "config/a.yaml:12:5: carriers.au: must be given"
    assert str(Mistake(position, "", "not YAML")) == "config/a.yaml:12:5: not YAML"
    assert shown(("carriers", "au", "binds", 0, "password", "x")) == "carriers.au.binds.0.password"


def test_a_file_is_as_long_as_may_be_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings.tree.MOST_OCTETS", 10)
    assert tree_of(tmp_path, "a: 3456789").value == {"a": 3456789}
    tree = tree_of(tmp_path, "a: 34567890")
    assert tree.broken
    assert told(tree) == ["1:1: the file is longer than 10 octets"]

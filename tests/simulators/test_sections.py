"""Sections of the YAML files: spans in order, patterns that compile, and every mistake with its place."""

from pathlib import Path

import pytest

from simulators.sections import BadConfig, CountSpan, Pattern, SecondsSpan, Section, read_section


class Example(Section):
    pattern: Pattern = None
    seconds: SecondsSpan = (0.0, 1.0)
    counts: CountSpan = (1, 2)


def read(directory: Path, text: str) -> Example:
    path = directory / "example.yaml"
    path.write_text(text, encoding="utf-8")
    return read_section(path, Example)


def test_lists_and_whole_numbers_are_spans(tmp_path: Path) -> None:
    found = read(tmp_path, "{seconds: [0, 0.5], counts: [7, 7], pattern: '13$'}")
    assert (found.seconds, found.counts) == ((0, 0.5), (7, 7))
    assert found.pattern is not None
    assert found.pattern.search("8113")


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as told:
        read(tmp_path, "{seconds: [2, 1], counts: [3, 2], pattern: '(', colour: red}")
    places = [mistake.split(": ")[1] for mistake in told.value.mistakes]
    assert places == ["pattern", "seconds", "counts", "colour"]


@pytest.mark.parametrize(
    "text",
    ["{seconds: [-1, 1]}", "{seconds: [1]}", "{seconds: ['1', 2]}", "{counts: [0, 1]}", "{counts: [1.5, 2]}", "[1]"],
)
def test_what_is_no_span_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConfig):
        read(tmp_path, text)

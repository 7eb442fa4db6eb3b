"""Options, and those that do not go together."""

from pathlib import Path

import pytest

from bench.options import EXAMPLE, parse


def test_defaults() -> None:
    options = parse([])
    told = (options.count, options.rate, options.binds, options.window, options.length, options.carrier)
    assert told == (20_000, 0, 4, 50, 70, "docomo")
    assert (options.receipts, options.parts, options.smppload, options.direct, options.repeat) == (
        True,
        1,
        None,
        False,
        1,
    )
    assert options.config == EXAMPLE


def test_everything_can_be_asked() -> None:
    words = "--count 7 --rate 9 --binds 2 --window 3 --length 200 --carrier au --no-receipts --parts 3 --smppload X"
    options = parse([*words.split(), "--repeat", "5", "--seconds", "9", "--directory", "D"])
    assert (options.count, options.rate, options.binds, options.window) == (7, 9, 2, 3)
    assert (options.length, options.carrier, options.receipts, options.parts) == (200, "au", False, 3)
    assert (options.smppload, options.repeat, options.seconds, options.directory) == ("X", 5, 9.0, Path("D"))


@pytest.mark.parametrize(
    "words",
    [
        "--count 0",
        "--binds 1001",
        "--window 10001",
        "--length 661",
        "--parts 11",
        "--rate -1",
        "--repeat 0",
        "--seconds 0",
        "--parts 2 --length 135",
        "--parts 3 --length 33",
        "--parts 3 --length 4",
        "--direct --parts 2 --length 80",
        "nonsense",
    ],
)
def test_what_cannot_be(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words.split())
    assert ended.value.code == 2
    assert words.split(maxsplit=1)[0].lstrip("-") in capsys.readouterr().err


@pytest.mark.parametrize("words", ["--parts 2 --length 134", "--parts 3 --length 36", "--parts 10 --length 660"])
def test_parts_that_just_fit(words: str) -> None:
    assert parse(words.split()).parts > 1

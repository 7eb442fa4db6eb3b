"""The bench of imported numbers makes the same rows each time, measures what it says, and leaves nothing behind."""

import json
from itertools import islice
from pathlib import Path

import pytest

from bench import portability

GOOD = {
    "import_rows_per_s": 500_000,
    "lookup_us": 5.0,
    "stall_cpu_ms": 50.0,
    "rss_mb_before": 30.0,
    "rss_mb_after": 38.0,
}


def test_rows_are_the_same_each_time_and_each_number_comes_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        portability.make(tmp_path / name, 10_000)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    lines = (tmp_path / "one").read_text("ascii").splitlines()
    assert lines[0] == "number,carrier"
    assert len({line.split(",")[0] for line in lines[1:]}) == 10_000
    assert {line[:3] for line in lines[1:]} == {"060", "070", "080", "090"}


def test_every_number_is_a_mobile_number() -> None:
    for number in islice(portability.numbers(0, portability.ALL), 0, 5_000):
        assert portability.JAPAN.normalise(number, 0, 0) == b"81" + number[1:]


def test_it_measures_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = portability.main(["--rows", "120000", "--directory", str(tmp_path)])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (figures["bench"], figures["rows"]) == ("portability", 120_000)
    assert figures["file_mb"] < 2
    assert code == bool(portability.too_bad(figures))
    assert list(tmp_path.iterdir()) == []


def test_limits_are_the_ones_that_were_promised() -> None:
    assert portability.too_bad(GOOD) == []
    for name, value in (
        ("import_rows_per_s", 499_999),
        ("lookup_us", 5.1),
        ("stall_cpu_ms", 50.1),
        ("rss_mb_after", 38.1),
    ):
        assert portability.too_bad(GOOD | {name: value}) == [name]


def test_memory_of_our_own_grows_with_what_we_keep() -> None:
    before = portability.memory().own
    kept = bytearray(b"x" * 50_000_000)
    assert portability.memory().own - before > 40
    assert len(kept) == 50_000_000


@pytest.mark.parametrize("rows", ["0", "300000001"])
def test_rows_have_bounds(rows: str) -> None:
    with pytest.raises(SystemExit):
        portability.main(["--rows", rows])

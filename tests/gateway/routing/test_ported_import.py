"""Imports from files: all or nothing, every bad row with its line, differences in the order of their rows."""

import gzip
from pathlib import Path

import pytest

from gateway.routing import ported_import
from gateway.routing.numbers import NumberRules
from gateway.routing.ported_build import alone
from gateway.routing.ported_file import PortedFile
from gateway.routing.ported_formats import TEMPLATES
from gateway.routing.ported_import import Import, Imported
from gateway.routing.tables import BadRows

JAPAN = NumberRules("81", "0", ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"), 10)
CODES = {"au": "au", "docomo": "docomo", "1": "docomo", "": ""}
ONE, TWO, THREE = b"819012345671", b"819012345672", b"819012345673"
NOW = 1_795_478_400_000  # 2026-11-24 00:00 UTC


def take(
    directory: Path, octets: str | bytes, named: str = "csv", *, differences: bool = False, skip_bad: bool = False
) -> Imported:
    source = directory / "rows"
    source.write_bytes(octets.encode() if isinstance(octets, str) else octets)
    return Import(
        source, directory / "n", TEMPLATES[named], JAPAN, CODES, NOW, differences=differences, skip_bad=skip_bad
    ).run()


def bad(
    directory: Path, octets: str | bytes, named: str = "csv", *, differences: bool = False
) -> list[tuple[int, str]]:
    with pytest.raises(BadRows) as caught:
        take(directory, octets, named, differences=differences)
    return [(row.line, row.message) for row in caught.value.rows]


def carriers(directory: Path, *numbers: bytes) -> list[str | None]:
    file = PortedFile(directory / "n")
    return [file.carrier(number) for number in numbers]


def test_a_whole_file(tmp_path: Path) -> None:
    done = take(tmp_path, "number,carrier\n09012345671,au\r\n+819012345672,1\n819012345673,")
    assert done == Imported(rows=3, numbers=3, skipped=0, bad=())
    assert carriers(tmp_path, ONE, TWO, THREE) == ["au", "docomo", ""]
    assert PortedFile(tmp_path / "n").made_at == NOW


def test_it_is_all_there_is(tmp_path: Path) -> None:
    take(tmp_path, "number,carrier\n09012345671,au\n")
    take(tmp_path, "number,carrier\n09012345672,au\n")
    assert carriers(tmp_path, ONE, TWO) == [None, "au"]


@pytest.mark.parametrize("chunk", [1, 2, 7, 30, 1_000])
@pytest.mark.parametrize("unusual", ["", '"090 1234 5672",au\n\n'])
def test_where_the_reading_is_cut_does_not_matter(
    chunk: int, unusual: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ported_import, "CHUNK", chunk)
    take(tmp_path, f"number,carrier\r\n09012345671,docomo\r\n{unusual}09012345673,au")
    assert carriers(tmp_path, ONE, TWO, THREE) == ["docomo", "au" if unusual else None, "au"]


def test_a_packed_file(tmp_path: Path) -> None:
    take(tmp_path, gzip.compress(b"number,carrier\n09012345671,au\n"))
    assert carriers(tmp_path, ONE) == ["au"]


@pytest.mark.parametrize("cut", [5, 20, -5])
def test_half_a_packed_file(cut: int, tmp_path: Path) -> None:
    assert "unpacked" in bad(tmp_path, gzip.compress(b"number,carrier\n09012345671,au\n")[:cut])[0][1]
    assert not (tmp_path / "n").exists()


def test_every_bad_row_is_told_and_nothing_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ported_import, "CHUNK", 40)
    take(tmp_path, "number,carrier\n09012345671,au\n")
    rows = "number,carrier\n09012345672,au\n0312345678,au\n\n09012345673,kddi\n09012345674,au\nx\n"
    assert bad(tmp_path, rows) == [
        (3, "this is not a mobile number"),
        (5, "no carrier is called 'kddi'"),
        (7, "a row has 2 columns"),
    ]
    assert carriers(tmp_path, ONE, TWO) == ["au", None]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n", "rows"]


def test_bad_rows_are_left_out_when_that_is_wanted(tmp_path: Path) -> None:
    done = take(tmp_path, "number,carrier\n09012345671,au\nx\n0312345678,au\n09012345672,au\n", skip_bad=True)
    assert (done.rows, done.numbers, done.skipped) == (2, 2, 2)
    assert [row.line for row in done.bad] == [3, 4]
    assert carriers(tmp_path, ONE, TWO) == ["au", "au"]


def test_what_is_told_has_an_end(tmp_path: Path) -> None:
    told = bad(tmp_path, "number,carrier\n" + "x,au\n" * 1_000)
    assert len(told) == 101
    assert told[-1] == (102, "the rest was not read: too much is wrong")
    done = take(tmp_path, "number,carrier\n" + "x,au\n" * 1_000, skip_bad=True)
    assert (done.skipped, len(done.bad)) == (1_000, 100)


def test_a_number_with_two_carriers_is_told_with_its_lines(tmp_path: Path) -> None:
    rows = "number,carrier\n09012345671,au\n09012345672,au\n09012345671,1\n09012345672,au\n"
    why = "the number stands in this file with several carriers"
    assert bad(tmp_path, rows) == [(2, why), (4, why)]
    done = take(tmp_path, rows, skip_bad=True)
    assert (done.numbers, done.skipped) == (1, 1)
    assert carriers(tmp_path, ONE, TWO) == [None, "au"]


def test_overlapping_ranges_with_two_carriers_are_told(tmp_path: Path) -> None:
    rows = "first,last,carrier\n09012345600,09012345699,au\n09012345699,09012345700,1\n"
    assert [line for line, _ in bad(tmp_path, rows, "ranges")] == [2, 3]


def test_a_range_is_all_its_numbers(tmp_path: Path) -> None:
    done = take(tmp_path, "first,last,carrier\n09012300000,09012399999,au\n", "ranges")
    assert done.numbers == 100_000
    assert carriers(tmp_path, b"819012299999", b"819012300000", b"819012399999", b"819012400000") == [
        None,
        "au",
        "au",
        None,
    ]


def test_differences_are_applied_in_their_order(tmp_path: Path) -> None:
    take(tmp_path, "number,carrier\n09012345671,au\n09012345672,au\n")
    rows = "D,09012345671,x\nA,09012345673,1\nC,09012345672,1\nD,09012345673,x\nA,09012345671,1\nD,09012345679,x\n"
    done = take(tmp_path, rows, "acd", differences=True)
    assert (done.rows, done.numbers) == (6, 2)
    assert carriers(tmp_path, ONE, TWO, THREE) == ["docomo", "docomo", None]


def test_differences_are_taken_only_when_given_as_such(tmp_path: Path) -> None:
    assert bad(tmp_path, "A,09012345671,1\nD,09012345671,1\n", "acd") == [
        (2, "it removes a number, and this is no import of differences")
    ]


def test_bad_differences_change_nothing(tmp_path: Path) -> None:
    take(tmp_path, "number,carrier\n09012345671,au\n")
    assert bad(tmp_path, "D,09012345671,x\nE,09012345671,x\n", "acd", differences=True)[0][0] == 2
    assert carriers(tmp_path, ONE) == ["au"]


def test_too_many_differences_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ported_import, "MOST_DIFFERENCES", 1)
    with pytest.raises(ValueError, match="more than 1 differences"):
        take(tmp_path, "A,09012345671,1\nA,09012345672,1\n", "acd", differences=True)


def test_differences_to_a_damaged_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "n").write_bytes(b"SGPORTED")
    assert "import everything anew" in bad(tmp_path, "A,09012345671,1\n", "acd", differences=True)[0][1]


@pytest.mark.parametrize("octets", [b"", b"09012345671,au\n", b"\x00" * 100, b"number;carrier\n"])
def test_a_file_of_another_kind(octets: bytes, tmp_path: Path) -> None:
    assert bad(tmp_path, octets) == [(1, "the first line must be: number,carrier")]


def test_a_line_without_end_does_not_fill_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ported_import, "CHUNK", 5_000)
    assert "longer than 4096" in bad(tmp_path, b"number,carrier\n" + b"9" * 20_000)[0][1]


def test_the_line_above_the_rows_of_abr_is_passed_over(tmp_path: Path) -> None:
    head = "TIPO REG;NUMERO BP;TN INICIAL;RECEPTORA;RECEPTORA;DOADORA;DOADORA;DATA;STATUS ATUAL;STATUS ATUAL;IND\n"
    done = take(tmp_path, head + "1;7;09012345671;1;X;2;Y;;1;C;N\n1;7;09012345672;1;X;2;Y;;1;C;S\n", "abr")
    assert done.numbers == 1
    assert carriers(tmp_path, ONE, TWO) == ["docomo", None]


def test_one_import_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path / "n"), pytest.raises(BlockingIOError):
        take(tmp_path, "number,carrier\n")


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    assert take(tmp_path, "number,carrier\n").numbers == 0
    assert carriers(tmp_path, ONE) == [None]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("chunk", [1, 3, 64, 1_000])
def test_records_that_a_carriage_return_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, end: str
) -> None:
    monkeypatch.setattr(ported_import, "CHUNK", chunk)
    record = "7|{}|819000000|{}|20261124000000|1|0|2|0|3|0|4|0|||x|0|{}"
    rows = [(ONE, "au", 0), (TWO, "1", 2), (THREE, "au", 0)]
    take(tmp_path, end.join(record.format(n.decode(), spid, reason) for n, spid, reason in rows) + end, "npac")
    assert carriers(tmp_path, ONE, TWO, THREE) == ["au", "docomo", "au"]
    changes = [(ONE, "au", 1), (TWO, "au", 2)]
    octets = end.join(record.format(n.decode(), spid, reason) for n, spid, reason in changes)
    take(tmp_path, octets, "npac", differences=True)
    assert carriers(tmp_path, ONE, TWO, THREE) == [None, "au", "au"]

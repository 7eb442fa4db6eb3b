"""Files of numbers and carriers: every bad row is told, with its line, and no row is half taken."""

from pathlib import Path

import pytest

from gateway.routing.tables import MOST_BAD_ROWS_A_FILE, BadRows, read_tables

CARRIERS = ("docomo", "au")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read(*files: Path) -> dict[int, str]:
    return read_tables(files, "number", int, CARRIERS)


def wrong(*files: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(BadRows) as caught:
        read(*files)
    return [(row.file.name, row.line, row.message) for row in caught.value.rows]


def test_rows_become_keys_and_carriers(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", 'number,carrier\n1,docomo\n"2",au\n3,\n\n4, au \n')
    assert read(file) == {1: "docomo", 2: "au", 3: "", 4: "au"}


def test_a_spreadsheets_file_is_read(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", "number,carrier\r\n1,au\r\n", "utf-8-sig")) == {1: "au"}


def test_a_later_file_is_laid_over_an_earlier_one(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "number,carrier\n1,docomo\n2,docomo\n")
    second = write(tmp_path / "b.csv", "number,carrier\n2,au\n")
    assert read(first, second) == {1: "docomo", 2: "au"}
    assert read(second, first) == {1: "docomo", 2: "docomo"}


def test_every_bad_row_of_every_file_is_told_with_its_line(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "number,carrier\n1,docomo\nx,au\n2\n3,au,no\n1,au\n4,vodafone\n")
    second = write(tmp_path / "b.csv", "nummer,carrier\n1,au\n")
    third = tmp_path / "absent.csv"
    told = wrong(first, second, third)
    assert [(file, line) for file, line, _ in told] == [
        ("a.csv", 3), ("a.csv", 4), ("a.csv", 5), ("a.csv", 6), ("a.csv", 7), ("b.csv", 1), ("absent.csv", 0),
    ]  # fmt: skip
    assert "two columns" in told[1][2]
    assert "already" in told[3][2]
    assert "'vodafone'" in told[4][2]
    assert told[5][2] == "the first line must be: number,carrier"
    assert "No such file" in told[6][2]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", 'number,carrier\n\n\n1,au\n\n2,"a\nu"\n3,x\n')
    assert [line for _, line, _ in wrong(file)] == [7, 8]


def test_an_empty_file_and_a_directory_are_told(tmp_path: Path) -> None:
    assert wrong(write(tmp_path / "a.csv", "")) == [("a.csv", 1, "the first line must be: number,carrier")]
    (tmp_path / "d.csv").mkdir()
    assert [line for _, line, _ in wrong(tmp_path / "d.csv")] == [0]


def test_a_quote_that_never_closes_is_told(tmp_path: Path) -> None:
    ((_, line, message),) = wrong(write(tmp_path / "a.csv", 'number,carrier\n1,au\n"2,au\n3,au\n'))
    assert line == 3
    assert "CSV" in message


@pytest.mark.parametrize("octets", [b"\xff\xfe\x00", b"number,carrier\n\xff,au\n", b"number,carrier\n1,\xe3\x81\n"])
def test_octets_that_are_no_text_are_told(tmp_path: Path, octets: bytes) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(octets)
    assert len(wrong(file)) == 1


def test_a_file_of_another_kind_is_given_up(tmp_path: Path) -> None:
    rows = "x,au\n" * (MOST_BAD_ROWS_A_FILE * 3)
    told = wrong(write(tmp_path / "a.csv", f"number,carrier\n{rows}"))
    assert len(told) == MOST_BAD_ROWS_A_FILE + 1
    assert "not read" in told[-1][2]


def test_no_number_is_told(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "number,carrier\n819012345678,nobody\n819012345678,au\n819012345678,au\n")
    with pytest.raises(BadRows) as caught:
        read(file)
    assert "819012345678" not in str(caught.value)

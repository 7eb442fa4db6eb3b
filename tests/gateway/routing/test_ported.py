"""The table of ported numbers, and the files that it is read from."""

from pathlib import Path

import pytest

from gateway.routing.numbers import NumberRules
from gateway.routing.ported import PortedNumbers, read_ported
from gateway.routing.tables import BadRows

JAPAN = NumberRules("81", "0", ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"), 10)


def test_numbers_are_written_as_customers_write_them(tmp_path: Path) -> None:
    file = tmp_path / "ported.csv"
    file.write_text("number,carrier\n09012345678,au\n+81 80-1234-5678,docomo\n817012345678,\n")
    table = PortedNumbers(read_ported([file], JAPAN, {"au", "docomo"}))
    assert table.carrier(b"819012345678") == "au"
    assert table.carrier(b"818012345678") == "docomo"
    assert table.carrier(b"817012345678") == ""
    assert table.carrier(b"819012345679") is None
    assert table.carriers() == {"au", "docomo", ""}


def test_bad_numbers_are_told_without_being_shown(tmp_path: Path) -> None:
    file = tmp_path / "ported.csv"
    file.write_text("number,carrier\n0312345678,au\n09012345678,au\n819012345678,au\nabc,au\n")
    with pytest.raises(BadRows) as caught:
        read_ported([file], JAPAN, {"au"})
    assert [(row.line, row.message) for row in caught.value.rows] == [
        (2, "number: this is not a mobile number"),
        (4, "number: stands in this file already"),
        (5, "number: this is not a telephone number"),
    ]


def test_the_carriers_name_is_kept_once(tmp_path: Path) -> None:
    file = tmp_path / "ported.csv"
    file.write_text(
        "number,carrier\n" + "".join(f"090{number:08d},softbank\n" for number in range(10_000_000, 10_000_100))
    )
    assert len({id(carrier) for carrier in read_ported([file], JAPAN, {"softbank"}).values()}) == 1

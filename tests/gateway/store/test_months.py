"""A month is Japan's; what a row is found by differs from what it is not."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.store import months
from gateway.store.schema import HISTORY_FIELDS, RECORD_FIELDS


def ms(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (ms(2026, 10, 31, 14, 59, 59), "2026-10"),
        (ms(2026, 10, 31, 15), "2026-11"),
        (ms(2026, 12, 31, 15), "2027-01"),
        (ms(2028, 2, 29, 14, 59), "2028-02"),
    ],
)
def test_a_month_begins_at_midnight_in_japan(moment: int, month: str) -> None:
    assert months.month_of(moment) == month
    first, end = months.bounds(month)
    assert first <= moment < end


def test_months_follow_each_other_without_a_gap() -> None:
    for year in (2027, 2028):
        for month in range(1, 12):
            assert months.bounds(f"{year}-{month:02d}")[1] == months.bounds(f"{year}-{month + 1:02d}")[0]


@pytest.mark.parametrize("wrong", ["2026", "2026-13", "november", ""])
def test_what_is_no_month_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"time data|unconverted data"):
        months.bounds(wrong)


def test_what_rows_are_found_by_is_told_apart() -> None:
    hashes = [
        months.of_id(7),
        months.of_number(b"7"),
        months.of_carrier_id(b"7"),
        months.of_reference(b"7"),
    ]
    assert len(set(hashes)) == len(hashes)


def attached() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("ATTACH ':memory:' AS month")
    return connection


def test_the_tables_have_the_contract_s_fields() -> None:
    connection = attached()
    months.migrate(connection)
    months.migrate(connection)
    columns = {
        table: [row[1] for row in connection.execute(f"PRAGMA month.table_info({table})")]
        for table in ("record", "history")
    }
    assert columns == {"record": ["seq", *RECORD_FIELDS], "history": ["seq", *HISTORY_FIELDS, "sealed"]}


def test_a_file_of_a_newer_version_is_refused() -> None:
    connection = attached()
    connection.execute(f"PRAGMA month.user_version={len(months.MIGRATIONS) + 1}")
    with pytest.raises(ValueError, match="version 2"):
        months.migrate(connection)


def test_a_file_is_there_with_its_tables_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "2026-11.sqlite3"
    path.with_name(path.name + ".new").write_bytes(b"half of one, from a life that ended")
    with monkeypatch.context() as broken:
        broken.setattr(months, "MIGRATIONS", ("CREATE TABLE month.one (a); CREATE TABLE month.one (a);",))
        with pytest.raises(sqlite3.OperationalError):
            months.create(path)
    assert not path.exists()
    months.create(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM record").fetchone() == (0,)
    connection.close()

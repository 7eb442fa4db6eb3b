"""Exports: a row a record, times in Japan, nothing that a spreadsheet would run, and as a stream."""

import csv
import io
import json
import sys
import tracemalloc
from collections.abc import Iterator

import pytest

from gateway.finance import export
from gateway.finance.export import MESSAGE_COLUMNS, SEGMENT_COLUMNS, WRITERS, message_rows, segment_rows
from gateway.finance.months import FinanceError
from gateway.finance.source import Segment
from gateway.store.contract import BillingRecord
from tests.gateway.finance.desk import AFTER, failed, record

RECORDS = [record(10, 3, kind="otp", done_at=AFTER - 1), failed(11, sent_at=0, test=True, error='=1+1,"x"')]


def written(form: str, records: list[BillingRecord]) -> bytes:
    out = io.BytesIO()
    assert WRITERS[form](MESSAGE_COLUMNS, message_rows(records, 4), out) == len(records)
    return out.getvalue()


def test_csv() -> None:
    first, second = csv.DictReader(io.StringIO(written("csv", RECORDS).decode(), newline=""))
    assert tuple(first) == tuple(name for name, _ in MESSAGE_COLUMNS)
    assert (first["message_id"], first["units"], first["kind"]) == ("000000000000000a", "3", "otp")
    assert first["done_at"] == "2026-11-30T23:59:59.999+09:00"
    assert first["destination_addr"] == "********5678"
    assert (second["sent_at"], second["test"]) == ("", "True")


def test_a_spreadsheet_runs_nothing_of_it() -> None:
    _, second = csv.DictReader(io.StringIO(written("csv", RECORDS).decode(), newline=""))
    assert second["error"] == '\'=1+1,"x"'


def test_json_lines() -> None:
    first, second = (json.loads(line) for line in written("jsonl", RECORDS).splitlines())
    assert (first["units"], first["charge_sen"], first["test"]) == (3, 3000, False)
    assert first["submitted_at"] == "2026-11-01T00:00:01.000+09:00"
    assert (second["sent_at"], second["test"], second["error"]) == (None, True, '=1+1,"x"')


def test_a_row_a_segment() -> None:
    out = io.BytesIO()
    segments = [Segment(RECORDS[0], number, 4, f"a{number}", "000") for number in (1, 2, 3)]
    assert WRITERS["csv"](SEGMENT_COLUMNS, segment_rows(segments, 4), out) == 3
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert [(row["message_id"], row["segment"], row["carrier_message_id"]) for row in rows] == [
        ("000000000000000a", str(number), f"a{number}") for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_no_records_are_an_empty_export(form: str) -> None:
    assert written(form, []).count(b"\n") == (1 if form == "csv" else 0)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_long_month_takes_no_more_memory_than_a_short_one(form: str) -> None:
    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, octets: object) -> int:
            return len(memoryview(octets))  # type: ignore[arg-type]

    def many() -> Iterator[BillingRecord]:
        for number in range(3_000):
            yield RECORDS[0]._replace(message_id=number)

    tracemalloc.start()
    try:
        WRITERS[form](MESSAGE_COLUMNS, message_rows(many(), 4), io.BufferedWriter(Nowhere()))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1_000_000  # the rows together are several times that


def test_parquet_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FinanceError, match=r"smpp-gateway\[parquet\]"):
        written("parquet", RECORDS)


def test_parquet(monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(export, "CHUNK", 1)
    table = parquet.read_table(io.BytesIO(written("parquet", RECORDS)))
    assert table.column("units").to_pylist() == [3, 1]
    assert table.column("sent_at").to_pylist()[1] is None
    assert table.column("done_at").to_pylist()[0].isoformat() == "2026-11-30T23:59:59.999000+09:00"
    assert table.column("test").to_pylist() == [False, True]

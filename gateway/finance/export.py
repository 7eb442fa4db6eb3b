"""A month's records to a file, as a stream: ten million take no more memory than a thousand."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import IO, Any

import orjson

from gateway.finance.cdr import FIELDS, SEGMENT_FIELDS, Holds, Value
from gateway.finance.months import FinanceError
from gateway.finance.source import Segment
from gateway.store.contract import BillingRecord

CHUNK = 10_000  # rows written at a time
_EPOCH = datetime(1970, 1, 1, 9)  # noqa: DTZ001 - the wall clock of Japan
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins with these

Row = list[Value]
Rows = Iterable[Row]

MESSAGE_COLUMNS = tuple((one.name, one.holds) for one in FIELDS)
SEGMENT_COLUMNS = MESSAGE_COLUMNS + tuple((one.name, one.holds) for one in SEGMENT_FIELDS)
Columns = tuple[tuple[str, Holds], ...]


def message_rows(records: Iterable[BillingRecord], visible: int) -> Iterator[Row]:
    """A row a message, in the order of MESSAGE_COLUMNS."""
    readers = [one.read for one in FIELDS]
    for record in records:
        yield [read(record, visible) for read in readers]


def segment_rows(segments: Iterable[Segment], visible: int) -> Iterator[Row]:
    """A row a segment, in the order of SEGMENT_COLUMNS."""
    for segment in segments:
        yield [
            *(one.read(segment.record, visible) for one in FIELDS),
            *(one.read(segment) for one in SEGMENT_FIELDS),
        ]


def to_csv(columns: Columns, rows: Rows, out: IO[bytes]) -> int:
    """RFC 4180, UTF-8, with a head; how many rows."""
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([name for name, _ in columns])
    texts = [at for at, (_, holds) in enumerate(columns) if holds is Holds.TEXT]
    moments = [at for at, (_, holds) in enumerate(columns) if holds is Holds.MOMENT]
    count = 0
    for row in rows:
        count += 1
        for at in moments:
            row[at] = _written(row[at])
        for at in texts:
            if str(row[at]).startswith(_FORMULA):
                row[at] = f"'{row[at]}"
        writer.writerow(row)
    text.flush()
    text.detach()
    return count


def to_jsonl(columns: Columns, rows: Rows, out: IO[bytes]) -> int:
    """A JSON object a line; how many."""
    names = [name for name, _ in columns]
    moments = [at for at, (_, holds) in enumerate(columns) if holds is Holds.MOMENT]
    count = 0
    for row in rows:
        count += 1
        for at in moments:
            row[at] = _written(row[at])
        out.write(orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE))
    return count


def to_parquet(columns: Columns, rows: Rows, out: IO[bytes]) -> int:
    """Parquet, a row group for each CHUNK rows; how many rows. FinanceError when pyarrow is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise FinanceError("Parquet needs pyarrow: pip install 'smpp-gateway[parquet]'") from None
    kinds: dict[Holds, Any] = {
        Holds.TEXT: pa.string(),
        Holds.WHOLE: pa.int64(),
        Holds.TRUTH: pa.bool_(),
        Holds.MOMENT: pa.timestamp("ms", tz="Asia/Tokyo"),
    }
    schema = pa.schema([(name, kinds[holds]) for name, holds in columns])
    count = 0
    source = iter(rows)
    with parquet.ParquetWriter(out, schema) as writer:
        while chunk := list(islice(source, CHUNK)):
            arrays = [
                pa.array(values, kind) for values, kind in zip(zip(*chunk, strict=True), schema.types, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))
            count += len(chunk)
    return count


def _written(ms: Value) -> str | None:
    """JST with milliseconds: 2026-11-24T23:59:59.999+09:00."""
    if not isinstance(ms, int):
        return None
    second, milli = divmod(ms, 1000)
    return f"{_second(second)}.{milli:03d}+09:00"


@lru_cache(maxsize=4_096)
def _second(since_1970: int) -> str:
    """Most moments of a busy month share their second with the one before."""
    return (_EPOCH + timedelta(seconds=since_1970)).isoformat(timespec="seconds")


WRITERS: dict[str, Callable[[Columns, Rows, IO[bytes]], int]] = {
    "csv": to_csv,
    "jsonl": to_jsonl,
    "parquet": to_parquet,
}

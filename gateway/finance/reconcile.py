"""A carrier's own count against ours, segment by segment and day by day.

Both sides go into a database that lives on disk while it is needed, so a month of ten million takes little memory.
"""

import csv
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

from gateway.finance.months import FinanceError, day_of
from gateway.finance.posting import carrier_of
from gateway.finance.source import Segment
from gateway.model.lifecycle import SegmentState

DELIVERED_WORDS = frozenset({"delivrd", "delivered", "success", "ok", "2", "成功", "到達", "配信済"})
MOST_SHOWN = 100  # segments named one by one; all are counted
_DAY_FORMS = ("", "-", "/")


class Columns(NamedTuple):
    """How the carrier's file calls what we need. Outcome and day may be missing in it."""

    id: str = "id"
    outcome: str = "outcome"
    day: str = "day"
    encoding: str = "utf-8-sig"


class Day(NamedTuple):
    """One day's count. `day` is ISO, or empty where only they know the segment and tell no day."""

    day: str
    matched: int
    theirs_only: int
    ours_only: int
    different: int


class Difference(NamedTuple):
    """One segment that does not agree. `message` is our id, empty when we do not know it."""

    what: str
    carrier_id: str
    message: str
    ours: str
    theirs: str


class Reconciliation(NamedTuple):
    """The whole comparison."""

    carrier: str
    days: list[Day]
    repeated: int  # lines of theirs whose id was there before
    differences: list[Difference]  # the first MOST_SHOWN

    @property
    def balances(self) -> bool:
        """Whether both sides tell the same."""
        return not self.repeated and not any(one.theirs_only or one.ours_only or one.different for one in self.days)


def reconcile(
    carrier: str, segments: Iterable[Segment], file: Path, canonical: Callable[[bytes], bytes], columns: Columns
) -> Reconciliation:
    """Compare. Ours are segments that the carrier gave an id. FinanceError for a file that cannot be read."""
    with closing(sqlite3.connect("", isolation_level=None)) as desk:
        desk.execute("PRAGMA journal_mode=OFF")
        desk.execute("CREATE TABLE ours (id TEXT PRIMARY KEY, day TEXT, delivered INTEGER, message TEXT) WITHOUT ROWID")
        desk.execute("CREATE TABLE theirs (id TEXT PRIMARY KEY, day TEXT, delivered INTEGER) WITHOUT ROWID")
        desk.execute("BEGIN")
        # An id that the carrier used again belongs to the newest.
        desk.executemany("INSERT OR REPLACE INTO ours VALUES (?, ?, ?, ?)", _ours(carrier, segments))
        repeated = 0
        for row in _theirs(file, canonical, columns):
            cursor = desk.execute("INSERT OR IGNORE INTO theirs VALUES (?, ?, ?)", row)
            repeated += 1 - cursor.rowcount
        return Reconciliation(carrier, _days(desk), repeated, _differences(desk))


def _ours(carrier: str, segments: Iterable[Segment]) -> Iterator[tuple[str, str, bool, str]]:
    for segment in segments:
        record = segment.record
        if segment.carrier_id and carrier_of(record) == carrier:
            delivered = segment.state == SegmentState.DELIVERED
            yield segment.carrier_id, day_of(record.done_at).isoformat(), delivered, f"{record.message_id:016x}"


def _theirs(
    file: Path, canonical: Callable[[bytes], bytes], columns: Columns
) -> Iterator[tuple[str, str, bool | None]]:
    try:
        with file.open(encoding=columns.encoding, newline="") as text:
            rows = csv.DictReader(text)
            if columns.id not in (rows.fieldnames or ()):
                raise FinanceError(
                    f"{file}: there is no column {columns.id!r}; it has {', '.join(rows.fieldnames or ())}"
                )
            for row in rows:
                raw = (row[columns.id] or "").strip()
                if not raw:
                    raise FinanceError(f"{file}:{rows.line_num}: there is no id")
                word = (row.get(columns.outcome) or "").strip().lower()
                delivered = (word in DELIVERED_WORDS) if word else None
                day = _day((row.get(columns.day) or "").strip())
                if day is None:
                    raise FinanceError(f"{file}:{rows.line_num}: {row[columns.day]!r} is no day")
                yield canonical(raw.encode()).decode(), day, delivered
    except (OSError, UnicodeError, LookupError, csv.Error) as error:
        raise FinanceError(f"{file}: {error}") from None


def _day(written: str) -> str | None:
    """ISO from 2026-11-24, 2026/11/24 or 20261124, with or without a time behind it; None if it is no day."""
    if not written:
        return ""
    digits = (
        written[:10].replace("/", "-") if not written[:8].isdigit() else f"{written[:4]}-{written[4:6]}-{written[6:8]}"
    )
    try:
        return date.fromisoformat(digits).isoformat()
    except ValueError:
        return None


_JOINED = """
    SELECT coalesce(nullif(theirs.day, ''), ours.day, '') AS day, id, message, ours.delivered AS ours,
        theirs.delivered AS theirs, 'matched' AS here FROM ours JOIN theirs USING (id)
    UNION ALL SELECT ours.day, id, message, ours.delivered, NULL, 'ours' FROM ours LEFT JOIN theirs USING (id)
        WHERE theirs.id IS NULL
    UNION ALL SELECT theirs.day, id, '', NULL, theirs.delivered, 'theirs' FROM theirs LEFT JOIN ours USING (id)
        WHERE ours.id IS NULL
"""
_DIFFERENT = "here = 'matched' AND theirs IS NOT NULL AND ours <> theirs"


def _days(desk: sqlite3.Connection) -> list[Day]:
    rows = desk.execute(
        f"SELECT day, sum(here = 'matched' AND NOT ({_DIFFERENT})), sum(here = 'theirs'), sum(here = 'ours'),"  # noqa: S608
        f" sum({_DIFFERENT}) FROM ({_JOINED}) GROUP BY day ORDER BY day"
    )
    return [Day._make(int(cell) if at else cell for at, cell in enumerate(row)) for row in rows]


def _differences(desk: sqlite3.Connection) -> list[Difference]:
    rows = desk.execute(
        f"SELECT here, id, message, ours, theirs FROM ({_JOINED}) WHERE here <> 'matched' OR ({_DIFFERENT})"  # noqa: S608
        " ORDER BY day, id LIMIT ?",
        (MOST_SHOWN,),
    )
    what = {"matched": "different outcome", "ours": "ours only", "theirs": "theirs only"}
    return [
        Difference(what[here], id_, message, _word(ours), _word(theirs)) for here, id_, message, ours, theirs in rows
    ]


def _word(delivered: int | None) -> str:
    return "" if delivered is None else "delivered" if delivered else "not delivered"

"""A store's billing records, wherever they are at the moment, with a pen of our own: the judges' way in.

What ended lately stands in `done` of the hot file, the rest in a file for each month; a row on its way is in both, with
the same `seq`, and counts once.
"""

import sqlite3
from pathlib import Path

HOT = "gateway.sqlite3"
COLUMNS = (
    "message_id",
    "customer",
    "carrier",
    "known_by",
    "ported",
    "source_addr",
    "destination_addr",
    "characters",
    "segments",
    "units",
    "outcome",
    "error",
    "submitted_at",
    "done_at",
    "tariff",
    "unit_price_sen",
    "charge_sen",
    "route",
    "kind",
    "delivered",
    "attempts",
    "sent_at",
    "reason",
    "check_sen",
    "test",
)


def connect(directory: Path) -> sqlite3.Connection:
    """The hot file of the store in `directory`, read only, with all records in the table `billing_record`.

    sqlite3.OperationalError when there is none.
    """
    columns = ", ".join(COLUMNS)
    hot = sqlite3.connect(f"{(directory / HOT).absolute().as_uri()}?mode=ro", uri=True)
    # The hot file first: what leaves it while this reads is in its month's file by then.
    hot.execute(f"CREATE TEMP TABLE billing_record (seq INTEGER PRIMARY KEY, {columns})")
    hot.execute(f"INSERT INTO billing_record SELECT seq, {columns} FROM main.done")  # noqa: S608 - our own columns
    hot.commit()
    for month in sorted((directory / "archive").glob("*.sqlite3")):
        hot.execute("ATTACH ? AS month", (f"{month.absolute().as_uri()}?mode=ro",))
        hot.execute(f"INSERT OR IGNORE INTO billing_record SELECT seq, {columns} FROM month.record")  # noqa: S608
        hot.commit()
        hot.execute("DETACH month")
    return hot

"""The tables, as numbered migrations, and the statements, derived from the contract's fields.

Hot tables hold what is alive and stay small; `billing_record` is append-only, and so is `told`, which has a row for
each id that a customer was told in the place of a message's own. They share one file, since SQLite in WAL mode commits
atomically per file only.
"""

import sqlite3

from gateway.store.contract import (
    BillingRecord,
    MessageAccepted,
    MoOwed,
    MoPartAccepted,
    PartAccepted,
    ReceiptEarly,
    ReceiptOwed,
)

FILE_NAME = "gateway.sqlite3"

# Never edit one that was released; append.
MIGRATIONS = (
    """
    CREATE TABLE message (
        message_id INTEGER PRIMARY KEY, customer TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, e164 BLOB NOT NULL, carrier TEXT NOT NULL, known_by TEXT NOT NULL,
        ported TEXT NOT NULL, data_coding INTEGER NOT NULL, binary INTEGER NOT NULL, text BLOB NOT NULL,
        other_elements BLOB NOT NULL, characters INTEGER NOT NULL, segments INTEGER NOT NULL, units INTEGER NOT NULL,
        reference INTEGER NOT NULL, priority INTEGER NOT NULL, registered_delivery INTEGER NOT NULL,
        user_message_reference BLOB NOT NULL,
        part_ids BLOB NOT NULL, submitted_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, life BLOB NOT NULL
    ) STRICT;
    CREATE TABLE part (
        part_id INTEGER PRIMARY KEY, told_id INTEGER NOT NULL, customer TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, e164 BLOB NOT NULL, reference INTEGER NOT NULL, wide INTEGER NOT NULL,
        total INTEGER NOT NULL, number INTEGER NOT NULL, data_coding INTEGER NOT NULL, octets BLOB NOT NULL,
        other_elements BLOB NOT NULL, priority INTEGER NOT NULL, registered_delivery INTEGER NOT NULL,
        user_message_reference BLOB NOT NULL, validity_period BLOB NOT NULL, submitted_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX part_told ON part (told_id);
    CREATE TABLE receipt_owed (
        customer TEXT NOT NULL, owed_id INTEGER NOT NULL, message_id INTEGER NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, message_state INTEGER NOT NULL, error BLOB NOT NULL,
        segments INTEGER NOT NULL, delivered INTEGER NOT NULL, submitted_at INTEGER NOT NULL,
        done_at INTEGER NOT NULL, user_message_reference BLOB NOT NULL, PRIMARY KEY (customer, owed_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE receipt_early (
        carrier TEXT NOT NULL, carrier_id BLOB NOT NULL, message_state INTEGER NOT NULL, error BLOB NOT NULL,
        arrived_at INTEGER NOT NULL, PRIMARY KEY (carrier, carrier_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mo_owed (
        customer TEXT NOT NULL, owed_id INTEGER NOT NULL, carrier TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, esm_class INTEGER NOT NULL, protocol_id INTEGER NOT NULL,
        priority_flag INTEGER NOT NULL, data_coding INTEGER NOT NULL, short_message BLOB NOT NULL, tlvs BLOB NOT NULL,
        arrived_at INTEGER NOT NULL, PRIMARY KEY (customer, owed_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mo_part (
        customer TEXT NOT NULL, part_id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, esm_class INTEGER NOT NULL, protocol_id INTEGER NOT NULL,
        priority_flag INTEGER NOT NULL, data_coding INTEGER NOT NULL, short_message BLOB NOT NULL, tlvs BLOB NOT NULL,
        arrived_at INTEGER NOT NULL, reference INTEGER NOT NULL, wide INTEGER NOT NULL, total INTEGER NOT NULL,
        number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE billing_record (
        message_id INTEGER PRIMARY KEY, customer TEXT NOT NULL, carrier TEXT NOT NULL, known_by TEXT NOT NULL,
        ported TEXT NOT NULL, source_addr TEXT NOT NULL, destination_addr TEXT NOT NULL,
        characters INTEGER NOT NULL, segments INTEGER NOT NULL, units INTEGER NOT NULL, outcome TEXT NOT NULL,
        error TEXT NOT NULL, submitted_at INTEGER NOT NULL, done_at INTEGER NOT NULL, tariff TEXT NOT NULL,
        unit_price_sen INTEGER NOT NULL, charge_sen INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE told (
        customer TEXT NOT NULL, told_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
        PRIMARY KEY (customer, told_id, message_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE short_ids (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version's tables. Raise ValueError if a newer version wrote it."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise ValueError(
            f"the store has version {version}, this program knows {len(MIGRATIONS)}: use the newer program"
        )
    for number in range(version, len(MIGRATIONS)):
        connection.executescript(f"BEGIN IMMEDIATE;{MIGRATIONS[number]};PRAGMA user_version={number + 1};COMMIT;")


def _insert(table: str, fields: tuple[str, ...], conflict: str = "") -> str:
    return f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))}){conflict}"  # noqa: S608


def _update(table: str, fields: tuple[str, ...]) -> str:
    """All fields of the row that the first one names."""
    values = ", ".join(f"{field} = ?{place}" for place, field in enumerate(fields[1:], 2))
    return f"UPDATE {table} SET {values} WHERE {fields[0]} = ?1"  # noqa: S608


# One batch runs these in this order, each with all its rows. The order is that of a message's life, and no row is
# written twice by one batch, so grouping by kind ends in the same state as the order of the writes.
STATEMENTS = (
    _insert("message", MessageAccepted._fields),
    _update("message", MessageAccepted._fields),
    "UPDATE message SET life = ?2 WHERE message_id = ?1",
    _insert("part", PartAccepted._fields),
    # The lifecycle settles a message once; should that ever fail, the first record stands and the count tells.
    _insert("billing_record", BillingRecord._fields, " ON CONFLICT DO NOTHING"),
    _insert("receipt_owed", ReceiptOwed._fields),
    "DELETE FROM message WHERE message_id = ?",
    "DELETE FROM receipt_owed WHERE customer = ? AND owed_id = ?",
    "DELETE FROM part WHERE part_id = ?",
    _insert(
        "receipt_early",
        ReceiptEarly._fields,
        " ON CONFLICT DO UPDATE SET message_state = excluded.message_state, error = excluded.error,"
        " arrived_at = excluded.arrived_at",
    ),
    "DELETE FROM receipt_early WHERE carrier = ? AND carrier_id = ?",
    _insert("mo_part", MoPartAccepted._fields),
    _insert("mo_owed", MoOwed._fields),
    "DELETE FROM mo_part WHERE part_id = ?",
    "DELETE FROM mo_owed WHERE customer = ? AND owed_id = ?",
    _insert("told", ("customer", "told_id", "message_id"), " ON CONFLICT DO NOTHING"),
    "INSERT INTO short_ids (one, last) VALUES (1, ?) ON CONFLICT DO UPDATE SET last = excluded.last",
)
(
    ACCEPTED,
    REPLACED,
    MOVED,
    PART,
    RECORD,
    OWED,
    SETTLED,
    HANDED_OVER,
    JOINED,
    EARLY,
    EARLY_DONE,
    MO_PART,
    MO_OWED,
    MO_JOINED,
    MO_HANDED_OVER,
    TOLD,
    SHORT_IDS,
) = range(len(STATEMENTS))

Row = tuple[object, ...]
Rows = list[Row]
Batch = list[Rows]  # one list of rows for each of STATEMENTS


def _select(table: str, fields: tuple[str, ...], rest: str) -> str:
    return f"SELECT {', '.join(fields)} FROM {table} {rest}"  # noqa: S608


QUERIES = {
    "last_id": """SELECT max(id) FROM (
        SELECT max(message_id) AS id FROM message UNION ALL SELECT max(message_id) FROM billing_record
        UNION ALL SELECT max(part_id) FROM part UNION ALL SELECT max(owed_id) FROM receipt_owed
        UNION ALL SELECT max(message_id) FROM receipt_owed UNION ALL SELECT max(part_id) FROM mo_part
        UNION ALL SELECT max(owed_id) FROM mo_owed)""",
    "messages": _select("message", MessageAccepted._fields, "WHERE message_id > ? ORDER BY message_id LIMIT ?"),
    "parts": _select("part", PartAccepted._fields, "WHERE part_id > ? ORDER BY part_id LIMIT ?"),
    "early": _select("receipt_early", ReceiptEarly._fields, "ORDER BY arrived_at"),
    "mo_parts": _select("mo_part", MoPartAccepted._fields, "ORDER BY part_id"),
    "mo_owed": _select("mo_owed", MoOwed._fields, "WHERE customer = ? AND owed_id > ? ORDER BY owed_id LIMIT ?"),
    "owed": _select("receipt_owed", ReceiptOwed._fields, "WHERE customer = ? AND owed_id > ? ORDER BY owed_id LIMIT ?"),
    "short_ids": "SELECT last FROM short_ids",
    "ended": """SELECT source_addr, outcome, error, done_at FROM billing_record WHERE customer = ? AND message_id = ?
        UNION ALL SELECT source_addr, outcome, error, done_at FROM told JOIN billing_record USING (message_id)
        WHERE told.customer = ? AND told_id = ?""",
    "parts_told": "SELECT source_addr FROM part WHERE customer = ? AND told_id = ?",
}

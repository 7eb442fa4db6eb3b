"""The tables, as numbered migrations, and the statements, derived from the contract's fields.

All tables here are hot: they hold what is alive and stay small. A message that ended moves to `done` in the commit that
ends it, and from there to the file of its month (gateway.store.archive): two files share no commit, so `done` is the
step between. `told` has a row for each id that a customer was told in the place of a message's own, for messages that
are in `parked` or `done`. Text is as gateway.store.seal writes it.
"""

import sqlite3

from gateway.store.contract import BillingRecord, Kept, MessageAccepted, PartAccepted, ReceiptEarly, ReceiptOwed
from gateway.store.from_phones import MoOwed, MoPartAccepted

FILE_NAME = "gateway.sqlite3"

# Never edit one that was released; append.
MIGRATIONS = (
    """
    CREATE TABLE message (
        message_id INTEGER PRIMARY KEY, customer TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, sender BLOB NOT NULL, dest_ton INTEGER NOT NULL,
        dest_npi INTEGER NOT NULL, destination_addr BLOB NOT NULL, e164 BLOB NOT NULL, carrier TEXT NOT NULL,
        serving TEXT NOT NULL, known_by TEXT NOT NULL, ported TEXT NOT NULL, data_coding INTEGER NOT NULL,
        binary INTEGER NOT NULL, text BLOB NOT NULL, other_elements BLOB NOT NULL, characters INTEGER NOT NULL,
        segments INTEGER NOT NULL, units INTEGER NOT NULL, reference INTEGER NOT NULL, priority INTEGER NOT NULL,
        kind TEXT NOT NULL, registered_delivery INTEGER NOT NULL, user_message_reference BLOB NOT NULL,
        part_ids BLOB NOT NULL, submitted_at INTEGER NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
        check_sen INTEGER NOT NULL, life BLOB NOT NULL
    ) STRICT;
    CREATE TABLE parked (
        message_id INTEGER PRIMARY KEY, customer TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, sender BLOB NOT NULL, dest_ton INTEGER NOT NULL,
        dest_npi INTEGER NOT NULL, destination_addr BLOB NOT NULL, e164 BLOB NOT NULL, carrier TEXT NOT NULL,
        serving TEXT NOT NULL, known_by TEXT NOT NULL, ported TEXT NOT NULL, data_coding INTEGER NOT NULL,
        binary INTEGER NOT NULL, text BLOB NOT NULL, other_elements BLOB NOT NULL, characters INTEGER NOT NULL,
        segments INTEGER NOT NULL, units INTEGER NOT NULL, reference INTEGER NOT NULL, priority INTEGER NOT NULL,
        kind TEXT NOT NULL, registered_delivery INTEGER NOT NULL, user_message_reference BLOB NOT NULL,
        part_ids BLOB NOT NULL, submitted_at INTEGER NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
        check_sen INTEGER NOT NULL, life BLOB NOT NULL, waits INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX parked_lane ON parked (carrier, priority, customer, message_id) WHERE waits = 0;
    CREATE INDEX parked_due ON parked (waits) WHERE waits > 0;
    CREATE INDEX parked_over ON parked (expires_at);
    CREATE INDEX parked_addressed ON parked (customer, e164);
    CREATE TABLE part (
        part_id INTEGER PRIMARY KEY, told_id INTEGER NOT NULL, customer TEXT NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, e164 BLOB NOT NULL, reference INTEGER NOT NULL, wide INTEGER NOT NULL,
        total INTEGER NOT NULL, number INTEGER NOT NULL, data_coding INTEGER NOT NULL, octets BLOB NOT NULL,
        other_elements BLOB NOT NULL, priority INTEGER NOT NULL, registered_delivery INTEGER NOT NULL,
        user_message_reference BLOB NOT NULL, validity_period BLOB NOT NULL, submitted_at INTEGER NOT NULL,
        kind TEXT NOT NULL, carrier TEXT NOT NULL, check_since INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX part_told ON part (told_id);
    CREATE TABLE receipt_owed (
        customer TEXT NOT NULL, owed_id INTEGER NOT NULL, message_id INTEGER NOT NULL, source_ton INTEGER NOT NULL,
        source_npi INTEGER NOT NULL, source_addr BLOB NOT NULL, dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL,
        destination_addr BLOB NOT NULL, message_state INTEGER NOT NULL, error BLOB NOT NULL,
        segments INTEGER NOT NULL, delivered INTEGER NOT NULL, submitted_at INTEGER NOT NULL,
        done_at INTEGER NOT NULL, user_message_reference BLOB NOT NULL, reason TEXT NOT NULL,
        segment INTEGER NOT NULL, PRIMARY KEY (customer, owed_id)
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
    CREATE TABLE done (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER NOT NULL UNIQUE, customer TEXT NOT NULL,
        carrier TEXT NOT NULL, known_by TEXT NOT NULL, ported TEXT NOT NULL, source_addr TEXT NOT NULL,
        destination_addr TEXT NOT NULL, characters INTEGER NOT NULL, segments INTEGER NOT NULL, units INTEGER NOT NULL,
        outcome TEXT NOT NULL, error TEXT NOT NULL, submitted_at INTEGER NOT NULL, done_at INTEGER NOT NULL,
        tariff TEXT NOT NULL, unit_price_sen INTEGER NOT NULL, charge_sen INTEGER NOT NULL, route TEXT NOT NULL,
        kind TEXT NOT NULL, delivered INTEGER NOT NULL, attempts INTEGER NOT NULL, sent_at INTEGER NOT NULL,
        reason TEXT NOT NULL, check_sen INTEGER NOT NULL, test INTEGER NOT NULL,
        life BLOB NOT NULL, source_ton INTEGER NOT NULL, source_npi INTEGER NOT NULL, sender BLOB NOT NULL,
        dest_ton INTEGER NOT NULL, dest_npi INTEGER NOT NULL, destination BLOB NOT NULL, data_coding INTEGER NOT NULL,
        binary INTEGER NOT NULL, text BLOB NOT NULL, other_elements BLOB NOT NULL, reference INTEGER NOT NULL,
        priority INTEGER NOT NULL, registered_delivery INTEGER NOT NULL, user_message_reference BLOB NOT NULL,
        part_ids BLOB NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE told (
        customer TEXT NOT NULL, told_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
        PRIMARY KEY (customer, told_id, message_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE short_ids (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
    CREATE TABLE kept (
        kind TEXT NOT NULL, owner TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, until INTEGER NOT NULL,
        PRIMARY KEY (kind, owner, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sealing (
        one INTEGER PRIMARY KEY CHECK (one = 1), key_id BLOB NOT NULL, secret BLOB NOT NULL
    ) STRICT;
    INSERT INTO sealing (one, key_id, secret) VALUES (1, x'', randomblob(16));
    CREATE TABLE archived (one INTEGER PRIMARY KEY CHECK (one = 1), last_id INTEGER NOT NULL) STRICT;
    INSERT INTO archived (one, last_id) VALUES (1, 0);
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


# Of `done`, what a message's own row adds to its billing record and last life: the history of the message.
_FROM_MESSAGE = {
    "source_ton": "source_ton",
    "source_npi": "source_npi",
    "sender": "sender",
    "dest_ton": "dest_ton",
    "dest_npi": "dest_npi",
    "destination": "destination_addr",
    "data_coding": "data_coding",
    "binary": "binary",
    "text": "text",
    "other_elements": "other_elements",
    "reference": "reference",
    "priority": "priority",
    "registered_delivery": "registered_delivery",
    "user_message_reference": "user_message_reference",
    "part_ids": "part_ids",
    "due_at": "due_at",
    "expires_at": "expires_at",
}
RECORD_FIELDS = BillingRecord._fields
HISTORY_FIELDS = ("life", *_FROM_MESSAGE)
_SETTLED_FIELDS = (*RECORD_FIELDS, "life")


def _done() -> str:
    given = ", ".join(f"?{place}" for place in range(1, len(_SETTLED_FIELDS) + 1))
    return (
        f"INSERT INTO done ({', '.join((*_SETTLED_FIELDS, *_FROM_MESSAGE))})"  # noqa: S608
        f" SELECT {given}, {', '.join(_FROM_MESSAGE.values())} FROM message WHERE message_id = ?1"
        " ON CONFLICT DO NOTHING"
    )


_PARKED_FIELDS = (*MessageAccepted._fields, "waits")
_MESSAGE_COLUMNS = ", ".join(MessageAccepted._fields)

_TELL = _insert("told", ("customer", "told_id", "message_id"), " ON CONFLICT DO NOTHING")

# One batch runs these in this order, each with all its rows. The order is that of a message's life, and no row is
# written twice by one batch, so grouping by kind ends in the same state as the order of the writes.
STATEMENTS = (
    _insert("parked", _PARKED_FIELDS),
    _TELL,
    "UPDATE parked SET waits = 0 WHERE message_id = ?",
    f"INSERT INTO message SELECT {_MESSAGE_COLUMNS} FROM parked WHERE message_id = ?",  # noqa: S608
    "DELETE FROM told WHERE customer = ? AND told_id = ? AND message_id = ?",
    "DELETE FROM parked WHERE message_id = ?",
    _insert("message", MessageAccepted._fields),
    _update("message", MessageAccepted._fields),
    "UPDATE message SET life = ?2 WHERE message_id = ?1",
    _insert("part", PartAccepted._fields),
    # The row in `message` is there once, so a message is done once; should that ever fail, the count tells.
    _done(),
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
    _TELL,
    "INSERT INTO short_ids (one, last) VALUES (1, ?) ON CONFLICT DO UPDATE SET last = excluded.last",
    _insert("kept", Kept._fields, " ON CONFLICT DO UPDATE SET value = excluded.value, until = excluded.until"),
    "DELETE FROM kept WHERE kind = ? AND owner = ? AND key = ?",
)
(
    PARKED,
    PARKED_TOLD,
    DUE,
    UNPARKED,
    UNPARKED_TOLD,
    UNPARKED_GONE,
    ACCEPTED,
    REPLACED,
    MOVED,
    PART,
    DONE,
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
    KEPT,
    DROPPED,
) = range(len(STATEMENTS))

Row = tuple[object, ...] | list[object]
Rows = list[Row]
Batch = list[Rows]  # one list of rows for each of STATEMENTS


def _select(table: str, fields: tuple[str, ...], rest: str) -> str:
    return f"SELECT {', '.join(fields)} FROM {table} {rest}"  # noqa: S608


QUERIES = {
    "last_id": """SELECT max(id) FROM (
        SELECT max(message_id) AS id FROM message UNION ALL SELECT max(message_id) FROM done
        UNION ALL SELECT max(message_id) FROM parked UNION ALL SELECT last_id FROM archived
        UNION ALL SELECT max(part_id) FROM part UNION ALL SELECT max(owed_id) FROM receipt_owed
        UNION ALL SELECT max(message_id) FROM receipt_owed UNION ALL SELECT max(part_id) FROM mo_part
        UNION ALL SELECT max(owed_id) FROM mo_owed)""",
    "messages": _select("message", MessageAccepted._fields, "WHERE message_id > ? ORDER BY message_id LIMIT ?"),
    "parts": _select("part", PartAccepted._fields, "WHERE part_id > ? ORDER BY part_id LIMIT ?"),
    "early": _select("receipt_early", ReceiptEarly._fields, "ORDER BY arrived_at"),
    "mo_parts": _select("mo_part", MoPartAccepted._fields, "ORDER BY part_id"),
    "mo_owed": _select("mo_owed", MoOwed._fields, "WHERE customer = ? AND owed_id > ? ORDER BY owed_id LIMIT ?"),
    "owed": _select("receipt_owed", ReceiptOwed._fields, "WHERE customer = ? AND owed_id > ? ORDER BY owed_id LIMIT ?"),
    "outboxes": """SELECT customer, sum(owed) FROM (
        SELECT customer, count(*) AS owed FROM receipt_owed GROUP BY customer
        UNION ALL SELECT customer, count(*) FROM mo_owed GROUP BY customer) GROUP BY customer""",
    "short_ids": "SELECT last FROM short_ids",
    "ended": """SELECT source_addr, outcome, error, done_at FROM done WHERE customer = ? AND message_id = ?
        UNION ALL SELECT source_addr, outcome, error, done_at FROM told JOIN done USING (message_id)
        WHERE told.customer = ? AND told_id = ?""",
    "parts_told": "SELECT source_addr FROM part WHERE customer = ? AND told_id = ?",
    "kept": _select("kept", Kept._fields, ""),
    "lanes": "SELECT carrier, priority, customer, count(*) FROM parked WHERE waits = 0 GROUP BY 1, 2, 3",
    "scheduled": "SELECT customer, carrier, count(*) FROM parked WHERE waits > 0 GROUP BY customer, carrier",
    "parked": _select(
        "parked",
        _PARKED_FIELDS,
        "WHERE waits = 0 AND carrier = ? AND priority = ? AND customer = ? ORDER BY message_id LIMIT ?",
    ),
    "parked_due": _select("parked", _PARKED_FIELDS, "WHERE waits > 0 AND waits <= ? ORDER BY waits LIMIT ?"),
    "parked_over": _select("parked", _PARKED_FIELDS, "WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"),
    "parked_next": "SELECT min(waits) FROM parked WHERE waits > ? UNION ALL"
    " SELECT min(expires_at) FROM parked WHERE expires_at > ?",
    "parked_told": _select("parked", _PARKED_FIELDS, "WHERE customer = ? AND message_id = ? UNION ALL ")
    + _select(
        "told JOIN parked USING (message_id)",
        tuple(f"parked.{field}" for field in _PARKED_FIELDS),
        "WHERE told.customer = ? AND told_id = ?",
    ),
    "parked_addressed": _select("parked", _PARKED_FIELDS, "WHERE customer = ? AND e164 = ? AND source_addr = ?"),
}

"""The tables hold exactly the contract's fields; migrations are numbered and safe to repeat."""

import re
import sqlite3

import pytest

from gateway.store import schema
from gateway.store.contract import (
    BillingRecord,
    Kept,
    MessageAccepted,
    PartAccepted,
    ReceiptEarly,
    ReceiptOwed,
)


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def parameters(text: str) -> int:
    """How many values a statement takes: it counts its question marks, or numbers them."""
    numbered = [int(number) for number in re.findall(r"\?(\d+)", text)]
    return max(numbered, default=text.count("?"))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("message", MessageAccepted),
        ("part", PartAccepted),
        ("receipt_owed", ReceiptOwed),
        ("receipt_early", ReceiptEarly),
        ("kept", Kept),
    ],
)
def test_each_table_has_the_fields_of_its_change(
    connection: sqlite3.Connection, table: str, change: type[tuple[object, ...]]
) -> None:
    schema.migrate(connection)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    assert columns == list(change._fields)  # type: ignore[attr-defined]


def test_what_is_done_has_the_fields_of_the_record_and_what_is_parked_those_of_the_message(
    connection: sqlite3.Connection,
) -> None:
    schema.migrate(connection)
    done = [row[1] for row in connection.execute("PRAGMA table_info(done)")]
    assert done == ["seq", *BillingRecord._fields, *schema.HISTORY_FIELDS]
    parked = [row[1] for row in connection.execute("PRAGMA table_info(parked)")]
    assert parked == [*MessageAccepted._fields, "waits"]


def test_migrating_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    schema.migrate(connection)
    before = list(connection.iterdump())
    schema.migrate(connection)
    assert list(connection.iterdump()) == before


def test_a_store_of_a_newer_version_is_refused(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA user_version={len(schema.MIGRATIONS) + 1}")
    with pytest.raises(ValueError, match="newer program"):
        schema.migrate(connection)


def test_every_statement_and_query_is_valid(connection: sqlite3.Connection) -> None:
    schema.migrate(connection)
    for text in (*schema.STATEMENTS, *schema.QUERIES.values()):
        connection.execute(f"EXPLAIN {text}", [None] * parameters(text))


def test_a_migration_that_breaks_off_leaves_nothing(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE one (a); CREATE TABLE one (a)"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        schema.migrate(connection)
    connection.execute("ROLLBACK")
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
    assert "one" not in tables
    assert "message" in tables
    assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS) - 1,)


def test_a_batch_runs_in_the_order_of_a_message_s_life() -> None:
    """What is inserted and deleted by one batch must be deleted last."""
    for first, last in (
        (schema.ACCEPTED, schema.REPLACED),
        (schema.REPLACED, schema.MOVED),
        (schema.MOVED, schema.DONE),
        (schema.PARKED, schema.DUE),
        (schema.DUE, schema.UNPARKED),
        (schema.UNPARKED, schema.UNPARKED_GONE),
        (schema.UNPARKED, schema.REPLACED),
        (schema.UNPARKED_TOLD, schema.TOLD),
        (schema.DONE, schema.SETTLED),
        (schema.ACCEPTED, schema.SETTLED),
        (schema.OWED, schema.HANDED_OVER),
        (schema.PART, schema.JOINED),
    ):
        assert first < last
    for index, verb in ((schema.SETTLED, "DELETE FROM message"), (schema.DONE, "INSERT INTO done")):
        assert schema.STATEMENTS[index].startswith(verb)


def test_the_hot_queries_use_an_index(connection: sqlite3.Connection) -> None:
    """None of what runs at every batch, page or start may scan a table that grows."""
    schema.migrate(connection)
    texts = [text for text in schema.STATEMENTS if not text.startswith("INSERT")]
    texts += [
        schema.QUERIES[name]
        for name in (
            "messages",
            "parts",
            "owed",
            "ended",
            "parts_told",
            "parked",
            "parked_due",
            "parked_over",
            "parked_told",
            "parked_addressed",
        )
    ]
    for text in texts:
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", [None] * parameters(text)))
        assert "SCAN" not in plan, (text, plan)
        assert "TEMP B-TREE" not in plan, (text, plan)

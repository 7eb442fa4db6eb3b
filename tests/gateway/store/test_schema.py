"""The tables hold exactly the contract's fields; migrations are numbered and safe to repeat."""

import sqlite3

import pytest

from gateway.store import schema
from gateway.store.contract import BillingRecord, MessageAccepted, PartAccepted, ReceiptEarly, ReceiptOwed


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("message", MessageAccepted),
        ("part", PartAccepted),
        ("receipt_owed", ReceiptOwed),
        ("receipt_early", ReceiptEarly),
        ("billing_record", BillingRecord),
    ],
)
def test_each_table_has_the_fields_of_its_change(
    connection: sqlite3.Connection, table: str, change: type[tuple[object, ...]]
) -> None:
    schema.migrate(connection)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    assert columns == list(change._fields)  # type: ignore[attr-defined]


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
        connection.execute(f"EXPLAIN {text}", [None] * text.replace("?1", "?").replace("?2", "?").count("?"))

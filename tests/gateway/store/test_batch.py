"""A batch holds one row a fact, whatever the order and number of the changes."""

import marshal
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Bug
from gateway.store import schema
from gateway.store.batch import Batch
from gateway.store.contract import (
    Change,
    EarlyReceiptDone,
    MessageSettled,
    PartsJoined,
    ReceiptHandedOver,
    SegmentsMoved,
)
from gateway.store.memory import Disk
from tests.gateway.store.rows import accepted, early, owed, part, record, settled


def test_an_empty_batch_is_false_until_something_must_follow_it() -> None:
    batch = Batch()
    assert not batch
    batch.consequences.append((print, None))
    assert batch


def test_a_claim_in_the_batch_of_its_message_costs_no_row() -> None:
    batch = Batch()
    batch.add(accepted(20, b"waiting"))
    batch.add(SegmentsMoved(20, b"sending"))
    rows = batch.rows()
    assert rows[schema.ACCEPTED] == [tuple(accepted(20, b"sending"))]
    assert rows[schema.MOVED] == []


def test_moves_of_one_message_become_one_row() -> None:
    batch = Batch()
    for life in (b"sending", b"sent", b"sent twice"):
        batch.add(SegmentsMoved(20, life))
    assert batch.rows()[schema.MOVED] == [(20, b"sent twice")]


def test_a_message_settled_in_its_own_batch_never_is_a_row() -> None:
    batch = Batch()
    batch.add(accepted(20))
    batch.add(settled(20))
    rows = batch.rows()
    assert rows[schema.ACCEPTED] == rows[schema.SETTLED] == []
    assert rows[schema.RECORD] == [tuple(record(20))]
    assert rows[schema.OWED] == [tuple(owed(21))]


def test_settling_drops_the_moves_before_it() -> None:
    batch = Batch()
    batch.add(SegmentsMoved(20, b"sent"))
    batch.add(settled(20))
    rows = batch.rows()
    assert rows[schema.MOVED] == []
    assert rows[schema.SETTLED] == [(20,)]


def test_settling_twice_in_one_batch_is_our_bug() -> None:
    batch = Batch()
    batch.add(settled(20))
    with pytest.raises(Bug, match="0000000000000014 is settled twice"):
        batch.add(MessageSettled(record(20), ()))


def test_accepting_twice_in_one_batch_is_our_bug() -> None:
    batch = Batch()
    batch.add(accepted(20))
    with pytest.raises(Bug, match="0000000000000014 is accepted twice"):
        batch.add(accepted(20))
    batch.add(settled(20))
    with pytest.raises(Bug, match="is accepted twice"):
        batch.add(accepted(20))


@pytest.mark.parametrize("on_disk", [True, False])
def test_moving_after_the_end_is_our_bug(on_disk: bool) -> None:
    batch = Batch()
    if not on_disk:
        batch.add(accepted(20))
    batch.add(settled(20))
    with pytest.raises(Bug, match="0000000000000014 moves after its end"):
        batch.add(SegmentsMoved(20, b"sent"))


def test_rows_are_what_marshal_takes() -> None:
    batch = Batch()
    for change in (accepted(20), SegmentsMoved(30, b"sent"), settled(40), part(50), PartsJoined((50, 51)), early(b"a"),
                   EarlyReceiptDone("one", b"b"), ReceiptHandedOver("demo", 41)):  # fmt: skip
        batch.add(change)
    rows = batch.rows()
    assert [len(kind) for kind in rows] == [1, 1, 1, 1, 1, 1, 1, 2, 1, 1]
    assert marshal.loads(marshal.dumps(rows)) == rows
    assert {type(row) for kind in rows for row in kind} == {tuple}


# What may follow what, for a message that was on disk before the batch or is new in it.
STEPS = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(["accept", "move", "settle", "hand over", "part", "join", "early", "done"])
    ),
    max_size=30,
)


@given(STEPS, st.integers(0, 30))
def test_grouped_rows_end_like_the_changes_in_their_order(steps: list[tuple[int, str]], cut: int) -> None:
    """The memory engine applies change by change; SQLite gets the rows kind by kind, in two batches cut anywhere."""
    disk = Disk()
    changes: list[Change] = []
    parts: set[int] = set()
    for place, (number, what) in enumerate(steps):
        message_id, life = number * 10, b"%d" % place
        if what == "accept" and message_id not in disk.messages and message_id not in disk.records:
            changes.append(accepted(message_id, life))
        elif what == "move" and message_id in disk.messages:
            changes.append(SegmentsMoved(message_id, life))
        elif what == "settle" and message_id in disk.messages:
            changes.append(settled(message_id))
        elif what == "hand over":
            changes.append(ReceiptHandedOver("demo", message_id + 1))
        elif what == "part" and message_id not in parts:
            parts.add(message_id)
            changes.append(part(message_id + 5))
        elif what == "join" and message_id + 5 in disk.parts:
            changes.append(PartsJoined((message_id + 5,)))
        elif what == "early":
            changes.append(early(b"%d" % number, state=place % 9))
        elif what == "done":
            changes.append(EarlyReceiptDone("one", b"%d" % number))
        else:
            continue
        disk.apply(changes[-1])
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(connection)
    for some in (changes[:cut], changes[cut:]):
        batch = Batch()
        for change in some:
            batch.add(change)
        for statement, rows in zip(schema.STATEMENTS, batch.rows(), strict=True):
            connection.executemany(statement, rows)

    def table(name: str) -> list[tuple[object, ...]]:
        return sorted(connection.execute(f"SELECT * FROM {name}").fetchall())

    assert table("message") == sorted(disk.messages.values())
    assert table("part") == sorted(disk.parts.values())
    assert table("billing_record") == sorted(disk.records.values())
    assert table("receipt_owed") == sorted(disk.owed.values())
    assert table("receipt_early") == sorted(disk.early.values())
    connection.close()


def test_the_last_word_on_an_early_receipt_counts() -> None:
    batch = Batch()
    batch.add(EarlyReceiptDone("one", b"a"))
    batch.add(early(b"a"))
    batch.add(early(b"b"))
    batch.add(EarlyReceiptDone("one", b"b"))
    rows = batch.rows()
    assert rows[schema.EARLY] == [tuple(early(b"a"))]
    assert rows[schema.EARLY_DONE] == [("one", b"b")]


def test_it_counts_changes() -> None:
    batch = Batch()
    batch.add(accepted(20))
    batch.add(ReceiptHandedOver("demo", 21))
    assert batch.size == 2

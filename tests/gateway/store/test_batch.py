"""A batch holds one row a fact, whatever the order and number of the changes."""

import pytest

from gateway.model.errors import Bug
from gateway.store import schema
from gateway.store.batch import Batch
from gateway.store.contract import EarlyReceiptDone, MessageSettled, ReceiptHandedOver, SegmentsMoved
from tests.gateway.store.rows import accepted, early, owed, record, settled


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

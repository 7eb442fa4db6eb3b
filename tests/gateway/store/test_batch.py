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
    BillingRecord,
    Change,
    EarlyReceiptDone,
    Kept,
    KeptDropped,
    MessageReplaced,
    MessageSettled,
    MessagesUnparked,
    ParkedDue,
    PartsJoined,
    ReceiptHandedOver,
    SegmentsMoved,
    ShortIdsReserved,
)
from gateway.store.from_phones import MoHandedOver, MoPartsJoined
from gateway.store.memory import Disk
from tests.gateway.store.rows import (
    LAST_LIFE,
    accepted,
    early,
    mo,
    mo_part,
    owed,
    parked,
    part,
    record,
    settled,
)


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
    assert rows[schema.ACCEPTED] == [list(accepted(20, b"sending"))]
    assert rows[schema.MOVED] == []


def test_moves_of_one_message_become_one_row() -> None:
    batch = Batch()
    for life in (b"sending", b"sent", b"sent twice"):
        batch.add(SegmentsMoved(20, life))
    assert batch.rows()[schema.MOVED] == [(20, b"sent twice")]


def test_a_message_settled_in_its_own_batch_is_a_row_that_its_history_is_taken_from() -> None:
    batch = Batch()
    batch.add(accepted(20))
    batch.add(settled(20))
    rows = batch.rows()
    assert rows[schema.ACCEPTED] == [list(accepted(20))]
    assert rows[schema.DONE] == [(*record(20), LAST_LIFE)]
    assert rows[schema.SETTLED] == [(20,)]
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
        batch.add(MessageSettled(record(20), LAST_LIFE, ()))


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


def test_a_message_replaced_in_the_batch_of_its_acceptance_is_one_row() -> None:
    batch = Batch()
    batch.add(accepted(20, b"old"))
    batch.add(MessageReplaced(accepted(20, b"new")))
    batch.add(SegmentsMoved(20, b"sending"))
    rows = batch.rows()
    assert rows[schema.ACCEPTED] == [list(accepted(20, b"sending"))]
    assert rows[schema.REPLACED] == rows[schema.MOVED] == []


def test_a_replaced_row_takes_the_place_of_the_moves_before_it_and_not_of_those_after() -> None:
    batch = Batch()
    batch.add(SegmentsMoved(20, b"refused for now"))
    batch.add(MessageReplaced(accepted(20, b"new")))
    assert batch.rows()[schema.MOVED] == []
    batch.add(SegmentsMoved(20, b"sending"))
    rows = batch.rows()
    assert rows[schema.REPLACED] == [tuple(accepted(20, b"new"))]
    assert rows[schema.MOVED] == [(20, b"sending")]  # the statement runs behind


def test_a_replacement_is_what_the_history_is_taken_from_and_replacing_after_the_end_is_our_bug() -> None:
    batch = Batch()
    batch.add(MessageReplaced(accepted(20)))
    batch.add(settled(20))
    rows = batch.rows()
    assert rows[schema.REPLACED] == [tuple(accepted(20))]
    assert rows[schema.SETTLED] == [(20,)]
    with pytest.raises(Bug, match="0000000000000014 is replaced after its end"):
        batch.add(MessageReplaced(accepted(20)))


def test_ids_that_were_told_go_with_the_record() -> None:
    batch = Batch()
    batch.add(MessageSettled(record(20), LAST_LIFE, (), (7, 8)))
    assert batch.rows()[schema.TOLD] == [("demo", 7, 20), ("demo", 8, 20)]


def test_the_last_reservation_of_a_batch_counts() -> None:
    batch = Batch()
    batch.add(ShortIdsReserved(1000))
    batch.add(ShortIdsReserved(2000))
    assert batch.rows()[schema.SHORT_IDS] == [(2000,)]


def test_rows_are_what_marshal_takes() -> None:
    batch = Batch()
    for change in (accepted(20), SegmentsMoved(30, b"sent"), settled(40), part(50), PartsJoined((50, 51)), early(b"a"),
                   EarlyReceiptDone("one", b"b"), ReceiptHandedOver("demo", 41), mo(60), mo_part(61),
                   MoPartsJoined((61, 62)), MoHandedOver("demo", 60), MessageReplaced(accepted(31)),
                   MessageSettled(record(70), LAST_LIFE, (), (71, 72)), ShortIdsReserved(1000),
                   parked(80)._replace(told=(9,)), ParkedDue((81,)), MessagesUnparked((82,), (("demo", 9, 82),)),
                   Kept("optout", "demo", b"81", b"", 0), KeptDropped("optout", "demo", b"82")):  # fmt: skip
        batch.add(change)
    rows = batch.rows()
    assert [len(kind) for kind in rows] == [1] * 10 + [2, 1, 2, 1, 2, 1, 1, 1, 1, 2, 1, 2, 1, 1, 1]
    assert marshal.loads(marshal.dumps(rows)) == rows
    assert {type(row) for kind in rows for row in kind} == {tuple, list}


KINDS = [
    "accept",
    "park",
    "due",
    "unpark",
    "move",
    "replace",
    "settle",
    "hand over",
    "part",
    "join",
    "early",
    "done",
    "keep",
    "drop",
]


class Story:
    """Changes as the flow may write them, each applied at once to a Disk of plain tables."""

    def __init__(self, steps: list[tuple[int, str]]) -> None:
        self.disk = Disk()
        self.changes: list[Change] = []
        self._parts: set[int] = set()
        for place, (number, kind) in enumerate(steps):
            may, change = self._step(number * 10, kind, place)
            if may:
                self.disk.apply(change)
                self.changes.append(change)

    def _step(self, message_id: int, kind: str, place: int) -> tuple[bool, Change]:
        disk, part_id, life = self.disk, message_id + 5, b"%d" % place
        alive = message_id in disk.messages
        waits = message_id in disk.parked
        fresh = not alive and not waits and message_id not in disk.records
        mine = ("demo", message_id + 3, message_id)
        key = b"%d" % message_id
        carrier_id = b"%d" % message_id
        options: dict[str, tuple[bool, Change]] = {
            "accept": (fresh, accepted(message_id, life)),
            "park": (fresh, parked(message_id, waits=place % 2)._replace(told=(message_id + 3,))),
            "due": (waits, ParkedDue((message_id,))),
            "unpark": (waits, MessagesUnparked((message_id,), (mine,))),
            "keep": (True, Kept("optout", "demo", key, life, place)),
            "drop": (True, KeptDropped("optout", "demo", key)),
            "move": (alive, SegmentsMoved(message_id, life)),
            "replace": (alive, MessageReplaced(accepted(message_id, b"replaced %d" % place))),
            "settle": (alive, settled(message_id)._replace(told=(place,))),
            "hand over": (message_id in disk.records, ReceiptHandedOver("demo", message_id + 1)),
            "part": (part_id not in self._parts, part(part_id)),  # ids are given once
            "join": (part_id in disk.parts, PartsJoined((part_id,))),
            "early": (True, early(carrier_id, state=place % 9)),
            "done": (True, EarlyReceiptDone("one", carrier_id)),
        }
        if kind == "part":
            self._parts.add(part_id)
        return options[kind]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(KINDS)), max_size=40), st.integers(0, 40))
def test_grouped_rows_end_like_the_changes_in_their_order(steps: list[tuple[int, str]], cut: int) -> None:
    """Whatever the story, and wherever it is cut into two batches."""
    story = Story(steps)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(connection)
    for changes in (story.changes[:cut], story.changes[cut:]):
        batch = Batch()
        for change in changes:
            batch.add(change)
        for statement, rows in zip(schema.STATEMENTS, batch.rows(), strict=True):
            connection.executemany(statement, rows)
    tables = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall())
        for name in ("message", "parked", "part", "receipt_owed", "receipt_early", "told", "kept")
    }
    records = connection.execute(f"SELECT {', '.join(BillingRecord._fields)} FROM done ORDER BY message_id").fetchall()
    connection.close()
    disk = story.disk
    assert tables == {
        "message": sorted(disk.messages.values()),
        "part": sorted(disk.parts.values()),
        "receipt_owed": sorted(disk.owed.values()),
        "receipt_early": sorted(disk.early.values()),
        "told": sorted(disk.told),
        "parked": sorted((*row, waits) for row, waits in disk.parked.values()),
        "kept": sorted(disk.kept.values()),
    }
    assert records == sorted(disk.records.values())


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

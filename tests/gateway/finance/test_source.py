"""Records are read once and in order wherever they are; segments beside them; what is alive is listed."""

from pathlib import Path

from gateway.finance.source import charged_after, charged_of, open_messages, records_after, segments_after
from tests.gateway.finance.desk import AFTER, MONTH, START, archive, failed, hot, life, record, waiting


def ids(directory: Path, seq: int = 0) -> list[int]:
    return [one.record.message_id for one in records_after(directory, MONTH, seq)]


def test_nothing_where_nothing_is(tmp_path: Path) -> None:
    assert ids(tmp_path) == []
    assert list(segments_after(tmp_path, MONTH)) == []
    assert list(open_messages(tmp_path, MONTH)) == []


def test_the_file_of_the_month_then_the_hot_store(tmp_path: Path) -> None:
    archive(tmp_path, [record(5), record(3)])
    hot(tmp_path, [record(9), record(8, done_at=AFTER), record(7, done_at=START)], seq=3)
    assert ids(tmp_path) == [5, 3, 9, 7]
    assert ids(tmp_path, seq=2) == [9, 7]
    assert ids(tmp_path, seq=5) == []


def test_what_is_in_both_is_read_once(tmp_path: Path) -> None:
    """The store copies to the month's file first, and takes it out of the hot one after."""
    archive(tmp_path, [record(5), record(3)])
    hot(tmp_path, [record(3), record(9)], seq=2)
    assert ids(tmp_path) == [5, 3, 9]
    assert [one.record.message_id for one in segments_after(tmp_path, MONTH)] == [5, 3, 9]


def test_a_record_comes_back_whole(tmp_path: Path) -> None:
    whole = record(1, 4, kind="otp", check_sen=350, reason="absent", error="0x45", test=True)
    archive(tmp_path, [whole])
    (found,) = records_after(tmp_path, MONTH)
    assert found.record == whole
    assert found.seq == 1


def test_segments_have_their_number_state_and_the_carriers_id(tmp_path: Path) -> None:
    archive(tmp_path, [record(1, 2), record(2)], {1: life(["a1", "a2"]), 2: life(["b"], state=5)})
    assert [(one.record.message_id, one.number, one.state, one.carrier_id, one.error)
            for one in segments_after(tmp_path, MONTH)] == [
        (1, 1, 4, "a1", "000"), (1, 2, 4, "a2", "000"), (2, 1, 5, "b", "000"),
    ]  # fmt: skip


def test_open_messages_are_those_submitted_in_the_month(tmp_path: Path) -> None:
    hot(
        tmp_path,
        alive=[waiting(0, START), waiting(2, START - 1), waiting(3, AFTER - 1)],
        parked=[waiting(1), waiting(4, AFTER)],
    )
    assert [(one.message_id, one.customer) for one in open_messages(tmp_path, MONTH)] == [
        (0, "shop"),
        (1, "shop"),
        (3, "shop"),
    ]


def test_what_a_charge_depends_on_is_read_from_the_same_rows(tmp_path: Path) -> None:
    archive(tmp_path, [record(1, 4, kind="otp", check_sen=350, test=True), failed(2, 3, delivered=1, sent_at=0)])
    hot(tmp_path, [record(3)], seq=3)
    for seq in range(4):
        assert list(charged_after(tmp_path, MONTH, seq)) == [
            charged_of(one) for one in records_after(tmp_path, MONTH, seq)
        ]
    assert [row[11] for row in charged_after(tmp_path, MONTH)] == [1, 0, 1]  # sent, not when

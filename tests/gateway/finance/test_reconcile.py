"""Their count against ours: matched, on one side only, of another outcome; by day."""

from pathlib import Path

import pytest

from gateway.finance import reconcile as module
from gateway.finance.months import FinanceError
from gateway.finance.reconcile import Columns, Day, Difference, Reconciliation, reconcile
from gateway.finance.source import Segment
from gateway.flow.carrier_ids import IdForm, canonical
from tests.gateway.finance.desk import START, failed, record

DAY = 86_400_000
OURS = [
    Segment(record(1, 2), 1, 4, "a", ""),
    Segment(record(1, 2), 2, 4, "b", ""),
    Segment(failed(2), 1, 5, "c", "001"),
    Segment(record(3, done_at=START + DAY), 1, 4, "d", ""),
    Segment(failed(4), 1, 7, "", ""),  # the carrier never had it
    Segment(record(5, route="two"), 1, 4, "a", ""),  # another carrier's
]


def compare(directory: Path, text: str, columns: Columns | None = None, encoding: str = "utf-8") -> Reconciliation:
    file = directory / "theirs.csv"
    file.write_text(text, encoding)
    return reconcile("one", OURS, file, canonical(IdForm.DECIMAL), columns or Columns())


def test_all_the_same_balances(tmp_path: Path) -> None:
    found = compare(tmp_path, "id,outcome\n10,DELIVRD\n0011,delivered\n12,UNDELIV\n13,成功\n")
    assert found.balances
    assert found.days == [Day("2026-11-01", 3, 0, 0, 0), Day("2026-11-02", 1, 0, 0, 0)]
    assert (found.differences, found.repeated) == ([], 0)


def test_every_difference_is_counted_on_its_day_and_named(tmp_path: Path) -> None:
    found = compare(tmp_path, "id,outcome,day\n10,DELIVRD,2026-11-01\n12,DELIVRD,2026/11/01\n14,DELIVRD,20261103\n")
    assert not found.balances
    assert found.days == [
        Day("2026-11-01", 1, 0, 1, 1), Day("2026-11-02", 0, 0, 1, 0), Day("2026-11-03", 0, 1, 0, 0),
    ]  # fmt: skip
    assert found.differences == [
        Difference("ours only", "b", f"{1:016x}", "delivered", ""),
        Difference("different outcome", "c", f"{2:016x}", "not delivered", "delivered"),
        Difference("ours only", "d", f"{3:016x}", "delivered", ""),
        Difference("theirs only", "e", "", "", "delivered"),
    ]


def test_without_outcomes_only_the_segments_are_compared(tmp_path: Path) -> None:
    assert compare(tmp_path, "id\n10\n11\n12\n13\n").balances


def test_a_line_that_is_there_twice_does_not_balance(tmp_path: Path) -> None:
    found = compare(tmp_path, "id\n10\n11\n12\n13\n010\n")
    assert (found.repeated, found.balances) == (1, False)


def test_their_own_names_and_encoding(tmp_path: Path) -> None:
    columns = Columns("受付番号", "結果", "日付", "cp932")
    text = "受付番号,結果,日付\n10,到達,2026-11-01 10:00\n11,到達,\n12,不達,\n13,到達,\n"
    assert compare(tmp_path, text, columns, "cp932").balances


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no column 'id'"),
        ("number,day\n1,2\n", "no column 'id'; it has number, day"),
        ("id\n10\n \n", "3: there is no id"),
        ("id,day\n10,2026-02-30\n", "2: '2026-02-30' is no day"),
        ("id,day\n10,yesterday\n", "is no day"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(FinanceError, match=fault):
        compare(tmp_path, text)


def test_another_encoding_or_none(tmp_path: Path) -> None:
    for columns in (Columns(encoding="ascii"), Columns(encoding="no such")):
        with pytest.raises(FinanceError):
            compare(tmp_path, "id\n受\n", columns)
    with pytest.raises(FinanceError, match="No such file"):
        reconcile("one", [], tmp_path / "none.csv", bytes, Columns())


def test_what_is_named_is_bounded_what_is_counted_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SHOWN", 2)
    found = compare(tmp_path, "id\n20\n21\n22\n")
    assert len(found.differences) == 2
    assert sum(day.theirs_only for day in found.days) == 3


def test_an_id_that_the_carrier_used_again_is_the_newest(tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text("id,outcome\na,DELIVRD\n", "utf-8")
    again = [Segment(failed(1), 1, 5, "a", ""), Segment(record(9), 1, 4, "a", "")]
    assert reconcile("one", again, file, canonical(IdForm.HEX), Columns()).balances

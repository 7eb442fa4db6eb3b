"""A hole, a double and a wrong bill are found; a clean recording has none."""

from pathlib import Path

import pytest

from bench import audit
from bench.arrivals import Reached
from bench.audit import Record, Submission
from bench.configuration import Expected
from tests.simulators.store_files import write_done

EXPECTED = Expected(segments=2, units=2, charge_sen=2_000)
NUMBERS = [str(819_010_000_000 + item) for item in range(4)]


def acknowledged(receipts: int | None = 1) -> dict[str, list[Submission]]:
    return {number: [Submission(f"{item + 1:016x}", receipts)] for item, number in enumerate(NUMBERS)}


def reached() -> dict[str, Reached]:
    return {number: Reached(number, 2, 0) for number in NUMBERS}


def records() -> list[Record]:
    return [Record(item + 1, number, 2, "DELIVERED", 2_000) for item, number in enumerate(NUMBERS)]


def lost(
    promised: dict[str, list[Submission]] | None = None,
    there: dict[str, Reached] | None = None,
    *,
    parts: int = 1,
    receipts: bool = True,
) -> int:
    return audit.lost(promised or acknowledged(), reached() if there is None else there, 2, parts, receipts)


def test_nothing_is_lost() -> None:
    assert lost() == 0
    assert lost(acknowledged(None)) == 0


def test_a_hole_in_what_reached_the_sink() -> None:
    there = reached()
    del there[NUMBERS[2]]
    assert lost(there=there) == 1


def test_a_message_that_reached_the_sink_in_part() -> None:
    assert lost(there={**reached(), NUMBERS[0]: Reached(NUMBERS[0], 1, 5)}) == 1


def test_a_receipt_that_never_came() -> None:
    one = {**acknowledged(), NUMBERS[3]: [Submission("4", 0)]}
    assert lost(one) == 1
    assert lost(one, receipts=False) == 0


def test_a_message_without_segment_and_receipt_counts_once() -> None:
    there = reached()
    del there[NUMBERS[3]]
    assert lost({**acknowledged(), NUMBERS[3]: [Submission("4", 0)]}, there) == 1


def test_what_was_not_acknowledged_whole_promises_nothing() -> None:
    assert lost({NUMBERS[0]: [Submission("1", 0), Submission("2", 0)]}, parts=3) == 0
    assert lost({NUMBERS[0]: [Submission("1", 0)] * 3}, parts=3) == 1


def test_doubles() -> None:
    assert audit.doubled(reached().values()) == 0
    assert audit.doubled([Reached("1", 2, 1), Reached("2", 2, 3)]) == 4


def test_bills_that_are_right() -> None:
    assert audit.billed_wrong(records(), acknowledged(), EXPECTED, 1) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        Record(1, NUMBERS[0], 1, "DELIVERED", 2_000),
        Record(1, NUMBERS[0], 2, "UNDELIVERABLE", 2_000),
        Record(1, NUMBERS[0], 2, "DELIVERED", 0),
        Record(1, NUMBERS[0], 2, "DELIVERED", 2_001),
        Record(9, NUMBERS[0], 2, "DELIVERED", 2_000),
    ],
)
def test_a_bill_that_is_wrong(wrong: Record) -> None:
    assert audit.billed_wrong([wrong, *records()[1:]], acknowledged(), EXPECTED, 1) == 1


def test_a_message_without_bill() -> None:
    assert audit.billed_wrong(records()[1:], acknowledged(), EXPECTED, 1) == 1


def test_a_message_with_two_bills() -> None:
    again = Record(99, NUMBERS[0], 2, "DELIVERED", 2_000)
    assert audit.billed_wrong([*records(), again], acknowledged(), EXPECTED, 1) == 1


def test_a_bill_for_nothing() -> None:
    nobody = Record(99, "819099999999", 2, "DELIVERED", 2_000)
    assert audit.billed_wrong([*records(), nobody], acknowledged(), EXPECTED, 1) == 1


def test_a_message_in_parts_is_billed_once_under_an_id_of_its_own() -> None:
    parts = {NUMBERS[0]: [Submission("aa", 1), Submission("bb", 1), Submission("cc", 1)]}
    right = Record(7, NUMBERS[0], 2, "DELIVERED", 2_000)
    assert audit.billed_wrong([right], parts, EXPECTED, 3) == 0
    assert audit.billed_wrong([right, right._replace(message_id=8)], parts, EXPECTED, 3) == 1
    assert audit.billed_wrong([], parts, EXPECTED, 3) == 1


def test_recordings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_text("819010000000 aa 1\n819010000001 bb 0\n819010000000 cc 1\n")
    assert audit.read_acknowledged(path) == {
        "819010000000": [Submission("aa", 1), Submission("cc", 1)],
        "819010000001": [Submission("bb", 0)],
    }
    path.write_text("819010000000 aa\n")
    assert audit.read_acknowledged(path) == {"819010000000": [Submission("aa", None)]}
    path.write_text("819010000000 4 0\n819010000001 3 2\n")
    assert audit.read_reached(path) == {
        "819010000000": Reached("819010000000", 4, 0),
        "819010000001": Reached("819010000001", 3, 2),
    }


def smppload_line(destination: str, payload: str, esm_class: int = 0, status: int = 0) -> str:
    head = f"4561481675220\ttest\t0312345678\t{destination}\t{esm_class}\t8\t1\t{len(payload) // 2}\t{payload}\t-"
    return f"{head}\t{status}\t6610c6f399041\t2\t1\t1\t1\n"


def test_what_smppload_recorded(tmp_path: Path) -> None:
    path = tmp_path / "record"
    lines = [
        smppload_line("1", "3042"),
        smppload_line("1", "3042"),  # twice
        smppload_line("2", "3042"),
        smppload_line("3", "3042", status=8),  # refused, so not accepted
        smppload_line("3", "3042"),
        smppload_line("4", "06080400010201" + "3042", esm_class=0x40),
        smppload_line("4", "06080400010202" + "3042", esm_class=0x40),  # same text, another place
        smppload_line("5", "050003010201" + "3042", esm_class=0x40),
        smppload_line("5", "050003090201" + "3042", esm_class=0x40),  # only the reference is new
    ]
    path.write_text("".join(lines))
    assert audit.read_smppload_record(path) == {
        "1": Reached("1", 1, 1),
        "2": Reached("2", 1, 0),
        "3": Reached("3", 1, 0),
        "4": Reached("4", 2, 0),
        "5": Reached("5", 1, 1),
    }


def test_records_are_read_from_the_store(tmp_path: Path) -> None:
    record = {"message_id": 5, "destination_addr": "819010000000", "units": 2, "outcome": "DELIVERED"}
    write_done(tmp_path, [{**record, "charge_sen": 2_000}])
    assert audit.read_records(tmp_path) == [Record(5, "819010000000", 2, "DELIVERED", 2_000)]

"""A row says what went wrong first, and is a table without a failure when nothing did."""

import pytest

from simulators.auditor import Kind, Verdict
from tests.gameday.play import Row, _wrong
from tests.gameday.scenes import SCENES
from tests.gameday.stage import first_match, told


def test_a_metric_that_did_not_move_is_a_failure() -> None:
    assert _wrong(Row(SCENES[0], before=2, after=2), Verdict()) == "the metric did not move"
    assert _wrong(Row(SCENES[0], before=2, after=0), Verdict()) == ""


def test_what_the_auditor_finds_is_a_failure() -> None:
    verdict = Verdict(promised=3)
    assert told(verdict) == "nothing lost of 3"
    verdict.add(Kind.LOST, "m1", "nobody has it")
    assert _wrong(Row(SCENES[0], before=2, after=0), verdict) == "the auditor found something"
    assert "m1" in told(verdict)


@pytest.mark.parametrize("failure", ["", "CarrierDown did not fire"])
def test_the_table_has_a_failure_only_when_there_is_one(failure: str) -> None:
    cells = dict(Row(SCENES[0], failure=failure).cells())
    assert cells["scene"] == SCENES[0].name
    assert cells.get("FAILED", "") == failure


def test_the_words_of_a_page_are_cut_out() -> None:
    assert first_match(r"wait [\d,]+", "One: 7 wait 1,234 more") == "wait 1,234"
    assert first_match("nobody", "One") == ""

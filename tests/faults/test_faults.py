"""A taste of `make faults`: one round, one fault of each kind, and that what goes wrong is not called good."""

from pathlib import Path

import pytest

from simulators.auditor import Verdict
from tests.faults import __main__ as command
from tests.faults.rounds import play
from tests.faults.steps import campaigns

SEED = "short"


async def test_a_round(tmp_path: Path) -> None:
    story, verdict = await play(tmp_path, SEED, 1)
    assert story
    assert verdict.good, verdict.as_table()
    assert verdict.promised > 0


@pytest.mark.parametrize("name", ["kill at STORE_COMMITTED", "disk BROKEN 1 times", "wire to the customer lost"])
async def test_a_campaign(tmp_path: Path, name: str) -> None:
    _, verdict = await campaigns(SEED, 20)[name](tmp_path)
    assert verdict.good, verdict.as_table()
    assert verdict.promised > 0


def test_there_is_a_campaign_for_every_place_and_none_without_a_stride() -> None:
    assert campaigns(SEED, 0) == {}
    names = campaigns(SEED, 1)
    assert sum(name.startswith("kill at") for name in names) == 10
    assert sum(name.startswith("disk") for name in names) == 4
    assert sum(name.startswith("wire") for name in names) == 12


def left_in(directory: Path) -> set[str]:
    """Names."""
    return {path.name for path in directory.iterdir()}


async def test_what_fails_is_told_and_keeps_its_files(tmp_path: Path) -> None:
    totals = command.Totals()

    async def bad(_: Path) -> tuple[str, Verdict]:
        return "a story", Verdict(doubled=1)

    async def broken(_: Path) -> tuple[str, Verdict]:
        raise AssertionError("it hung")

    async def good(_: Path) -> tuple[str, Verdict]:
        return "a story", Verdict(promised=3)

    for name, work in (("bad one", bad), ("broken", broken), ("good", good)):
        await command.attempt(name, totals, work, tmp_path)
    assert totals.failed == ["bad one", "broken"]
    assert left_in(tmp_path) == {"bad-one", "broken"}
    assert "       3 promised" in totals.lines()

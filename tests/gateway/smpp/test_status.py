"""Statuses against the tables of 3.4 and 5.0."""

import csv
from pathlib import Path

import pytest

from gateway.smpp.status import CommandStatus, describe

TABLE = Path(__file__).parents[2] / "data" / "status_codes.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["hex"])
def test_every_status_has_both_its_names(row: dict[str, str]) -> None:
    status = int(row["hex"], 16)
    assert CommandStatus[row["name_v50"]] == status
    if row["name_v34"]:
        assert CommandStatus[row["name_v34"]] == status
    assert describe(status) == (row["name_v34"] or row["name_v50"])


def test_there_are_no_others() -> None:
    assert {int(status) for status in CommandStatus} == {int(row["hex"], 16) for row in ROWS}


@pytest.mark.parametrize(
    ("status", "name"),
    [(0x58, "ESME_RTHROTTLED"), (0x412, "0x00000412"), (9, "0x00000009"), (0xFFFF_FFFF, "0xFFFFFFFF")],
)
def test_a_status_without_a_name_is_its_number(status: int, name: str) -> None:
    assert describe(status) == name

"""Command ids against the table of the specifications."""

import csv
from pathlib import Path

import pytest

from gateway.smpp.commands import RESPONSE, CommandId

TABLE = Path(__file__).parents[2] / "data" / "command_ids.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_every_command_has_its_id(row: dict[str, str]) -> None:
    command = CommandId[row["name"].upper()]
    assert command == int(row["hex"], 16)
    assert bool(command & RESPONSE) == (row["kind"] == "response")
    if row["response_pdu"]:
        assert CommandId[row["response_pdu"].upper()] == command | RESPONSE


def test_there_are_no_others() -> None:
    named = {row["name"] for row in ROWS} | {row["response_pdu"] for row in ROWS}
    assert {command.name.lower() for command in CommandId} == named - {""}

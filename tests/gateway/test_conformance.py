"""The page is fresh, and has every request, field of submit_sm, tag and status in it."""

import csv
import re
from pathlib import Path

from gateway.conformance import name_of, page
from gateway.flow.served import FROM_CUSTOMER
from gateway.flow.served_fields import RECEIVED, SENT
from gateway.smpp.commands import CommandId
from gateway.smpp.pdu import PDUS, is_response
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import TYPES

PAGE = Path(__file__).parents[2] / "docs" / "smpp-conformance.md"
COMMAND_IDS = Path(__file__).parents[1] / "data" / "command_ids.csv"


def section(title: str) -> list[list[str]]:
    """The cells of the rows under a heading."""
    text = page().partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m gateway.conformance > docs/smpp-conformance.md"


def test_every_request_is_in_it() -> None:
    assert {row[0] for row in section("Requests")} == {name_of(cls) for cls in PDUS.values() if not is_response(cls)}
    assert {row[0] for row in section("Who may send what in which state")} == {row[0] for row in section("Requests")}
    assert len(section("Requests")) == len(FROM_CUSTOMER)


def test_every_field_and_tag_is_in_it() -> None:
    taken = [(row[0], row[1], row[2]) for row in section("Fields that are taken")]
    sent = [(row[0], row[1], row[2]) for row in section("Fields that we send")]
    for rows, claims in ((taken, RECEIVED), (sent, SENT)):
        assert rows == [(peer.value, name_of(cls), name) for (peer, cls), of in claims.items() for name in of]
    tags = [int(row[0], 16) for row in section("Optional parameters of submit_sm from customers")]
    assert tags == sorted(TYPES)


def test_every_command_id_that_is_known_is_in_it() -> None:
    found = {(row[0], row[1]) for row in section("Command ids") if "-" not in row[0]}
    known = list(csv.DictReader(COMMAND_IDS.read_text("utf-8").splitlines()))
    assert len(known) > 40
    for row in known:
        if "-" in row["hex"]:
            assert row["hex"] in {one[0] for one in section("Command ids")}
        else:
            assert (row["hex"], row["name"]) in found
    assert {int(code, 16) for code, _ in found} == set(CommandId)


def test_what_only_33_had_is_refused_by_its_id() -> None:
    rows = {row[1]: row[2:] for row in section("Command ids")}
    for name in ("param_retrieve", "query_last_msgs", "query_msg_details"):
        assert rows[name] == ["refused, ESME_RINVCMDID: generic_nack"] * 2
        assert all(said.startswith("accepted and ignored") for said in rows[f"{name}_resp"])


def test_every_status_is_in_it_once() -> None:
    rows = section("Statuses")[: len(CommandStatus)]
    assert [row[0] for row in rows] == [status.name for status in CommandStatus]
    assert len(re.findall(r"^\| ESME_", page(), re.MULTILINE)) == len(CommandStatus)
    by_name = {row[0]: row for row in rows}
    assert "too many wrong passwords" in by_name["ESME_RTHROTTLED"][2]
    assert "too many wrong passwords" not in by_name["ESME_ROK"][2]

"""The page is fresh, and has every request, field of submit_sm, tag and status in it."""

import re
from pathlib import Path

from gateway.conformance import name_of, page
from gateway.flow.served import FROM_CUSTOMER, SUBMIT_SM
from gateway.smpp.pdu import PDUS, is_response
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import TYPES

PAGE = Path(__file__).parents[2] / "docs" / "smpp-conformance.md"


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
    assert [row[0] for row in section("Fields of submit_sm from customers")] == list(SUBMIT_SM)
    tags = [int(row[0], 16) for row in section("Optional parameters of submit_sm from customers")]
    assert tags == sorted(TYPES)


def test_every_status_is_in_it_once() -> None:
    assert [row[0] for row in section("Statuses")] == [status.name for status in CommandStatus]
    assert len(re.findall(r"^\| ESME_", page(), re.MULTILINE)) == len(CommandStatus)

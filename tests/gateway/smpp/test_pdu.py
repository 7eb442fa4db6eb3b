"""PDUs as values, and their field table against the specifications' own."""

import csv
from itertools import groupby
from pathlib import Path

import pytest

from gateway.smpp.commands import RESPONSE, CommandId
from gateway.smpp.fields import COctets, Destinations, Octet, ShortMessage, Time, Unsuccesses
from gateway.smpp.pdu import (
    PDUS,
    RESPONSE_OF,
    AlertNotification,
    BindTransceiver,
    Outbind,
    fields_of,
    is_response,
)
from tests.gateway.smpp.values import CLASSES

TABLE = Path(__file__).parents[2] / "data" / "pdu_fields.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))

# The table counts what our fields count by themselves, and calls some by other names.
COUNTS = {"sm_length", "number_of_dests"}
OURS = {"dest_address_es": "dest_addresses", "no_unsuccess": "unsuccess_smes"}

# Where the table follows one implementation and we the specification: 3.4, sections 4.10.1, 4.9.1 and 4.12.1.
NOT_IN_3_4 = {("replace_sm", "service_type")}
LONGEST_IN_3_4 = {("cancel_sm", "destination_addr"): 21, ("alert_notification", "source_addr"): 65}
# The table gives this one octet; ids come in it nevertheless.
LONGEST_IN_THE_FIELD = {("deliver_sm_resp", "message_id"): 65}


@pytest.mark.parametrize(("name", "rows"), [(name, list(rows)) for name, rows in groupby(ROWS, lambda row: row["pdu"])])
def test_fields_stand_in_the_order_of_the_specification(name: str, rows: list[dict[str, str]]) -> None:
    expected = [
        OURS.get(row["field"], row["field"])
        for row in rows
        if row["field"] not in COUNTS and (name, row["field"]) not in NOT_IN_3_4
    ]
    assert [field.name for field in fields_of(PDUS[CommandId[name.upper()]])] == expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['pdu']}.{row['field']}")
def test_fields_have_the_kinds_and_sizes_of_the_specification(row: dict[str, str]) -> None:
    key = row["pdu"], row["field"]
    if row["field"] in COUNTS or key in NOT_IN_3_4:
        return
    kinds = dict(fields_of(PDUS[CommandId[row["pdu"].upper()]]))
    kind = kinds[OURS.get(row["field"], row["field"])]
    if isinstance(kind, COctets | Time):
        assert row["type"].startswith("c-octet string")
        assert kind.most == (LONGEST_IN_3_4 | LONGEST_IN_THE_FIELD).get(key, int(row["octets"]))
        assert kind.longest >= int(row["octets"]) - 1
    elif isinstance(kind, Octet):
        assert (row["type"], row["octets"]) == ("integer", "1")
    elif isinstance(kind, ShortMessage):
        assert row["type"] == "octet string"
    else:
        assert isinstance(kind, Destinations | Unsuccesses)


def test_every_pdu_with_fields_in_the_specification_is_here() -> None:
    assert {CommandId[row["pdu"].upper()] for row in ROWS} <= set(PDUS)


def test_all_but_what_only_3_3_and_a_vendor_have_is_here() -> None:
    missing = {command.name.removesuffix("_RESP") for command in CommandId if command not in PDUS}
    assert missing == {"PARAM_RETRIEVE", "QUERY_LAST_MSGS", "QUERY_MSG_DETAILS", "AUTH_ACC", "SM_RESULT_NOTIFY"}


def test_a_request_has_its_response() -> None:
    for request, response in RESPONSE_OF.items():
        assert response.command_id == request.command_id | RESPONSE
        assert response.__name__ == request.__name__ + "Resp"
        assert is_response(response)
        assert not is_response(request)
    without = {cls for cls in CLASSES if not is_response(cls)} - set(RESPONSE_OF)
    assert without == {Outbind, AlertNotification}


def test_a_bind_is_of_version_3_4_unless_it_says_otherwise() -> None:
    assert BindTransceiver().interface_version == 0x34

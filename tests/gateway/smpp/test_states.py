"""The state table against the specifications' own tables."""

import csv
from pathlib import Path

import pytest

from gateway.smpp.commands import RESPONSE, CommandId
from gateway.smpp.pdu import PDUS, RESPONSE_OF
from gateway.smpp.states import BINDS, MAY_SEND, STATE_OF_BIND, SessionState, Side, other

TABLE = Path(__file__).parents[2] / "data" / "session_states.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
STATES = {
    "Open": SessionState.OPEN,
    "Outbound": SessionState.OUTBOUND,
    "Bound_TX": SessionState.BOUND_TX,
    "Bound_RX": SessionState.BOUND_RX,
    "Bound_TRX": SessionState.BOUND_TRX,
    "Unbound": SessionState.UNBOUND,
    "Closed": SessionState.CLOSED,
}


def test_the_table_is_total() -> None:
    assert set(MAY_SEND) == {(side, state) for side in Side for state in SessionState}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['pdu']}-{row['state']}")
def test_it_is_the_union_of_the_specifications(row: dict[str, str]) -> None:
    command = CommandId[row["pdu"].upper()]
    if command & RESPONSE:
        return
    state = STATES[row["state"]]
    for side, name in ((Side.ESME, "esme"), (Side.MC, "mc")):
        said = {row[f"v50_{name}_may_send"], row[f"v34_{name}_may_send"]}
        assert (command in MAY_SEND[side, state]) == ("Y" in said)


def test_requests_that_may_be_sent_can_be_read() -> None:
    for commands in MAY_SEND.values():
        assert all(command in PDUS and not command & RESPONSE for command in commands)


def test_what_is_bound_depends_on_the_request() -> None:
    assert set(STATE_OF_BIND) == BINDS
    assert all(PDUS[command] in RESPONSE_OF for command in BINDS)


@pytest.mark.parametrize("side", Side)
def test_the_other_side_of_the_other_side(side: Side) -> None:
    assert other(side) is not side
    assert other(other(side)) is side

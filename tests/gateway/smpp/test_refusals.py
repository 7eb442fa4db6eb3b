"""Each refusal has the response of its request, or a generic_nack, and the status that tells why."""

import pytest

from gateway.smpp.codec import decode
from gateway.smpp.commands import CommandId
from gateway.smpp.pdu import (
    BindTransceiverResp,
    BroadcastSmResp,
    GenericNack,
    Pdu,
    SubmitSmResp,
)
from gateway.smpp.refusals import nack, refusal, status_of_misplaced
from gateway.smpp.states import SessionState, Side
from gateway.smpp.status import CommandStatus

_S = CommandStatus
THREE_THREE_ONLY = (CommandId.PARAM_RETRIEVE, CommandId.QUERY_LAST_MSGS, CommandId.QUERY_MSG_DETAILS)


@pytest.mark.parametrize(
    ("command_id", "response"),
    [
        (CommandId.SUBMIT_SM, SubmitSmResp),
        (CommandId.BIND_TRANSCEIVER, BindTransceiverResp),
        (CommandId.BROADCAST_SM, BroadcastSmResp),
        (CommandId.OUTBIND, GenericNack),
        (CommandId.ALERT_NOTIFICATION, GenericNack),
        (0x0000_0999, GenericNack),
        *((command_id, GenericNack) for command_id in THREE_THREE_ONLY),
    ],
)
def test_the_response(command_id: int, response: type[Pdu]) -> None:
    pdu = decode(refusal(command_id, _S.ESME_RINVBNDSTS, 0xFFFF_FFFF))
    assert type(pdu) is response
    assert (pdu.command_status, pdu.sequence_number) == (_S.ESME_RINVBNDSTS, 0xFFFF_FFFF)


def test_a_nack_is_a_header() -> None:
    assert nack(_S.ESME_RINVCMDLEN, 7).hex() == "00000010800000000000000200000007"


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("state", SessionState)
def test_the_status(side: Side, state: SessionState) -> None:
    assert all(status_of_misplaced(one, side, state) is _S.ESME_RINVCMDID for one in (0x999, *THREE_THREE_ONLY))
    assert status_of_misplaced(CommandId.SUBMIT_SM, side, state) is _S.ESME_RINVBNDSTS
    second_bind = side is Side.MC and state not in {SessionState.OPEN, SessionState.OUTBOUND}
    expected = _S.ESME_RALYBND if second_bind else _S.ESME_RINVBNDSTS
    assert status_of_misplaced(CommandId.BIND_RECEIVER, side, state) is expected

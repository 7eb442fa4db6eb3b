"""Every request that a customer may send has somebody who takes it, or is not offered."""

import pytest

from gateway.smpp.commands import CommandId
from gateway.smpp.pdu import PDUS, CancelSm, DataSm, Pdu, QuerySm, ReplaceSm, SubmitMulti
from gateway.smpp.states import MAY_SEND, SessionState, Side
from tests.gateway.flow.world import World

OF_THE_SESSION = {CommandId.ENQUIRE_LINK, CommandId.UNBIND}
BROADCAST = {CommandId.BROADCAST_SM, CommandId.QUERY_BROADCAST_SM, CommandId.CANCEL_BROADCAST_SM}


@pytest.mark.parametrize("request_class", [DataSm, SubmitMulti, QuerySm, CancelSm, ReplaceSm])
def test_it_is_taken(request_class: type[Pdu]) -> None:
    assert World().flow.requests.taker(request_class) is not None


def test_only_broadcast_is_not_offered() -> None:
    requests = World().flow.requests
    may_come = MAY_SEND[Side.ESME, SessionState.BOUND_TRX] - OF_THE_SESSION - {CommandId.SUBMIT_SM}
    assert {one for one in may_come if requests.taker(PDUS[one]) is None} == BROADCAST

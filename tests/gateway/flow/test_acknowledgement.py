"""Each request of a carrier gets its own kind of response."""

from gateway.flow.acknowledgement import acknowledge, answer, owed_for
from gateway.smpp.codec import decode
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import DataSm, DataSmResp, DeliverSm, DeliverSmResp
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.smpp.status import CommandStatus


def test_a_deliver_sm_resp_for_a_deliver_sm_and_a_data_sm_resp_for_a_data_sm() -> None:
    session = Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
    acknowledge(owed_for(session, DeliverSm(sequence_number=7)))
    assert decode(session.take_output()) == DeliverSmResp(sequence_number=7)
    answer(owed_for(session, DataSm(sequence_number=8)), CommandStatus.ESME_RX_T_APPN)
    refused = decode(session.take_output())
    assert type(refused) is DataSmResp
    assert (refused.command_status, refused.sequence_number) == (CommandStatus.ESME_RX_T_APPN, 8)

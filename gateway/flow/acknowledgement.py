"""What we owe a carrier for a deliver_sm or data_sm, and the moment it gets it: when what it promised is durable."""

from typing import NamedTuple

from gateway.smpp.pdu import DataSm, DataSmResp, DeliverSm
from gateway.smpp.session import Session
from gateway.smpp.status import CommandStatus


class Acknowledgement(NamedTuple):
    """A response that is owed."""

    session: Session
    sequence_number: int
    is_data_sm: bool


def owed_for(session: Session, pdu: DeliverSm | DataSm) -> Acknowledgement:
    """What this request is owed."""
    return Acknowledgement(session, pdu.sequence_number, type(pdu) is DataSm)


def acknowledge(owed: Acknowledgement) -> None:
    """Taken."""
    answer(owed, CommandStatus.ESME_ROK)


def answer(owed: Acknowledgement, status: CommandStatus) -> None:
    """Taken, or not."""
    if owed.is_data_sm:
        owed.session.respond(DataSmResp(command_status=status, sequence_number=owed.sequence_number))
    else:
        owed.session.deliver_sm_resp(owed.sequence_number, status)

"""What a session itself refuses: with which status, in which octets. Source: SMPP 3.4, sections 4.3 and 5.1.3."""

from gateway.smpp.codec import encode
from gateway.smpp.pdu import PDUS, RESPONSE_OF, GenericNack
from gateway.smpp.states import BINDS, UNBOUND_YET, SessionState, Side
from gateway.smpp.status import CommandStatus


def nack(status: int, sequence_number: int) -> bytes:
    """The octets of a generic_nack."""
    return encode(GenericNack(command_status=status), sequence_number)


def refusal(command_id: int, status: int, sequence_number: int) -> bytes:
    """The answer to a request that goes no further; a generic_nack where it has no response of its own."""
    request = PDUS.get(command_id)
    response = RESPONSE_OF.get(request, GenericNack) if request is not None else GenericNack
    return encode(response(command_status=status), sequence_number)


def status_of_misplaced(command_id: int, side: Side, state: SessionState) -> CommandStatus:
    """Why a session of this side and state does not take a request that is unknown, or not allowed there."""
    if command_id not in PDUS:
        return CommandStatus.ESME_RINVCMDID
    if command_id in BINDS and side is Side.MC and state not in UNBOUND_YET:
        return CommandStatus.ESME_RALYBND
    return CommandStatus.ESME_RINVBNDSTS

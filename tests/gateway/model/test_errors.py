"""Whose fault it is: three kinds, one root, and a refusal that says why."""

import pytest

from gateway.model.errors import Bug, GatewayError, PeerFault, Reason, Refusal


def test_a_peer_fault_knows_what_to_answer() -> None:
    fault = PeerFault(0x03, "command_id 0x99 is unknown")
    assert fault.command_status == 0x03
    assert str(fault) == "command_id 0x99 is unknown"


def test_a_refusal_says_its_reason_and_what_about() -> None:
    assert str(Refusal(Reason.NO_ROUTE)) == "no carrier serves the destination"
    refusal = Refusal(Reason.MALFORMED_UDH, "sar_ parameters")
    assert refusal.reason is Reason.MALFORMED_UDH
    assert str(refusal) == "the user data header is malformed: sar_ parameters"


@pytest.mark.parametrize("error", [PeerFault(8, "x"), Refusal(Reason.THROTTLED), Bug("x")])
def test_every_error_of_ours_has_one_root(error: Exception) -> None:
    assert isinstance(error, GatewayError)
    assert sum(isinstance(error, kind) for kind in (PeerFault, Refusal, Bug)) == 1


def test_no_two_reasons_say_the_same() -> None:
    """Enum makes two names with one text one member: the status table would lose the second unseen."""
    assert len(Reason.__members__) == len(list(Reason))

"""How much a session takes, and how long it waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Limits and timers of a session. A timer of 0 seconds is off."""

    max_pdu_octets: int = 70_000
    send_window: int = 50  # our requests that the peer has not answered
    receive_window: int = 1_000  # the peer's requests that we have not answered
    max_errors: int = 10  # faulty PDUs in a row, then we give the peer up
    session_init_seconds: float = 10.0  # to bind after connecting
    enquire_link_seconds: float = 30.0  # of silence, then we ask
    inactivity_seconds: float = 0.0  # without a message, then we unbind
    response_seconds: float = 30.0  # for an answer to a request of ours
    most_overdue: int = 1_000  # requests whose time ran out, kept in case an answer comes late
    overdue_seconds: float = 600.0  # so long
    pdu_seconds: float = 10.0  # from the first octet of a PDU to its last
    parting_seconds: float = 2.0  # from our unbind_resp, for answers that crossed the peer's unbind

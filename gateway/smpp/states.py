"""Who may send which request in which state of a session, as one total table.

Source: SMPP 3.4, section 2.3, and 5.0, section 2.4; where they differ, what either allows is read. A response may be
sent whenever its request may be received.
"""

from enum import Enum, IntEnum

from gateway.smpp.commands import CommandId as C


class Side(IntEnum):
    """The two ends of a session."""

    ESME = 0  # binds: a customer, or we towards a carrier
    MC = 1  # is bound to: a carrier's message centre, or we towards a customer


class SessionState(Enum):
    """Where a session stands (3.4, section 2.2). The numbers are nowhere on the wire."""

    OPEN = "open"  # connected, not bound
    OUTBOUND = "outbound"  # the message centre called and said outbind; the ESME is to bind
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBOUND = "unbound"  # one side said unbind; answers that are owed may still go
    CLOSED = "closed"


_S = SessionState

UNBOUND_YET = frozenset({_S.OPEN, _S.OUTBOUND})
BOUND = frozenset({_S.BOUND_TX, _S.BOUND_RX, _S.BOUND_TRX})

BINDS = frozenset({C.BIND_TRANSMITTER, C.BIND_RECEIVER, C.BIND_TRANSCEIVER})
STATE_OF_BIND = {
    C.BIND_TRANSMITTER: _S.BOUND_TX,
    C.BIND_RECEIVER: _S.BOUND_RX,
    C.BIND_TRANSCEIVER: _S.BOUND_TRX,
}

_ANY_TIME = frozenset({C.ENQUIRE_LINK})
_BOUND = _ANY_TIME | {C.UNBIND, C.DATA_SM}
_TO_THE_MC = frozenset(
    {
        C.SUBMIT_SM,
        C.SUBMIT_MULTI,
        C.QUERY_SM,
        C.CANCEL_SM,
        C.REPLACE_SM,
        C.BROADCAST_SM,
        C.QUERY_BROADCAST_SM,
        C.CANCEL_BROADCAST_SM,
    }
)
_TO_THE_ESME = frozenset({C.DELIVER_SM, C.ALERT_NOTIFICATION})
_NOTHING: frozenset[C] = frozenset()

# Total over both sides and all states; a test holds it, and its equality with the specification's tables.
MAY_SEND: dict[tuple[Side, SessionState], frozenset[C]] = {
    (Side.ESME, _S.OPEN): _ANY_TIME | BINDS,
    (Side.ESME, _S.OUTBOUND): _ANY_TIME | BINDS,
    (Side.ESME, _S.BOUND_TX): _BOUND | _TO_THE_MC,
    (Side.ESME, _S.BOUND_RX): _BOUND,
    (Side.ESME, _S.BOUND_TRX): _BOUND | _TO_THE_MC,
    (Side.ESME, _S.UNBOUND): _ANY_TIME,
    (Side.ESME, _S.CLOSED): _NOTHING,
    (Side.MC, _S.OPEN): _ANY_TIME | {C.OUTBIND},
    (Side.MC, _S.OUTBOUND): _ANY_TIME,
    (Side.MC, _S.BOUND_TX): _BOUND,
    (Side.MC, _S.BOUND_RX): _BOUND | _TO_THE_ESME,
    (Side.MC, _S.BOUND_TRX): _BOUND | _TO_THE_ESME,
    (Side.MC, _S.UNBOUND): _ANY_TIME,
    (Side.MC, _S.CLOSED): _NOTHING,
}


def other(side: Side) -> Side:
    """The peer's side."""
    return Side.MC if side is Side.ESME else Side.ESME

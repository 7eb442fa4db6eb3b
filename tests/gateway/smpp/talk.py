"""Both ends of a conversation: our session, and the octets of the other side."""

from typing import Any

from gateway.smpp.codec import decode, encode
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    Pdu,
    SubmitSm,
)
from gateway.smpp.session import Session
from gateway.smpp.states import SessionState, Side

BIND = BindTransceiver(system_id=b"shop", password=b"secret", interface_version=0x34, sequence_number=1)


def pdus(octets: bytes) -> list[Pdu]:
    found = []
    while octets:
        length = int.from_bytes(octets[:4], "big")
        found.append(decode(octets[:length]))
        octets = octets[length:]
    return found


class Server:
    """A session of ours towards a customer, with a count of its calls for attention."""

    def __init__(self, **limits: Any) -> None:
        self.woken = 0
        self.session = Session(Side.MC, SessionLimits(**limits), 0.0, self.wake)

    def wake(self) -> None:
        self.woken += 1

    def send(self, *requests: Pdu, now: float = 0.0) -> list[Any]:
        return list(self.session.receive(b"".join(encode(request) for request in requests), now))

    def said(self) -> list[Any]:
        return pdus(self.session.take_output())

    def bound(self, request: Any = BIND) -> "Server":
        (event,) = self.send(request)
        self.session.accept_bind(event, b"gateway")
        self.session.take_output()
        return self


def client(now: float = 0.0, **limits: Any) -> Session:
    """A session of ours towards a carrier, bound."""
    session = Session(Side.ESME, SessionLimits(**limits), now, lambda: None)
    session.bind(BIND, now)
    (request,) = pdus(session.take_output())
    session.receive(encode(BindTransceiverResp(system_id=b"centre"), request.sequence_number), now)
    assert session.state is SessionState.BOUND_TRX
    return session


def submit(sequence_number: int = 2) -> SubmitSm:
    return SubmitSm(destination_addr=b"819012345678", short_message=b"hi", sequence_number=sequence_number)

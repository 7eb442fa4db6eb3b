"""The codec and the session under octets of any kind: they are read, or refused as agreed."""

from random import Random
from typing import Any

from gateway.model.errors import PeerFault
from gateway.smpp.codec import HEADER_OCTETS, decode, encode
from gateway.smpp.commands import RESPONSE
from gateway.smpp.events import Answer, Bound, Closed, LateAnswer, Unanswered
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import (
    RESPONSE_OF,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    Pdu,
    SubmitSm,
    is_response,
)
from gateway.smpp.receipt import read_receipt
from gateway.smpp.session import Session
from gateway.smpp.states import MAY_SEND, SessionState, Side, other
from gateway.smpp.status import CommandStatus
from tests.fuzz.octets import cut, frame, stream

BINDS = (BindReceiver, BindTransmitter, BindTransceiver)
LIMITS = SessionLimits(send_window=5, receive_window=5, max_errors=8)
STATUSES = frozenset(CommandStatus)


def try_codec(lot: Random) -> bytes:
    """One frame through decode; the octets, when all was well. AssertionError or anything else when it was not."""
    octets = frame(lot)
    refused = None
    try:
        pdu = decode(octets)
    except PeerFault as fault:
        refused = fault.command_status
    if refused is not None:
        assert refused in STATUSES
        assert refused != CommandStatus.ESME_ROK
        return octets
    assert repr(pdu)
    if isinstance(pdu, DeliverSm):
        read_receipt(pdu)
    try:
        again = encode(pdu)
    except ValueError:  # read leniently, and written strictly
        return octets
    bodiless = pdu.command_status and is_response(type(pdu))  # what a peer put beside an error is not written again
    assert decode(again) == pdu or bodiless
    return octets


class Conversation:
    """A session of either side that is talked to without sense, while it makes requests and time passes."""

    def __init__(self, lot: Random) -> None:
        self._lot = lot
        self.side = lot.choice(list(Side))
        self.session = Session(self.side, LIMITS, 0.0, lambda: None)
        self.now = 0.0
        self.context = 0
        self.open: list[int] = []
        self.overdue: set[int] = set()
        self.owed: list[Pdu] = []
        self.ended = False
        if self.side is Side.ESME:
            self.session.bind(BindTransceiver(system_id=b"gw"), 0.0)

    def run(self) -> None:
        """To the end."""
        lot = self._lot
        if lot.random() < 0.7:
            self._become_bound()
        for _ in range(lot.randint(1, 8)):
            for piece in cut(lot, stream(lot, 6)):
                self._take(self.session.receive(piece, self.now))
            self._act()
        self._take(self.session.end_of_stream(self.now))
        assert self.ended
        assert self.open == []

    def _become_bound(self) -> None:
        if self.side is Side.MC:
            self._take(self.session.receive(encode(BindTransceiver(system_id=b"shop"), 1), 0.0))
            while self.owed:
                self._answer()
        else:
            self._take(self.session.receive(b"\0\0\0\x11\x80\0\0\x09\0\0\0\0\0\0\0\1\0", 0.0))

    def _act(self) -> None:
        lot, session = self._lot, self.session
        kind = SubmitSm if self.side is Side.ESME else DeliverSm
        if not session.closing and kind.command_id in MAY_SEND[self.side, session.state] and session.room():
            self.context += 1
            self.open.append(self.context)
            session.request(kind(), self.context, self.now)
        if self.owed and lot.random() < 0.7:
            self._answer()
        if lot.random() < 0.3:
            self.now += lot.choice((0.1, 5.0, 31.0))
            self._take(session.tick(self.now))
        if lot.random() < 0.05:
            session.unbind(self.now)
        self._said(session.take_output())

    def _answer(self) -> None:
        request = self.owed.pop(self._lot.randrange(len(self.owed)))
        if isinstance(request, BINDS):
            if self.session.state is SessionState.OPEN and not self.session.closing:
                self.session.accept_bind(request, b"centre")
        else:
            self.session.respond(RESPONSE_OF[type(request)](sequence_number=request.sequence_number))

    @staticmethod
    def _said(octets: bytes) -> None:
        while octets:
            length = int.from_bytes(octets[:4], "big")
            assert HEADER_OCTETS <= length <= len(octets)
            pdu = decode(octets[:length])
            assert pdu.command_status in STATUSES
            assert pdu.command_id & RESPONSE or not pdu.command_status
            octets = octets[length:]

    def _take(self, events: list[Any]) -> None:
        assert len(self.session._rest) <= LIMITS.max_pdu_octets
        assert self.session.owed <= LIMITS.receive_window
        for event in events:
            assert not self.ended
            if isinstance(event, Answer | Unanswered):
                self.open.remove(event.context)
                if isinstance(event, Unanswered):
                    self.overdue.add(event.context)
            elif isinstance(event, LateAnswer):
                self.overdue.remove(event.context)
            elif isinstance(event, Closed):
                self.ended = True
                assert event.unanswered == self.open
                self.open.clear()
            elif isinstance(event, Pdu):
                assert event.command_id in {one for state in SessionState for one in MAY_SEND[other(self.side), state]}
                if type(event) in RESPONSE_OF:
                    self.owed.append(event)
            elif isinstance(event, Bound):
                assert self.side is Side.ESME


def try_session(lot: Random) -> None:
    """One conversation."""
    Conversation(lot).run()

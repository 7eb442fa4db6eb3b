"""Two sessions, both roles of ours, talk over a wire that is cut anywhere, with time that passes and a peer that errs.

Whatever the order: windows hold, no request is answered twice, every request ends in exactly one way, and what is
reported is what the table of states allows.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.model.errors import Bug
from gateway.smpp.codec import decode, encode
from gateway.smpp.commands import RESPONSE
from gateway.smpp.events import Answer, BindRefused, Bound, Closed, Event, LateAnswer, PeerUnbinds, Unanswered
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import (
    RESPONSE_OF,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    EnquireLink,
    Pdu,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from gateway.smpp.session import Session
from gateway.smpp.states import BINDS, MAY_SEND, STATE_OF_BIND, SessionState, Side, other
from gateway.smpp.status import CommandStatus

SIDES = st.sampled_from(Side)
CUTS = st.just(1 << 20) | st.integers(0, 60)
SELDOM = st.integers(0, 9)
BOUND = frozenset({SessionState.BOUND_TX, SessionState.BOUND_RX, SessionState.BOUND_TRX})
REQUESTS: tuple[type[Pdu], ...] = (SubmitSm, QuerySm, DataSm, DeliverSm)
LIMITS = {
    Side.ESME: SessionLimits(send_window=4, receive_window=2, max_errors=6, response_seconds=20.0, pdu_seconds=15.0),
    Side.MC: SessionLimits(
        send_window=3, receive_window=3, max_errors=6, inactivity_seconds=90.0, response_seconds=25.0, pdu_seconds=15.0
    ),
}
FOREIGN = 1_000_000  # sequence numbers from here on are of PDUs that no session of ours wrote


def frames(octets: bytes) -> Iterator[Pdu]:
    while octets:
        length = int.from_bytes(octets[:4], "big")
        yield decode(octets[:length])
        octets = octets[length:]


class End:
    """One session, what it owes and is owed, and the octets that left it and have not arrived."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.session = Session(side, LIMITS[side], 0.0, self.wake)
        self.woken = False
        self.wire = b""
        self.hung_up = False  # nothing more will come over its wire
        self.state = SessionState.OPEN  # as the events tell it
        self.to_answer: list[Pdu] = []
        self.binding: Pdu | None = None  # a bind request that waits for our yes or no
        self.unanswered: list[int] = []  # contexts, in the order of sending
        self.overdue: set[int] = set()  # contexts that ended without an answer; one may still come
        self.asked: set[int] = set()  # sequence numbers of requests that it sent
        self.answered: set[int] = set()  # and of those that it answered
        self.closed = False
        self.unbinding = False

    def wake(self) -> None:
        self.woken = True


class Talk(RuleBasedStateMachine):
    """Any conversation."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.ends = {side: End(side) for side in Side}
        self.contexts = iter(range(1, 1_000_000))
        self.foreign = iter(range(FOREIGN, 2_000_000))
        self.bind_class: type[Any] = BindTransceiver

    @initialize(
        mode=st.sampled_from((BindTransmitter, BindReceiver, BindTransceiver)),
        bound=st.sampled_from((True, True, True, False)),
    )
    def start(self, mode: type[Any], bound: bool) -> None:
        self.bind_class = mode
        esme, centre = self.ends[Side.ESME], self.ends[Side.MC]
        esme.session.bind(mode(system_id=b"shop", interface_version=0x34), self.now)
        if bound:
            for octets in (1 << 20, 1 << 20):
                self.flush(esme)
                self.arrives(Side.MC, octets)
                if centre.binding is not None:
                    self.grants(True)
                self.flush(centre)
                self.arrives(Side.ESME, octets)
            assert esme.state is centre.state is STATE_OF_BIND[mode.command_id]

    # What happens

    @rule(side=SIDES, octets=CUTS, back=CUTS)
    def talks(self, side: Side, octets: int, back: int) -> None:
        """What it has to say goes out, and some of what is on the wires arrives."""
        self.flush(self.ends[side])
        self.arrives(other(side), octets)
        self.flush(self.ends[other(side)])
        self.arrives(side, back)

    def arrives(self, side: Side, octets: int) -> None:
        """Octets of the peer's wire; then, when nothing more can come, its end."""
        end, peer = self.ends[side], self.ends[other(side)]
        piece, peer.wire = peer.wire[:octets], peer.wire[octets:]
        if piece and not end.closed:
            self.take(end, end.session.receive(piece, self.now))
        if peer.hung_up and not peer.wire:
            self.hang_up(end)

    @rule(seconds=st.sampled_from((0.5, 0.5, 3.0, 11.0, 31.0, 100.0)))
    def passes(self, seconds: float) -> None:
        self.now += seconds
        for end in self.ends.values():
            self.take(end, end.session.tick(self.now))

    @precondition(lambda self: self.ends[Side.MC].binding is not None)
    @rule(yes=st.booleans())
    def grants(self, yes: bool) -> None:
        end = self.ends[Side.MC]
        request, end.binding = end.binding, None
        if yes and not end.session.closing and end.state is SessionState.OPEN:
            end.session.accept_bind(request, b"centre")  # type: ignore[arg-type]
            end.state = STATE_OF_BIND[request.command_id]  # type: ignore[union-attr]
        else:
            end.session.refuse_bind(request, CommandStatus.ESME_RINVPASWD)  # type: ignore[arg-type]

    @rule(side=SIDES, kind=st.sampled_from(REQUESTS), many=st.integers(1, 5))
    def asks(self, side: Side, kind: type[Pdu], many: int) -> None:
        end = self.ends[side]
        session = end.session
        if session.closing or kind.command_id not in MAY_SEND[side, session.state]:
            return
        for _ in range(many):
            context = next(self.contexts)
            if session.room() <= 0:
                with pytest.raises(Bug):
                    session.request(kind(), context, self.now)
                return
            session.request(kind(), context, self.now)
            end.unanswered.append(context)

    @rule(side=SIDES, which=st.integers(0, 9), status=st.sampled_from((0, 0, 0x14)))
    def answers(self, side: Side, which: int, status: int) -> None:
        """One of the requests that it owes an answer to, in any order."""
        end = self.ends[side]
        if end.to_answer:
            request = end.to_answer.pop(which % len(end.to_answer))
            response = RESPONSE_OF[type(request)](command_status=status, sequence_number=request.sequence_number)
            end.session.respond(response)

    @rule(side=SIDES, really=SELDOM)
    def unbinds(self, side: Side, really: int) -> None:
        end = self.ends[side]
        if really < 4 and end.state in BOUND and not end.session.closing:
            end.unbinding = True
            end.state = SessionState.UNBOUND
            end.session.unbind(self.now)

    @rule(side=SIDES, really=SELDOM)
    def loses_the_connection(self, side: Side, really: int) -> None:
        if really == 0:
            self.hang_up(self.ends[side])

    @rule(side=SIDES, what=st.sampled_from(("stray", "again", "unknown", "early bind", "wrong kind", "nack", "ask")))
    def errs(self, side: Side, what: str) -> None:
        """A PDU that this side's session did not write goes over its wire."""
        end, peer = self.ends[side], self.ends[other(side)]
        if end.hung_up:
            return
        self.flush(end)
        number = next(self.foreign)
        known = next(iter(sorted(end.answered)), 1)
        open_number = next(iter(sorted(peer.asked - end.answered)), number)
        end.wire += {
            "stray": encode(SubmitSmResp(message_id=b"1"), number),
            "again": encode(SubmitSmResp(message_id=b"1"), known if known not in peer.asked else number),
            "unknown": b"\0\0\0\x10\0\0\x09\x99\0\0\0\0" + number.to_bytes(4, "big"),
            "early bind": encode(BindReceiver(system_id=b"x"), number),
            "wrong kind": encode(UnbindResp(), open_number),
            "nack": b"\0\0\0\x10\x80\0\0\0\0\0\0\x03" + number.to_bytes(4, "big"),
            "ask": encode(EnquireLink(), number),
        }[what]
        end.asked.add(number)

    # What must hold

    @invariant()
    def windows_hold(self) -> None:
        for end in self.ends.values():
            session, limits = end.session, LIMITS[end.side]
            assert 0 <= session.unanswered == len(end.unanswered) <= limits.send_window
            assert session.room() == limits.send_window - len(end.unanswered)
            assert end.closed or 0 <= session.owed <= limits.receive_window
            assert session.owed == len(end.to_answer) + (end.binding is not None)

    @invariant()
    def states_agree_with_what_was_reported(self) -> None:
        for end in self.ends.values():
            assert end.session.state is end.state
            assert end.closed == (end.state is SessionState.CLOSED)
            if end.closed:
                assert not end.session.take_output()
                assert not end.unanswered

    def teardown(self) -> None:
        for end in self.ends.values():
            self.hang_up(end)
            assert end.unanswered == []
            assert end.session.receive(encode(EnquireLink(), 1), self.now) == []
            assert end.session.tick(self.now + 1_000.0) == []
            assert not end.session.take_output()

    # How

    def flush(self, end: End) -> None:
        """What is to be written is written, as a connection does when it is woken."""
        octets = end.session.take_output()
        assert end.woken or not (octets or (end.session.closing and not end.closed and not end.hung_up))
        end.woken = False
        if end.hung_up:
            return
        for pdu in frames(octets):
            number = pdu.sequence_number
            if not pdu.command_id & RESPONSE:
                assert number not in end.asked
                assert type(pdu) is not Unbind or not end.to_answer, "it says unbind before it has answered"
                end.asked.add(number)
            else:
                assert number in self.ends[other(end.side)].asked, "it answers what nobody asked"
                assert number not in end.answered, "it answers twice"
                end.answered.add(number)
                if type(pdu) is UnbindResp:
                    assert not end.to_answer
        end.wire += octets
        end.hung_up = end.session.closing

    def hang_up(self, end: End) -> None:
        """The connection of this end is gone."""
        end.hung_up = True
        self.take(end, end.session.end_of_stream(self.now))

    def take(self, end: End, events: list[Event]) -> None:
        for event in events:
            assert not end.closed, "an event after the last one"
            match event:
                case Answer(context, _) | Unanswered(context):
                    assert context in end.unanswered, "it ended already"
                    end.unanswered.remove(context)
                    if isinstance(event, Unanswered):
                        end.overdue.add(context)
                case LateAnswer(context, _):
                    end.overdue.remove(context)
                case Closed(_, unanswered):
                    assert unanswered == end.unanswered
                    end.unanswered.clear()
                    end.closed = True
                    end.state = SessionState.CLOSED
                case Bound(state):
                    assert end.side is Side.ESME
                    assert state is STATE_OF_BIND[self.bind_class.command_id]
                    end.state = state
                case BindRefused():
                    assert end.session.closing
                case PeerUnbinds():
                    assert end.state in BOUND
                    end.state = SessionState.UNBOUND
                case _:
                    assert isinstance(event, Pdu)
                    assert event.command_id in MAY_SEND[other(end.side), end.state]
                    if event.command_id in BINDS:
                        assert end.binding is None
                        end.binding = event
                    else:
                        end.to_answer.append(event)
        if end.state in BOUND and end.session.state is SessionState.UNBOUND:
            end.state = SessionState.UNBOUND  # it was idle for too long and unbinds by itself
            end.unbinding = True


TestTalk = Talk.TestCase
TestTalk.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)

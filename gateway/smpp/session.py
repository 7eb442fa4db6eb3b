"""One SMPP session of either side, without socket and clock: octets and time come in, events and octets go out.

It frames, judges (state x command), decodes, numbers requests, matches responses and keeps the timers. What a message
means is decided by whoever reads the events. Source: SMPP 3.4, sections 2 and 3.
"""

from collections.abc import Callable

from gateway.model.errors import Bug, PeerFault
from gateway.smpp.binding import BindRequest, granted, refused, takes_tlvs, version_of_centre
from gateway.smpp.codec import HEADER_OCTETS, encode, encode_deliver_sm_resp, encode_submit_sm_resp, read
from gateway.smpp.commands import ENQUIRE_LINK, GENERIC_NACK, OUTBIND, RESPONSE, UNBIND, CommandId
from gateway.smpp.events import Answer, BindRefused, Bound, Closed, Event, LateAnswer, PeerUnbinds, Unanswered
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import RESPONSE_OF, EnquireLink, EnquireLinkResp, Outbind, Pdu, Unbind, UnbindResp
from gateway.smpp.refusals import nack, refusal, status_of_misplaced
from gateway.smpp.requests import Own, Requests
from gateway.smpp.states import BINDS, BOUND, MAY_SEND, STATE_OF_BIND, UNBOUND_YET, SessionState, Side, other
from gateway.smpp.status import CommandStatus
from gateway.smpp.tally import Tally, count
from gateway.smpp.walker import HEADER

LAST_SEQUENCE_NUMBER = 0x7FFF_FFFF  # section 3.2; then 1 again
LENGTH_OCTETS = 4
PEER_UNBOUND = "the peer unbound"


class Session:
    """`wake` is called when there is output (or the end) where there was none; take_output() then has it.

    Responses to a session that has ended are dropped: whoever owes them need not know.
    """

    __slots__ = (
        "_allowed", "_asked_alive", "_began_pdu", "_bind_requested", "_errors", "_goodbye", "_heard", "_last_message",
        "_limits", "_output", "_own", "_parted", "_requests", "_rest", "_sent", "_sequence_number", "_since", "_ticked",
        "_unbind_to_answer", "_wake", "closing", "owed", "peer_takes_tlvs", "read", "reason", "receive_window", "side",
        "state", "strays", "written",
    )  # fmt: skip

    def __init__(self, side: Side, limits: SessionLimits, now: float, wake: Callable[[], None]) -> None:
        self.side = side
        self.state = SessionState.OPEN
        self.closing = False  # nothing more is read; what is in the output goes, then the connection ends
        self.reason = ""
        self.strays = 0  # responses that belong to no request
        self.read: Tally = {}
        self.written: Tally = {}
        self._limits = limits
        self.receive_window = limits.receive_window
        self._wake = wake
        self._since = self._heard = self._ticked = self._last_message = now
        self._began_pdu: float | None = None
        self._rest = b""
        self._output: list[bytes] = []
        self._requests = Requests(limits.response_seconds, limits.most_overdue, limits.overdue_seconds)
        self._sent = self._requests.sent
        self._own = Requests(limits.response_seconds)
        self._sequence_number = 0
        self.owed = 0  # requests of the peer that we have not answered
        self._errors = 0
        self._bind_requested = False
        self._asked_alive = False
        self._unbind_to_answer: int | None = None
        self._parted: float | None = None  # since when the peer has our unbind_resp, and may still owe us answers
        self._goodbye: float | None = None  # since when our unbind waits for the answers that we owe
        self.peer_takes_tlvs = True  # and message ids of more than 8 characters
        self._allowed = MAY_SEND[other(side), SessionState.OPEN]

    # What comes in

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take octets as the socket gave them, cut anywhere."""
        events: list[Event] = []
        if self.reason:
            return events
        self._heard = now
        self._asked_alive = False
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        most = self._limits.max_pdu_octets
        while end - at >= HEADER_OCTETS:
            length, command_id, status, sequence_number = HEADER.unpack_from(data, at)
            if not HEADER_OCTETS <= length <= most:
                self._absurd(length, sequence_number)
                break
            if end - at < length:
                break
            self._pdu(data[at : at + length], command_id, status, sequence_number, now, events)
            at += length
            if self.closing:
                break
        else:
            if end - at >= LENGTH_OCTETS:
                length = int.from_bytes(data[at : at + LENGTH_OCTETS], "big")
                if not HEADER_OCTETS <= length <= most:
                    self._absurd(length, 0)
        self._rest = b"" if self.closing else data[at:]
        if not self._rest:
            self._began_pdu = None
        elif at or self._began_pdu is None:
            self._began_pdu = now
        return events

    def end_of_stream(self, now: float) -> list[Event]:  # noqa: ARG002 - time comes in with every event
        """The connection is gone. The last event, once."""
        if self.state is SessionState.CLOSED:
            return []
        self._enter(SessionState.CLOSED)
        self.closing = True
        unanswered = self._requests.clear()
        self._own.clear()
        self._output.clear()
        return [Closed(self.reason or "the peer closed the connection", unanswered)]

    def tick(self, now: float) -> list[Event]:
        """Time has passed: about once a second."""
        events: list[Event] = []
        if self.closing:
            return events
        limits = self._limits
        self._ticked = now
        if self.state in UNBOUND_YET and not self._own.sent and now - self._since > limits.session_init_seconds:
            self._end("no bind came in time" if self.side is Side.MC else "no outbind came in time")
        elif self._began_pdu is not None and now - self._began_pdu > limits.pdu_seconds:
            self._end("a PDU was begun and not finished in time")
        elif self._parted is not None and now - self._parted > limits.parting_seconds:
            self._end(PEER_UNBOUND)
        elif self.state is SessionState.UNBOUND and now - self._heard > limits.response_seconds:
            self._end("the peer did not close after unbind")
        elif self._goodbye is not None and now - self._goodbye > limits.response_seconds:
            self._end("answers that were owed did not come before the unbind")
        else:
            self._expire(now, events)
            self._ask_whether_alive(now)
        return events

    def _absurd(self, length: int, sequence_number: int) -> None:
        """Nothing after a wrong length can be trusted."""
        self._emit(nack(CommandStatus.ESME_RINVCMDLEN, sequence_number if length >= HEADER_OCTETS else 0))
        self._end(f"command_length {length}")

    def _pdu(
        self, frame: bytes, command_id: int, status: int, sequence_number: int, now: float, events: list[Event]
    ) -> None:
        count(self.read, frame)
        if command_id & RESPONSE:
            self._response(frame, command_id, status, sequence_number, events)
        elif command_id not in self._allowed:
            self._misplaced(command_id, sequence_number)
        elif command_id == ENQUIRE_LINK:
            self._emit(encode(EnquireLinkResp(), sequence_number))
        else:
            self._last_message = now
            self._request(frame, command_id, status, sequence_number, events)

    def _request(self, frame: bytes, command_id: int, status: int, sequence_number: int, events: list[Event]) -> None:
        try:
            pdu = read(frame, command_id, status, sequence_number)
        except PeerFault as fault:
            self._emit(refusal(command_id, fault.command_status, sequence_number))
            self._fault(str(fault))
            return
        self._errors = 0
        if command_id == UNBIND:
            self._unbind_to_answer = sequence_number
            self._enter(SessionState.UNBOUND)
            events.append(PeerUnbinds())
            self._answer_unbind()
            return
        if type(pdu) in RESPONSE_OF:
            if self.owed >= self.receive_window:
                self._emit(refusal(command_id, CommandStatus.ESME_RTHROTTLED, sequence_number))
                return
            if command_id in BINDS:
                if self._bind_requested:
                    self._emit(refusal(command_id, CommandStatus.ESME_RALYBND, sequence_number))
                    return
                self._bind_requested = True
            self.owed += 1
        elif command_id == OUTBIND:
            if self._own.sent:  # we called, and have asked to bind
                self._misplaced(command_id, sequence_number)
                return
            self._enter(SessionState.OUTBOUND)
        events.append(pdu)

    def _misplaced(self, command_id: int, sequence_number: int) -> None:
        """A request that is unknown, or not allowed in this state or to this side."""
        if command_id == UNBIND and self.state is SessionState.UNBOUND:  # both sides said it
            self._unbind_to_answer = sequence_number
            self._answer_unbind()
            return
        self._emit(refusal(command_id, status_of_misplaced(command_id, self.side, self.state), sequence_number))
        if self.state is not SessionState.UNBOUND:  # what crossed our unbind is no fault
            self._fault(f"command_id {command_id:#010x} in state {self.state.value}")

    def _fault(self, what: str) -> None:
        self._errors += 1
        if self._errors >= self._limits.max_errors:
            self._end(f"{self._errors} faulty PDUs in a row; the last: {what}")

    def _response(self, frame: bytes, command_id: int, status: int, sequence_number: int, events: list[Event]) -> None:
        sent = self._sent.get(sequence_number)
        if sent is None:
            self._ours(command_id, status, sequence_number, frame, events)
            return
        if command_id not in (sent.response_id, GENERIC_NACK):
            self.strays += 1
            self._fault(f"command_id {command_id:#010x} answers another request")
            return
        del self._sent[sequence_number]
        try:
            events.append(Answer(sent.context, read(frame, command_id, status, sequence_number)))
        except PeerFault as fault:
            events.append(Unanswered(sent.context))
            self._fault(str(fault))
        if self._parted is not None and not self._sent:
            self._end(PEER_UNBOUND)

    def _ours(self, command_id: int, status: int, sequence_number: int, frame: bytes, events: list[Event]) -> None:
        if command_id == GENERIC_NACK and not sequence_number and self._own.sent:
            sequence_number = next(iter(self._own.sent))  # some centres refuse a bind like this
        own = self._own.sent.get(sequence_number)
        if own is None or command_id not in (own.response_id, GENERIC_NACK):
            self._late(command_id, status, sequence_number, frame, events)
            return
        del self._own.sent[sequence_number]
        if own.context is Own.BIND:
            self._bound(command_id, status, frame, events)
        elif own.context is Own.UNBIND:
            self._end("unbound")

    def _late(self, command_id: int, status: int, sequence_number: int, frame: bytes, events: list[Event]) -> None:
        sent = self._requests.late(sequence_number, command_id, GENERIC_NACK)
        if sent is None:
            self.strays += 1  # a mistake, or much too late: it changes nothing
            return
        try:
            events.append(LateAnswer(sent.context, read(frame, command_id, status, sequence_number)))
        except PeerFault as fault:
            self._fault(str(fault))

    def _bound(self, command_id: int, status: int, frame: bytes, events: list[Event]) -> None:
        if status or command_id == GENERIC_NACK:
            events.append(BindRefused(status or CommandStatus.ESME_RBINDFAIL))
            self._end("the bind was refused")
            return
        version = version_of_centre(frame)
        if version is not None:
            self.peer_takes_tlvs = takes_tlvs(version)
        self._enter(STATE_OF_BIND[CommandId(command_id & ~RESPONSE)])
        events.append(Bound(self.state))

    def _expire(self, now: float, events: list[Event]) -> None:
        events.extend(Unanswered(context) for context in self._requests.expire(now))
        oldest = next(iter(self._own.sent.values()), None)
        if oldest is not None and oldest.deadline <= now:
            self._end(f"{oldest.context.value} was not answered in time")

    def _ask_whether_alive(self, now: float) -> None:
        limits = self._limits
        if self.closing or self.state not in BOUND:
            return
        quiet = limits.inactivity_seconds and now - self._last_message > limits.inactivity_seconds
        if quiet and self.owed <= 0:  # who waits for us is not idle
            self.unbind(now)
        elif limits.enquire_link_seconds and now - self._heard >= limits.enquire_link_seconds and not self._asked_alive:
            self._asked_alive = True
            self._ask(EnquireLink(), Own.ENQUIRE_LINK, now)

    # What goes out

    def take_output(self) -> bytes:
        """Everything that is to be written now."""
        output, self._output = self._output, []
        return output[0] if len(output) == 1 else b"".join(output)

    def bind(self, request: BindRequest, now: float) -> None:
        """Ask the message centre to bind, which may have asked for it by outbind. `Bound` or `BindRefused` follows."""
        self.peer_takes_tlvs = takes_tlvs(request.interface_version)
        self._ask(request, Own.BIND, now)

    def accept_bind(self, request: BindRequest, system_id: bytes, receive_window: int | None = None) -> None:
        """Grant the peer's bind. `receive_window`, when given, is this peer's own."""
        if receive_window is not None:
            self.receive_window = receive_window
        self.peer_takes_tlvs = takes_tlvs(request.interface_version)
        self._enter(STATE_OF_BIND[CommandId(request.command_id)])
        self.respond(granted(request, system_id))

    def refuse_bind(self, request: BindRequest, status: int) -> None:
        """Do not grant it, and end the session."""
        self.respond(refused(request, status))
        self._end("the bind was refused")

    def outbind(self, pdu: Outbind) -> None:
        """Ask the ESME that we called to bind. Its bind request follows, or it closes."""
        self.tell(pdu)
        self._enter(SessionState.OUTBOUND)

    def refuse_outbind(self, pdu: Outbind, status: int) -> None:
        """Do not bind to who called, and end the session. outbind has no response: a generic_nack says why."""
        self._emit(nack(status, pdu.sequence_number))
        self._end("the outbind was refused")

    def room(self) -> int:
        """How many more requests may be made now."""
        return self._limits.send_window - len(self._sent)

    @property
    def unanswered(self) -> int:
        """Requests of ours that the peer has not answered."""
        return len(self._sent)

    def request(self, pdu: Pdu, context: object, now: float) -> None:
        """`Answer` or `Unanswered` with its context follows, or it is in `Closed`. Bug above the window."""
        if len(self._sent) >= self._limits.send_window:
            raise Bug("a request above the window")
        sequence_number = self._next_sequence_number()
        self._requests.make(sequence_number, context, pdu.command_id | RESPONSE, now)
        self._emit(encode(pdu, sequence_number, tlvs=self.peer_takes_tlvs))

    def tell(self, pdu: Pdu) -> None:
        """Say what has no response: alert_notification."""
        self._emit(encode(pdu, self._next_sequence_number(), tlvs=self.peer_takes_tlvs))

    def respond(self, pdu: Pdu) -> None:
        """Answer a request of the peer; the PDU has its sequence_number."""
        self._respond(encode(pdu, tlvs=self.peer_takes_tlvs))

    def submit_sm_resp(self, sequence_number: int, status: int, message_id: bytes = b"") -> None:
        """Answer a submit_sm."""
        self._respond(encode_submit_sm_resp(status, sequence_number, message_id))

    def deliver_sm_resp(self, sequence_number: int, status: int) -> None:
        """Answer a deliver_sm."""
        self._respond(encode_deliver_sm_resp(status, sequence_number))

    def unbind(self, now: float) -> None:
        """End it in order: nothing new is taken, what we owe is answered, then we unbind, since many close at once."""
        if self.state in BOUND:
            self._enter(SessionState.UNBOUND)
            self._goodbye = now
            self._say_goodbye(now)
        elif self.state in UNBOUND_YET:
            self._end("nobody was bound")

    def _say_goodbye(self, now: float) -> None:
        if self._goodbye is not None and self.owed <= 0:
            self._goodbye = None
            self._ask(Unbind(), Own.UNBIND, now)

    def _respond(self, octets: bytes) -> None:
        self.owed -= 1
        self._emit(octets)
        if self._unbind_to_answer is not None:
            self._answer_unbind()
        elif self._goodbye is not None:
            self._say_goodbye(max(self._heard, self._ticked))

    def _answer_unbind(self) -> None:
        if self._unbind_to_answer is not None and self.owed <= 0:
            self._emit(encode(UnbindResp(), self._unbind_to_answer))
            self._unbind_to_answer = None
            if self._sent:  # its answers may be on their way: they crossed
                self._parted = max(self._heard, self._ticked)
            else:
                self._end(PEER_UNBOUND)

    def _ask(self, pdu: Pdu, own: Own, now: float) -> None:
        sequence_number = self._next_sequence_number()
        self._own.make(sequence_number, own, pdu.command_id | RESPONSE, now)
        self._emit(encode(pdu, sequence_number))

    def _next_sequence_number(self) -> int:
        self._sequence_number = self._sequence_number % LAST_SEQUENCE_NUMBER + 1
        return self._sequence_number

    def _emit(self, octets: bytes) -> None:
        if self.closing:
            return
        if not self._output:
            self._wake()
        self._output.append(octets)
        count(self.written, octets)

    def _enter(self, state: SessionState) -> None:
        self.state = state
        self._allowed = MAY_SEND[other(self.side), state]

    def _end(self, reason: str) -> None:
        if not self.closing:
            self.closing = True
            self.reason = reason
            if not self._output:
                self._wake()

"""Conversations of two sessions, and of one session with octets that no session would send."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Bug
from gateway.smpp.codec import decode, encode
from gateway.smpp.events import Answer, BindRefused, Bound, Closed, PeerUnbinds, Unanswered
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import (
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from gateway.smpp.session import LAST_SEQUENCE_NUMBER, Session
from gateway.smpp.states import SessionState, Side
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag

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


class TestBinding:
    @pytest.mark.parametrize(
        ("request_class", "state"),
        [
            (BindTransmitter, SessionState.BOUND_TX),
            (BindReceiver, SessionState.BOUND_RX),
            (BindTransceiver, SessionState.BOUND_TRX),
        ],
    )
    def test_a_granted_bind(self, request_class: Any, state: SessionState) -> None:
        server = Server()
        (event,) = server.send(request_class(system_id=b"shop", interface_version=0x34, sequence_number=7))
        server.session.accept_bind(event, b"gateway")
        assert server.session.state is state
        (response,) = server.said()
        assert (response.command_status, response.sequence_number, response.system_id) == (0, 7, b"gateway")
        assert response.tlv(Tag.SC_INTERFACE_VERSION) == b"\x34"

    def test_a_33_peer_gets_no_tlvs(self) -> None:
        server = Server()
        (event,) = server.send(BindTransceiver(system_id=b"shop", interface_version=0x33))
        server.session.accept_bind(event, b"gateway")
        server.session.request(DeliverSm(tlvs=((Tag.MESSAGE_STATE, b"\x02"),)), None, 0.0)
        response, receipt = server.said()
        assert response.tlvs == ()
        assert receipt.tlvs == ()

    def test_a_refused_bind_ends_the_session_after_its_answer(self) -> None:
        server = Server()
        (event,) = server.send(BIND)
        server.session.refuse_bind(event, CommandStatus.ESME_RINVPASWD)
        (response,) = server.said()
        assert response.command_status == CommandStatus.ESME_RINVPASWD
        assert server.session.closing

    def test_a_second_bind_is_refused(self) -> None:
        server = Server().bound()
        assert server.send(BIND) == []
        (response,) = server.said()
        assert type(response) is BindTransceiverResp
        assert response.command_status == CommandStatus.ESME_RALYBND

    def test_two_binds_in_one_read_are_one_bind(self) -> None:
        server = Server()
        events = server.send(BIND, BindReceiver(system_id=b"shop", sequence_number=2))
        assert [type(event) for event in events] == [BindTransceiver]
        (response,) = server.said()
        assert type(response) is BindReceiverResp
        assert response.command_status == CommandStatus.ESME_RALYBND

    def test_who_does_not_bind_is_closed(self) -> None:
        server = Server(session_init_seconds=10.0)
        assert server.session.tick(10.0) == []
        assert not server.session.closing
        server.session.tick(10.1)
        assert server.session.closing
        assert server.woken == 1
        assert server.session.end_of_stream(10.2) == [Closed("no bind came in time", [])]

    def test_our_bind_is_granted_with_what_the_peer_takes(self) -> None:
        session = Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
        session.bind(BIND, 0.0)
        session.take_output()
        old = BindTransceiverResp(system_id=b"centre", tlvs=((Tag.SC_INTERFACE_VERSION, b"\x33"),))
        assert session.receive(encode(old, 1), 0.0) == [Bound(SessionState.BOUND_TRX)]
        session.request(SubmitSm(tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\0\1"),)), None, 0.0)
        (sent,) = pdus(session.take_output())
        assert sent.tlvs == ()

    @pytest.mark.parametrize(
        "answer",
        [
            encode(BindTransceiverResp(command_status=CommandStatus.ESME_RINVPASWD), 1),
            encode(GenericNack(command_status=CommandStatus.ESME_RINVPASWD), 1),
            encode(GenericNack(command_status=CommandStatus.ESME_RINVPASWD), 0),
        ],
    )
    def test_our_bind_is_refused(self, answer: bytes) -> None:
        session = Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
        session.bind(BIND, 0.0)
        session.take_output()
        assert session.receive(answer, 0.0) == [BindRefused(CommandStatus.ESME_RINVPASWD)]
        assert session.closing

    def test_our_bind_is_not_answered(self) -> None:
        session = Session(Side.ESME, SessionLimits(response_seconds=30.0), 0.0, lambda: None)
        session.bind(BIND, 0.0)
        session.tick(29.9)
        assert not session.closing
        session.tick(30.0)
        assert session.closing
        assert session.reason == "bind was not answered in time"


class TestJudging:
    def test_submit_before_bind(self) -> None:
        server = Server()
        assert server.send(submit()) == []
        (response,) = server.said()
        assert type(response) is SubmitSmResp
        assert (response.command_status, response.sequence_number) == (CommandStatus.ESME_RINVBNDSTS, 2)

    def test_submit_on_a_receiver(self) -> None:
        server = Server().bound(BindReceiver(system_id=b"shop", interface_version=0x34))
        assert server.send(submit()) == []
        assert server.said()[0].command_status == CommandStatus.ESME_RINVBNDSTS

    def test_an_unknown_command_gets_a_generic_nack(self) -> None:
        server = Server().bound()
        assert server.session.receive(bytes.fromhex("00000010 00000777 00000000 00000009"), 0.0) == []
        (response,) = server.said()
        assert type(response) is GenericNack
        assert (response.command_status, response.sequence_number) == (CommandStatus.ESME_RINVCMDID, 9)

    @pytest.mark.parametrize("length", [0, 4, 15, 70_001, 0xFFFF_FFFF])
    def test_an_absurd_length_ends_it(self, length: int) -> None:
        server = Server()
        server.session.receive(length.to_bytes(4, "big") + bytes.fromhex("00000015 00000000 00000003"), 0.0)
        (response,) = server.said()
        assert type(response) is GenericNack
        assert response.command_status == CommandStatus.ESME_RINVCMDLEN
        assert server.session.closing

    def test_the_longest_length_is_not_absurd(self) -> None:
        server = Server()
        server.session.receive((70_000).to_bytes(4, "big"), 0.0)
        assert server.said() == []
        assert not server.session.closing

    def test_a_malformed_request_gets_its_own_response(self) -> None:
        server = Server().bound()
        assert server.session.receive(bytes.fromhex("00000012 00000004 00000000 00000005 4141"), 0.0) == []
        (response,) = server.said()
        assert type(response) is SubmitSmResp
        assert response.command_status != CommandStatus.ESME_ROK
        assert response.sequence_number == 5

    def test_errors_in_a_row_end_it_and_a_good_request_forgives(self) -> None:
        server = Server(max_errors=3).bound()
        unknown = bytes.fromhex("00000010 00000777 00000000 00000009")
        for _ in range(2):
            server.session.receive(unknown * 2, 0.0)
            assert not server.session.closing
            assert len(server.send(submit())) == 1
        server.session.receive(unknown * 3, 0.0)
        assert server.session.closing
        assert "3 faulty PDUs in a row" in server.session.reason

    def test_above_the_receive_window(self) -> None:
        server = Server(receive_window=2).bound()
        events = server.send(submit(2), submit(3), submit(4))
        assert [event.sequence_number for event in events] == [2, 3]
        (response,) = server.said()
        assert (response.command_status, response.sequence_number) == (CommandStatus.ESME_RTHROTTLED, 4)
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"1")
        assert len(server.send(submit(5))) == 1

    def test_a_peer_may_have_a_window_of_its_own(self) -> None:
        server = Server(receive_window=100)
        (event,) = server.send(BIND)
        server.session.accept_bind(event, b"gateway", receive_window=1)
        assert len(server.send(submit(2), submit(3))) == 1

    def test_enquire_link_is_answered_in_every_state(self) -> None:
        server = Server()
        for _ in range(2):
            assert server.send(EnquireLink(sequence_number=5)) == []
            assert server.said() == [EnquireLinkResp(sequence_number=5)]
            server.bound() if server.session.state is SessionState.OPEN else None

    def test_nothing_is_read_after_the_end(self) -> None:
        server = Server()
        (event,) = server.send(BIND)
        server.session.refuse_bind(event, CommandStatus.ESME_RINVPASWD)
        assert server.send(BIND) == []


class TestRequests:
    def test_an_answer_has_the_context(self) -> None:
        session = client()
        session.request(submit(), "first", 0.0)
        session.request(submit(), "second", 0.0)
        first, second = pdus(session.take_output())
        events = session.receive(
            encode(SubmitSmResp(message_id=b"b"), second.sequence_number)
            + encode(SubmitSmResp(message_id=b"a"), first.sequence_number),
            1.0,
        )
        assert [(event.context, event.pdu.message_id) for event in events] == [  # type: ignore[union-attr]
            ("second", b"b"),
            ("first", b"a"),
        ]

    def test_a_generic_nack_is_an_answer(self) -> None:
        session = client()
        session.request(submit(), "one", 0.0)
        nack = encode(GenericNack(command_status=CommandStatus.ESME_RTHROTTLED), 2)
        (event,) = session.receive(nack, 0.0)
        assert isinstance(event, Answer)
        assert event.pdu.command_status == CommandStatus.ESME_RTHROTTLED

    def test_another_requests_response_is_no_answer(self) -> None:
        session = client()
        session.request(submit(), "one", 0.0)
        assert session.receive(encode(QuerySmResp(), 2), 0.0) == []
        assert session.strays == 1
        assert session.unanswered == 1

    def test_a_response_to_nothing_is_counted(self) -> None:
        session = client()
        assert session.receive(encode(SubmitSmResp(message_id=b"a"), 99), 0.0) == []
        assert session.strays == 1

    def test_no_answer_in_time(self) -> None:
        session = client(response_seconds=30.0, enquire_link_seconds=0.0)
        session.request(submit(), "one", 0.0)
        session.request(submit(), "two", 5.0)
        assert session.tick(29.9) == []
        assert session.tick(30.0) == [Unanswered("one")]
        assert session.tick(35.0) == [Unanswered("two")]
        assert session.receive(encode(SubmitSmResp(message_id=b"late"), 2), 36.0) == []

    def test_the_window_is_a_hard_limit(self) -> None:
        session = client(send_window=2)
        assert session.room() == 2
        session.request(submit(), "one", 0.0)
        session.request(submit(), "two", 0.0)
        assert session.room() == 0
        with pytest.raises(Bug, match="above the window"):
            session.request(submit(), "three", 0.0)

    def test_what_has_no_answer_when_the_stream_ends(self) -> None:
        session = client()
        session.request(submit(), "one", 0.0)
        session.request(submit(), "two", 0.0)
        assert session.end_of_stream(1.0) == [Closed("the peer closed the connection", ["one", "two"])]
        assert session.end_of_stream(1.0) == []

    def test_sequence_numbers_wrap_to_one(self) -> None:
        session = client()
        session._sequence_number = LAST_SEQUENCE_NUMBER - 1
        session.request(submit(), "last", 0.0)
        session.request(submit(), "first", 0.0)
        assert [pdu.sequence_number for pdu in pdus(session.take_output())] == [LAST_SEQUENCE_NUMBER, 1]


class TestTimers:
    def test_silence_is_asked_about_once_and_ends_it(self) -> None:
        server = Server(enquire_link_seconds=30.0, response_seconds=10.0).bound()
        server.session.tick(29.9)
        assert server.said() == []
        server.session.tick(30.0)
        (ask,) = server.said()
        assert type(ask) is EnquireLink
        server.session.tick(35.0)
        assert server.said() == []
        server.session.tick(40.0)
        assert server.session.reason == "enquire_link was not answered in time"

    def test_an_answer_keeps_it_alive(self) -> None:
        server = Server(enquire_link_seconds=30.0, response_seconds=10.0).bound()
        server.session.tick(30.0)
        (ask,) = server.said()
        server.send(EnquireLinkResp(sequence_number=ask.sequence_number), now=31.0)
        server.session.tick(60.0)
        assert server.said() == []
        server.session.tick(61.0)
        assert len(server.said()) == 1

    def test_inactivity_unbinds(self) -> None:
        server = Server(inactivity_seconds=60.0, enquire_link_seconds=0.0).bound()
        server.send(submit(), now=10.0)
        server.send(EnquireLink(sequence_number=3), now=69.0)
        server.said()
        server.session.tick(70.0)
        assert server.said() == []
        server.session.tick(70.1)
        (ask,) = server.said()
        assert type(ask) is Unbind

    def test_a_pdu_that_never_ends(self) -> None:
        server = Server(pdu_seconds=10.0).bound()
        for second in range(10):
            server.session.receive(encode(submit())[second : second + 1], float(second))
            server.session.tick(float(second))
        assert not server.session.closing
        server.session.tick(10.5)
        assert server.session.reason == "a PDU was begun and not finished in time"


class TestUnbind:
    def test_it_is_answered_when_nothing_is_owed(self) -> None:
        server = Server().bound()
        events = server.send(submit(2), Unbind(sequence_number=3), submit(4))
        assert [type(event) for event in events] == [SubmitSm, PeerUnbinds]
        (refused,) = server.said()
        assert refused.command_status == CommandStatus.ESME_RINVBNDSTS
        assert not server.session.closing
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"1")
        response, unbound = server.said()
        assert (response.sequence_number, response.message_id) == (2, b"1")
        assert unbound == UnbindResp(sequence_number=3)
        assert server.session.closing

    def test_ours_waits_for_its_answer(self) -> None:
        session = client()
        session.request(submit(), "one", 0.0)
        session.take_output()
        session.unbind(1.0)
        (ask,) = pdus(session.take_output())
        assert type(ask) is Unbind
        assert session.receive(encode(SubmitSmResp(message_id=b"a"), 2), 1.5)[0] == Answer(
            "one", SubmitSmResp(message_id=b"a", sequence_number=2)
        )
        session.receive(encode(UnbindResp(), ask.sequence_number), 2.0)
        assert session.closing

    def test_who_is_not_bound_just_goes(self) -> None:
        server = Server()
        server.session.unbind(0.0)
        assert server.session.closing
        assert server.said() == []

    def test_answers_to_one_who_is_gone_are_dropped(self) -> None:
        server = Server().bound()
        server.send(submit(2))
        server.session.end_of_stream(1.0)
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"1")
        assert server.session.take_output() == b""


class TestAttention:
    def test_one_call_for_all_output_until_it_is_taken(self) -> None:
        server = Server()
        server.send(EnquireLink(sequence_number=1), EnquireLink(sequence_number=2))
        assert server.woken == 1
        assert len(server.said()) == 2
        server.send(EnquireLink(sequence_number=3))
        assert server.woken == 2


CONVERSATION = b"".join(
    encode(pdu)
    for pdu in (
        BIND,
        EnquireLink(sequence_number=2),
        QuerySm(message_id=b"1", sequence_number=3),
        submit(4),
        submit(5),
    )
)


def _outcome(pieces: list[bytes]) -> tuple[list[Any], list[Any]]:
    server = Server()
    events: list[Any] = []
    for piece in pieces:
        for event in server.session.receive(piece, 0.0):
            events.append(event)
            if type(event) is BindTransceiver:
                server.session.accept_bind(event, b"gateway")
    return events, server.said()


def test_cuts_byte_by_byte_make_no_difference_to_octets_after_the_bind() -> None:
    bind = encode(BIND)
    whole = _outcome([bind, CONVERSATION[len(bind) :]])
    assert [type(event) for event in whole[0]] == [BindTransceiver, QuerySm, SubmitSm, SubmitSm]
    assert _outcome([CONVERSATION[at : at + 1] for at in range(len(CONVERSATION))]) == whole


@given(cuts=st.lists(st.integers(len(encode(BIND)), len(CONVERSATION)), max_size=20))
def test_any_cut_makes_no_difference(cuts: list[int]) -> None:
    bounds = [0, len(encode(BIND)), *sorted(cuts), len(CONVERSATION)]
    pieces = [CONVERSATION[start:end] for start, end in zip(bounds, bounds[1:], strict=False)]
    assert _outcome(pieces) == _outcome([encode(BIND), CONVERSATION[len(encode(BIND)) :]])


@given(st.lists(st.binary(max_size=200), max_size=20), st.booleans())
def test_garbage_is_refused_in_the_permitted_way(pieces: list[bytes], bound: bool) -> None:
    server = Server()
    if bound:
        server.bound()
    for number, piece in enumerate(pieces):
        server.session.receive(piece, float(number))
        server.session.tick(float(number))
        for pdu in server.said():
            assert type(pdu).command_id & 0x8000_0000 or type(pdu) in {EnquireLink, Unbind}

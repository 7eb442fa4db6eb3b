"""Conversations of two sessions, and of one session with octets that no session would send."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.codec import encode
from gateway.smpp.events import Answer, Closed, PeerUnbinds
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from gateway.smpp.states import SessionState
from gateway.smpp.status import CommandStatus
from tests.gateway.smpp.talk import BIND, Server, client, pdus, submit


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
    pieces = [CONVERSATION[start:end] for start, end in pairwise(bounds)]
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
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"1")
        server.send(EnquireLink(sequence_number=3), now=69.0)
        server.said()
        server.session.tick(70.0)
        assert server.said() == []
        server.session.tick(70.1)
        (ask,) = server.said()
        assert type(ask) is Unbind

    def test_who_waits_for_our_answer_is_not_idle(self) -> None:
        server = Server(inactivity_seconds=60.0, enquire_link_seconds=0.0).bound()
        server.send(submit(2), now=10.0)
        server.session.tick(500.0)
        assert server.said() == []
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"1")
        assert [answer.message_id for answer in server.said()] == [b"1"]
        server.session.tick(501.0)
        assert [type(pdu) for pdu in server.said()] == [Unbind]

    def test_a_pdu_that_never_ends(self) -> None:
        server = Server(pdu_seconds=10.0).bound()
        for second in range(10):
            server.session.receive(encode(submit())[second : second + 1], float(second))
            server.session.tick(float(second))
        assert not server.session.closing
        server.session.tick(10.5)
        assert server.session.reason == "a PDU was begun and not finished in time"


class TestUnbind:
    def test_both_at_once(self) -> None:
        server = Server().bound()
        server.send(submit(2))
        server.session.unbind(1.0)
        assert server.said() == []  # ours waits for what we owe, and is not needed any more
        server.send(Unbind(sequence_number=9), *[submit(number) for number in range(10, 30)])
        refused = server.said()
        assert {answer.command_status for answer in refused} == {CommandStatus.ESME_RINVBNDSTS}
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"1")
        paid, answered = server.said()
        assert (paid.sequence_number, paid.message_id) == (2, b"1")
        assert answered == UnbindResp(sequence_number=9)
        assert server.session.closing

    def test_when_nothing_is_owed_both_are_on_their_way_and_both_are_answered(self) -> None:
        server = Server().bound()
        server.session.unbind(1.0)
        assert [type(pdu) for pdu in server.said()] == [Unbind]
        server.send(Unbind(sequence_number=9))
        assert server.said() == [UnbindResp(sequence_number=9)]
        assert server.session.closing

    def test_ours_is_said_behind_the_last_answer_that_is_owed(self) -> None:
        server = Server(response_seconds=30.0).bound()
        server.send(submit(2), submit(3))
        server.session.unbind(1.0)
        server.session.unbind(2.0)
        server.session.submit_sm_resp(3, CommandStatus.ESME_ROK, b"b")
        assert [answer.sequence_number for answer in server.said()] == [3]
        server.session.tick(20.0)
        server.session.submit_sm_resp(2, CommandStatus.ESME_ROK, b"a")
        answer, ours = server.said()
        assert (answer.sequence_number, answer.message_id, type(ours)) == (2, b"a", Unbind)
        server.send(EnquireLink(sequence_number=4), now=21.0)
        server.session.tick(49.9)  # it has its whole time to answer
        assert not server.session.closing
        server.send(UnbindResp(sequence_number=ours.sequence_number), now=49.9)
        assert server.session.reason == "unbound"

    def test_answers_that_never_come_do_not_hold_it_for_ever(self) -> None:
        server = Server(response_seconds=30.0).bound()
        server.send(submit(2))
        server.session.unbind(1.0)
        server.send(EnquireLink(sequence_number=3), now=30.0)
        server.session.tick(31.0)
        assert not server.session.closing
        server.session.tick(31.1)
        assert server.session.reason == "answers that were owed did not come before the unbind"

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

    def test_answers_that_crossed_it_are_still_taken(self) -> None:
        server = Server().bound()
        for context in ("one", "two"):
            server.session.request(DeliverSm(), context, 1.0)
        first, second = server.said()
        assert server.send(Unbind(sequence_number=3)) == [PeerUnbinds()]
        assert server.said() == [UnbindResp(sequence_number=3)]
        assert not server.session.closing
        (answer,) = server.send(DeliverSmResp(sequence_number=first.sequence_number))
        assert answer == Answer("one", DeliverSmResp(sequence_number=first.sequence_number))
        assert not server.session.closing
        server.send(DeliverSmResp(sequence_number=second.sequence_number))
        assert server.session.reason == "the peer unbound"

    def test_who_owes_answers_after_its_unbind_is_not_waited_for_long(self) -> None:
        server = Server(parting_seconds=2.0).bound()
        server.session.request(DeliverSm(), "one", 1.0)
        server.send(Unbind(sequence_number=3), now=5.0)
        server.session.tick(7.0)
        assert not server.session.closing
        server.session.tick(7.1)
        assert server.session.reason == "the peer unbound"
        assert server.session.end_of_stream(7.2) == [Closed("the peer unbound", ["one"])]

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

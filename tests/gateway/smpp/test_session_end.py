"""What ends a session: timers, and unbind of both sides."""

from gateway.smpp.codec import encode
from gateway.smpp.events import Answer, PeerUnbinds
from gateway.smpp.pdu import (
    EnquireLink,
    EnquireLinkResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from gateway.smpp.status import CommandStatus
from tests.gateway.smpp.talk import Server, client, pdus, submit


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

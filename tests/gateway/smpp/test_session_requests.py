"""What we ask, and what of it is answered, in time, late or never."""

import pytest

from gateway.model.errors import Bug
from gateway.smpp.codec import encode
from gateway.smpp.events import Answer, Closed, LateAnswer, Unanswered
from gateway.smpp.pdu import (
    GenericNack,
    QuerySmResp,
    SubmitSmResp,
)
from gateway.smpp.session import LAST_SEQUENCE_NUMBER
from gateway.smpp.status import CommandStatus
from tests.gateway.smpp.talk import client, pdus, submit


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
        late = SubmitSmResp(message_id=b"late", sequence_number=2)
        assert session.receive(encode(late, 2), 36.0) == [LateAnswer("one", late)]
        assert session.receive(encode(late, 2), 36.0) == []
        assert session.strays == 1

    def test_a_late_answer_frees_no_place_in_the_window(self) -> None:
        session = client(send_window=1, response_seconds=30.0, enquire_link_seconds=0.0)
        session.request(submit(), "one", 0.0)
        session.tick(30.0)
        session.request(submit(), "two", 30.0)
        session.receive(encode(SubmitSmResp(message_id=b"a"), 2), 31.0)
        assert session.room() == 0
        assert session.unanswered == 1

    def test_another_requests_response_is_no_late_answer(self) -> None:
        session = client(response_seconds=30.0, enquire_link_seconds=0.0)
        session.request(submit(), "one", 0.0)
        session.tick(30.0)
        assert session.receive(encode(QuerySmResp(), 2), 31.0) == []
        assert [type(event) for event in session.receive(encode(GenericNack(command_status=8), 2), 31.0)] == [
            LateAnswer
        ]

    def test_a_late_answer_that_cannot_be_read_decides_nothing(self) -> None:
        session = client(response_seconds=30.0, enquire_link_seconds=0.0)
        session.request(submit(), "one", 0.0)
        session.tick(30.0)
        unended = bytes.fromhex("00000074 80000004 00000000 00000002" + "41" * 100)
        assert session.receive(unended, 31.0) == []

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

"""Requests by number: answered, overdue, late, forgotten, and never more than they may be."""

import pytest

from gateway.model.errors import Bug
from gateway.smpp.codec import encode
from gateway.smpp.events import Answer, Closed, LateAnswer, Unanswered
from gateway.smpp.pdu import (
    GenericNack,
    QuerySmResp,
    SubmitSmResp,
)
from gateway.smpp.requests import Requests
from gateway.smpp.session import LAST_SEQUENCE_NUMBER
from gateway.smpp.status import CommandStatus
from tests.gateway.smpp.talk import client, pdus, submit

RESP, NACK = 0x8000_0004, 0x8000_0000


def test_what_is_over_is_told_once_oldest_first() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    requests.make(2, "b", RESP, 0.0)
    requests.make(3, "c", RESP, 1.0)
    assert requests.expire(29.9) == []
    assert requests.expire(30.0) == ["a", "b"]
    assert requests.expire(30.5) == []
    assert requests.expire(31.0) == ["c"]


def test_a_late_one_is_found_once_and_only_by_its_own_response() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    assert requests.late(1, RESP, NACK) is None  # it is not late yet
    requests.expire(30.0)
    assert requests.late(1, RESP + 1, NACK) is None
    assert requests.late(2, RESP, NACK) is None
    found = requests.late(1, RESP, NACK)
    assert found is not None
    assert found.context == "a"
    assert requests.late(1, RESP, NACK) is None


def test_overdue_ones_are_forgotten_by_time() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    requests.expire(30.0)
    requests.expire(89.9)
    assert requests.overdue == 1
    requests.expire(90.0)
    assert requests.overdue == 0


def test_overdue_ones_are_forgotten_by_number_the_oldest_first() -> None:
    requests = Requests(30.0, most_overdue=2, overdue_seconds=60.0)
    for number in range(1, 6):
        requests.make(number, number, RESP, 0.0)
    assert requests.expire(30.0) == [1, 2, 3, 4, 5]
    assert requests.overdue == 2
    assert requests.late(3, RESP, NACK) is None
    assert requests.late(4, RESP, NACK) is not None


def test_by_default_none_is_kept() -> None:
    requests = Requests(30.0)
    requests.make(1, "a", RESP, 0.0)
    requests.expire(30.0)
    assert requests.overdue == 0


def test_the_end() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    requests.expire(30.0)
    requests.make(2, "b", RESP, 30.0)
    assert requests.clear() == ["b"]
    assert requests.late(1, RESP, NACK) is None


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

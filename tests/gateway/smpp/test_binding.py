"""Responses to binds, and what versions tell."""

from typing import Any

import pytest

from gateway.smpp.binding import granted, refused, takes_tlvs, version_of_centre
from gateway.smpp.codec import encode
from gateway.smpp.commands import RESPONSE
from gateway.smpp.events import BindRefused, Bound, Closed
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
    Outbind,
    SubmitSm,
)
from gateway.smpp.session import Session
from gateway.smpp.states import SessionState, Side
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.smpp.talk import BIND, Server, client, pdus


@pytest.mark.parametrize("kind", [BindTransceiver, BindTransmitter, BindReceiver])
def test_each_kind_has_its_response(kind: Any) -> None:
    request = kind(system_id=b"x", sequence_number=9)
    yes, no = granted(request, b"gw"), refused(request, CommandStatus.ESME_RINVPASWD)
    for response in (yes, no):
        assert response.command_id == request.command_id | RESPONSE
        assert response.sequence_number == 9
    assert (yes.command_status, yes.system_id, yes.tlv(Tag.SC_INTERFACE_VERSION)) == (0, b"gw", b"\x34")
    assert (no.command_status, no.tlvs) == (CommandStatus.ESME_RINVPASWD, ())


def test_tlvs_came_with_34() -> None:
    assert [takes_tlvs(version) for version in (0x00, 0x33, 0x34, 0x50)] == [False, False, True, True]


def test_the_version_of_a_centre() -> None:
    told = BindTransceiverResp(system_id=b"c", tlvs=((Tag.SC_INTERFACE_VERSION, b"\x33"),))
    assert version_of_centre(encode(told, 1)) == 0x33
    assert version_of_centre(encode(BindTransceiverResp(system_id=b"c"), 1)) is None
    empty = BindTransceiverResp(system_id=b"c", tlvs=((Tag.SC_INTERFACE_VERSION, b""),))
    assert version_of_centre(encode(empty, 1)) is None
    assert version_of_centre(bytes.fromhex("00000012 80000009 00000000 00000001 4141")) is None


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
        assert server.session.reason == ""
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
        assert session.reason == ""
        session.tick(30.0)
        assert session.closing
        assert session.reason == "bind was not answered in time"

    @pytest.mark.parametrize("bound", [False, True])
    def test_an_outbind_does_no_harm(self, bound: bool) -> None:
        session = client() if bound else Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
        if not bound:
            session.bind(BIND, 0.0)
            session.take_output()
        session.receive(encode(Outbind(system_id=b"centre", password=b"x"), 9), 0.0)
        answers = pdus(session.take_output())
        assert [type(answer) for answer in answers] == [GenericNack]
        assert not session.closing
        if not bound:
            granted = session.receive(encode(BindTransceiverResp(system_id=b"centre"), 1), 0.0)
            assert granted == [Bound(SessionState.BOUND_TRX)]


OUTBIND = Outbind(system_id=b"centre", password=b"x", sequence_number=1)


class TestOutbind:
    def called(self, **limits: Any) -> Session:
        return Session(Side.ESME, SessionLimits(**limits), 0.0, lambda: None)

    @pytest.mark.parametrize(
        ("request_class", "state"),
        [(BindReceiver, SessionState.BOUND_RX), (BindTransceiver, SessionState.BOUND_TRX)],
    )
    def test_who_is_called_binds_and_is_bound_on_the_same_connection(
        self, request_class: Any, state: SessionState
    ) -> None:
        esme, centre = self.called(), Session(Side.MC, SessionLimits(), 0.0, lambda: None)
        centre.outbind(Outbind(system_id=b"centre", password=b"x"))
        assert centre.state is SessionState.OUTBOUND
        assert esme.receive(centre.take_output(), 1.0) == [OUTBIND]
        assert esme.state is SessionState.OUTBOUND
        esme.bind(request_class(system_id=b"gw", interface_version=0x34), 1.0)
        asked: Any
        (asked,) = centre.receive(esme.take_output(), 1.0)
        assert (type(asked), asked.sequence_number) == (request_class, 1)  # each side counts its own
        centre.accept_bind(asked, b"centre")
        assert esme.receive(centre.take_output(), 1.0) == [Bound(state)]
        assert esme.state is centre.state is state

    def test_nothing_is_sent_before_it(self) -> None:
        session = self.called()
        session.tick(9.0)
        assert session.take_output() == b""
        answers = session.receive(encode(DeliverSm(), 5), 9.0)
        assert answers == []
        (refused,) = pdus(session.take_output())
        assert refused.command_status == CommandStatus.ESME_RINVBNDSTS
        assert session.receive(encode(BindReceiver(), 6), 9.0) == []
        (refused,) = pdus(session.take_output())
        assert refused.command_status == CommandStatus.ESME_RINVBNDSTS

    def test_one_that_never_comes(self) -> None:
        session = self.called(session_init_seconds=10.0)
        session.tick(10.0)
        assert not session.closing
        session.tick(10.1)
        assert session.reason == "no outbind came in time"

    def test_a_bind_that_never_comes(self) -> None:
        centre = Session(Side.MC, SessionLimits(session_init_seconds=10.0), 0.0, lambda: None)
        centre.outbind(OUTBIND)
        centre.tick(10.1)
        assert centre.reason == "no bind came in time"

    def test_after_it_the_bind_has_its_own_time(self) -> None:
        session = self.called(session_init_seconds=10.0, response_seconds=30.0)
        session.receive(encode(OUTBIND), 9.0)
        session.bind(BIND, 9.0)
        session.tick(38.9)
        assert not session.closing
        session.tick(39.0)
        assert session.reason == "bind was not answered in time"

    def test_once_is_enough(self) -> None:
        session = self.called()
        session.receive(encode(OUTBIND) * 2, 0.0)
        (nack,) = pdus(session.take_output())
        assert nack == GenericNack(command_status=CommandStatus.ESME_RINVBNDSTS, sequence_number=1)

    def test_it_can_be_refused(self) -> None:
        session = self.called()
        (outbind,) = session.receive(encode(OUTBIND, 7), 0.0)
        assert isinstance(outbind, Outbind)
        session.refuse_outbind(outbind, CommandStatus.ESME_RINVPASWD)
        assert pdus(session.take_output()) == [
            GenericNack(command_status=CommandStatus.ESME_RINVPASWD, sequence_number=7)
        ]
        assert session.closing

    def test_a_customer_may_not_say_it(self) -> None:
        server = Server()
        assert server.send(OUTBIND) == []
        assert [type(pdu) for pdu in server.said()] == [GenericNack]
        assert server.session.state is SessionState.OPEN

    def test_an_enquire_link_is_answered_meanwhile(self) -> None:
        session = self.called()
        session.receive(encode(OUTBIND) + encode(EnquireLink(), 2), 0.0)
        assert pdus(session.take_output()) == [EnquireLinkResp(sequence_number=2)]

    def test_unbound_it_just_goes(self) -> None:
        session = self.called()
        session.receive(encode(OUTBIND), 0.0)
        session.unbind(0.0)
        assert session.closing
        assert session.take_output() == b""

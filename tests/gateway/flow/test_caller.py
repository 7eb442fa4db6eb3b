"""Who calls is nobody until its outbind is good, and a bind like any other from then on."""

import pytest

from gateway.flow.caller import STATUS_OF_UNWANTED, Answer, CallerLink, Unwanted
from gateway.flow.carriers import CarrierLink
from gateway.smpp.codec import encode
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindReceiver, BindReceiverResp, DeliverSm, Outbind, Pdu
from gateway.smpp.session import Session
from gateway.smpp.states import SessionState, Side
from tests.gateway.flow.world import ANYWHERE, World, receipt
from tests.gateway.smpp.talk import pdus

OUTBIND = Outbind(system_id=b"centre", password=b"knock", sequence_number=1)


class Call:
    """One connection, and what was said on it."""

    def __init__(self, answer: Answer) -> None:
        self.session = Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
        self.link = CallerLink(self.session, ANYWHERE, answer)

    def say(self, pdu: Pdu) -> list[Pdu]:
        self.link.handle(self.session.receive(encode(pdu), 0.0))
        return pdus(self.session.take_output())


def test_every_reason_has_its_status() -> None:
    assert set(STATUS_OF_UNWANTED) == set(Unwanted)


@pytest.mark.parametrize("why", Unwanted)
def test_who_is_unwanted_is_told_why_and_closed(why: Unwanted) -> None:
    call = Call(lambda *_: why)
    (nack,) = call.say(OUTBIND)
    assert nack.command_status == STATUS_OF_UNWANTED[why]
    assert call.session.closing
    call.link.handle(call.session.end_of_stream(1.0))


def test_from_the_outbind_on_it_is_the_carriers_link() -> None:
    world = World()
    carrier = world.flow.carriers["one"]

    def answer(session: Session, origin: object, outbind: Outbind) -> CarrierLink:
        assert (origin, outbind) == (ANYWHERE, OUTBIND)
        session.bind(BindReceiver(system_id=b"gw"), 0.0)
        return CarrierLink(session, carrier, carrier.binds[0], world.flow.settler, world.flow.receipts_in)

    call = Call(answer)
    (asked,) = call.say(OUTBIND)
    assert type(asked) is BindReceiver
    call.say(BindReceiverResp(system_id=b"centre", sequence_number=asked.sequence_number))
    assert carrier.binds[0].session is call.session
    assert call.session.state is SessionState.BOUND_RX
    told = receipt(b"99")
    told = DeliverSm(sequence_number=5, esm_class=4, source_addr=told.source_addr, short_message=told.short_message)
    call.say(told)
    assert call.session.owed == 1  # acknowledged when it is durable
    call.link.handle(call.session.end_of_stream(1.0))
    assert carrier.binds[0].session is None


def test_who_goes_before_it_said_anything_leaves_nothing() -> None:
    call = Call(lambda *_: Unwanted.WRONG_NAME)
    call.link.handle(call.session.end_of_stream(1.0))
    assert call.session.state is SessionState.CLOSED

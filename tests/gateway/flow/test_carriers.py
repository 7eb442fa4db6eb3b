"""The carriers' side: a bind comes up, is refused, goes, and is asked for what it should not ask."""

from gateway.flow.carriers import CarrierLink
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindTransceiver, DataSm, DataSmResp, GenericNack
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import World, message


def test_a_bind_comes_and_goes() -> None:
    world = World()
    bind = world.flow.carriers["one"].binds[0]
    assert bind.room == 0
    carrier = world.carrier()
    assert bind.room == 10
    world.cut(carrier)
    assert bind.session is None
    assert bind.room == 0


def test_a_refused_bind_is_no_bind() -> None:
    world = World()
    carrier = world.flow.carriers["one"]
    session = Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
    link = CarrierLink(session, carrier, carrier.binds[0], world.flow.settler, world.flow.receipts_in)
    session.bind(BindTransceiver(), 0.0)
    session.take_output()
    centre = Session(Side.MC, SessionLimits(), 0.0, lambda: None)
    centre.respond(GenericNack(command_status=CommandStatus.ESME_RINVPASWD, sequence_number=1))
    link.handle(session.receive(centre.take_output(), 0.0))
    assert carrier.binds[0].session is None
    assert carrier.binds[0].refused == CommandStatus.ESME_RINVPASWD
    assert carrier.counts.binds_refused == {CommandStatus.ESME_RINVPASWD: 1}
    assert not link.was_bound
    assert session.closing


def test_an_old_connection_that_goes_takes_no_new_one_down() -> None:
    world = World()
    old = world.carrier()
    new = world.carrier()
    world.cut(old)
    assert world.flow.carriers["one"].binds[0].session is not None
    world.submit(world.customer(), message())
    assert new.requests(type(message()))


def test_a_data_sm_of_a_carrier_gets_its_own_response() -> None:
    world = World()
    carrier = world.carrier()
    carrier.session.request(DataSm(destination_addr=b"815000000000"), None, world.now)
    world.pump()
    assert [(type(answer), answer.command_status) for answer in carrier.answers()] == [
        (DataSmResp, CommandStatus.ESME_RX_R_APPN)
    ]

"""alert_notification onward."""

from gateway.flow.alerts import alert
from gateway.smpp.pdu import AlertNotification, BindTransmitter
from tests.gateway.flow.world import DOCOMO_NUMBER, World, message

ALERT = AlertNotification(source_addr=DOCOMO_NUMBER, esme_addr=b"0312345678", tlvs=((0x0422, b"\0"),))


def test_it_reaches_a_bind_that_receives_and_owes_nothing() -> None:
    world = World()
    world.customer(bind=BindTransmitter(system_id=b"shop", password=b"secret"))
    customer = world.customer()
    assert alert(world.flow.accounts["shop"], ALERT)
    world.pump()
    (one,) = customer.requests(AlertNotification)
    assert (one.source_addr, one.esme_addr, one.tlvs) == (DOCOMO_NUMBER, b"0312345678", ALERT.tlvs)
    (bind,) = [bind for bind in world.flow.accounts["shop"].binds if bind.receives]
    assert bind.session.unanswered == 0
    assert world.submit(customer, message()).command_status == 0


def test_nobody_receives() -> None:
    world = World()
    transmitter = world.customer(bind=BindTransmitter(system_id=b"shop", password=b"secret"))
    assert not alert(world.flow.accounts["shop"], ALERT)
    world.pump()
    assert transmitter.requests(AlertNotification) == []

"""A customer's connection: requests go to who takes them, receipts where they belong, no more after its end."""

from gateway.smpp.pdu import (
    BindTransceiver,
    BindTransmitter,
    BroadcastSm,
    CancelSm,
    DeliverSm,
    GenericNack,
    Pdu,
    QuerySm,
    QuerySmResp,
)
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, World, message, settings, silent


def test_a_request_that_is_served_gets_its_own_response() -> None:
    world = World()
    customer = world.customer()
    answer = world.submit(customer, QuerySm(message_id=b"what"))
    assert type(answer) is QuerySmResp
    assert answer.command_status == CommandStatus.ESME_RINVMSGID


def test_a_request_that_is_not_offered_is_named_unknown() -> None:
    world = World()
    answer = world.submit(world.customer(), BroadcastSm())
    assert type(answer) is GenericNack
    assert answer.command_status == CommandStatus.ESME_RINVCMDID


def test_before_the_bind_nothing_is_served() -> None:
    world = World()
    refused = BindTransceiver(system_id=b"shop", password=b"wrong", interface_version=0x34)
    world.customer(bind=refused)
    assert world.flow.accounts["shop"].binds == []
    assert not world.flow.live


def test_who_only_sends_gets_no_receipts_and_who_binds_later_gets_them() -> None:
    world = World()
    world.carrier(centre=Centre(receipts=True))
    sender = world.customer(bind=BindTransmitter(system_id=b"shop", password=b"secret"))
    world.submit(sender, message())
    assert sender.requests(DeliverSm) == []
    assert len(world.customer().requests(DeliverSm)) == 1


def test_a_receipt_without_an_answer_comes_again_on_the_next_bind() -> None:
    world = World()
    world.carrier(centre=Centre(receipts=True))
    customer = world.customer()
    customer.answer = silent
    world.submit(customer, message())
    assert len(customer.requests(DeliverSm)) == 1
    world.cut(customer)
    assert world.flow.accounts["shop"].binds == []
    assert len(world.customer().requests(DeliverSm)) == 1


def test_a_response_that_comes_after_the_end_harms_nobody() -> None:
    world = World()
    customer = world.customer()
    customer.session.request(message(), None, world.now)
    world._octets()
    world.flow.end_of_turn()
    world.cut(customer)
    world.pump()
    assert len(world.flow.live) == 1


SOME: tuple[Pdu, ...] = (message(), QuerySm(message_id=b"x"), BroadcastSm(), CancelSm(message_id=b"x"))


def test_every_response_is_counted_off_the_window() -> None:
    """A request that is answered twice, or never, would leave the count of what we owe wrong."""
    world = World()
    customer = world.customer()
    (bind,) = world.flow.accounts["shop"].binds
    for request in (*SOME, message(b"1")):
        world.submit(customer, request)
        assert bind.session.owed == 0


def test_what_is_on_disk_is_answered_before_our_own_unbind() -> None:
    """The gateway unbinds while the disk is slow; the customer, like many, closes as soon as it is told."""
    world = World()
    customer = world.customer()
    world.commits_left = 0
    for _ in range(3):
        customer.session.request(message(), None, world.now)
    world.pump()
    (bind,) = world.flow.accounts["shop"].binds
    bind.session.unbind(world.now)
    world.pump()
    assert customer.answers() == []
    assert not customer.session.closing
    world.commits_left = None
    world.pump()
    assert [answer.command_status for answer in customer.answers()] == [CommandStatus.ESME_ROK] * 3
    assert customer.session.reason == "the peer unbound"
    assert len(world.flow.live) == 3


def test_a_customer_that_waits_for_the_disk_is_not_idle() -> None:
    world = World(settings(sessions={"inactivity_seconds": 5.0, "enquire_link_seconds": 0.0}))
    customer = world.customer()
    world.commits_left = 0
    customer.session.request(message(), None, world.now)
    world.pump()
    world.advance(20.0)
    assert not customer.session.closing
    world.commits_left = None
    world.pump()
    assert [answer.command_status for answer in customer.answers()] == [CommandStatus.ESME_ROK]
    world.advance(1.0)
    assert customer.session.closing

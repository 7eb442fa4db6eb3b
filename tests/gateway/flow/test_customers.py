"""Who may bind, and what a customer's session does when the peer does what it should not."""

import pytest

from gateway.smpp.events import BindRefused, Bound
from gateway.smpp.pdu import BindTransceiver, BroadcastSm, DataSm, GenericNack, QuerySm
from gateway.smpp.states import SessionState
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import World, message, settings


def test_a_bind() -> None:
    world = World()
    customer = world.customer()
    assert customer.events == [Bound(SessionState.BOUND_TRX)]
    assert len(world.flow.accounts["shop"].binds) == 1
    world.cut(customer)
    assert world.flow.accounts["shop"].binds == []


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [
        (b"shop", b"wrong", CommandStatus.ESME_RINVPASWD),
        (b"shop", b"", CommandStatus.ESME_RINVPASWD),
        (b"nobody", b"secret", CommandStatus.ESME_RINVSYSID),
        (b"", b"secret", CommandStatus.ESME_RINVSYSID),
    ],
)
def test_a_bind_that_is_refused(system_id: bytes, password: bytes, status: CommandStatus) -> None:
    world = World()
    customer = world.customer(bind=BindTransceiver(system_id=system_id, password=password, interface_version=0x34))
    assert customer.events[0] == BindRefused(status)
    assert customer.session.closing
    assert world.flow.accounts["shop"].binds == []


def test_no_more_binds_than_the_account_has() -> None:
    shop = {"system_id": "shop", "password": "secret", "tariff": "standard", "max_binds": 2}
    world = World(settings(customers={"shop": shop}))
    first = world.customer()
    world.customer()
    assert world.customer().events[0] == BindRefused(CommandStatus.ESME_RALYBND)
    world.cut(first)
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]


def test_nobody_binds_while_we_drain() -> None:
    world = World()
    world.flow.customers.draining = True
    assert world.customer().events[0] == BindRefused(CommandStatus.ESME_RBINDFAIL)


@pytest.mark.parametrize("request_class", [BroadcastSm, QuerySm, DataSm])
def test_what_is_not_offered(request_class: type[QuerySm]) -> None:
    world = World()
    customer = world.customer()
    customer.session.request(request_class(), None, world.now)
    world.pump()
    (answer,) = customer.answers()
    assert type(answer) is GenericNack
    assert answer.command_status == CommandStatus.ESME_RINVCMDID
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK


def test_an_orderly_end() -> None:
    world = World()
    customer = world.customer()
    customer.session.request(message(), None, world.now)
    customer.session.unbind(world.now)
    world.pump()
    assert [answer.command_status for answer in customer.answers()] == [CommandStatus.ESME_ROK]
    assert world.flow.accounts["shop"].binds == []
    assert customer.session.state is SessionState.CLOSED

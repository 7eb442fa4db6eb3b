"""Who may bind, and what a customer's session does when the peer does what it should not."""

from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher

from gateway.flow.attempts import Outcome
from gateway.model.origin import Origin
from gateway.net.verifier import is_right
from gateway.smpp.codec import encode
from gateway.smpp.events import Answer, BindRefused, Bound
from gateway.smpp.pdu import (
    BindTransceiver,
    BroadcastSm,
    CancelBroadcastSm,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QueryBroadcastSm,
)
from gateway.smpp.states import SessionState
from gateway.smpp.status import CommandStatus
from tests.gateway.flow.world import Centre, World, message, settings


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
        (b"nobody", b"secret", CommandStatus.ESME_RINVPASWD),
        (b"", b"secret", CommandStatus.ESME_RINVPASWD),
        (b"SHOP", b"secret", CommandStatus.ESME_RINVPASWD),
    ],
)
def test_a_bind_that_is_refused(system_id: bytes, password: bytes, status: CommandStatus) -> None:
    world = World()
    customer = world.customer(bind=BindTransceiver(system_id=system_id, password=password, interface_version=0x34))
    assert customer.events[0] == BindRefused(status)
    assert customer.session.closing
    assert world.flow.accounts["shop"].binds == []


def test_no_more_binds_than_the_account_has() -> None:
    world = World(settings(customers=shop(max_binds=2)))
    first = world.customer()
    world.customer()
    assert world.customer().events[0] == BindRefused(CommandStatus.ESME_RALYBND)
    world.cut(first)
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]


def test_nobody_binds_while_we_drain() -> None:
    world = World()
    world.flow.customers.draining = True
    assert world.customer().events[0] == BindRefused(CommandStatus.ESME_RBINDFAIL)


OFFICE, ELSEWHERE = Origin.of("192.0.2.1", 5_000), Origin.of("198.51.100.1", 5_000)


def shop(**changes: Any) -> dict[str, Any]:
    return {"shop": {"system_id": "shop", "password": "secret", "tariff": "standard"} | changes}


def hashed(password: str) -> dict[str, str]:
    return {"argon2": PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)}


def refused(world: World, status: CommandStatus, **how: Any) -> None:
    assert world.customer(**how).events[0] == BindRefused(status)


def outcomes(world: World) -> list[tuple[str, Outcome]]:
    return [(one.system_id, one.outcome) for one in world.flow.customers.attempts.last()]


def test_system_ids_are_told_where_the_operator_wants_it() -> None:
    world = World(settings(doors={"hide_system_ids": False}))
    refused(world, CommandStatus.ESME_RINVSYSID, system_id=b"nobody")
    refused(world, CommandStatus.ESME_RINVPASWD, password=b"x")
    assert outcomes(world) == [("shop", Outcome.WRONG_PASSWORD), ("nobody", Outcome.UNKNOWN_SYSTEM_ID)]


def test_an_account_is_bound_from_its_networks_only() -> None:
    world = World(settings(customers=shop(allow_from=["192.0.2.0/24", "2001:db8::/64"])))
    for origin in (OFFICE, Origin.of("2001:db8::7"), Origin.of("::ffff:192.0.2.9")):
        assert world.customer(origin=origin).events == [Bound(SessionState.BOUND_TRX)]
    for origin in (ELSEWHERE, Origin.of("2001:db8:0:1::7")):
        refused(world, CommandStatus.ESME_RBINDFAIL, origin=origin)
        refused(world, CommandStatus.ESME_RINVPASWD, origin=origin, password=b"x")
    assert outcomes(world)[1] == ("shop", Outcome.ADDRESS_NOT_ALLOWED)


@pytest.mark.parametrize("allow_from", [None, [], ["0.0.0.0/0", "::/0"]])
def test_an_address_that_cannot_be_read_is_refused(allow_from: list[str] | None) -> None:
    world = World(settings(customers=shop(allow_from=allow_from)))
    refused(world, CommandStatus.ESME_RBINDFAIL, origin=Origin.of("?"))
    assert outcomes(world) == [("shop", Outcome.NO_ADDRESS)]


def test_an_empty_list_lets_nobody_in() -> None:
    world = World(settings(customers=shop(allow_from=[])))
    refused(world, CommandStatus.ESME_RBINDFAIL)
    world = World(settings(customers=shop(certificate_names=[])))
    refused(world, CommandStatus.ESME_RBINDFAIL, origin=OFFICE._replace(names=frozenset({"shop"})))


def test_an_account_that_demands_a_certificate() -> None:
    world = World(settings(customers=shop(certificate_names=["shop.example"])))
    refused(world, CommandStatus.ESME_RBINDFAIL)
    refused(world, CommandStatus.ESME_RBINDFAIL, origin=OFFICE._replace(names=frozenset({"mall.example"})))
    known = OFFICE._replace(names=frozenset({"shop.example", "CN"}))
    assert world.customer(origin=known).events == [Bound(SessionState.BOUND_TRX)]
    assert outcomes(world)[1] == ("shop", Outcome.CERTIFICATE_NOT_ALLOWED)


def test_no_more_binds_than_an_address_may_have() -> None:
    world = World(settings(doors={"max_binds_of_address": 2}))
    first = world.customer()
    world.customer()
    refused(world, CommandStatus.ESME_RALYBND)
    assert outcomes(world)[0] == ("shop", Outcome.TOO_MANY_BINDS_OF_ADDRESS)
    assert world.customer(origin=ELSEWHERE).events == [Bound(SessionState.BOUND_TRX)]
    world.cut(first)
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]


def test_while_it_is_rotated_two_passwords_are_right() -> None:
    accounts = shop(passwords=[hashed("old"), "new"])
    del accounts["shop"]["password"]
    world = World(settings(customers=accounts))
    for password in (b"old", b"new", b"old"):
        assert world.customer(password=password).events == [Bound(SessionState.BOUND_TRX)]
    refused(world, CommandStatus.ESME_RINVPASWD, password=b"secret")


def test_wrong_passwords_must_wait_and_then_the_right_one_is_right() -> None:
    world = World()
    for _ in range(3):
        refused(world, CommandStatus.ESME_RINVPASWD, password=b"x")
    refused(world, CommandStatus.ESME_RTHROTTLED, password=b"x")
    refused(world, CommandStatus.ESME_RTHROTTLED)
    assert world.customer(origin=ELSEWHERE).events == [Bound(SessionState.BOUND_TRX)]
    world.advance(1.0)
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]
    assert world.flow.customers.attempts.counts == {"wrong_password": 3, "locked_out": 2, "bound": 2}


def test_an_unknown_name_waits_like_a_known_one() -> None:
    world = World()
    for status in (*[CommandStatus.ESME_RINVPASWD] * 3, CommandStatus.ESME_RTHROTTLED):
        refused(world, status, system_id=b"nobody")


def test_a_stranger_cannot_lock_a_customer_out() -> None:
    world = World(settings(doors={"free_attempts_of_system_id": 5}))
    world.customer()
    for number in range(30):
        world.customer(password=b"x", origin=Origin.of(f"203.0.113.{number}"))
    refused(world, CommandStatus.ESME_RTHROTTLED, origin=ELSEWHERE)
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]


def test_an_address_that_the_operator_named_is_not_locked_out_before_its_first_bind() -> None:
    world = World(settings(customers=shop(allow_from=["192.0.2.0/24"]), doors={"free_attempts_of_system_id": 5}))
    for number in range(30):
        world.customer(password=b"x", origin=Origin.of(f"203.0.113.{number}"))
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]


class Desk:
    """A verifier that answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, Callable[[bool], None]]] = []

    def verify(self, hashed: str, password: bytes, then: Callable[[bool], None]) -> bool:
        self.asked.append((hashed, password, then))
        return True

    def answer(self) -> None:
        hashed, password, then = self.asked.pop(0)
        then(is_right(hashed, password))


def later(**changes: Any) -> tuple[World, Desk]:
    desk = Desk()
    return World(settings(customers=shop(password=hashed("secret"), **changes)), verify=desk.verify), desk


def test_while_the_password_is_checked_nothing_but_enquire_link_is_taken() -> None:
    world, desk = later()
    customer = world.customer()
    assert customer.events == []
    assert world.flow.customers.verifying == 1
    link, _ = world._pairs[-1]
    link.handle(link.session.receive(encode(EnquireLink(), 99), world.now))
    assert link.session.take_output() == encode(EnquireLinkResp(), 99)
    customer.session.request(message(), "submit", world.now)
    customer.session.request(BindTransceiver(system_id=b"shop", password=b"secret"), "bind", world.now)
    world.pump()
    assert [
        (answer.context, answer.pdu.command_status) for answer in customer.events if isinstance(answer, Answer)
    ] == [
        ("submit", CommandStatus.ESME_RINVBNDSTS),
        ("bind", CommandStatus.ESME_RALYBND),
    ]
    desk.answer()
    world.pump()
    assert customer.events[-1] == Bound(SessionState.BOUND_TRX)
    assert world.submit(customer, message()).command_status == CommandStatus.ESME_ROK
    assert desk.asked == []


def test_receipts_that_wait_come_as_soon_as_the_bind_is_granted() -> None:
    desk = Desk()
    accounts = shop(passwords=[hashed("old"), hashed("new")])
    del accounts["shop"]["password"]
    world = World(settings(customers=accounts), verify=desk.verify)
    customer = world.customer(password=b"new")
    desk.answer()
    world.pump()
    world.submit(customer, message())
    world.cut(customer)
    world.carrier("one", centre=Centre(receipts=True))
    again = world.customer(password=b"old")
    assert again.requests(DeliverSm) == []
    while desk.asked:
        desk.answer()
    world.pump()
    assert len(again.requests(DeliverSm)) == 1


def test_whoever_went_away_meanwhile_leaves_nothing() -> None:
    world, desk = later()
    customer = world.customer()
    world.cut(customer)
    desk.answer()
    world.pump()
    assert world.flow.accounts["shop"].binds == []
    assert world.flow.customers.verifying == 0
    assert outcomes(world) == [("shop", Outcome.GONE)]
    assert world.customer().events == [Bound(SessionState.BOUND_TRX)]  # but its password is known now


def test_limits_hold_when_the_answer_comes_not_when_the_request_does() -> None:
    world, desk = later(max_binds=1)
    first, second = world.customer(), world.customer()
    desk.answer()
    world.pump()
    assert first.events == [Bound(SessionState.BOUND_TRX)]
    assert second.events[0] == BindRefused(CommandStatus.ESME_RALYBND)


def test_who_asked_before_the_drain_is_refused_after_it() -> None:
    world, desk = later()
    customer = world.customer()
    world.flow.customers.draining = True
    desk.answer()
    world.pump()
    assert customer.events[0] == BindRefused(CommandStatus.ESME_RBINDFAIL)


def test_too_many_passwords_at_once_are_told_to_come_later() -> None:
    world, _ = later()
    for number in range(8):
        assert world.customer(password=b"%d" % number).events == []
    refused(world, CommandStatus.ESME_RTHROTTLED, password=b"x")
    assert outcomes(world) == [("shop", Outcome.BUSY)]


def test_who_hammers_does_not_fill_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    for _ in range(100):
        world.customer(password=b"x", origin=ELSEWHERE)
    assert capsys.readouterr().out.count("bind_refused") < 10
    assert sum(world.flow.customers.attempts.counts.values()) == 100


@pytest.mark.parametrize("request_class", [BroadcastSm, QueryBroadcastSm, CancelBroadcastSm])
def test_what_is_not_offered(request_class: type[Pdu]) -> None:
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

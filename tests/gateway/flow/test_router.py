"""Whose number and which route, asked in the same words by messages and by who explains."""

from typing import Any

import pytest

from gateway.flow.router import Router, every, first, minute_of, pack_sender, unpack_sender
from gateway.model.errors import Reason, Refusal
from gateway.model.values import Address, Ported, Serving
from gateway.routing.blocks import NumberBlocks
from gateway.routing.portability import Portability
from gateway.routing.routes import Choice, Route, Routes
from gateway.routing.rules import CustomerSenders, Patterns, RouteProfile, Rule, SenderRules, Weighed, Window
from gateway.smpp.pdu import SubmitSm
from tests.gateway.flow.world import DOCOMO_NUMBER, START_MS, World, message, profile, settings

NUMBER = b"819030000001"
HERE = Serving("a", Ported.NO, "number block")
OWN = Address(1, 1, b"81312345678")


def router(*rules: Rule, usable: Any = every, **profiles: RouteProfile) -> Router:
    routes = Routes({"a": "a", "b": "b", "brand": "b"}, rules, profiles)
    return Router(Portability(NumberBlocks({b"8190": "a"}), None), routes, usable)


def taken(one: Router, found: Serving | None = HERE, **more: Any) -> Route:
    return one.taker(found, "shop", b"0312", NUMBER, START_MS, **more)[1]


def test_without_rules_the_number_s_own_carrier() -> None:
    one = router()
    assert one.ask(NUMBER) == Serving("a", Ported.UNKNOWN, "number block")
    assert taken(one).carrier_key == "a"
    assert taken(one, Serving("brand", Ported.YES, "x")).carrier_key == "b"
    assert one.alternatives == frozenset()
    assert (one.reaches("brand"), one.reaches("c")) == (True, False)


def test_nobody_is_asked_whether_it_is_fit_where_there_is_no_choice() -> None:
    def never(_: str) -> bool:
        raise AssertionError

    assert taken(router(usable=never)).carrier_key == "a"


def test_the_first_that_is_fit() -> None:
    rule = Rule("both", (Weighed("a"), Weighed("b")))
    serves = RouteProfile(frozenset({"a"}))
    assert taken(router(rule, b=serves)).carrier_key == "a"
    assert taken(router(rule, b=serves, usable=lambda key: key == "b")).carrier_key == "b"
    assert taken(router(rule, b=serves, usable=lambda _: False)).carrier_key == "a"
    assert router(rule, b=serves).alternatives == {"a", "b"}


def test_who_cannot_be_reached() -> None:
    for found in (None, Serving("nobody", Ported.YES, "x")):
        with pytest.raises(Refusal) as refused:
            taken(router(), found)
        assert refused.value.reason is Reason.NO_ROUTE
    barred = SenderRules(None, {"shop": CustomerSenders(Patterns(["05*"]))})
    with pytest.raises(Refusal) as refused:
        taken(router(a=RouteProfile(senders=barred)))
    assert refused.value.reason is Reason.INVALID_SOURCE
    with pytest.raises(Refusal):
        first(Choice("", ()), every)


@pytest.mark.parametrize(("more", "key"), [({"kind": "otp"}, "b"), ({"priority": 3}, "a"), ({}, "a")])
def test_rules_see_the_whole_message(more: dict[str, Any], key: str) -> None:
    rule = Rule("otp", (Weighed("b"),), kinds=frozenset({"otp"}))
    assert taken(router(rule, b=RouteProfile(frozenset({"a"}))), **more).carrier_key == key


def test_hours_are_japan_s() -> None:
    assert minute_of(START_MS) == 9 * 60
    assert minute_of(START_MS + 15 * 3_600_000) == 0
    rule = Rule("morning", (Weighed("b"),), windows=(Window(540, 541),))
    assert taken(router(rule, b=RouteProfile(frozenset({"a"})))).carrier_key == "b"


@pytest.mark.parametrize("sender", [None, OWN, Address(5, 0, b"SHOP"), Address(0, 0, b"")])
def test_a_sender_is_kept_whole(sender: Address | None) -> None:
    packed = pack_sender(sender)
    assert (unpack_sender(packed) if packed else None) == sender


@pytest.mark.parametrize(
    ("written", "ton", "npi"), [("0005123456", 3, 8), ("SHOP", 5, 0)], ids=["a short code", "letters"]
)
def test_the_carrier_is_told_the_route_s_sender(written: str, ton: int, npi: int) -> None:
    """On the wire, after a restart too; the customer's records and receipts keep its own."""
    routes = {"one": {"sender": written, "sender_ton": 3, "sender_npi": 8}}
    world = World(settings(routing={"routes": routes}))
    asked = world.customer()
    world.submit(asked, message(source_addr_ton=2, source_addr_npi=1))
    carrier = world.crash().carrier("one")
    (pdu,) = carrier.requests(SubmitSm)
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr) == (ton, npi, written.encode())


def test_senders_are_the_customer_s_affair_where_no_rule_says_otherwise() -> None:
    world = World(settings(carriers={"one": profile(), "two": profile()}))
    carrier = world.carrier("one")
    world.submit(world.customer(), message(DOCOMO_NUMBER, source_addr_ton=5, source_addr_npi=0, source_addr=b"SHOP"))
    (pdu,) = carrier.requests(SubmitSm)
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr) == (5, 0, b"SHOP")

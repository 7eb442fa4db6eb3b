"""Every difference is told, with what it takes; what runs afterwards is the new file but for what needs a restart."""

from typing import Any

import pytest

from gateway.settings.customers import CustomerSettings
from gateway.settings.difference import CUSTOMER_LATER, Change, How, difference, running
from gateway.settings.models import Settings
from tests.gateway.flow.world import profile, settings

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}
BIND = {"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "secret"}

OUTBIND = {"host": "127.0.0.1", "port": 0, "allow_from": ["127.0.0.1"], "system_id": "centre"}
PACE = {"segments_per_second": 7.0, "burst_segments": 7}


def house(**sections: Any) -> Settings:
    """One customer, two carriers, and what is said."""
    carriers = {"one": profile(binds=[BIND]), "two": profile(binds=[BIND | {"port": 2}])}
    return settings(**({"customers": {"shop": SHOP}, "carriers": carriers} | sections))


def test_nothing_changed() -> None:
    assert difference(house(), house()) == ()
    assert running(house(), house()) == house()


@pytest.mark.parametrize(
    ("sections", "where", "how"),
    [
        ({"customers": {"shop": SHOP | {"window": 7}}}, "customers.shop.window", How.LIVE),
        ({"customers": {"shop": SHOP | {"password": "other"}}}, "customers.shop.password", How.LIVE),
        ({"customers": {"shop": SHOP | {"opt_out": {}}}}, "customers.shop.opt_out", How.RESTART),
        ({"customers": {"shop": SHOP | {"repeats": {}}}}, "customers.shop.repeats", How.RESTART),
        ({"drain_seconds": 3.0}, "drain_seconds", How.LIVE),
        ({"node": 7}, "node", How.RESTART),
        ({"system_id": "other"}, "system_id", How.RESTART),
        ({"log": {"level": "error"}}, "log", How.LIVE),
        ({"sessions": {"window": 5}}, "sessions.window", How.LIVE),
        ({"sessions": {"max_connections": 5}}, "sessions.max_connections", How.RESTART),
        ({"routing": {"down_seconds": 5.0}}, "routing.down_seconds", How.LIVE),
        ({"overload": {"queue_begin": 0.9}}, "overload", How.LIVE),
        ({"doors": {"free_attempts": 9}}, "doors", How.RESTART),
        ({"listen": [{"host": "127.0.0.1", "port": 9_999}]}, "listen", How.RESTART),
    ],
)
def test_one_key(sections: dict[str, Any], where: str, how: How) -> None:
    old, new = house(), house(**sections)
    assert difference(old, new) == (Change(where, "changed", how),)
    after = running(old, new)
    assert after == (old if how is How.RESTART else new)
    assert difference(after, new) == (difference(old, new) if how is How.RESTART else ())


@pytest.mark.parametrize(
    ("changes", "name", "how"),
    [
        ({"pace": PACE}, "pace", How.LIVE),
        ({"pace": PACE | {"each_bind": PACE}}, "pace", How.REBIND),
        ({"binds": [BIND | {"password": "new"}]}, "binds", How.REBIND),
        ({"session": {"window": 3}}, "session", How.REBIND),
        ({"in_doubt": "fail"}, "in_doubt", How.LIVE),
        ({"title": "Uno"}, "title", How.LIVE),
    ],
)  # fmt: skip
def test_one_key_of_a_carrier(changes: dict[str, Any], name: str, how: How) -> None:
    old = house()
    carriers = {"one": profile(**({"binds": [BIND]} | changes)), "two": profile(binds=[BIND | {"port": 2}])}
    new = house(carriers=carriers)
    assert difference(old, new) == (Change(f"carriers.one.{name}", "changed", how),)
    assert running(old, new) == new


def test_the_text_of_a_carrier_waits_for_a_restart() -> None:
    old = house()
    text = old.carriers["one"].text.model_dump(mode="json") | {"max_characters": 70}
    new = house(carriers={"one": profile(binds=[BIND], text=text), "two": profile(binds=[BIND | {"port": 2}])})
    assert difference(old, new) == (Change("carriers.one.text", "changed", How.RESTART),)
    assert running(old, new) == old


def test_a_carrier_that_calls_us_keeps_its_binds() -> None:
    called = {"system_id": "gw", "password": "secret", "outbind": OUTBIND}
    two = profile(binds=[BIND | {"port": 2}])
    old = house(carriers={"one": profile(binds=[called]), "two": two})
    new = house(carriers={"one": profile(binds=[called | {"password": "new"}], title="Uno"), "two": two})
    assert {(one.where, one.how) for one in difference(old, new)} == {
        ("carriers.one.binds", How.RESTART),
        ("carriers.one.title", How.LIVE),
    }
    after = running(old, new)
    assert after.carriers["one"].binds == old.carriers["one"].binds
    assert after.carriers["one"].title == "Uno"


def test_who_came_and_who_went() -> None:
    mall = SHOP | {"system_id": "mall", "repeats": {}}
    two = {"two": profile(binds=[BIND | {"port": 2}])}
    old, new = house(portability={}), house(customers={"mall": mall}, carriers=two, portability={})
    assert difference(old, new) == (
        Change("carriers.one", "removed", How.LIVE),
        Change("carriers.one.binds", "removed", How.RESTART),
        Change("customers.mall", "added", How.LIVE),
        Change("customers.shop", "removed", How.LIVE),
        Change("customers.mall.repeats", "added", How.RESTART),
    )
    after = running(old, new)
    assert after.customers.keys() == {"mall"}
    assert after.customers["mall"].repeats is None
    assert after.carriers.keys() == {"two"}
    assert difference(after, new) == (Change("customers.mall.repeats", "changed", How.RESTART),)


@pytest.mark.parametrize(
    "sections", [{"opt_out": {}}, {"billing": {"prepaid": True}}, {"billing": {"monthly_cap_yen": 1000}}]
)
def test_a_customer_that_would_send_what_it_must_not_waits_for_a_restart(sections: dict[str, Any]) -> None:
    old, new = house(), house(customers={"shop": SHOP, "mall": SHOP | {"system_id": "mall"} | sections})
    assert difference(old, new) == (Change("customers.mall", "added", How.RESTART),)
    assert running(old, new) == old


def test_what_an_account_checks_with_waits_together_with_it() -> None:
    old = house()
    new = house(
        tlvs={"owner_since": {"tag": 0x1500, "type": "text"}},
        recycling={"price_yen": "3.5", "services": {"one": {"root": "http://127.0.0.1:1/x"}}},
        customers={"shop": SHOP | {"recipient_check": {"since_tlv": "owner_since"}}},
    )
    assert {one.how for one in difference(old, new)} == {How.RESTART}
    assert running(old, new) == old


def test_no_password_is_told() -> None:
    told = str(difference(house(), house(customers={"shop": SHOP | {"password": "topsecr"}})))
    assert "topsecr" not in told
    assert CustomerSettings.model_fields.keys() > CUSTOMER_LATER

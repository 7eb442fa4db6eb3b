"""Carrier and rules to routes: the first rule that holds, the order it wants, as whom, and who takes over."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.money import Sen
from gateway.model.values import Address
from gateway.routing.routes import NO_RULE, NOWHERE, Choice, Route, Routes
from gateway.routing.rules import (
    CustomerSenders,
    Order,
    Patterns,
    Query,
    RouteProfile,
    Rule,
    SenderRules,
    Weighed,
    Window,
)

NETWORKS = {"docomo": "docomo", "au": "au", "brand": "docomo", "agg": "agg", "gga": "gga"}
AGG = RouteProfile(frozenset({"docomo", "au", "far"}), {"docomo": Sen(150)}, Sen(250))
GGA = RouteProfile(frozenset({"docomo"}), cost=Sen(100))
PROFILES = {"agg": AGG, "gga": GGA, "docomo": RouteProfile(cost=Sen(300))}


def query(serving: str = "docomo", **changes: Any) -> Query:
    return Query("insurer", b"0312345678", b"819012345678", serving)._replace(**changes)


def keys(choice: Choice) -> list[str]:
    return [route.carrier_key for route in choice.routes]


def test_every_profile_is_a_route_and_brands_ride_on_one() -> None:
    routes = Routes({"docomo": "docomo", "mvno-x": "docomo"})
    assert [routes.carrier(one) for one in ("docomo", "mvno-x", "au")] == ["docomo", "docomo", None]
    assert (routes.network("mvno-x"), routes.network("unheard of")) == ("docomo", "unheard of")
    assert routes.choose(query("mvno-x")) == Choice(NO_RULE, (Route("docomo", None, Sen(0)),))
    assert routes.choose(query("au")) == NOWHERE == Choice(NO_RULE, ())


def test_without_rules_nothing_is_built_for_a_message() -> None:
    routes = Routes(NETWORKS, (), PROFILES)
    assert routes.choose(query(message_id=1)) is routes.choose(query(message_id=2))
    assert routes.settled("docomo") is routes.choose(query())


def test_without_rules_aggregators_come_behind_the_carrier_the_cheapest_first() -> None:
    routes = Routes(NETWORKS, (), PROFILES)
    choice = routes.choose(query())
    assert [(route.carrier_key, route.cost) for route in choice.routes] == [("docomo", 300), ("gga", 100), ("agg", 150)]
    assert keys(routes.choose(query("brand"))) == ["docomo", "gga", "agg"]
    assert keys(routes.choose(query("au"))) == ["au", "agg"]
    assert keys(routes.choose(query("far"))) == ["agg"]
    assert routes.carrier("far") == "agg"


def test_the_first_rule_that_holds_decides() -> None:
    rules = [
        Rule("night", (Weighed("agg"),), windows=(Window(1_260, 480),)),
        Rule("otp", (Weighed("docomo"), Weighed("gga")), kinds=frozenset({"otp"})),
        Rule("rest", (Weighed("gga"), Weighed("docomo"))),
    ]
    routes = Routes(NETWORKS, rules, PROFILES)
    assert (routes.choose(query(minute=1_300, kind="otp")).rule, keys(routes.choose(query(minute=0)))) == (
        "night",
        ["agg"],
    )
    assert keys(routes.choose(query(minute=600, kind="otp"))) == ["docomo", "gga"]
    assert routes.choose(query(minute=600)).rule == "rest"
    assert routes.settled("docomo") is None


def test_a_rule_whose_routes_do_not_serve_the_carrier_is_passed_over() -> None:
    routes = Routes(NETWORKS, [Rule("all", (Weighed("gga"), Weighed("docomo")))], PROFILES)
    assert routes.choose(query("au")) == Choice(NO_RULE, (Route("au", None, Sen(0)), Route("agg", None, Sen(250))))
    assert keys(routes.choose(query("brand"))) == ["gga", "docomo"]


def test_cheapest_first_and_what_costs_the_same_as_listed() -> None:
    listed = (Weighed("docomo"), Weighed("agg"), Weighed("gga"))
    routes = Routes(NETWORKS, [Rule("r", listed, Order.CHEAPEST)], PROFILES)
    assert keys(routes.choose(query())) == ["gga", "agg", "docomo"]
    flat = Routes(
        NETWORKS,
        [Rule("r", listed, Order.CHEAPEST)],
        {key: one._replace(costs={}, cost=Sen(1)) for key, one in PROFILES.items()},
    )
    assert keys(flat.choose(query())) == ["docomo", "agg", "gga"]


def test_weighted_is_the_same_for_the_same_message() -> None:
    rule = Rule("r", (Weighed("docomo", 1), Weighed("agg", 1)), Order.WEIGHTED)
    routes = Routes(NETWORKS, [rule], PROFILES)
    choices = [routes.choose(query(message_id=message_id)) for message_id in range(50)]
    assert {tuple(keys(choice)) for choice in choices} == {("docomo", "agg"), ("agg", "docomo")}
    assert choices == [routes.choose(query(message_id=message_id)) for message_id in range(50)]


SHORT = Address(3, 0, b"0005123")
OWN = SenderRules(None, {"insurer": CustomerSenders(Patterns(["0120*"]))})


def test_a_route_on_which_the_sender_may_not_be_used_is_left_out() -> None:
    profiles = {"docomo": RouteProfile(senders=OWN), "agg": AGG._replace(senders=SenderRules(SHORT))}
    routes = Routes({"docomo": "docomo", "agg": "agg"}, (), profiles)
    assert routes.choose(query()).routes == (Route("agg", SHORT, Sen(150)),)
    assert [route.sender for route in routes.choose(query(sender=b"0120")).routes] == [None, SHORT]
    assert [route.sender for route in routes.choose(query(customer="x")).routes] == [None, SHORT]


def test_a_sender_that_may_be_used_nowhere_is_barred_and_not_without_a_route() -> None:
    routes = Routes({"docomo": "docomo"}, (), {"docomo": RouteProfile(senders=OWN)})
    assert routes.choose(query()) == Choice(NO_RULE, (), barred=True)
    rule = Rule("r", (Weighed("docomo"),), customers=frozenset({"insurer"}))
    assert Routes({"docomo": "docomo"}, [rule], {"docomo": RouteProfile(senders=OWN)}).choose(query()).barred
    assert not routes.choose(query("au")).barred


def test_when_a_rule_bars_a_sender_the_next_one_may_take_it() -> None:
    rule = Rule("r", (Weighed("docomo"),))
    profiles = {"docomo": RouteProfile(senders=OWN), "agg": AGG}
    choice = Routes({"docomo": "docomo", "agg": "agg"}, [rule], profiles).choose(query())
    assert (choice.rule, keys(choice)) == (NO_RULE, ["agg"])


CHOICE = Choice("r", (Route("a", None, Sen(0)), Route("b", None, Sen(0)), Route("c", None, Sen(0))))


@pytest.mark.parametrize(
    ("usable", "first", "other"),
    [("abc", "a", "b"), ("bc", "b", "b"), ("c", "c", "c"), ("", "a", None), ("a", "a", None)],
)
def test_who_takes_over(usable: str, first: str, other: str | None) -> None:
    begun = CHOICE.first(usable.__contains__)
    assert begun is not None
    assert begun.carrier_key == first
    after = next(CHOICE.others({"a"}, usable.__contains__), None)
    assert (after and after.carrier_key) == other
    assert [route.carrier_key for route in CHOICE.without({"a"}).routes] == ["b", "c"]


def test_nobody_takes_over_from_nobody() -> None:
    assert NOWHERE.first(lambda _: True) is None
    assert list(NOWHERE.others((), lambda _: True)) == []
    assert list(CHOICE.others("abc", lambda _: True)) == []
    assert CHOICE.without("abc").first(lambda _: True) is None


@given(
    st.lists(
        st.builds(
            Rule,
            st.sampled_from(["r1", "r2"]),
            st.lists(st.sampled_from(sorted(NETWORKS)), min_size=1, max_size=3, unique=True).map(
                lambda names: tuple(Weighed(name, 1) for name in names)
            ),
            st.sampled_from(Order),
            carriers=st.frozensets(st.sampled_from(["docomo", "au", "brand"]), max_size=2),
            priorities=st.frozensets(st.integers(0, 3), max_size=2),
        ),
        max_size=4,
    ),
    st.sampled_from(["docomo", "au", "brand", "far", "none"]),
    st.integers(0, 3),
)
def test_compiled_it_is_what_reading_the_rules_would_give(rules: list[Rule], serving: str, priority: int) -> None:
    asked = query(serving, priority=priority)
    choice = Routes(NETWORKS, rules, PROFILES).choose(asked)
    network = NETWORKS.get(serving, serving)
    serves = {key: {key, *PROFILES.get(key, RouteProfile()).serves} for key in NETWORKS.values()}
    for rule in rules:
        able = [one.key for one in rule.routes if {serving, network} & serves.get(one.key, set())]
        if rule.for_carrier(serving, network) and rule.holds(asked) and able:
            assert choice.rule == rule.name
            assert sorted(keys(choice)) == sorted(able)
            if rule.order is Order.LISTED:
                assert keys(choice) == able
            return
    assert choice.rule == NO_RULE


def test_where_there_is_a_choice() -> None:
    alone = Routes({"a": "a", "b": "b", "brand": "b"})
    assert alone.alternatives == frozenset()
    assert {key: route.carrier_key for key, route in alone.only.items()} == {"a": "a", "b": "b", "brand": "b"}
    assert alone.reaches("brand")
    assert not alone.reaches("c")
    rule = Rule("both", (Weighed("a"), Weighed("b")), customers=frozenset({"shop"}))
    shared = Routes({"a": "a", "b": "b"}, [rule], {"b": RouteProfile(frozenset({"a"}))})
    assert shared.alternatives == {"a", "b"}
    assert "a" not in shared.only

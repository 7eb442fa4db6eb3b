"""Routes and rules as they are written become those of routing."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model.values import Address
from gateway.routing.failover import FailoverLimits
from gateway.routing.numbers import NumberRules
from gateway.routing.rules import Order, Patterns, Query, Window
from gateway.settings.routing import LearnedSettings, RouteSettings, RoutingSettings, RuleSettings

JAPAN = NumberRules("81", "0", ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"), 10)


def rule(**written: Any) -> RuleSettings:
    return RuleSettings.model_validate({"name": "r", "routes": ({"to": "docomo"},)} | written)


def test_a_rule() -> None:
    built = rule(
        customers=("insurer",),
        senders=("03*", "05012345678"),
        prefixes=("090", "+8180"),
        carriers=("docomo",),
        hours=("21:00-08:00", "12:00-24:00"),
        priorities=(2, 3),
        kinds=("otp",),
        routes=({"to": "docomo", "weight": 3}, {"to": "agg", "weight": 0}),
        order="weighted",
    ).build(JAPAN)
    assert built.order is Order.WEIGHTED
    assert built.prefixes == (b"8190", b"8180")
    assert built.windows == (Window(1_260, 480), Window(720, 1_440))
    assert [tuple(one) for one in built.routes] == [("docomo", 3), ("agg", 0)]
    assert built.holds(Query("insurer", b"031", b"819012345678", "docomo", 0, 2, "otp"))
    assert not built.holds(Query("insurer", b"041", b"819012345678", "docomo", 0, 2, "otp"))


@pytest.mark.parametrize(
    "written",
    [
        {"hours": ("9:00-10:00",)},
        {"hours": ("24:00-10:00",)},
        {"hours": ("09:00-24:01",)},
        {"hours": ("09:60-10:00",)},
        {"priorities": (4,)},
        {"prefixes": ("09x",)},
        {"senders": ("a*b",)},
        {"senders": ("",)},
        {"routes": ()},
        {"routes": ({"to": "docomo", "weight": -1},)},
        {"order": "cheap"},
        {"name": "Ä"},
    ],
)
def test_what_no_rule_can_say(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(**written)


def test_two_rules_with_one_name() -> None:
    one = {"name": "r", "routes": ({"to": "docomo"},)}
    with pytest.raises(ValidationError, match="the same name"):
        RoutingSettings.model_validate({"rules": (one, one)})


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("0005123", Address(3, 0, b"0005123")),
        ("+81312345678", Address(3, 0, b"+81312345678")),
        ("INSURER", Address(5, 0, b"INSURER")),
    ],
)
def test_a_route_with_a_sender_of_its_own(sender: str, expected: Address) -> None:
    profile = RouteSettings.model_validate(
        {
            "sender": sender,
            "sender_ton": 3,
            "sender_npi": 0,
            "serves": ("au",),
            "unit_yen": "2.8",
            "unit_yen_of": {"au": "3.1"},
            "senders": {"shop": {"allowed": ("03*",), "instead": sender}},
        }
    ).build()
    assert profile.senders is not None
    assert profile.senders.judge("other", b"x") == expected
    assert profile.senders.judge("shop", b"041") == expected
    assert profile.senders.judge("shop", b"031") is True
    assert (profile.cost_of("au", "au"), profile.cost_of("docomo", "docomo")) == (310, 280)
    assert profile.serves == {"au"}


def test_a_route_without_sender_rules_has_none() -> None:
    assert RouteSettings().build().senders is None
    assert Patterns(()).match(b"")


def test_routing_is_built_over_networks() -> None:
    settings = RoutingSettings.model_validate(
        {
            "rules": ({"name": "r", "kinds": ("otp",), "routes": ({"to": "agg"},)},),
            "routes": {"agg": {"serves": ("docomo",)}},
            "slow_seconds": 20.0,
        }
    )
    routes = settings.build({"docomo": "docomo", "agg": "agg"}, JAPAN)
    query = Query("shop", b"", b"819012345678", "docomo")
    assert [one.carrier_key for one in routes.choose(query._replace(kind="otp")).routes] == ["agg"]
    assert [one.carrier_key for one in routes.choose(query).routes] == ["docomo", "agg"]
    assert settings.limits() == FailoverLimits(20.0, when_paused=False)


def test_what_is_learned_lives_so_long() -> None:
    facts = LearnedSettings(hours=0.5, most=7).build()
    assert (facts.ttl_ms, facts.most) == (1_800_000, 7)

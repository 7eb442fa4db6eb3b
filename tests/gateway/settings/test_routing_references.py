"""Names in routes, rules and sources that lead nowhere, each at its place."""

from typing import Any

import pytest

from gateway.settings.routing_references import routing_references, served

TOP: dict[str, Any] = {
    "numbers": {"country_code": "81", "trunk_prefix": "0", "mobile_digits": 10, "mobile": ("90[1-9]",)},
    "carriers": {"docomo": {}, "agg": {}},
    "routes": {"brand": "docomo"},
    "customers": {"shop": {}},
    "tlvs": {"vendor_carrier": {}},
    "portability": {"file_carriers": {"010": "docomo", "999": None, "7": "far"}, "customer_tlv": "vendor_carrier"},
    "routing": {
        "routes": {"agg": {"serves": ("far",), "senders": {"shop": {}}, "unit_yen_of": {"brand": "1"}}},
        "rules": (
            {
                "name": "r",
                "customers": ("shop",),
                "carriers": ("brand", "far"),
                "prefixes": ("090", "8190"),
                "routes": ({"to": "agg"},),
            },
        ),
    },
}


def test_what_leads_somewhere_is_not_told() -> None:
    assert list(routing_references(TOP)) == []
    assert served(TOP) == {"far"}


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"routing": {"routes": {"agh": {}}}}, ("routing", "routes", "agh")),
        ({"routing": {"routes": {"agg": {"senders": {"x": {}}}}}}, ("routing", "routes", "agg", "senders", "x")),
        (
            {"routing": {"routes": {"agg": {"unit_yen_of": {"x": ""}}}}},
            ("routing", "routes", "agg", "unit_yen_of", "x"),
        ),
        ({"routing": {"rules": ({"customers": ("x",)},)}}, ("routing", "rules", 0, "customers", 0)),
        ({"routing": {"rules": ({}, {"carriers": ("brand", "x")})}}, ("routing", "rules", 1, "carriers", 1)),
        ({"routing": {"rules": ({"routes": ({"to": "brand"},)},)}}, ("routing", "rules", 0, "routes", 0, "to")),
        ({"routing": {"rules": ({"prefixes": ("090", "03")},)}}, ("routing", "rules", 0, "prefixes", 1)),
        ({"portability": {"file_carriers": {"1": "x"}}}, ("portability", "file_carriers", "1")),
        ({"portability": {"customer_tlv": "x"}}, ("portability", "customer_tlv")),
        ({"routing": {"kind_tlv": "x"}}, ("routing", "kind_tlv")),
    ],
)
def test_what_leads_nowhere_is_told_at_its_place(changed: dict[str, Any], where: tuple[str | int, ...]) -> None:
    without = TOP | {"portability": {}} if "routing" in changed else TOP | {"routing": {}}
    assert [found for found, _ in routing_references(without | changed)] == [where]


def test_the_nearest_name_is_meant() -> None:
    ((_, message),) = routing_references(TOP | {"portability": {"customer_tlv": "vendor_carier"}})
    assert "vendor_carrier" in message


@pytest.mark.parametrize(
    "garbage", [None, 1, "x", (1, None), {"rules": 1, "routes": 2}, {"rules": (1, {"routes": (1,)})}]
)
def test_garbage_is_told_elsewhere(garbage: object) -> None:
    assert list(routing_references({"routing": garbage, "portability": garbage})) == []

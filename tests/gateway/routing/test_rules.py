"""Conditions at their edges, weights that hold, senders that may and may not."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.money import Sen
from gateway.model.values import Address
from gateway.routing.rules import (
    CustomerSenders,
    Patterns,
    Query,
    RouteProfile,
    Rule,
    SenderRules,
    Weighed,
    Window,
    drawn,
)

QUERY = Query("insurer", b"0312345678", b"819012345678", "docomo", 12 * 60, 1, "otp", 7)
TO = (Weighed("docomo"),)


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (Window(540, 1_080), [540, 1_079], [539, 1_080, 0, 1_439]),
        (Window(1_260, 480), [1_260, 1_439, 0, 479], [480, 1_259]),
        (Window(0, 1_440), [0, 1_439], []),
        (Window(1_200, 1_440), [1_200, 1_439], [0, 1_199]),
    ],
)
def test_parts_of_the_day(window: Window, inside: list[int], outside: list[int]) -> None:
    assert [minute for minute in (*inside, *outside) if window.holds(minute)] == inside


@pytest.mark.parametrize(
    ("written", "matches"),
    [
        ([], [b"", b"x"]),
        (["0312345678"], [b"0312345678"]),
        (["03*"], [b"03", b"0312345678"]),
        (["*"], [b"", b"x"]),
        (["A*", "B"], [b"A", b"AB", b"B"]),
    ],
)
def test_patterns(written: list[str], matches: list[bytes]) -> None:
    some = [b"", b"x", b"03", b"0312345678", b"A", b"AB", b"B", b"BA"]
    patterns = Patterns(written)
    expected = matches if written and written != ["*"] else some
    assert [one for one in some if patterns.match(one)] == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"customers": frozenset({"other"})},
        {"senders": Patterns(["0120*"])},
        {"prefixes": (b"8180", b"8191")},
        {"windows": (Window(0, 720), Window(721, 1_440))},
        {"priorities": frozenset({0, 2})},
        {"kinds": frozenset({"campaign"})},
    ],
)
def test_one_condition_that_fails_is_enough(changed: dict[str, object]) -> None:
    sound: dict[str, object] = {
        "customers": frozenset({"insurer", "x"}),
        "senders": Patterns(["03*"]),
        "prefixes": (b"8180", b"8190"),
        "windows": (Window(720, 721),),
        "priorities": frozenset({1}),
        "kinds": frozenset({"otp"}),
    }
    assert Rule("r", TO, **sound).holds(QUERY)  # type: ignore[arg-type]
    assert not Rule("r", TO, **(sound | changed)).holds(QUERY)  # type: ignore[arg-type]
    assert Rule("r", TO).holds(QUERY)


def test_a_rule_for_a_network_holds_for_the_brands_on_it() -> None:
    rule = Rule("r", TO, carriers=frozenset({"docomo"}))
    assert rule.for_carrier("docomo", "docomo")
    assert rule.for_carrier("brand", "docomo")
    assert not rule.for_carrier("au", "au")
    assert Rule("r", TO, carriers=frozenset({"brand"})).for_carrier("brand", "docomo")


ROUTES = [Weighed("a", 7), Weighed("b", 2), Weighed("c", 1), Weighed("last", 0)]


def test_weights_hold_over_many_messages() -> None:
    firsts = Counter(drawn(ROUTES, message_id)[0].key for message_id in range(2, 20_002, 2))
    assert set(firsts) == {"a", "b", "c"}
    for key, share in (("a", 0.7), ("b", 0.2), ("c", 0.1)):
        assert abs(firsts[key] / 10_000 - share) < 0.02


@given(
    st.lists(st.integers(0, 1_000_000), max_size=8).map(
        lambda weights: [Weighed(str(place), weight) for place, weight in enumerate(weights)]
    ),
    st.integers(0, 2**63),
)
def test_a_draw_is_an_order_of_all_and_the_same_each_time(routes: list[Weighed], message_id: int) -> None:
    order = drawn(routes, message_id)
    assert sorted(order) == sorted(routes)
    assert order == drawn(routes, message_id)
    weights = [route.weight > 0 for route in order]
    assert weights == sorted(weights, reverse=True)


SHORT = Address(3, 0, b"0005123")


@pytest.mark.parametrize(
    ("rules", "sender", "expected"),
    [
        (SenderRules(), b"x", True),
        (SenderRules(SHORT), b"x", SHORT),
        (SenderRules(SHORT, {"insurer": CustomerSenders(Patterns(["03*"]))}), b"031", True),
        (SenderRules(SHORT, {"insurer": CustomerSenders(Patterns(["03*"]))}), b"041", False),
        (SenderRules(None, {"insurer": CustomerSenders(Patterns(["03*"]), SHORT)}), b"041", SHORT),
        (SenderRules(SHORT, {"other": CustomerSenders(Patterns(["03*"]))}), b"041", SHORT),
    ],
)
def test_senders(rules: SenderRules, sender: bytes, expected: Address | bool) -> None:
    assert rules.judge("insurer", sender) == expected


def test_cost_by_brand_then_network_then_all() -> None:
    profile = RouteProfile(costs={"brand": Sen(1), "docomo": Sen(2)}, cost=Sen(3))
    costs = [profile.cost_of(*one) for one in (("brand", "docomo"), ("other", "docomo"), ("au", "au"))]
    assert costs == [1, 2, 3]

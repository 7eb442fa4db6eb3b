"""What limits us now: one word from facts."""

import pytest

from gateway.flow.limits_now import CarrierFacts, CustomerFacts, Limit, limit_of_carrier, limit_of_customer

FREE = CarrierFacts(
    waiting=5, scheduled=0, usable_binds=1, room=3, refused_until=0.0, lowered=False, seconds_until_token=0.0,
    store_held=False,
)  # fmt: skip
QUIET = CustomerFacts(
    quota_used_up=False, overload=False, store_held=False, seconds_until_token=0.0, window_full=False, looking_up=0,
    waiting=0, scheduled=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        ({}, Limit.NOTHING),
        ({"waiting": 0}, Limit.NOTHING),
        ({"waiting": 0, "usable_binds": 0}, Limit.NOTHING),
        ({"waiting": 0, "scheduled": 2}, Limit.SCHEDULE),
        ({"usable_binds": 0, "room": 0}, Limit.CARRIER_DOWN),
        ({"store_held": True, "room": 0}, Limit.STORE),
        ({"refused_until": 10.5, "room": 0}, Limit.CARRIER_REFUSES),
        ({"refused_until": 10.0}, Limit.NOTHING),
        ({"room": 0, "seconds_until_token": 0.1}, Limit.WINDOW),
        ({"seconds_until_token": 0.1}, Limit.RATE),
        ({"seconds_until_token": 0.1, "lowered": True}, Limit.CARRIER_REFUSES),
        ({"lowered": True}, Limit.NOTHING),
    ],
)
def test_of_a_carrier(change: dict[str, object], limit: Limit) -> None:
    assert limit_of_carrier(FREE._replace(**change), 10.0) is limit  # type: ignore[arg-type]  # a row of the table


@pytest.mark.parametrize(
    ("change", "carriers", "limit"),
    [
        ({}, frozenset(), Limit.NOTHING),
        ({"scheduled": 1}, frozenset(), Limit.SCHEDULE),
        ({"scheduled": 1, "waiting": 1}, frozenset({Limit.RATE}), Limit.RATE),
        ({"waiting": 1}, frozenset({Limit.WINDOW, Limit.CARRIER_DOWN, Limit.NOTHING}), Limit.CARRIER_DOWN),
        ({"waiting": 1}, frozenset({Limit.NOTHING}), Limit.NOTHING),
        ({"looking_up": 3, "waiting": 1}, frozenset({Limit.RATE}), Limit.LOOK_UP),
        ({"window_full": True, "looking_up": 3}, frozenset(), Limit.WINDOW),
        ({"seconds_until_token": 0.2, "window_full": True}, frozenset(), Limit.RATE),
        ({"overload": True, "store_held": True}, frozenset(), Limit.OVERLOAD),
        ({"quota_used_up": True, "overload": True}, frozenset(), Limit.QUOTA),
    ],
)
def test_of_a_customer(change: dict[str, object], carriers: frozenset[Limit], limit: Limit) -> None:
    facts = QUIET._replace(**change)  # type: ignore[arg-type]  # a row of the table
    assert limit_of_customer(facts, carriers) is limit


def test_labels_are_words() -> None:
    assert {limit.value for limit in Limit} >= {
        "rate", "window", "carrier_refuses", "look_up", "store", "schedule", "nothing",
    }  # fmt: skip

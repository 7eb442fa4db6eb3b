"""What keeps a message is told in one word, by where its segments stand and how its carrier does."""

from typing import Any

import pytest

from gateway.trace_limit import limit_of

STATUS = {"carriers": [{"carrier": "one", "limit": "rate"}], "held_customers": ["mall"]}


def story(
    state: str = "alive", carrier: str | None = "one", customer: str = "shop", **of_segment: Any
) -> dict[str, Any]:
    segments = [{"state": "sent"}, {"state": "waiting"} | of_segment]
    return {"state": state, "customer": customer, "decided": {"carrier": carrier, "due_at": None}, "segments": segments}


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        (story(), "rate"),
        (story("parked"), "rate"),
        (story("scheduled"), "schedule"),
        (story() | {"decided": {"carrier": "one", "due_at": 1_001}}, "schedule"),
        (story() | {"decided": {"carrier": "one", "due_at": 1_000}}, "rate"),
        (story(carrier=None), "look_up"),
        (story(customer="mall"), "held"),
        (story(carrier="gone"), ""),
        (story(state="ended"), ""),
        (story(state="part"), ""),
        (story() | {"segments": [{"state": "sent"}]}, ""),
    ],
)
def test_the_word(told: dict[str, Any], limit: str) -> None:
    assert limit_of(told, STATUS, 1_000) == limit

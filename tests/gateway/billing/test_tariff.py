"""What a message is charged: units times the list price if it was delivered, else nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.tariff import Charge, Tariff, Tier
from gateway.model.errors import Bug
from gateway.model.lifecycle import FINAL, SegmentState
from gateway.model.money import Sen, sen

STANDARD = Tariff("standard", "2026-04", (Tier(5_000, sen("10.0")), Tier(10_000, sen("9.5")), Tier(None, sen("8.5"))))


def test_a_delivered_message_costs_its_units_at_the_first_tier() -> None:
    assert STANDARD.charge(3, SegmentState.DELIVERED) == Charge(Sen(1000), Sen(3000))


@pytest.mark.parametrize("outcome", sorted(FINAL - {SegmentState.DELIVERED}))
def test_what_was_not_delivered_costs_nothing(outcome: SegmentState) -> None:
    assert STANDARD.charge(10, outcome) == Charge(Sen(1000), Sen(0))


@pytest.mark.parametrize("state", sorted(set(SegmentState) - FINAL))
def test_a_message_that_is_not_final_has_no_charge_yet(state: SegmentState) -> None:
    with pytest.raises(Bug, match=f"{state.name} cannot be charged"):
        STANDARD.charge(1, state)


def test_parts_that_never_became_a_message_have_no_units() -> None:
    assert STANDARD.charge(0, SegmentState.EXPIRED) == Charge(Sen(1000), Sen(0))
    with pytest.raises(Bug, match="-1 units"):
        STANDARD.charge(-1, SegmentState.DELIVERED)


@given(units=st.integers(0, 10), outcome=st.sampled_from(sorted(FINAL)), price=st.integers(0, 10**9))
def test_the_amount_is_exact_and_only_delivery_earns_it(units: int, outcome: SegmentState, price: int) -> None:
    charge = Tariff("t", "1", (Tier(None, Sen(price)),)).charge(units, outcome)
    assert charge.unit_price == price
    assert charge.amount == (price * units if outcome is SegmentState.DELIVERED else 0)
    assert isinstance(charge.amount, int)


def test_the_label_names_the_version() -> None:
    assert STANDARD.label == "standard/2026-04"


@pytest.mark.parametrize(
    ("tiers", "fault"),
    [
        ((), "no tier"),
        ((Tier(None, Sen(-1)),), "negative"),
        ((Tier(10, Sen(2)), Tier(10, Sen(1))), "ascend"),
        ((Tier(10, Sen(2)), Tier(5, Sen(1))), "ascend"),
        ((Tier(None, Sen(2)), Tier(5, Sen(1))), "ascend"),
        ((Tier(None, Sen(2)), Tier(None, Sen(1))), "ascend"),
    ],
)
def test_a_price_list_that_could_not_be_rated_is_refused(tiers: tuple[Tier, ...], fault: str) -> None:
    with pytest.raises(ValueError, match=f"tariff odd: .*{fault}"):
        Tariff("odd", "1", tiers)


def test_a_last_tier_may_have_an_end() -> None:
    """Above it the price is by contract."""
    assert Tariff("t", "1", (Tier(100_000, Sen(850)),)).tiers[-1].up_to == 100_000

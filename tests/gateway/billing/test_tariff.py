"""What a message is charged: units times the list price if it was delivered, else nothing."""

import pytest

from gateway.billing.tariff import Charge, Tariff, Tier
from gateway.model.lifecycle import FINAL, SegmentState
from gateway.model.money import Sen, sen

STANDARD = Tariff("standard", "2026-04", (Tier(5_000, sen("10.0")), Tier(10_000, sen("9.5")), Tier(None, sen("8.5"))))


def test_a_delivered_message_costs_its_units_at_the_first_tier() -> None:
    assert STANDARD.charge(3, SegmentState.DELIVERED) == Charge(Sen(1000), Sen(3000))


@pytest.mark.parametrize("outcome", sorted(FINAL - {SegmentState.DELIVERED}))
def test_what_was_not_delivered_costs_nothing(outcome: SegmentState) -> None:
    assert STANDARD.charge(10, outcome) == Charge(Sen(1000), Sen(0))


def test_the_label_names_the_version() -> None:
    assert STANDARD.label == "standard/2026-04"

"""What a message is charged: units times the list price if it was delivered, else nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.tariff import REDIRECTED, Charge, ChargedWhen, Facts, Partial, Special, Tariff, Tier
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


def facts(outcome: str = "UNDELIVERABLE", units: int = 3, segments: int = 3, delivered: int = 0) -> Facts:
    return Facts(outcome, units, segments, delivered)


@pytest.mark.parametrize(
    ("partial", "delivered", "billed"),
    [
        (Partial.NOTHING, 2, 0),
        (Partial.ALL, 0, 0),
        (Partial.ALL, 1, 3),
        (Partial.SHARE, 0, 0),
        (Partial.SHARE, 1, 1),
        (Partial.SHARE, 2, 2),
    ],
)
def test_a_message_delivered_in_part(partial: Partial, delivered: int, billed: int) -> None:
    assert Tariff("t", "1", STANDARD.tiers, partial=partial).billed_units(facts(delivered=delivered)) == billed


def test_a_share_is_whole_units_rounded_down() -> None:
    share = Tariff("t", "1", STANDARD.tiers, partial=Partial.SHARE)
    assert [share.billed_units(facts(units=10, segments=11, delivered=n)) for n in range(12)] == [
        0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]  # fmt: skip


def test_redirected_counts_as_delivered_unless_the_list_says_otherwise() -> None:
    moved = facts()._replace(reason=REDIRECTED)
    assert STANDARD.billed_units(moved) == 3
    assert Tariff("t", "1", STANDARD.tiers, redirected=False).billed_units(moved) == 0


def test_what_was_sent_can_be_charged_where_the_list_says_so() -> None:
    sent = Tariff("t", "1", STANDARD.tiers, when=ChargedWhen.SENT)
    assert sent.billed_units(facts()) == 3
    assert sent.billed_units(facts()._replace(sent=False)) == 0


@pytest.mark.parametrize("partial", Partial)
def test_a_test_is_free(partial: Partial) -> None:
    tariff = Tariff("t", "1", STANDARD.tiers, partial=partial, when=ChargedWhen.SENT)
    assert tariff.billed_units(Facts("DELIVERED", 3, 3, 3, test=True)) == 0
    assert tariff.charge(3, SegmentState.DELIVERED, facts=Facts("DELIVERED", 3, test=True)).amount == 0


@given(
    outcome=st.sampled_from(sorted(FINAL)),
    units=st.integers(0, 10),
    segments=st.integers(1, 11),
    data=st.data(),
)
def test_never_more_than_its_units(outcome: SegmentState, units: int, segments: int, data: st.DataObject) -> None:
    delivered = data.draw(st.integers(0, segments))
    for partial in Partial:
        billed = Tariff("t", "1", STANDARD.tiers, partial=partial).billed_units(
            Facts(outcome.name, units, segments, delivered)
        )
        assert 0 <= billed <= units
        if outcome is SegmentState.DELIVERED:
            assert billed == units


def test_a_record_tells_the_price_of_its_carrier_and_kind() -> None:
    own = Tariff("t", "1", STANDARD.tiers, specials=(Special("two", "otp", (Tier(None, Sen(700)),)),))
    assert own.charge(2, SegmentState.DELIVERED, "two", "otp") == Charge(Sen(700), Sen(1400))
    assert own.charge(2, SegmentState.DELIVERED, "two", "") == Charge(Sen(1000), Sen(2000))
    assert (own.dearest("two", "otp"), own.dearest("two", ""), own.dearest()) == (700, 1000, 1000)

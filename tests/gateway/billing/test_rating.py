"""A month of units to amounts: the published tariff, both modes, contracts, and where a list has no answer."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.rating import NoPrice, Rated, Volume, rate
from gateway.billing.tariff import Special, Tariff, Tier
from gateway.model.money import Sen, sen

TIERS = (
    Tier(5_000, sen("10.0")),
    Tier(10_000, sen("9.5")),
    Tier(50_000, sen("9.0")),
    Tier(100_000, sen("8.5")),
)
VOLUME = Tariff("standard", "1", TIERS)
GRADUATED = Tariff("steps", "1", TIERS, graduated=True)
LISTS = {one.label: one for one in (VOLUME, GRADUATED)}


def month(units: int, tariff: Tariff = VOLUME) -> int:
    return sum(one.amount for one in rate([Volume(tariff.label, "one", "", units)], LISTS | {tariff.label: tariff}))


@pytest.mark.parametrize(
    ("units", "price"),
    [
        (1, 1000),
        (5_000, 1000),
        (5_001, 950),
        (10_000, 950),
        (10_001, 900),
        (50_000, 900),
        (50_001, 850),
        (100_000, 850),
    ],
)
def test_the_months_units_choose_one_price_for_all_of_them(units: int, price: int) -> None:
    assert rate([Volume("standard/1", "one", "", units)], LISTS) == [
        Rated("standard/1", "one", "", next(t.up_to for t in TIERS if t.up_to and units <= t.up_to), units,
              Sen(price), Sen(price * units))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "pieces"),
    [
        (5_000, [(5_000, 1000)]),
        (5_001, [(5_000, 1000), (1, 950)]),
        (50_001, [(5_000, 1000), (5_000, 950), (40_000, 900), (1, 850)]),
    ],
)
def test_graduated_units_fill_the_tiers(units: int, pieces: list[tuple[int, int]]) -> None:
    rated = rate([Volume("steps/1", "one", "", units)], LISTS)
    assert [(one.units, one.unit_price) for one in rated] == pieces


@pytest.mark.parametrize("tariff", [VOLUME, GRADUATED])
def test_above_the_last_tier_a_price_must_be_agreed_on(tariff: Tariff) -> None:
    assert month(100_000, tariff)
    with pytest.raises(NoPrice, match="ends at 100000 units, the month has 100001"):
        month(100_001, tariff)


def test_a_contract_prices_what_is_above() -> None:
    contract = Tariff("contract", "1", (*TIERS, Tier(None, sen("7.25"))))
    assert month(100_001, contract) == 725 * 100_001


@pytest.mark.parametrize(
    ("cheaper", "dearer"), [(5_001, range(4_751, 5_001)), (10_001, (9_475, 10_000)), (50_001, (47_224, 50_000))]
)
def test_the_total_is_not_monotone_by_tariff(cheaper: int, dearer: range | tuple[int, ...]) -> None:
    """A little below the end of a tier costs more than the first units of the next one: the published words say so."""
    assert all(month(units) > month(cheaper) for units in dearer)
    assert month(min(dearer) - 1) <= month(cheaper)


def test_the_whole_month_chooses_the_tier_whatever_carrier_or_kind() -> None:
    volumes = [Volume("standard/1", "one", "otp", 3_000), Volume("standard/1", "two", "", 2_001)]
    assert {one.unit_price for one in rate(volumes, LISTS)} == {950}


def test_prices_by_carrier_and_kind_stand_beside_the_list() -> None:
    tariff = Tariff(
        "own", "1", TIERS, specials=(Special("two", "otp", (Tier(None, Sen(700)),)), Special("", "campaign", TIERS[:1]))
    )
    volumes = [
        Volume("own/1", "two", "otp", 10),
        Volume("own/1", "two", "", 10),
        Volume("own/1", "one", "campaign", 4_980),
    ]
    prices = {(one.carrier, one.kind): one.unit_price for one in rate(volumes, {"own/1": tariff})}
    assert prices == {("two", "otp"): 700, ("two", ""): 1000, ("one", "campaign"): 1000}
    with pytest.raises(NoPrice, match="ends at 5000"):
        rate([*volumes, Volume("own/1", "one", "campaign", 1)], {"own/1": tariff})


def test_two_versions_in_one_month_count_together() -> None:
    later = Tariff("standard", "2", (Tier(5_000, Sen(900)), Tier(None, Sen(800))))
    volumes = [Volume("standard/1", "one", "", 2_500), Volume("standard/2", "one", "", 2_501)]
    assert [one.unit_price for one in rate(volumes, LISTS | {"standard/2": later})] == [950, 800]


def test_an_unknown_list_is_no_price() -> None:
    with pytest.raises(NoPrice, match="no tariff lost/7, and 3 units"):
        rate([Volume("lost/7", "one", "", 3)], LISTS)


def test_nothing_costs_nothing() -> None:
    assert rate([], LISTS) == rate([Volume("standard/1", "one", "", 0)], LISTS) == []


@given(
    parts=st.lists(
        st.tuples(st.sampled_from(["standard/1", "steps/1"]), st.sampled_from("ab"), st.integers(0, 9_000)), max_size=8
    ),
    seed=st.integers(0, 100),
)
def test_every_unit_is_rated_once_in_whatever_order_it_comes(parts: list[tuple[str, str, int]], seed: int) -> None:
    volumes = [Volume(label, carrier, "", units) for label, carrier, units in parts]
    rated = rate(volumes, LISTS)
    assert sum(one.units for one in rated) == sum(one.units for one in volumes)
    assert all(one.amount == one.units * one.unit_price for one in rated)
    random.Random(seed).shuffle(volumes)
    assert rate(volumes, LISTS) == rated

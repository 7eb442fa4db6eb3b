"""Tax: the worked figures of both modes and all three readings, the roundings at their edges, never a float."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.rating import Volume, rate
from gateway.billing.tariff import Tariff, Tier
from gateway.billing.tax import Reading, Rounding, Taxed, divided, gross, taxed
from gateway.model.money import Sen, sen

FIGURES = Path(__file__).parents[2] / "data" / "billing_requested.csv"
TIERS = (Tier(5_000, sen("10")), Tier(10_000, sen("9.5")), Tier(50_000, sen("9")), Tier(100_000, sen("8.5")))


def figures() -> list[dict[str, str]]:
    with FIGURES.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@pytest.mark.parametrize("row", figures(), ids=lambda row: f"{row['monthly_units']} {row['reading']}")
def test_the_worked_figures(row: dict[str, str]) -> None:
    tariff = Tariff("t", "1", TIERS, graduated=row["reading"] == "graduated")
    rated = rate([Volume("t/1", "one", "", int(row["monthly_units"]))], {"t/1": tariff})
    net = Sen(sum(one.amount for one in rated))
    assert net == sen(row["subtotal_ex_exact"])
    if row["unit_price_ex"]:
        assert [one.unit_price for one in rated] == [sen(row["unit_price_ex"])]
    a = taxed(net, 10)
    assert (a.net, a.tax, a.total) == tuple(int(row[key]) for key in ("A_subtotal_floor", "A_tax_floor", "A_total"))
    assert taxed(net, 10, reading=Reading.EXACT).tax == int(row["B_tax_floor_on_exact_subtotal"])
    c = taxed(net, 10, reading=Reading.INCLUSIVE)
    assert c.total == int(row["C_total_floor_of_exact_x_1.10"])
    assert c.tax == int(row["C_tax_included_10_110_floor"])


def test_there_are_worked_figures() -> None:
    assert len(figures()) == 16


@pytest.mark.parametrize(
    ("units", "price", "down", "half_up", "up"),
    [
        (5_001, 950, 4_750, 4_751, 4_751),
        (10_001, 900, 9_000, 9_001, 9_001),
        (50_001, 850, 42_500, 42_501, 42_501),
        (1, 1000, 1, 1, 1),
        (100_000, 850, 85_000, 85_000, 85_000),
    ],
)
def test_the_three_roundings(units: int, price: int, down: int, half_up: int, up: int) -> None:
    net = Sen(units * price)
    assert [taxed(net, 10, rounding).tax for rounding in Rounding] == [down, half_up, up]


def test_once_an_invoice_and_not_a_line() -> None:
    """105 yen three times: 31 yen of tax, not 30."""
    assert taxed(Sen(3 * 10_500), 10).tax == 31
    assert 3 * taxed(Sen(10_500), 10).tax == 30


def test_options_and_checks_join_the_sum_before_the_one_rounding() -> None:
    assert taxed(Sen(5_001 * 950 + 3 * 350 + 5_900_000), 10) == Taxed(10, 106_520, 10_652)


@pytest.mark.parametrize("rounding", Rounding)
@given(numerator=st.integers(-(10**15), 10**15), denominator=st.integers(1, 10**6))
def test_a_quotient_is_off_by_less_than_one_and_even_in_its_sign(
    rounding: Rounding, numerator: int, denominator: int
) -> None:
    quotient = divided(numerator, denominator, rounding)
    assert abs(quotient * denominator - numerator) < denominator
    assert divided(-numerator, denominator, rounding) == -quotient
    if rounding is Rounding.HALF_UP:
        assert 2 * abs(quotient * denominator - numerator) <= denominator
    if rounding is Rounding.DOWN:
        assert abs(quotient * denominator) <= abs(numerator)


@pytest.mark.parametrize("reading", Reading)
@given(net=st.integers(-(10**12), 10**12), percent=st.sampled_from([0, 8, 10]), rounding=st.sampled_from(Rounding))
def test_the_parts_make_the_total_within_a_yen_or_two(
    reading: Reading, net: int, percent: int, rounding: Rounding
) -> None:
    share = taxed(Sen(net), percent, rounding, reading)
    assert share.net + share.tax == share.total
    assert abs(share.total * 100 * 100 - net * (100 + percent)) < 2 * 100 * 100


@given(net=st.integers(0, 10**12), percent=st.integers(0, 100))
def test_what_is_held_is_never_less_than_what_is_billed(net: int, percent: int) -> None:
    assert gross(Sen(net), percent) >= taxed(Sen(net), percent).total * 100
    assert gross(Sen(1000), 10) == 1100

"""Money is exact, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.money import MOST_YEN, Sen, sen, yen


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("10.0", 1000),
        ("9.5", 950),
        ("8.50", 850),
        ("0.01", 1),
        ("-0.05", -5),
        ("59000", 5_900_000),
        ("0", 0),
        ("1e2", 10_000),
        (Decimal("3.5"), 350),
        (str(MOST_YEN), MOST_YEN * 100),
    ],
)
def test_yen_become_sen(written: str | Decimal, amount: int) -> None:
    assert sen(written) == amount


@pytest.mark.parametrize("written", ["0.001", "9.999", "1e-3", "10.00000000000000000000000000000000000000000000001"])
def test_what_is_finer_than_a_sen_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="finer than a sen"):
        sen(written)


@pytest.mark.parametrize("written", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999", str(MOST_YEN + 1)])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        sen(written)


@pytest.mark.parametrize("written", ["", "ten", "9,5", "10 yen", "1e99999999999999999999"])
def test_what_is_no_figure_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no figure"):
        sen(written)


@pytest.mark.parametrize(
    ("amount", "written"), [(1050, "10.5"), (1005, "10.05"), (1000, "10"), (0, "0"), (1, "0.01"), (-5, "-0.05")]
)
def test_sen_for_people(amount: int, written: str) -> None:
    assert yen(Sen(amount)) == written


@given(st.integers(-MOST_YEN * 100, MOST_YEN * 100))
def test_what_people_read_is_what_it_was(amount: int) -> None:
    assert sen(yen(Sen(amount))) == amount


@given(st.text(max_size=12))
def test_garbage_is_a_value_error_or_an_amount(written: str) -> None:
    try:
        amount = sen(written)
    except ValueError:
        return
    assert isinstance(amount, int)

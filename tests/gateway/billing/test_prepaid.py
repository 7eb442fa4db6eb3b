"""Credit: held, settled, released; never below zero, whatever the order; caps by month."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.billing.prepaid import Credit, Short, held_for
from gateway.billing.tariff import Tariff, Tier
from gateway.model.errors import Bug
from gateway.model.money import Sen

NOV, DEC = "2026-11", "2026-12"


def test_what_is_held_is_the_dearest_price_with_tax() -> None:
    tariff = Tariff("t", "1", (Tier(10, Sen(900)), Tier(None, Sen(1_000))))
    assert held_for(tariff, 3, "one", "", 350, 10) == 3_350 * 11 // 10
    assert held_for(tariff, 0, "one", "", 0, 10) == 0


def test_the_last_yen_is_held_once() -> None:
    credit = Credit(Sen(2_000), None, NOV)
    assert credit.hold(Sen(1_100), NOV) is None
    assert credit.hold(Sen(1_100), NOV) is Short.NO_CREDIT
    assert credit.hold(Sen(900), NOV) is None
    assert (credit.available, credit.held) == (0, 2_000)


def test_a_message_that_fails_gives_all_of_it_back() -> None:
    credit = Credit(Sen(1_000), None, NOV)
    credit.hold(Sen(1_000), NOV)
    credit.settle(Sen(1_000), Sen(0), NOV)
    assert (credit.available, credit.held) == (1_000, 0)


def test_one_that_costs_less_than_was_held_gives_the_rest_back() -> None:
    credit = Credit(Sen(1_000), None, NOV)
    credit.hold(Sen(1_000), NOV)
    credit.settle(Sen(1_000), Sen(300), NOV)
    assert credit.available == 700


def test_a_top_up_helps_at_once() -> None:
    credit = Credit(Sen(0), None, NOV)
    assert credit.hold(Sen(1), NOV) is Short.NO_CREDIT
    credit.top_up(Sen(1))
    assert credit.hold(Sen(1), NOV) is None


def test_a_cap_counts_what_is_spent_and_what_is_held_and_begins_anew_each_month() -> None:
    credit = Credit(None, Sen(3_000), NOV, spent=1_000)
    assert credit.hold(Sen(1_000), NOV) is None
    assert credit.hold(Sen(1_001), NOV) is Short.MONTHLY_CAP
    assert credit.hold(Sen(1_000), NOV) is None
    credit.settle(Sen(1_000), Sen(1_000), NOV)
    assert credit.hold(Sen(1), NOV) is Short.MONTHLY_CAP
    assert credit.hold(Sen(2_001), DEC) is Short.MONTHLY_CAP  # what is held will be spent in December
    assert credit.hold(Sen(2_000), DEC) is None
    assert credit.available is None


def test_a_settlement_that_is_late_does_not_turn_the_month_back() -> None:
    credit = Credit(None, Sen(1_000), DEC)
    credit.hold(Sen(600), DEC)
    credit.settle(Sen(600), Sen(600), NOV)
    assert credit.hold(Sen(500), DEC) is Short.MONTHLY_CAP


def test_what_is_alive_at_the_start_is_held_even_beyond_the_balance() -> None:
    credit = Credit(Sen(500), None, NOV)
    credit.restore(Sen(800))
    assert (credit.available, credit.held) == (-300, 800)
    assert credit.hold(Sen(1), NOV) is Short.NO_CREDIT


@pytest.mark.parametrize(("held", "charge"), [(100, 101), (101, 100), (50, -1)])
def test_a_settlement_that_cannot_be_is_our_bug(held: int, charge: int) -> None:
    credit = Credit(Sen(1_000), None, NOV)
    credit.hold(Sen(100), NOV)
    with pytest.raises(Bug):
        credit.settle(Sen(held), Sen(charge), NOV)


@given(amount=st.integers(max_value=-1))
def test_nothing_below_zero_is_held_or_paid(amount: int) -> None:
    credit = Credit(Sen(0), None, NOV)
    with pytest.raises(Bug):
        credit.hold(Sen(amount), NOV)
    with pytest.raises(Bug):
        credit.top_up(Sen(amount))


class Account(RuleBasedStateMachine):
    """Messages come and end in any order, money comes in; the books agree with a plain sum at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.credit = Credit(Sen(1_000), Sen(5_000), NOV)
        self.paid, self.spent = 1_000, 0
        self.alive: list[int] = []

    @rule(amount=st.integers(0, 700))
    def accept(self, amount: int) -> None:
        free = self.paid - self.spent - sum(self.alive)
        room = 5_000 - self.spent - sum(self.alive)
        refused = self.credit.hold(Sen(amount), NOV)
        assert (refused is None) == (amount <= free and amount <= room)
        if refused is None:
            self.alive.append(amount)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        held = self.alive.pop(data.draw(st.integers(0, len(self.alive) - 1)))
        charge = data.draw(st.integers(0, held))
        self.credit.settle(Sen(held), Sen(charge), NOV)
        self.spent += charge

    @rule(amount=st.integers(0, 900))
    def pay(self, amount: int) -> None:
        self.credit.top_up(Sen(amount))
        self.paid += amount

    @invariant()
    def never_below_zero(self) -> None:
        assert self.credit.available == self.paid - self.spent - sum(self.alive)
        assert self.credit.available >= 0
        assert self.credit.held == sum(self.alive)


TestAccount = Account.TestCase

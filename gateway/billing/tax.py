"""Consumption tax: once an invoice and rate, never a line; integers all the way.

Three readings of where a fraction of a yen goes. The brochure that prices come from is silent; `WHOLE_YEN` is the
default because the figures that the invoice prints are then those that the tax is taken of.
"""

from enum import Enum
from typing import NamedTuple

from gateway.model.money import SEN_PER_YEN, Sen


class Rounding(Enum):
    """What becomes of a fraction of a yen of tax. Below zero (a credit) it is the same with the sign turned."""

    DOWN = "down"
    HALF_UP = "half_up"
    UP = "up"


class Reading(Enum):
    """Where the sum of the lines becomes whole yen."""

    WHOLE_YEN = "whole_yen"  # A: the sum is cut to whole yen, then taxed
    EXACT = "exact"  # B: the exact sum is taxed; the printed sum is cut
    INCLUSIVE = "inclusive"  # C: the exact sum with its tax is rounded; the tax is what that total contains


class Taxed(NamedTuple):
    """One rate's share of an invoice, in whole yen. `net` is tax excluded."""

    percent: int
    net: int
    tax: int

    @property
    def total(self) -> int:
        """Tax included."""
        return self.net + self.tax


def divided(numerator: int, denominator: int, rounding: Rounding) -> int:
    """An exact quotient to a whole number, rounded as said, by size and not by sign."""
    size, sign = abs(numerator), -1 if numerator < 0 else 1
    whole, rest = divmod(size, denominator)
    if rest and (rounding is Rounding.UP or (rounding is Rounding.HALF_UP and 2 * rest >= denominator)):
        whole += 1
    return sign * whole


def taxed(net: Sen, percent: int, rounding: Rounding = Rounding.DOWN, reading: Reading = Reading.WHOLE_YEN) -> Taxed:
    """Tax the sum of all lines of one rate."""
    whole = divided(net, SEN_PER_YEN, Rounding.DOWN)
    if reading is Reading.WHOLE_YEN:
        return Taxed(percent, whole, divided(whole * percent, 100, rounding))
    if reading is Reading.EXACT:
        return Taxed(percent, whole, divided(net * percent, 100 * SEN_PER_YEN, rounding))
    total = divided(net * (100 + percent), 100 * SEN_PER_YEN, rounding)
    tax = divided(total * percent, 100 + percent, rounding)
    return Taxed(percent, total - tax, tax)


def gross(net: Sen, percent: int) -> Sen:
    """Tax included, up to a whole sen: what is held of a prepaid balance, never less than what is billed."""
    return Sen(divided(net * (100 + percent), 100, Rounding.UP))

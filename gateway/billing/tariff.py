"""What a message is charged. Only delivered messages are; units come from the carrier's table.

A record carries the list price (the first tier). The month's volume decides the tier on the invoice, so a
record keeps the units and the tariff's version, and an invoice rates them again.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from gateway.model.errors import Bug
from gateway.model.lifecycle import IS_FINAL, SegmentState
from gateway.model.money import Sen


class Tier(NamedTuple):
    """The price of a unit while the month's units are at most `up_to` (None: without end)."""

    up_to: int | None
    unit_price: Sen


class Charge(NamedTuple):
    """A message's charge as its record tells it, tax excluded."""

    unit_price: Sen
    amount: Sen


@dataclass(frozen=True, slots=True)
class Tariff:
    """A customer's price list. `tiers` ascend; only the last may be without end. ValueError if they do not."""

    name: str
    version: str
    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        if not self.tiers:
            raise ValueError(f"tariff {self.name}: there is no tier")
        if any(tier.unit_price < 0 for tier in self.tiers):
            raise ValueError(f"tariff {self.name}: a price is negative")
        for lower, upper in pairwise(self.tiers):
            if lower.up_to is None or (upper.up_to is not None and upper.up_to <= lower.up_to):
                raise ValueError(f"tariff {self.name}: the tiers do not ascend")

    @property
    def label(self) -> str:
        """Name and version as records carry it."""
        return f"{self.name}/{self.version}"

    def charge(self, units: int, outcome: SegmentState) -> Charge:
        """Rate one message of 0 or more units: nothing unless it was delivered. Bug while it is not final."""
        if units < 0 or not IS_FINAL[outcome]:
            raise Bug(f"{units} units of a message that is {outcome.name} cannot be charged")
        unit_price = self.tiers[0].unit_price
        delivered = outcome is SegmentState.DELIVERED
        return Charge(unit_price, Sen(unit_price * units if delivered else 0))

"""What a message is charged. Only delivered messages are; units come from the carrier's table.

A record carries the list price (the first tier). The month's volume decides the tier on the invoice, so a
record keeps the units and the tariff's version, and an invoice rates them again.
"""

from dataclasses import dataclass
from typing import NamedTuple

from gateway.model.lifecycle import SegmentState
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
    """A customer's price list. `tiers` ascend."""

    name: str
    version: str
    tiers: tuple[Tier, ...]

    @property
    def label(self) -> str:
        """Name and version as records carry it."""
        return f"{self.name}/{self.version}"

    def charge(self, units: int, outcome: SegmentState) -> Charge:
        """Rate one message: nothing unless it was delivered."""
        unit_price = self.tiers[0].unit_price
        delivered = outcome is SegmentState.DELIVERED
        return Charge(unit_price, Sen(unit_price * units if delivered else 0))

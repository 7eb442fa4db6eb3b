"""What a message is charged: which of its units, and at which price, by a price list that is data and has a version.

A record carries the list price (the first tier). The month's volume decides the tier on the invoice
(gateway/billing/rating.py), so a record keeps the facts and the tariff's label, and an invoice rates them again.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from gateway.model.errors import Bug
from gateway.model.lifecycle import IS_FINAL, SegmentState
from gateway.model.money import Sen

# The reason of a record whose message reached its recipient another way than the one it was sent on.
REDIRECTED = "redirected"

_DELIVERED = SegmentState.DELIVERED


class Tier(NamedTuple):
    """The price of a unit while the month's units are at most `up_to` (None: without end)."""

    up_to: int | None
    unit_price: Sen


class Charge(NamedTuple):
    """A message's charge as its record tells it, tax excluded."""

    unit_price: Sen
    amount: Sen


class Special(NamedTuple):
    """A contract's own prices for a carrier, for a kind of message, or for both; an empty name means any."""

    carrier: str
    kind: str
    tiers: tuple[Tier, ...]


class Partial(Enum):
    """What is charged when some segments were delivered and others not."""

    NOTHING = "nothing"
    ALL = "all"
    SHARE = "share"  # units x delivered / segments, rounded down to a whole unit


class ChargedWhen(Enum):
    """What earns the charge."""

    DELIVERED = "delivered"
    SENT = "sent"  # the carrier was handed it, whatever became of it


class Facts(NamedTuple):
    """What a record says of a message, as far as its charge depends on it. `outcome` is a SegmentState's name."""

    outcome: str
    units: int
    segments: int = 1
    delivered: int = 0
    sent: bool = True
    reason: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price list. `tiers` ascend; only the last may be without end, and above one with an end there is no price.

    `graduated`: each unit costs what its own tier says; else the month's units choose one tier for all of them. The
    first of `specials` that fits takes the place of `tiers`. ValueError if tiers do not ascend.
    """

    name: str
    version: str
    tiers: tuple[Tier, ...]
    graduated: bool = False
    partial: Partial = Partial.NOTHING
    redirected: bool = True
    when: ChargedWhen = ChargedWhen.DELIVERED
    specials: tuple[Special, ...] = ()

    def __post_init__(self) -> None:
        for tiers in (self.tiers, *(special.tiers for special in self.specials)):
            if not tiers:
                raise ValueError(f"tariff {self.name}: there is no tier")
            if any(tier.unit_price < 0 for tier in tiers):
                raise ValueError(f"tariff {self.name}: a price is negative")
            for lower, upper in pairwise(tiers):
                if lower.up_to is None or (upper.up_to is not None and upper.up_to <= lower.up_to):
                    raise ValueError(f"tariff {self.name}: the tiers do not ascend")

    @property
    def label(self) -> str:
        """Name and version as records carry it."""
        return f"{self.name}/{self.version}"

    def charge(
        self, units: int, outcome: SegmentState, carrier: str = "", kind: str = "", facts: Facts | None = None
    ) -> Charge:
        """Rate one message of 0 or more units: nothing unless it was delivered. Bug while it is not final.

        `carrier` and `kind` matter only to a list with `specials`; `facts` only where something else than the outcome
        decides (parts delivered, redirected, test): without them an undelivered message costs nothing.
        """
        if units < 0 or not IS_FINAL[outcome]:
            raise Bug(f"{units} units of a message that is {outcome.name} cannot be charged")
        unit_price = (self.tiers_for(carrier, kind) if self.specials else self.tiers)[0].unit_price
        if facts is not None:
            units = self.billed_units(facts)
        elif outcome is not _DELIVERED:
            units = 0
        return Charge(unit_price, Sen(unit_price * units))

    def billed_units(self, facts: Facts) -> int:
        """How many of the message's units are charged."""
        if facts.test:
            return 0
        if facts.outcome == _DELIVERED.name or (facts.reason == REDIRECTED and self.redirected):
            return facts.units
        if self.when is ChargedWhen.SENT and facts.sent:
            return facts.units
        if facts.delivered <= 0 or self.partial is Partial.NOTHING:
            return 0
        if self.partial is Partial.ALL:
            return facts.units
        return facts.units * min(facts.delivered, facts.segments) // facts.segments

    def tiers_for(self, carrier: str, kind: str) -> tuple[Tier, ...]:
        """The prices that hold for a carrier and a kind of message."""
        for special in self.specials:
            if special.carrier in {"", carrier} and special.kind in {"", kind}:
                return special.tiers
        return self.tiers

    def dearest(self, carrier: str = "", kind: str = "") -> Sen:
        """The highest price that a unit can come to: what is held of a prepaid balance."""
        return max(tier.unit_price for tier in self.tiers_for(carrier, kind))

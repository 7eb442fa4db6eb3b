"""A month's units to amounts: the tiers at work.

Volume (the default): all billed units of the customer's month choose the tier, and its price holds for all of them.
Graduated: the units fill the tiers one after the other, in the order of tariff, carrier and kind; the sum is the same
in any order while the price list is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gateway.billing.tariff import Tariff, Tier
from gateway.model.errors import GatewayError
from gateway.model.money import Sen


class NoPrice(GatewayError):
    """The price list has no answer: it is unknown, or ends below the month's volume."""


class Volume(NamedTuple):
    """Billed units of one customer's month that have tariff (its label), carrier and kind in common."""

    tariff: str
    carrier: str
    kind: str
    units: int


class Rated(NamedTuple):
    """Units at one price. `tier` is the end of the tier that they are in, None: without end."""

    tariff: str
    carrier: str
    kind: str
    tier: int | None
    units: int
    unit_price: Sen
    amount: Sen


def rate(volumes: Iterable[Volume], tariffs: Mapping[str, Tariff]) -> list[Rated]:
    """Price a customer's month. Tariffs by label. NoPrice if a label is unknown or a list ends below the volume."""
    merged: dict[tuple[str, str, str], int] = {}
    for label, carrier, kind, units in volumes:
        key = (label, carrier, kind)
        merged[key] = merged.get(key, 0) + units
    month = sum(merged.values())
    position = 0
    rated: list[Rated] = []
    for (label, carrier, kind), units in sorted(merged.items()):
        if label not in tariffs:
            raise NoPrice(f"the configuration has no tariff {label}, and {units} units name it")
        if units == 0:
            continue
        tariff = tariffs[label]
        tiers = tariff.tiers_for(carrier, kind)
        pieces = _graduated(tiers, position, units) if tariff.graduated else ((_tier_of(tiers, month), units),)
        for tier, count in pieces:
            if tier is None:
                raise NoPrice(
                    f"tariff {label} ends at {tiers[-1].up_to} units, the month has {month}: agree on a price"
                )
            amount = Sen(tier.unit_price * count)
            rated.append(Rated(label, carrier, kind, tier.up_to, count, tier.unit_price, amount))
        position += units
    return rated


def _tier_of(tiers: tuple[Tier, ...], units: int) -> Tier | None:
    return next((tier for tier in tiers if tier.up_to is None or units <= tier.up_to), None)


def _graduated(tiers: tuple[Tier, ...], position: int, units: int) -> Iterator[tuple[Tier | None, int]]:
    """The units after `position`, by tier; None for those above the last one."""
    for tier in tiers:
        room = units if tier.up_to is None else max(0, tier.up_to - position)
        if taken := min(units, room):
            yield tier, taken
            position, units = position + taken, units - taken
    if units:
        yield None, units

"""An invoice as a value: made from a month's totals and transfers, kept as JSON, shown as PDF or HTML."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter

from gateway.billing.tax import Reading, Rounding, taxed
from gateway.model.money import Sen


@dataclass(frozen=True, slots=True)
class Party:
    """A name with the lines below it. `number` is the issuer's registration number."""

    name: str
    lines: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the invoice, tax excluded. `what` is messages, check, option or correction."""

    what: str
    title: str
    quantity: int
    unit_price_sen: int
    amount_sen: int
    percent: int
    carrier: str = ""
    kind: str = ""
    tariff: str = ""
    tier: int | None = None  # the tier's end


@dataclass(frozen=True, slots=True)
class Rate:
    """All lines of one rate: whole yen."""

    percent: int
    net_yen: int
    tax_yen: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """Everything that is printed. Dates are ISO; `number` is empty for a month that is not closed yet."""

    number: str
    customer: str
    month: str
    issued_on: str
    first_day: str
    last_day: str
    due_on: str
    issuer: Party
    recipient: Party
    items: tuple[Item, ...]
    rates: tuple[Rate, ...]
    total_yen: int
    units: int
    messages: dict[str, int]  # by result
    rounding: str
    reading: str
    prepaid_yen: int = 0  # of the total, paid from the prepaid balance
    payment: tuple[str, ...] = ()

    @property
    def net_yen(self) -> int:
        """Tax excluded."""
        return sum(rate.net_yen for rate in self.rates)

    @property
    def tax_yen(self) -> int:
        """All tax."""
        return sum(rate.tax_yen for rate in self.rates)

    @property
    def payable_yen(self) -> int:
        """What is left to pay."""
        return self.total_yen - self.prepaid_yen


_ADAPTER = TypeAdapter(Invoice)


def rates_of(items: Iterable[Item], rounding: Rounding, reading: Reading) -> tuple[Rate, ...]:
    """Sum and tax by rate, the higher rate first: one rounding each."""
    sums: dict[int, int] = {}
    for item in items:
        sums[item.percent] = sums.get(item.percent, 0) + item.amount_sen
    shares = (taxed(Sen(net), percent, rounding, reading) for percent, net in sorted(sums.items(), reverse=True))
    return tuple(Rate(share.percent, share.net, share.tax) for share in shares)


def to_json(invoice: Invoice) -> bytes:
    """As it is kept."""
    return _ADAPTER.dump_json(invoice, indent=2) + b"\n"


def from_json(document: bytes) -> Invoice:
    """The reverse."""
    return _ADAPTER.validate_json(document)

"""Who bills whom: the issuer and its tax, and what finance knows of a customer beside its price list."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from gateway.billing.tax import Reading, Rounding
from gateway.settings.section import Key, Section, YenAsSen

MOST_OPTIONS = 100
MOST_TARIFF_DATES = 100
MOST_YEN = 10**12

BillingMonth = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A calendar month in Japan, in quotes: "2026-11"."""

PrintedLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
"""One line of a printed page."""


class IssuerSettings(Section):
    """Who issues the invoices."""

    name: PrintedLine = Field(description="Name as it is registered.")
    registration_number: Annotated[str, StringConstraints(pattern=r"^T[0-9]{13}$")] = Field(
        description="Number of the qualified invoice issuer: T and 13 digits."
    )
    address: tuple[PrintedLine, ...] = Field(default=(), max_length=6, description="Address and telephone, by lines.")
    payment: tuple[PrintedLine, ...] = Field(default=(), max_length=6, description="Where to pay, by lines.")


class BillingSettings(Section):
    """The issuer's side of every invoice."""

    issuer: IssuerSettings | None = Field(
        default=None, description="Who issues the invoices. null: a month can be closed, its invoices lack the issuer."
    )
    tax_percent: int = Field(default=10, ge=0, le=100, description="Consumption tax.")
    rounding: Annotated[Rounding, Field(strict=False)] = Field(
        default=Rounding.DOWN, description="A fraction of a yen of tax, once an invoice and rate."
    )
    reading: Annotated[Reading, Field(strict=False)] = Field(
        default=Reading.WHOLE_YEN,
        description="Where the sum becomes whole yen: `whole_yen` (cut, then taxed), `exact` (taxed as it is), "
        "`inclusive` (with its tax; the tax is what the total contains).",
    )
    due_months: int = Field(
        default=1, ge=0, le=12, description="The invoice is due at the end of the n-th month after the one it is for."
    )
    visible_digits: int = Field(
        default=4, ge=0, le=20, description="Digits of a telephone number that `billing export` shows, from the end."
    )


class OptionSettings(Section):
    """An option that is charged every month."""

    title: PrintedLine = Field(description="What the invoice calls it.")
    yen: YenAsSen = Field(description='Price of a month, tax excluded: "59000".')
    first: BillingMonth = Field(description='First month that it is charged for: "2026-11".')
    last: BillingMonth | None = Field(default=None, description="Last month. null: until it is changed.")
    tax_percent: int | None = Field(default=None, ge=0, le=100, description="null: as in `billing`.")

    @field_validator("last")
    @classmethod
    def _in_order(cls, last: str | None, info: ValidationInfo) -> str | None:
        if last is not None and last < info.data.get("first", last):
            raise ValueError("must not be before first")
        return last

    def holds(self, month: str) -> bool:
        """Whether it is charged for a month."""
        return self.first <= month and (self.last is None or month <= self.last)


class TariffFromSettings(Section):
    """Another price list, from a month on."""

    first: BillingMonth = Field(description="It is that of messages submitted from the beginning of this month on.")
    tariff: Key = Field(description="A key of `tariffs`.")


class AccountBillingSettings(Section):
    """What finance knows of a customer."""

    recipient: PrintedLine | None = Field(default=None, description="Name on the invoice. null: the account's key.")
    address: tuple[PrintedLine, ...] = Field(default=(), max_length=6, description="Its address, by lines.")
    tariffs: tuple[TariffFromSettings, ...] = Field(
        default=(), max_length=MOST_TARIFF_DATES, description="Price lists that take the place of `tariff`, by month."
    )
    options: tuple[OptionSettings, ...] = Field(
        default=(), max_length=MOST_OPTIONS, description="Options that are charged every month."
    )
    prepaid: bool = Field(
        default=False, description="It sends as long as what it paid before lasts (`smpp-gateway billing credit`)."
    )
    monthly_cap_yen: int | None = Field(
        default=None, ge=0, le=MOST_YEN, description="The most that a month's messages may cost, tax included, by list."
    )

    @field_validator("tariffs")
    @classmethod
    def _once(cls, tariffs: tuple[TariffFromSettings, ...]) -> tuple[TariffFromSettings, ...]:
        firsts = [one.first for one in tariffs]
        if sorted(set(firsts)) != firsts:
            raise ValueError("the months must ascend")
        return tariffs

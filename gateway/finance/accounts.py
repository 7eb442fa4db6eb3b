"""What finance takes from the configuration, as values: price lists by label, customers, the issuer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.billing.schedule import Schedule
from gateway.billing.tariff import Tariff
from gateway.finance.months import starts_ms
from gateway.settings.billing import AccountBillingSettings, BillingSettings
from gateway.settings.customers import CustomerSettings
from gateway.settings.models import Settings

KINDS = {"": "", "otp": "認証コード", "notice": "通知", "campaign": "販促"}


class Books(NamedTuple):
    """The part of the configuration that money depends on."""

    tariffs: Mapping[str, Tariff]  # by label
    customers: Mapping[str, AccountBillingSettings]
    carriers: Mapping[str, str]  # title by key
    billing: BillingSettings
    schedules: Mapping[str, Schedule] = MappingProxyType({})  # by customer

    def account(self, customer: str) -> AccountBillingSettings:
        """What is known of a customer; nothing of one that has left the configuration."""
        return self.customers.get(customer) or AccountBillingSettings()


def books(settings: Settings) -> Books:
    """The same from the whole configuration."""
    lists = (one.tariff(name) for name, one in settings.tariffs.items())
    return Books(
        {one.label: one for one in lists},
        {name: one.billing for name, one in settings.customers.items()},
        {key: one.title for key, one in settings.carriers.items()},
        settings.billing,
        {name: schedule(settings, one) for name, one in settings.customers.items()},
    )


def schedule(settings: Settings, customer: CustomerSettings) -> Schedule:
    """A customer's price lists by date."""
    first = settings.tariffs[customer.tariff].tariff(customer.tariff)
    later = ((one.first, one.tariff) for one in customer.billing.tariffs)
    return Schedule(first, ((starts_ms(month), settings.tariffs[name].tariff(name)) for month, name in later))

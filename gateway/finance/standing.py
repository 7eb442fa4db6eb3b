"""What prepaid and capped accounts may still spend: where each start of the gateway begins, and what comes in later."""

from pathlib import Path

from gateway.billing.prepaid import Credit, held_for
from gateway.billing.tax import gross
from gateway.finance import accounts
from gateway.finance.accounts import Books
from gateway.finance.closing import catch_up
from gateway.finance.months import month_of
from gateway.finance.source import alive
from gateway.model.money import SEN_PER_YEN, Sen
from gateway.settings.models import Settings
from gateway.store.ledger import Ledger


class Standing:
    """A Credit for each customer that is prepaid or has a cap; empty where nobody is."""

    def __init__(self, credit_of: dict[str, Credit], last_transfer: int) -> None:
        self.credit_of = credit_of
        self._last_transfer = last_transfer

    def refresh(self, ledger: Ledger) -> int:
        """Take over the prepayments that were entered since; how many there were."""
        found = ledger.top_ups(self._last_transfer)
        for number, customer, amount in found:
            self._last_transfer = number
            if customer in self.credit_of:
                self.credit_of[customer].top_up(amount)
        return len(found)


def standing(ledger: Ledger, directory: Path, books: Books, now_ms: int) -> Standing:
    """Before traffic begins. Records are posted first, so nothing that ended is missed; what is alive is held.

    Without prepaid or capped customers nothing is read. NoPrice for a record whose tariff is gone.
    """
    names = [name for name, one in books.customers.items() if one.prepaid or one.monthly_cap_yen is not None]
    if not names:
        return Standing({}, 0)
    month = month_of(now_ms)
    catch_up(ledger, directory, books, month, now_ms)
    with ledger.writing():  # no prepayment is entered between the balances and the last number
        standing = Standing({name: _credit(ledger, books, name, month) for name in names}, ledger.last_transfer())
    percent = books.billing.tax_percent
    for one in alive(directory):
        credit = standing.credit_of.get(one.customer)
        if credit is not None:
            tariff = books.schedules[one.customer].at(one.submitted_at)
            credit.restore(held_for(tariff, one.units, one.carrier, one.kind, one.check_sen, percent))
    return standing


def _credit(ledger: Ledger, books: Books, name: str, month: str) -> Credit:
    account, percent = books.customers[name], books.billing.tax_percent
    balance = None
    if account.prepaid:
        unbilled = sum(_spent(ledger, one, name, percent) for one in ledger.open_months())
        balance = Sen(ledger.prepaid_balance(name) - unbilled)
    cap = None if account.monthly_cap_yen is None else Sen(account.monthly_cap_yen * SEN_PER_YEN)
    return Credit(balance, cap, month, _spent(ledger, month, name, percent))


def _spent(ledger: Ledger, month: str, customer: str, percent: int) -> int:
    """At list prices with tax, as Credit settles it."""
    return sum(
        gross(Sen(one.units * one.line.unit_price_sen + one.messages * one.line.check_sen), percent)
        for one in ledger.totals(month, customer)
    )


def spending(settings: Settings, directory: Path, wall_ms: int) -> tuple[Ledger, Standing] | None:
    """The ledger and what prepaid and capped customers may spend; None when there are none."""
    if not any(one.billing.prepaid or one.billing.monthly_cap_yen is not None for one in settings.customers.values()):
        return None
    ledger = Ledger(directory)
    return ledger, standing(ledger, directory, accounts.books(settings), wall_ms)

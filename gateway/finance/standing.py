"""What prepaid and capped accounts may still spend, from the ledger: where each start of the gateway begins."""

from pathlib import Path

from gateway.billing.prepaid import Credit
from gateway.billing.tax import gross
from gateway.finance.accounts import Books
from gateway.finance.closing import catch_up
from gateway.finance.months import month_of
from gateway.model.money import SEN_PER_YEN, Sen
from gateway.store.ledger import Ledger


def credits_of(ledger: Ledger, directory: Path, books: Books, now_ms: int) -> dict[str, Credit]:
    """A Credit for each customer that is prepaid or has a cap; what their live messages hold comes on top.

    Records are posted first, so nothing that ended is missed; without such customers nothing is read.
    """
    names = [name for name, one in books.customers.items() if one.prepaid or one.monthly_cap_yen is not None]
    if not names:
        return {}
    month = month_of(now_ms)
    catch_up(ledger, directory, books, month, now_ms)
    percent = books.billing.tax_percent
    found = {}
    for name in names:
        account = books.customers[name]
        balance = None
        if account.prepaid:
            unbilled = sum(_spent(ledger, one, name, percent) for one in ledger.open_months())
            balance = Sen(ledger.prepaid_balance(name) - unbilled)
        cap = None if account.monthly_cap_yen is None else Sen(account.monthly_cap_yen * SEN_PER_YEN)
        found[name] = Credit(balance, cap, month, _spent(ledger, month, name, percent))
    return found


def _spent(ledger: Ledger, month: str, customer: str, percent: int) -> int:
    """At list prices with tax: never less than the invoice will be."""
    return sum(
        gross(Sen(one.units * one.line.unit_price_sen + one.messages * one.line.check_sen), percent)
        for one in ledger.totals(month, customer)
    )

"""What a customer's month comes to so far, at any moment: running totals and what they would cost by now."""

from pathlib import Path
from typing import NamedTuple

from gateway.finance.accounts import Books
from gateway.finance.closing import catch_up, invoice
from gateway.finance.invoice import Invoice
from gateway.finance.months import FinanceError
from gateway.store.ledger import Ledger, Total


class Usage(NamedTuple):
    """`lines` in a stable order; `so_far` is the invoice as it would be now, or `why_not` says why there is none."""

    customer: str
    month: str
    lines: list[Total]
    so_far: Invoice | None
    why_not: str

    @property
    def messages(self) -> int:
        """Messages that ended, whatever became of them."""
        return sum(one.messages for one in self.lines)

    @property
    def units(self) -> int:
        """Units that are charged."""
        return sum(one.units for one in self.lines)


def usage(ledger: Ledger, directory: Path, books: Books, customer: str, month: str, now_ms: int) -> Usage:
    """Post what is new, then read the totals: as quick as there are few new records."""
    catch_up(ledger, directory, books, month, now_ms)
    lines = ledger.totals(month, customer)
    try:
        return Usage(customer, month, lines, invoice(ledger, books, customer, month, now_ms), "")
    except FinanceError as error:
        return Usage(customer, month, lines, None, str(error))

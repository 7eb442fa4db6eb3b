"""What people enter in the ledger: prepayments, payments, corrections; each with its author and the reason."""

from gateway.finance.months import FinanceError, after, month_of
from gateway.model.money import SEN_PER_YEN, Sen, sen
from gateway.store.ledger import CASH, REVENUE_CORRECTIONS, Ledger, LedgerError, Transfer, prepaid, receivable


def open_month(ledger: Ledger, now_ms: int) -> str:
    """The month that entries go to: the one after the last that is closed, or else the present one."""
    closed = ledger.closed()
    return after(closed[-1]) if closed else month_of(now_ms)


def top_up(
    ledger: Ledger, customer: str, yen: int, who: str, why: str, now_ms: int, reference: str | None = None
) -> int:
    """A prepayment, tax included; the transfer's number. FinanceError for nothing, or a reference that was there."""
    return _came_in(ledger, "credit", prepaid(customer), customer, yen, who, why, now_ms, reference)


def pay(ledger: Ledger, customer: str, yen: int, who: str, why: str, now_ms: int, reference: str | None = None) -> int:
    """The payment of an invoice; the transfer's number."""
    return _came_in(ledger, "payment", receivable(customer), customer, yen, who, why, now_ms, reference)


def correct(ledger: Ledger, customer: str, yen: str, corrects: str, who: str, why: str, now_ms: int) -> int:
    """More or less on the open month's bill, tax excluded; `corrects` is "record ID" (hex) or "transfer NUMBER"."""
    try:
        amount = sen(yen)
    except ValueError as error:
        raise FinanceError(str(error)) from None
    if not amount:
        raise FinanceError("a correction of nothing")
    owed = receivable(customer)
    debit, credit = (owed, REVENUE_CORRECTIONS) if amount > 0 else (REVENUE_CORRECTIONS, owed)
    return _write(ledger, customer, "correction", None, debit, credit, abs(amount), corrects, who, why, now_ms)


def _came_in(
    ledger: Ledger,
    source: str,
    account: str,
    customer: str,
    yen: int,
    who: str,
    why: str,
    now_ms: int,
    reference: str | None,
) -> int:
    if yen <= 0:
        raise FinanceError(f"{yen} yen is no payment")
    return _write(ledger, customer, source, reference, CASH, account, yen * SEN_PER_YEN, "", who, why, now_ms)


def _write(
    ledger: Ledger,
    customer: str,
    source: str,
    reference: str | None,
    debit: str,
    credit: str,
    amount: int,
    corrects: str,
    who: str,
    why: str,
    now_ms: int,
) -> int:
    if not who.strip() or not why.strip():
        raise FinanceError("who and why must be told")
    try:
        with ledger.writing():
            name = reference or f"number {ledger.last_transfer() + 1}"
            month = open_month(ledger, now_ms)
            transfer = Transfer(month, customer, source, name, debit, credit, Sen(amount), corrects, who, why)
            return ledger.transfer(transfer, now_ms)
    except LedgerError as error:
        raise FinanceError(str(error)) from None

"""The end of a month: all of it posted, priced by its tiers, taxed once and invoiced; then nothing of it changes."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from gateway.billing.rating import NoPrice
from gateway.finance.accounts import Books
from gateway.finance.invoice import Invoice, from_json, to_json
from gateway.finance.months import FinanceError, after, day_of, ends_ms, judged
from gateway.finance.posting import post
from gateway.finance.source import OpenMessage, charged_after, open_messages
from gateway.finance.statement import statement
from gateway.model.money import Sen
from gateway.store.archive import Archive
from gateway.store.ledger import (
    REVENUE_MESSAGES,
    REVENUE_OPTIONS,
    REVENUE_ROUNDING,
    TAX,
    Ledger,
    LedgerError,
    Transfer,
    prepaid,
    receivable,
)


class Closed(NamedTuple):
    """What a closing found. `posted` are records new to the ledger, whatever month they are billed in."""

    month: str
    again: bool  # it was closed before
    posted: int
    invoices: list[Invoice]
    alive: int  # messages of the month that have not ended
    first_alive: list[OpenMessage]


MOST_SHOWN = 20  # open messages kept; the rest are counted


def catch_up(ledger: Ledger, directory: Path, books: Books, through: str, now_ms: int) -> int:
    """Post what is new in the archive's months up to and with one of them; how many records."""
    posted = 0
    for month in Archive(directory).months():
        if month <= through:
            posted += post(ledger, charged_after(directory, month, ledger.swept(month)), month, books.tariffs, now_ms)
    return posted


def close(ledger: Ledger, directory: Path, books: Books, month: str, now_ms: int) -> Closed:
    """Close a month. Again changes nothing; records that came since are posted into the month that is open now.

    FinanceError while the month is not over, an earlier one is open, or a price is missing.
    """
    if now_ms < ends_ms(judged(month)):
        raise FinanceError(f"{month} is not over")
    try:
        posted = catch_up(ledger, directory, books, month, now_ms)
        alive, first = _alive(open_messages(directory, month))
        with ledger.writing():
            again = month in ledger.closed()
            if not again:
                _earlier_ones_are_closed(ledger, directory, month)
                _close(ledger, books, month, alive, now_ms)
    except (NoPrice, LedgerError) as error:
        raise FinanceError(str(error)) from None
    invoices = [from_json(document) for document in ledger.documents(month).values()]
    return Closed(month, again, posted, invoices, alive, first)


def invoice(ledger: Ledger, books: Books, customer: str, month: str, now_ms: int) -> Invoice:
    """As it was issued, or, while the month is open, as it would be now, without a number."""
    if judged(month) in ledger.closed():
        document = ledger.documents(month).get(customer)
        if document is None:
            raise FinanceError(f"{customer} has no invoice for {month}: there was nothing to charge")
        return from_json(document)
    try:
        return statement(ledger, books, customer, month, day_of(now_ms), "")
    except NoPrice as error:
        raise FinanceError(str(error)) from None


def _alive(messages: Iterable[OpenMessage]) -> tuple[int, list[OpenMessage]]:
    count, first = 0, []
    for count, message in enumerate(messages, 1):
        if count <= MOST_SHOWN:
            first.append(message)
    return count, first


def _earlier_ones_are_closed(ledger: Ledger, directory: Path, month: str) -> None:
    closed = ledger.closed()
    known = [one for one in Archive(directory).months() if one < month and one not in closed]
    if closed and closed[-1] > month:
        raise FinanceError(f"{closed[-1]} is closed already, so {month} cannot be")
    if closed and after(closed[-1]) < month:
        known.append(after(closed[-1]))
    if known:
        raise FinanceError(f"close {min(known)} first")


def _close(ledger: Ledger, books: Books, month: str, alive: int, now_ms: int) -> None:
    customers = {one.line.customer for one in ledger.totals(month)}
    customers |= {one.customer for _, one in ledger.transfers(month, sources={"correction"})}
    customers |= {
        name for name, account in books.customers.items() if any(option.holds(month) for option in account.options)
    }
    documents = []
    for customer in sorted(customers):
        made = statement(ledger, books, customer, month, day_of(now_ms), f"{month}-{customer}")
        for transfer in _closing_transfers(ledger, made):
            ledger.transfer(transfer, now_ms)
        if made.items:
            documents.append((customer, to_json(made)))
    ledger.close_month(month, alive, documents, now_ms)


def _closing_transfers(ledger: Ledger, made: Invoice) -> list[Transfer]:
    """What lies between the charges at list prices and the invoice's total."""
    month, customer = made.month, made.customer
    owed = receivable(customer)
    at_list = sum(one.units * one.line.unit_price_sen for one in ledger.totals(month, customer))
    at_tier = sum(item.amount_sen for item in made.items if item.what == "messages")
    net = sum(item.amount_sen for item in made.items)
    moves = [("closing", "tiers", REVENUE_MESSAGES, at_tier - at_list)]
    moves += [
        ("option", f"option {place}", REVENUE_OPTIONS, item.amount_sen)
        for place, item in enumerate(made.items)
        if item.what == "option"
    ]
    moves.append(("closing", "whole yen", REVENUE_ROUNDING, made.net_yen * 100 - net))
    moves += [("tax", f"tax {rate.percent}", TAX, rate.tax_yen * 100) for rate in made.rates]
    moves.append(("settlement", "prepaid", prepaid(customer), -made.prepaid_yen * 100))
    found = []
    for source, what, account, amount in moves:
        debit, credit = (owed, account) if amount > 0 else (account, owed)
        if amount:
            reference = f"{month} {customer} {what}"
            found.append(Transfer(month, customer, source, reference, debit, credit, Sen(abs(amount))))
    return found

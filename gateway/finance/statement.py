"""A customer's month as an invoice: what its lines come to by the tiers, with options, checks and corrections."""

from datetime import date
from operator import itemgetter

from gateway.billing.rating import Volume, rate
from gateway.finance.accounts import KINDS, Books
from gateway.finance.invoice import Invoice, Item, Party, rates_of
from gateway.finance.months import after, first_day, last_day
from gateway.store.ledger import REVENUE_CORRECTIONS, Ledger, Total, Transfer

NO_ISSUER = "(発行者未設定)"


def statement(ledger: Ledger, books: Books, customer: str, month: str, issued_on: date, number: str) -> Invoice:
    """The invoice of a customer's month as the ledger stands. NoPrice if the price list has no answer."""
    totals = ledger.totals(month, customer)
    billing, account = books.billing, books.account(customer)
    items = [
        *_messages(totals, books),
        *_checks(totals, billing.tax_percent),
        *(
            Item("option", one.title, 1, one.yen, one.yen, _percent(one.tax_percent, billing.tax_percent))
            for one in account.options
            if one.holds(month)
        ),
        *(_correction(one, billing.tax_percent) for _, one in ledger.transfers(month, customer, {"correction"})),
    ]
    rates = rates_of(items, billing.rounding, billing.reading)
    total = sum(one.net_yen + one.tax_yen for one in rates)
    covered = min(total, ledger.prepaid_balance(customer) // 100) if account.prepaid else 0
    due = month
    for _ in range(billing.due_months):
        due = after(due)
    issuer = billing.issuer
    return Invoice(
        number,
        customer,
        month,
        issued_on.isoformat(),
        first_day(month).isoformat(),
        last_day(month).isoformat(),
        last_day(due).isoformat(),
        Party(NO_ISSUER) if issuer is None else Party(issuer.name, issuer.address, issuer.registration_number),
        Party(account.recipient or customer, account.address),
        tuple(items),
        rates,
        total,
        sum(one.units for one in totals),
        _by_result(totals),
        billing.rounding.value,
        billing.reading.value,
        max(0, covered),
        () if issuer is None else issuer.payment,
    )


def _percent(own: int | None, general: int) -> int:
    return general if own is None else own


def _messages(totals: list[Total], books: Books) -> list[Item]:
    volumes = [Volume(one.line.tariff, one.line.carrier, one.line.kind, one.units) for one in totals]
    items = []
    for one in rate(volumes, books.tariffs):
        title = f"SMS配信料 {books.carriers.get(one.carrier, one.carrier)}"
        if one.kind:
            title += f" ({KINDS.get(one.kind, one.kind)})"
        items.append(
            Item(
                "messages", title, one.units, one.unit_price, one.amount, books.billing.tax_percent, one.carrier,
                one.kind, one.tariff, one.tier,
            )
        )  # fmt: skip
    return items


def _checks(totals: list[Total], percent: int) -> list[Item]:
    counts: dict[int, int] = {}
    for one in totals:
        if one.line.check_sen:
            counts[one.line.check_sen] = counts.get(one.line.check_sen, 0) + one.messages
    return [
        Item("check", "誤配信防止 (宛先確認)", count, price, price * count, percent)
        for price, count in sorted(counts.items(), key=itemgetter(0))
    ]


def _correction(transfer: Transfer, percent: int) -> Item:
    amount = transfer.sen if transfer.credit == REVENUE_CORRECTIONS else -transfer.sen
    return Item("correction", f"調整: {transfer.why} ({transfer.corrects})", 1, amount, amount, percent)


def _by_result(totals: list[Total]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in totals:
        counts[one.line.result] = counts.get(one.line.result, 0) + one.messages
    return dict(sorted(counts.items()))

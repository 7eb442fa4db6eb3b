"""The invoice on paper, as text: every figure as it is printed. PDF and HTML show the same blocks."""

from datetime import date
from typing import NamedTuple

from gateway.finance.invoice import Invoice, Item
from gateway.finance.posting import DELIVERED, FAILED, PARTLY, REDIRECT, TEST
from gateway.model.money import Sen, yen

TITLE = "請求書"
SUBTITLE = "適格請求書"
FORECAST = "請求予定"
DRAFT = "未締め・参考"
HEAD = ("品目", "数量", "単価 (円)", "金額 (円)", "税率")
RATES_HEAD = ("税率ごとの内訳", "対象額 (税抜)", "消費税額")
RESULTS = {DELIVERED: "到達", PARTLY: "一部到達", REDIRECT: "転送到達", FAILED: "不達", TEST: "試験送信 (無料)"}


class Page(NamedTuple):
    """The blocks from top to bottom; cells are text."""

    title: str
    draft: bool
    facts: list[tuple[str, str]]
    recipient: list[str]
    issuer: list[str]
    payable: str
    items: list[tuple[str, str, str, str, str]]
    sums: list[tuple[str, str]]
    rates: list[tuple[str, str, str]]
    notes: list[str]


def page(invoice: Invoice) -> Page:
    """Everything that is printed of an invoice."""
    return Page(
        _title(invoice),
        not invoice.number,
        [
            ("請求書番号", invoice.number or DRAFT),
            ("発行日", _day(invoice.issued_on)),
            ("取引期間", f"{_day(invoice.first_day)} ～ {_day(invoice.last_day)}"),
            ("お支払期限", _day(invoice.due_on)),
        ],
        [f"{invoice.recipient.name} 御中", *invoice.recipient.lines],
        [
            invoice.issuer.name,
            *([f"登録番号 {invoice.issuer.number}"] if invoice.issuer.number else []),
            *invoice.issuer.lines,
        ],
        f"{invoice.payable_yen:,} 円",
        [_item(item) for item in invoice.items],
        _sums(invoice),
        [(f"{one.percent}% 対象", f"{one.net_yen:,} 円", f"{one.tax_yen:,} 円") for one in invoice.rates],
        _notes(invoice),
    )


def amount(sen: int) -> str:
    """Yen with separators, and with its fraction where there is one: 47,509.5."""
    whole, dot, part = yen(Sen(abs(sen))).partition(".")
    return f"{'-' if sen < 0 else ''}{int(whole):,}{dot}{part}"


def _title(invoice: Invoice) -> str:
    """Only what is issued, and by a registered issuer, may be called a qualified invoice."""
    if not invoice.number:
        return FORECAST
    return f"{TITLE} ({SUBTITLE})" if invoice.issuer.number else TITLE


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def _item(item: Item) -> tuple[str, str, str, str, str]:
    title = item.title
    if item.what == "messages":
        title += f"\n[{item.tariff}、{'上限なし' if item.tier is None else f'{item.tier:,}通まで'}]"
    return title, f"{item.quantity:,}", amount(item.unit_price_sen), amount(item.amount_sen), f"{item.percent}%"


def _sums(invoice: Invoice) -> list[tuple[str, str]]:
    sums = [("小計 (税抜)", f"{invoice.net_yen:,} 円"), ("消費税", f"{invoice.tax_yen:,} 円")]
    sums.append(("合計 (税込)", f"{invoice.total_yen:,} 円"))
    if invoice.prepaid_yen:
        sums.append(("前払金充当", f"-{invoice.prepaid_yen:,} 円"))
        sums.append(("差引ご請求額", f"{invoice.payable_yen:,} 円"))
    return sums


def _notes(invoice: Invoice) -> list[str]:
    counts = [f"{RESULTS.get(result, result)} {count:,}件" for result, count in invoice.messages.items()]
    notes = [f"当月の課金通数 {invoice.units:,}通" + (f" ({'、'.join(counts)})" if counts else "")]
    rounding = {"down": "切り捨て", "half_up": "四捨五入し", "up": "切り上げ"}[invoice.rounding]
    notes.append(f"消費税額は税率ごとに1回、1円未満を{rounding}て計算しています。")
    if invoice.payment:
        notes.append("お振込先: " + " / ".join(invoice.payment))
    return notes

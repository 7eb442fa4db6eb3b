"""The invoice as one HTML page that prints well and loads nothing."""

from collections.abc import Iterable
from html import escape

from gateway.finance.invoice import Invoice
from gateway.finance.page import DRAFT, HEAD, RATES_HEAD, page

STYLE = """
@page { size: A4; margin: 18mm }
body { font-family: "Noto Sans JP", "Hiragino Sans", "Yu Gothic", Meiryo, sans-serif; color: #1a1a1a; font-size: 13px;
  line-height: 1.55; max-width: 174mm; margin: 10mm auto }
h1 { font-size: 22px; letter-spacing: .12em; border-bottom: 2px solid #24476b; padding-bottom: 6px }
.draft { color: #a33; font-weight: bold } .two { display: flex; justify-content: space-between; gap: 12mm }
.to { font-size: 15px } .payable { font-size: 20px; margin: 6mm 0; padding: 3mm 4mm; background: #eef3f8 }
table { border-collapse: collapse; width: 100%; margin-bottom: 5mm }
th { background: #24476b; color: #fff; font-weight: normal; text-align: left }
th, td { padding: 4px 6px; border-bottom: 1px solid #ccd5de; vertical-align: top }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.sums { width: 90mm; margin-left: auto } .notes { font-size: 12px; color: #444 }
"""


def html(invoice: Invoice) -> bytes:
    """The page, UTF-8."""
    shown = page(invoice)
    return "".join(
        (
            '<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8">',
            f"<title>{escape(shown.title)} {escape(invoice.number)}</title><style>{STYLE}</style></head><body>\n",
            f"<h1>{escape(shown.title)}</h1>\n",
            f'<p class="draft">{DRAFT}</p>\n' if shown.draft else "",
            f'<div class="two"><p class="to">{_lines(shown.recipient)}</p><p>{_lines(shown.issuer)}</p></div>\n',
            f"<table>{''.join(_row((what,), (how,)) for what, how in shown.facts)}</table>\n",
            f'<p class="payable">ご請求金額 (税込) <strong>{escape(shown.payable)}</strong></p>\n',
            f"<table><thead>{_head(HEAD)}</thead><tbody>{''.join(_row(one[:1], one[1:]) for one in shown.items)}",
            "</tbody></table>\n",
            f'<table class="sums">{"".join(_row((what,), (how,)) for what, how in shown.sums)}</table>\n',
            f"<table><thead>{_head(RATES_HEAD)}</thead>",
            f"<tbody>{''.join(_row(one[:1], one[1:]) for one in shown.rates)}</tbody></table>\n",
            f'<p class="notes">{_lines(shown.notes)}</p>\n</body></html>\n',
        )
    ).encode()


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(map(escape, lines))


def _head(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in cells)}</tr>"


def _row(words: Iterable[str], numbers: Iterable[str]) -> str:
    cells = "".join(f"<td>{_lines(cell.splitlines())}</td>" for cell in words)
    cells += "".join(f'<td class="n">{escape(cell)}</td>' for cell in numbers)
    return f"<tr>{cells}</tr>\n"

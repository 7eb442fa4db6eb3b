"""The invoice as a PDF, in the Japanese fonts that every reader of PDF brings itself, so no font file is needed."""

import re
from collections.abc import Iterable
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from gateway.finance.invoice import Invoice
from gateway.finance.page import DRAFT, HEAD, RATES_HEAD, page

GOTHIC = "HeiseiKakuGo-W5"
LATIN = "Helvetica"  # what stands in for the Japanese font where it is missing spaces figures widely
WIDTH = A4[0] - 36 * mm - 12  # the frame keeps 6 points on each side
_RUN = re.compile(r"[!-~]+( +[!-~]+)*", re.ASCII)
DARK, PALE, RULE = HexColor(0x24476B), HexColor(0xEEF3F8), HexColor(0xCCD5DE)

_TEXT = ParagraphStyle("text", fontName=GOTHIC, fontSize=9, leading=13.5, wordWrap="CJK")
_RIGHT = ParagraphStyle("right", parent=_TEXT, alignment=TA_RIGHT)
_HEAD = ParagraphStyle("head", parent=_TEXT, textColor=white)
_HEAD_RIGHT = ParagraphStyle("head right", parent=_HEAD, alignment=TA_RIGHT)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontSize=18, leading=24, textColor=DARK)
_NAME = ParagraphStyle("name", parent=_TEXT, fontSize=12, leading=18)
_PAYABLE = ParagraphStyle("payable", parent=_TEXT, fontSize=15, leading=22)
_PAYABLE_RIGHT = ParagraphStyle("payable right", parent=_PAYABLE, alignment=TA_RIGHT)
_NOTE = ParagraphStyle("note", parent=_TEXT, fontSize=8, leading=12, textColor=HexColor(0x444444))

_ROWS = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
)
_HEADED = (*_ROWS, ("BACKGROUND", (0, 0), (-1, 0), DARK))


def pdf(invoice: Invoice) -> bytes:
    """The document; the same invoice makes the same octets."""
    pdfmetrics.registerFont(UnicodeCIDFont(GOTHIC))
    shown = page(invoice)
    story: list[Any] = [Paragraph(_marked(shown.title), _TITLE)]
    if shown.draft:
        story.append(Paragraph(DRAFT, _NAME))
    story += [
        Spacer(1, 4 * mm),
        _beside(_block(shown.recipient), _block(shown.issuer)),
        Spacer(1, 5 * mm),
        _table(shown.facts, (30 * mm, WIDTH / 2 - 22 * mm), right=0, align="LEFT"),
        Spacer(1, 5 * mm),
        _payable(shown.payable),
        Spacer(1, 5 * mm),
        _table([HEAD, *shown.items], (WIDTH - 84 * mm, 22 * mm, 22 * mm, 27 * mm, 13 * mm), right=4, headed=True),
        KeepTogether(
            [
                Spacer(1, 4 * mm),
                _table(shown.sums, (38 * mm, 38 * mm), right=1, align="RIGHT"),
                Spacer(1, 4 * mm),
                _table([RATES_HEAD, *shown.rates], (WIDTH - 80 * mm, 40 * mm, 40 * mm), right=2, headed=True),
                Spacer(1, 4 * mm),
                *(Paragraph(_marked(note), _NOTE) for note in shown.notes),
            ]
        ),
    ]
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=f"{shown.title} {invoice.number}".strip(),
        author=invoice.issuer.name,
        invariant=1,
    )
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(GOTHIC, 7.5)
    canvas.setFillColor(HexColor(0x777777))
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"{document.title}  {canvas.getPageNumber()}")


def _marked(text: str) -> str:
    """As a Paragraph takes it, what is Latin in the Latin font."""
    marked, last = [], 0
    for run in _RUN.finditer(text):
        marked.append(escape(text[last : run.start()]))
        marked.append(f'<font name="{LATIN}">{escape(run.group())}</font>')
        last = run.end()
    return "".join((*marked, escape(text[last:]))).replace("\n", "<br/>")


def _block(lines: list[str]) -> list[Paragraph]:
    return [Paragraph(_marked(line), _TEXT if place else _NAME) for place, line in enumerate(lines)]


def _beside(left: list[Paragraph], right: list[Paragraph]) -> Table:
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, 0), 0)]
    return Table([[left, right]], colWidths=(WIDTH * 0.56, WIDTH * 0.44), style=TableStyle(style))


def _payable(text: str) -> Table:
    row = [[Paragraph("ご請求金額 (税込)", _PAYABLE), Paragraph(_marked(text), _PAYABLE_RIGHT)]]
    style = [("BACKGROUND", (0, 0), (-1, -1), PALE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    style += [("TOPPADDING", (0, 0), (-1, -1), 5), ("BOTTOMPADDING", (0, 0), (-1, -1), 8)]
    return Table(row, colWidths=(WIDTH / 2, WIDTH / 2), style=TableStyle(style))


def _table(
    rows: Iterable[tuple[str, ...]],
    widths: tuple[float, ...],
    right: int,
    *,
    headed: bool = False,
    align: str = "CENTER",
) -> Table:
    """Rows of text, of which the last `right` cells stand on the right."""
    cells = []
    for number, row in enumerate(rows):
        plain, ranged = (_HEAD, _HEAD_RIGHT) if headed and number == 0 else (_TEXT, _RIGHT)
        edge = len(row) - right
        cells.append([Paragraph(_marked(cell), ranged if at >= edge else plain) for at, cell in enumerate(row)])
    style = TableStyle(_HEADED if headed else _ROWS)
    return Table(cells, colWidths=widths, style=style, repeatRows=int(headed), hAlign=align)

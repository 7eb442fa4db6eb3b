"""The PDF, read back: every figure is in it as text, long ones have several pages, names are no markup."""

from io import BytesIO

import pypdf

from gateway.finance.invoice import Item
from gateway.finance.pdf import GOTHIC, pdf
from tests.gateway.finance.bills import ITEMS, PRINTED, bill


def read(document: bytes) -> tuple[int, str]:
    pages = pypdf.PdfReader(BytesIO(document)).pages
    return len(pages), "\n".join(page.extract_text() for page in pages)


def test_it_says_all_that_the_page_says() -> None:
    pages, text = read(pdf(bill()))
    assert pages == 1
    for words in PRINTED:
        assert words in text, words


def test_the_same_invoice_makes_the_same_octets() -> None:
    assert pdf(bill()) == pdf(bill())


def test_its_fonts_are_those_that_every_reader_has() -> None:
    document = pdf(bill())
    assert GOTHIC.encode() in document
    assert b"FontFile" not in document


def test_a_long_one_goes_on_with_its_head_on_every_page() -> None:
    pages, text = read(pdf(bill(ITEMS * 20)))
    assert text.count("単価 (円)") >= pages - 1 > 1  # the last page may have the sums alone


def test_names_are_text_and_no_markup() -> None:
    _, text = read(pdf(bill((Item("option", "<b>A&B</b> <img src=x>", 1, 100, 100, 10),), name="<Shop> & Sons")))
    assert "<b>A&B</b>" in text
    assert "<Shop> & Sons 御中" in text


def test_a_draft_is_marked() -> None:
    assert "未締め・参考" in read(pdf(bill(number="")))[1]

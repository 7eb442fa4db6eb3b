"""What is printed, to the letter."""

import dataclasses

import pytest

from gateway.finance.invoice import Party
from gateway.finance.page import amount, page
from tests.gateway.finance.bills import PRINTED, bill


def text(**other: object) -> str:
    shown = page(dataclasses.replace(bill(), **other))  # type: ignore[arg-type]
    cells = [shown.title, *shown.recipient, *shown.issuer, shown.payable, *shown.notes]
    for block in (shown.facts, shown.items, shown.sums, shown.rates):
        cells += [cell for row in block for cell in row]
    return "\n".join(cells)


def test_everything_that_a_qualified_invoice_needs_is_there() -> None:
    for words in PRINTED:
        assert words in text(), words


@pytest.mark.parametrize(
    ("sen", "written"),
    [(0, "0"), (1, "0.01"), (350, "3.5"), (4_750_950, "47,509.5"), (-4_750_950, "-47,509.5"), (10**9, "10,000,000")],
)
def test_amounts(sen: int, written: str) -> None:
    assert amount(sen) == written


def test_the_tier_is_named() -> None:
    assert "[standard/1、50,000通まで]" in text()
    assert "[standard/1、上限なし]" in text()


def test_what_was_prepaid_is_taken_off() -> None:
    assert "前払金充当\n-5,503 円\n差引ご請求額\n110,000 円" in text(prepaid_yen=5_503)
    assert "前払金" not in text()


@pytest.mark.parametrize(
    ("rounding", "words"), [("down", "切り捨てて"), ("half_up", "四捨五入して"), ("up", "切り上げて")]
)
def test_the_rounding_is_told(rounding: str, words: str) -> None:
    assert f"1円未満を{words}計算" in text(rounding=rounding)


def test_only_an_issued_one_of_a_registered_issuer_is_called_qualified() -> None:
    assert page(bill()).title == "請求書 (適格請求書)"
    assert page(bill(number="")).title == "請求予定"
    assert page(dataclasses.replace(bill(), issuer=Party("無登録"))).title == "請求書"


def test_a_draft_says_so() -> None:
    assert page(bill(number="")).draft
    assert "未締め・参考" in text(number="")
    assert not page(bill()).draft

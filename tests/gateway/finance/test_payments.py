"""What people enter: once, with author and reason, into the open month."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.finance.months import FinanceError
from gateway.finance.payments import correct, open_month, pay, top_up
from gateway.store.ledger import Ledger, prepaid, receivable
from tests.gateway.finance.desk import AFTER, MONTH, archive, closed, record


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    archive(tmp_path, [record(7, 10)])
    closed(tmp_path)
    with closing(Ledger(tmp_path)) as opened:
        yield opened


def test_the_open_month_follows_the_last_closed_one(ledger: Ledger, tmp_path: Path) -> None:
    assert open_month(ledger, AFTER + 10**10) == "2026-12"
    (tmp_path / "new").mkdir()
    with closing(Ledger(tmp_path / "new")) as fresh:
        assert open_month(fresh, AFTER - 1) == MONTH


def test_money_comes_in(ledger: Ledger) -> None:
    top_up(ledger, "shop", 500, "佐藤", "入金", AFTER, "bank 1")
    pay(ledger, "shop", 110, "佐藤", "入金", AFTER, "bank 2")
    assert ledger.balance(prepaid("shop")) == -50_000
    assert ledger.balance(receivable("shop")) == 0
    assert [(one.source, one.who, one.why) for _, one in ledger.transfers("2026-12")] == [
        ("credit", "佐藤", "入金"), ("payment", "佐藤", "入金"),
    ]  # fmt: skip


def test_the_banks_number_is_entered_once(ledger: Ledger) -> None:
    top_up(ledger, "shop", 500, "佐藤", "入金", AFTER, "bank 1")
    with pytest.raises(FinanceError, match="bank 1"):
        top_up(ledger, "shop", 500, "佐藤", "入金", AFTER, "bank 1")
    first = top_up(ledger, "shop", 1, "佐藤", "入金", AFTER)
    assert top_up(ledger, "shop", 1, "佐藤", "入金", AFTER) > first
    assert ledger.prepaid_balance("shop") == 50_200


@pytest.mark.parametrize(("yen", "who", "why"), [(0, "a", "b"), (-1, "a", "b"), (1, "", "b"), (1, "a", " ")])
def test_what_is_no_entry(ledger: Ledger, yen: int, who: str, why: str) -> None:
    with pytest.raises(FinanceError):
        top_up(ledger, "shop", yen, who, why, AFTER)
    assert ledger.transfers("2026-12") == []


def test_a_correction_goes_either_way(ledger: Ledger) -> None:
    owed = ledger.balance(receivable("shop"))
    number = correct(ledger, "shop", "-9.5", "record 7", "佐藤", "誤り", AFTER)
    assert ledger.balance(receivable("shop")) == owed - 950
    correct(ledger, "shop", "9.5", f"transfer {number}", "佐藤", "取消", AFTER)
    assert ledger.balance(receivable("shop")) == owed


@pytest.mark.parametrize(
    ("yen", "corrects"), [("0", "record 7"), ("1.001", "record 7"), ("x", "record 7"), ("1", "record 8"), ("1", "")]
)
def test_what_is_no_correction(ledger: Ledger, yen: str, corrects: str) -> None:
    with pytest.raises(FinanceError):
        correct(ledger, "shop", yen, corrects, "佐藤", "誤り", AFTER)

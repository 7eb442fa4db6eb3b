"""Where a start begins: what was paid, less what was billed, less what ended since."""

from contextlib import closing
from pathlib import Path

from gateway.billing.prepaid import Credit, Short
from gateway.billing.schedule import Schedule
from gateway.finance.accounts import Books
from gateway.finance.closing import close
from gateway.finance.payments import top_up
from gateway.finance.standing import Standing
from gateway.finance.standing import standing as begin
from gateway.model.money import Sen
from gateway.settings.billing import AccountBillingSettings
from gateway.store.ledger import Ledger
from tests.gateway.finance.desk import AFTER, BOOKS, MONTH, STANDARD, archive, hot, record, waiting

PREPAID = BOOKS._replace(
    schedules={"shop": Schedule(STANDARD)},
    customers={"shop": AccountBillingSettings(prepaid=True), "bank": AccountBillingSettings()},
)
CAPPED = BOOKS._replace(customers={"shop": AccountBillingSettings(monthly_cap_yen=100)})


def paid(directory: Path, yen: int) -> None:
    with closing(Ledger(directory)) as ledger:
        top_up(ledger, "shop", yen, "佐藤", "入金", AFTER - 100_000)


def whole(directory: Path, now_ms: int = AFTER - 1, books: Books = PREPAID) -> Standing:
    with closing(Ledger(directory)) as ledger:
        return begin(ledger, directory, books, now_ms)


def standing(directory: Path, now_ms: int = AFTER - 1, books: Books = PREPAID) -> dict[str, Credit]:
    return whole(directory, now_ms, books).credit_of


def test_only_accounts_that_need_one_have_a_credit(tmp_path: Path) -> None:
    assert standing(tmp_path, books=BOOKS) == {}
    assert set(standing(tmp_path)) == {"shop"}
    assert standing(tmp_path)["shop"].available == 0


def test_what_ended_is_taken_off_with_its_tax_and_check(tmp_path: Path) -> None:
    paid(tmp_path, 1_000)
    archive(tmp_path, [record(1, 10), record(2, 1, check_sen=350)])
    hot(tmp_path, [record(3, 2)], seq=3)
    assert standing(tmp_path)["shop"].available == 100_000 - (13 * 1_000 + 350) * 11 // 10


def test_once_billed_it_is_the_invoice_that_counts(tmp_path: Path) -> None:
    paid(tmp_path, 1_000)
    archive(tmp_path, [record(1, 10), record(2, 5, done_at=AFTER + 5)])
    before = standing(tmp_path, AFTER + 10)["shop"].available
    with closing(Ledger(tmp_path)) as ledger:
        close(ledger, tmp_path, PREPAID, MONTH, AFTER + 10)
    assert standing(tmp_path, AFTER + 10)["shop"].available == before == 100_000 - 11_000 - 5_500


def test_a_cap_counts_the_present_month_only(tmp_path: Path) -> None:
    archive(tmp_path, [record(1, 9)])
    november = standing(tmp_path, books=CAPPED)["shop"]
    assert november.available is None
    assert november.hold(Sen(101), MONTH) is Short.MONTHLY_CAP
    assert november.hold(Sen(100), MONTH) is None
    assert standing(tmp_path, AFTER + 1, CAPPED)["shop"].hold(Sen(10_000), "2026-12") is None


def test_what_is_alive_is_held(tmp_path: Path) -> None:
    paid(tmp_path, 1_000)
    two = waiting(10)._replace(units=2, check_sen=350)
    hot(tmp_path, alive=[two, waiting(11)._replace(customer="bank")], parked=[waiting(12)])
    credit = standing(tmp_path)["shop"]
    assert (credit.held, credit.available) == (2_585 + 1_100, 100_000 - 2_585 - 1_100)


def test_prepayments_that_come_later_are_taken_over_once(tmp_path: Path) -> None:
    paid(tmp_path, 10)
    found = whole(tmp_path)
    with closing(Ledger(tmp_path)) as ledger:
        top_up(ledger, "shop", 7, "佐藤", "入金", AFTER - 10)
        top_up(ledger, "bank", 7, "佐藤", "入金", AFTER - 10)
        assert (found.refresh(ledger), found.refresh(ledger)) == (2, 0)
    assert found.credit_of["shop"].available == 1_700 == standing(tmp_path)["shop"].available

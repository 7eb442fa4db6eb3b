"""A month closes once, to the invoice that its records come to when they are rated from scratch, in any order."""

import random
import sqlite3
from contextlib import closing as closing_file
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.billing.rating import Volume, rate
from gateway.billing.tax import taxed
from gateway.finance.closing import close, invoice
from gateway.finance.months import FinanceError, after, ends_ms
from gateway.finance.payments import correct, top_up
from gateway.finance.posting import carrier_of, facts_of
from gateway.model.money import Sen
from gateway.settings.billing import AccountBillingSettings, OptionSettings
from gateway.store.contract import BillingRecord
from gateway.store.ledger import FILE_NAME, Ledger, receivable
from tests.gateway.finance.desk import (
    AFTER,
    BOOKS,
    MONTH,
    STANDARD,
    archive,
    closed,
    failed,
    hot,
    price,
    record,
    volume,
    waiting,
)

NEXT = after(MONTH)
SENDER_CHANGE = OptionSettings.model_validate(
    {"title": "送信元番号変更", "yen": "59000", "first": "2026-11", "last": "2026-11"}
)


def postings(directory: Path) -> list[tuple[object, ...]]:
    with closing_file(sqlite3.connect(directory / FILE_NAME)) as connection:
        return sorted(connection.execute("SELECT source, reference, month, account, sen FROM posting"), key=repr)


def from_scratch(records: list[BillingRecord]) -> tuple[int, int]:
    """Net sen and total yen of distinct records, rated anew without the ledger."""
    distinct = {one.message_id: one for one in records}.values()
    volumes = [Volume(one.tariff, carrier_of(one), one.kind, STANDARD.billed_units(facts_of(one))) for one in distinct]
    net: int = sum(one.amount for one in rate(volumes, BOOKS.tariffs))
    net += sum(one.check_sen for one in distinct if not one.test)
    return net, taxed(Sen(net), 10).total


@pytest.mark.parametrize("units", [1, 5_000, 5_001, 10_000, 10_001, 50_000, 50_001, 100_000])
def test_the_published_prices_on_an_invoice(tmp_path: Path, units: int) -> None:
    archive(tmp_path, volume(units))
    (bill,) = closed(tmp_path).invoices
    assert bill.units == units
    assert [item.amount_sen for item in bill.items] == [price(units)]
    assert bill.total_yen == taxed(price(units), 10).total


def test_what_failed_is_not_charged_what_was_a_test_neither_and_a_check_always(tmp_path: Path) -> None:
    checked = Sen(350)
    archive(
        tmp_path,
        [
            record(1, 2, check_sen=checked),
            failed(2, 3, check_sen=checked),
            record(3, 5, test=True, check_sen=checked),
            failed(4, 3, delivered=2),
        ],
    )
    (bill,) = closed(tmp_path).invoices
    assert [(one.what, one.quantity, one.amount_sen) for one in bill.items] == [
        ("messages", 2, 2_000), ("check", 2, 700),
    ]  # fmt: skip
    assert bill.messages == {"delivered": 1, "failed": 1, "partly delivered": 1, "test": 1}
    assert (bill.net_yen, bill.tax_yen, bill.total_yen) == (27, 2, 29)


def test_an_option_is_charged_in_its_months_even_without_a_message(tmp_path: Path) -> None:
    books = BOOKS._replace(customers={"shop": AccountBillingSettings(options=(SENDER_CHANGE,))})
    (bill,) = closed(tmp_path, books).invoices
    assert (bill.net_yen, bill.tax_yen, bill.total_yen) == (59_000, 5_900, 64_900)
    assert closed(tmp_path, books, NEXT).invoices == []


def test_closing_again_changes_nothing(tmp_path: Path) -> None:
    archive(tmp_path, volume(5_001))
    first = closed(tmp_path)
    before = postings(tmp_path)
    again = closed(tmp_path, now_ms=AFTER + 10**9)
    assert (first.again, again.again) == (False, True)
    assert again.invoices == first.invoices
    assert postings(tmp_path) == before


def test_an_issued_invoice_stays_as_it_was_when_the_configuration_changes(tmp_path: Path) -> None:
    archive(tmp_path, volume(10))
    (bill,) = closed(tmp_path).invoices
    renamed = BOOKS._replace(customers={"shop": AccountBillingSettings(recipient="別名")})
    with closing_file(Ledger(tmp_path)) as ledger:
        assert invoice(ledger, renamed, "shop", MONTH, AFTER + 10**10) == bill
        with pytest.raises(FinanceError, match="nothing to charge"):
            invoice(ledger, renamed, "bank", MONTH, AFTER)


def test_a_record_that_comes_late_goes_into_the_open_month(tmp_path: Path) -> None:
    archive(tmp_path, [record(1, 3)])
    closed(tmp_path)
    archive(tmp_path, [record(2, 4)])  # ended in November, known in December
    again = closed(tmp_path)
    assert (again.posted, again.invoices[0].units) == (1, 3)
    with closing_file(Ledger(tmp_path)) as ledger:
        assert [total.units for total in ledger.totals(NEXT)] == [4]
    assert [one.units for one in closed(tmp_path, month=NEXT).invoices] == [4]


def test_what_is_still_open_is_listed_and_holds_nothing_up(tmp_path: Path) -> None:
    archive(tmp_path, [record(1)])
    hot(tmp_path, alive=[waiting(10), waiting(11), waiting(12, AFTER), waiting(13, AFTER - 1)])
    found = closed(tmp_path)
    assert found.alive == 3
    assert [one.message_id for one in found.first_alive] == [10, 11, 13]
    assert len(found.invoices) == 1


def test_records_that_are_not_archived_yet_count(tmp_path: Path) -> None:
    archive(tmp_path, [record(1), record(2)])
    hot(tmp_path, [record(3), record(4, done_at=AFTER)], seq=3)
    assert [one.units for one in closed(tmp_path).invoices] == [3]


def test_a_month_that_is_not_over_cannot_be_closed(tmp_path: Path) -> None:
    with pytest.raises(FinanceError, match="not over"):
        closed(tmp_path, now_ms=AFTER - 1)
    closed(tmp_path, now_ms=AFTER)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "november", "", "2026-11-01"])
def test_what_is_no_month(tmp_path: Path, month: str) -> None:
    with closing_file(Ledger(tmp_path)) as ledger, pytest.raises(FinanceError, match="no month"):
        close(ledger, tmp_path, BOOKS, month, AFTER)


def test_months_close_in_their_order(tmp_path: Path) -> None:
    archive(tmp_path, [record(1), record(2, done_at=AFTER + 5)])
    with pytest.raises(FinanceError, match=f"close {MONTH} first"):
        closed(tmp_path, month=NEXT)
    closed(tmp_path)
    with pytest.raises(FinanceError, match=f"close {NEXT} first"):
        closed(tmp_path, month=after(NEXT))
    closed(tmp_path, month=NEXT)
    with pytest.raises(FinanceError, match="closed already"):
        closed(tmp_path, month="2026-10")


def test_above_the_last_tier_the_month_stays_open_until_a_price_is_agreed_on(tmp_path: Path) -> None:
    archive(tmp_path, volume(100_001))
    with pytest.raises(FinanceError, match="the month has 100001"):
        closed(tmp_path)
    with closing_file(Ledger(tmp_path)) as ledger:
        assert ledger.closed() == []
        assert ledger.transfers(MONTH) == []


def test_a_tariff_that_records_name_must_be_known(tmp_path: Path) -> None:
    archive(tmp_path, [record(1), record(2, tariff="gone/3")])
    with pytest.raises(FinanceError, match="records of shop name tariff gone/3"):
        closed(tmp_path)


def test_a_correction_is_on_the_next_invoice(tmp_path: Path) -> None:
    archive(tmp_path, [record(7, 10), record(8, 10, done_at=AFTER + 5)])
    closed(tmp_path)
    with closing_file(Ledger(tmp_path)) as ledger:
        correct(ledger, "shop", "-100", "record 7", "佐藤", "二重計上", AFTER + 10)
    (bill,) = closed(tmp_path, month=NEXT).invoices
    assert [(one.what, one.amount_sen) for one in bill.items] == [("messages", 10_000), ("correction", -10_000)]
    assert bill.total_yen == 0
    assert "record 7" in bill.items[1].title


def test_a_prepaid_account_pays_from_its_balance(tmp_path: Path) -> None:
    books = BOOKS._replace(customers={"shop": AccountBillingSettings(prepaid=True)})
    archive(tmp_path, volume(100))
    with closing_file(Ledger(tmp_path)) as ledger:
        top_up(ledger, "shop", 1_500, "佐藤", "入金", AFTER - 10)
    (bill,) = closed(tmp_path, books).invoices
    assert (bill.total_yen, bill.prepaid_yen, bill.payable_yen) == (1_100, 1_100, 0)
    with closing_file(Ledger(tmp_path)) as ledger:
        assert ledger.prepaid_balance("shop") == 40_000
        assert ledger.balance(receivable("shop")) == 0


def test_the_receivable_is_the_invoices_total(tmp_path: Path) -> None:
    books = BOOKS._replace(customers={"shop": AccountBillingSettings(options=(SENDER_CHANGE,))})
    archive(tmp_path, [*volume(5_001), failed(9_001, check_sen=350)])
    (bill,) = closed(tmp_path, books).invoices
    with closing_file(Ledger(tmp_path)) as ledger:
        assert ledger.balance(receivable("shop")) == bill.total_yen * 100
    assert sum(row[4] for row in postings(tmp_path) if isinstance(row[4], int)) == 0


def test_while_the_month_is_open_the_invoice_is_a_draft(tmp_path: Path) -> None:
    with closing_file(Ledger(tmp_path)) as ledger:
        draft = invoice(ledger, BOOKS, "shop", MONTH, AFTER - 1)
    assert (draft.number, draft.total_yen, draft.issued_on) == ("", 0, "2026-11-30")


RECORDS = st.lists(
    st.builds(
        lambda number, units, ended, carrier, kind, check, test: (record if ended else failed)(
            number, units, route=carrier, kind=kind, check_sen=check, test=test
        ),
        st.integers(1, 40),
        st.integers(1, 10),
        st.booleans(),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["", "otp"]),
        st.sampled_from([0, 350]),
        st.booleans(),
    ),
    max_size=40,
    unique_by=lambda one: one.message_id,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(records=RECORDS, seed=st.integers(0, 10**6))
def test_any_order_and_any_repetition_gives_the_bill_of_the_records_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, records: list[BillingRecord], seed: int
) -> None:
    shuffled = records * 2
    random.Random(seed).shuffle(shuffled)
    bills = []
    for order in (records, shuffled):
        directory = tmp_path_factory.mktemp("month")
        archive(directory, order)
        bills.append(closed(directory).invoices)
        with closing_file(Ledger(directory)) as ledger:
            owed = ledger.balance(receivable("shop"))
        assert owed == sum(bill.total_yen for bill in bills[-1]) * 100
        assert sum(row[4] for row in postings(directory) if isinstance(row[4], int)) == 0
    assert bills[0] == bills[1]
    net, total = from_scratch(records)
    assert sum(item.amount_sen for bill in bills[0] for item in bill.items) == net
    assert sum(bill.total_yen for bill in bills[0]) == total


def test_the_ends_of_the_month_are_japans(tmp_path: Path) -> None:
    archive(tmp_path, [record(1, done_at=AFTER - 1), record(2, done_at=ends_ms("2026-10"))])
    assert [one.units for one in closed(tmp_path).invoices] == [2]

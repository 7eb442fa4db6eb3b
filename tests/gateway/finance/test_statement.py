"""A customer's month as an invoice."""

from contextlib import closing
from datetime import date
from pathlib import Path

from gateway.finance.closing import catch_up
from gateway.finance.invoice import Invoice
from gateway.finance.statement import NO_ISSUER, statement
from gateway.settings.billing import AccountBillingSettings, BillingSettings, OptionSettings
from gateway.store.contract import BillingRecord
from gateway.store.ledger import Ledger
from tests.gateway.finance.desk import AFTER, BOOKS, MONTH, archive, record


def made(directory: Path, *records: BillingRecord, **other: object) -> Invoice:
    books = BOOKS._replace(**other)  # type: ignore[arg-type]
    archive(directory, records)
    with closing(Ledger(directory)) as ledger:
        catch_up(ledger, directory, books, MONTH, AFTER)
        return statement(ledger, books, "shop", MONTH, date(2026, 12, 3), "n-1")


def test_who_when_and_for_what_time(tmp_path: Path) -> None:
    bill = made(tmp_path, record(1))
    assert (bill.number, bill.issued_on, bill.first_day, bill.last_day) == (
        "n-1",
        "2026-12-03",
        "2026-11-01",
        "2026-11-30",
    )
    assert bill.due_on == "2026-12-31"
    assert (bill.issuer.name, bill.issuer.number) == ("例示通信株式会社", "T1234567890123")
    assert (bill.recipient.name, bill.recipient.lines) == ("例示商事株式会社", ("東京都港区 1-1",))


def test_units_by_carrier_and_kind_each_at_the_months_tier(tmp_path: Path) -> None:
    bill = made(tmp_path, record(1, 3), record(2, 4, route="two"), record(3, 5, kind="otp"), record(4, 1, kind="odd"))
    assert [(one.title, one.quantity, one.unit_price_sen, one.tier) for one in bill.items] == [
        ("SMS配信料 第一モバイル", 3, 1000, 5_000),
        ("SMS配信料 第一モバイル (odd)", 1, 1000, 5_000),
        ("SMS配信料 第一モバイル (認証コード)", 5, 1000, 5_000),
        ("SMS配信料 第二モバイル", 4, 1000, 5_000),
    ]


def test_options_and_their_own_rate(tmp_path: Path) -> None:
    options = tuple(
        OptionSettings.model_validate(
            {"title": title, "yen": "100", "first": first, "last": last, "tax_percent": percent}
        )
        for title, first, last, percent in (
            ("now", "2026-11", None, 0),
            ("past", "2026-01", "2026-10", None),
            ("later", "2026-12", None, None),
        )
    )
    bill = made(tmp_path, record(1), customers={"shop": AccountBillingSettings(options=options)})
    assert [one.title for one in bill.items if one.what == "option"] == ["now"]
    assert [(one.percent, one.net_yen, one.tax_yen) for one in bill.rates] == [(10, 10, 1), (0, 100, 0)]


def test_due_months_and_a_missing_issuer(tmp_path: Path) -> None:
    bill = made(tmp_path, record(1), billing=BillingSettings(due_months=3), customers={})
    assert bill.due_on == "2027-02-28"
    assert (bill.issuer.name, bill.recipient.name) == (NO_ISSUER, "shop")

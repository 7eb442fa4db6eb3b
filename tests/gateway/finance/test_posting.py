"""Records become charges: each once, under its line, in the month that is open."""

from contextlib import closing
from pathlib import Path

import pytest

from gateway.billing.rating import NoPrice
from gateway.billing.tariff import Partial, Special, Tariff, Tier
from gateway.finance import posting
from gateway.finance.posting import billing_month, carrier_of, line_of, post, result_of
from gateway.finance.source import Charged, Numbered, charged_of
from gateway.model.money import Sen
from gateway.store.contract import BillingRecord
from gateway.store.ledger import Ledger, Line
from tests.gateway.finance.desk import BOOKS, MONTH, STANDARD, failed, record


def numbered(*records: BillingRecord) -> list[Charged]:
    return [charged_of(Numbered(seq, one)) for seq, one in enumerate(records, 1)]


@pytest.mark.parametrize(
    ("one", "result"),
    [
        (record(1), "delivered"),
        (failed(1), "failed"),
        (failed(1, 3, delivered=1), "partly delivered"),
        (failed(1, reason="redirected"), "redirected"),
        (record(1, test=True), "test"),
    ],
)
def test_results(one: BillingRecord, result: str) -> None:
    assert result_of(one) == result


def test_the_carrier_is_the_profile_that_took_the_message() -> None:
    assert carrier_of(record(1, carrier="mvno", route="two")) == "two"
    assert carrier_of(record(1, carrier="mvno", route="")) == "mvno"


def test_a_line_has_the_list_price_of_its_carrier_and_kind() -> None:
    own = Tariff("own", "1", STANDARD.tiers, partial=Partial.SHARE,
                 specials=(Special("two", "otp", (Tier(None, Sen(700)),)),))  # fmt: skip
    half = failed(1, 4, delivered=2, tariff="own/1", route="two", kind="otp", check_sen=350)
    assert line_of(half, {"own/1": own}, MONTH) == (
        Line(MONTH, "shop", "own/1", "two", "otp", "partly delivered", Sen(700), Sen(350)), 2,
    )  # fmt: skip


def test_posting_again_posts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "CHUNK", 2)
    records = numbered(record(1, 2), failed(2, 9), record(3, 1), record(1, 2), record(4, 5))
    with closing(Ledger(tmp_path)) as ledger:
        assert post(ledger, records, MONTH, BOOKS.tariffs, 7) == 4
        assert post(ledger, reversed(records), MONTH, BOOKS.tariffs, 8) == 0
        assert [(one.line.result, one.messages, one.units) for one in ledger.totals(MONTH)] == [
            ("delivered", 3, 8), ("failed", 1, 0),
        ]  # fmt: skip
        assert ledger.swept(MONTH) == 5


def test_an_unknown_tariff_stops_its_chunk_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "CHUNK", 2)
    records = numbered(record(1), record(2), record(3), record(4, tariff="gone/1"))
    with closing(Ledger(tmp_path)) as ledger:
        with pytest.raises(NoPrice, match="gone/1"):
            post(ledger, records, MONTH, BOOKS.tariffs, 7)
        assert ledger.swept(MONTH) == 2
        assert ledger.has_charge(2)
        assert not ledger.has_charge(3)


def test_what_a_closed_month_gets_is_billed_in_the_first_open_one(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path)) as ledger:
        for month in (MONTH, "2026-12"):
            assert billing_month(ledger, month) == month
            with ledger.writing():
                ledger.close_month(month, 0, [], 7)
        assert billing_month(ledger, MONTH) == "2027-01"
        post(ledger, numbered(record(1)), MONTH, BOOKS.tariffs, 8)
        assert [one.units for one in ledger.totals("2027-01")] == [1]


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "MOST_KNOWN", 1)
    monkeypatch.setattr(posting, "CHUNK", 3)
    with closing(Ledger(tmp_path)) as ledger:
        assert post(ledger, numbered(*(record(n, n % 4) for n in range(1, 11))), MONTH, BOOKS.tariffs, 7) == 10
        assert sum(one.units for one in ledger.totals(MONTH)) == sum(n % 4 for n in range(1, 11))

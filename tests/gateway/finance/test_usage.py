"""Usage at any moment: what ended so far, and what it would cost by now."""

from contextlib import closing
from pathlib import Path

from gateway.finance.usage import Usage, usage
from gateway.store.ledger import Ledger
from tests.gateway.finance.desk import AFTER, BOOKS, MONTH, archive, closed, failed, hot, record, volume


def asked(directory: Path, customer: str = "shop") -> Usage:
    with closing(Ledger(directory)) as ledger:
        return usage(ledger, directory, BOOKS, customer, MONTH, AFTER - 1_000)


def test_it_grows_with_what_ends(tmp_path: Path) -> None:
    assert (asked(tmp_path).messages, asked(tmp_path).units) == (0, 0)
    archive(tmp_path, [record(1, 2), failed(2)])
    hot(tmp_path, [record(3, 3)], seq=3)
    found = asked(tmp_path)
    assert (found.messages, found.units) == (3, 5)
    assert asked(tmp_path) == found
    assert found.so_far is not None
    assert (found.so_far.number, found.so_far.net_yen, found.so_far.total_yen) == ("", 50, 55)


def test_it_is_the_customers_own(tmp_path: Path) -> None:
    archive(tmp_path, [record(1), record(2, customer="bank")])
    assert (asked(tmp_path).messages, asked(tmp_path, "bank").messages, asked(tmp_path, "none").messages) == (1, 1, 0)


def test_without_a_price_it_still_counts(tmp_path: Path) -> None:
    archive(tmp_path, volume(100_010))
    found = asked(tmp_path)
    assert (found.units, found.so_far) == (100_010, None)
    assert "ends at 100000" in found.why_not


def test_of_a_closed_month_it_is_the_invoice(tmp_path: Path) -> None:
    archive(tmp_path, [record(1)])
    (bill,) = closed(tmp_path).invoices
    assert asked(tmp_path).so_far == bill

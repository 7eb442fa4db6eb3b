"""The books: postings sum to zero, nothing is edited, a message is charged once, a closed month takes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.money import Sen
from gateway.store.ledger import (
    CASH,
    FILE_NAME,
    REVENUE_CORRECTIONS,
    REVENUE_OPTIONS,
    Ledger,
    LedgerError,
    Line,
    Total,
    Transfer,
    prepaid,
    receivable,
)

LINE = Line("2026-11", "shop", "standard/1", "one", "otp", "delivered", Sen(1000), Sen(350))
OPTION = Transfer("2026-11", "shop", "option", "1", receivable("shop"), REVENUE_OPTIONS, Sen(5_900_000))
TABLES = ("line", "charge", "sweep", "subtotal", "transfer", "closing", "invoice")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path)) as opened:
        yield opened


def post(ledger: Ledger, charges: list[tuple[int, int]], line: Line = LINE, seq: int = 0) -> int:
    with ledger.writing():
        place = ledger.line_id(line)
        rows = [(message_id, place, units) for message_id, units in charges]
        return ledger.post(rows, "2026-11", seq or len(charges), 7)


def sums(directory: Path) -> tuple[int, dict[str, int]]:
    """The sum of all postings, and of each account."""
    with closing(sqlite3.connect(directory / FILE_NAME)) as connection:
        accounts = dict(connection.execute("SELECT account, sum(sen) FROM posting GROUP BY account"))
        assert connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM posting GROUP BY source, reference HAVING sum(sen) <> 0)"
        ).fetchone() == (0,)
    return sum(accounts.values()), accounts


def test_a_charge_is_both_of_its_sides(ledger: Ledger, tmp_path: Path) -> None:
    assert post(ledger, [(1, 3), (2, 0)]) == 2
    assert sums(tmp_path) == (0, {"receivable:shop": 3_700, "revenue:messages": -3_000, "revenue:checks": -700})
    assert ledger.balance(receivable("shop")) == 3_700


def test_a_message_is_posted_once(ledger: Ledger) -> None:
    assert post(ledger, [(1, 3), (2, 1), (1, 3)]) == 2
    assert post(ledger, [(2, 1), (3, 1)]) == 1
    assert post(ledger, [(1, 9)], LINE._replace(month="2026-12")) == 0
    assert ledger.totals("2026-11") == [Total(LINE, 3, 5)]
    assert ledger.has_charge(3)
    assert not ledger.has_charge(4)


def test_the_totals_are_by_line_and_customer(ledger: Ledger) -> None:
    other = LINE._replace(customer="bank", result="failed")
    post(ledger, [(1, 3)])
    post(ledger, [(2, 0)], other)
    assert ledger.totals("2026-11") == [Total(other, 1, 0), Total(LINE, 1, 3)]
    assert ledger.totals("2026-11", "shop") == [Total(LINE, 1, 3)]
    assert ledger.totals("2026-12") == []
    assert ledger.open_months() == ["2026-11"]


def test_it_remembers_how_far_an_archive_was_read(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.swept("2026-11") == 0
    post(ledger, [(1, 1)], seq=70)
    post(ledger, [(2, 1)], seq=90)
    with closing(Ledger(tmp_path)) as again:
        assert again.swept("2026-11") == 90
        assert again.swept("2026-10") == 0


@pytest.mark.parametrize("table", TABLES)
def test_nothing_can_be_edited_or_deleted(ledger: Ledger, tmp_path: Path, table: str) -> None:
    post(ledger, [(1, 3)])
    ledger.transfer(OPTION, 7)
    with ledger.writing():
        ledger.close_month("2026-11", 0, [("shop", b"{}")], 7)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        column = connection.execute(f"PRAGMA table_info({table})").fetchone()[1]
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_a_correction_names_what_it_corrects_and_who_and_why(ledger: Ledger) -> None:
    post(ledger, [(5, 3)])
    ledger.transfer(OPTION, 7)
    good = Transfer(
        "2026-11", "shop", "correction", "1", REVENUE_CORRECTIONS, receivable("shop"), Sen(950), "record 5", "Sato",
        "twice",
    )  # fmt: skip
    nothing = ("", "record 6", "transfer 9", "record x", "record ffffffffffffffff", "record -5", "charge 5")
    for bad in (*({"corrects": one} for one in nothing), {"who": ""}, {"why": ""}):
        with pytest.raises(LedgerError):
            ledger.transfer(good._replace(**bad), 7)  # type: ignore[arg-type]
    number = ledger.transfer(good, 7)
    assert ledger.transfer(good._replace(reference="2", corrects=f"transfer {number}"), 8) > number
    assert [one.corrects for _, one in ledger.transfers("2026-11", "shop", {"correction"})] == [
        "record 5", f"transfer {number}",
    ]  # fmt: skip


@pytest.mark.parametrize("fault", [{"sen": Sen(0)}, {"sen": Sen(-1)}, {"credit": receivable("shop")}])
def test_a_transfer_that_moves_nothing_is_refused(ledger: Ledger, fault: dict[str, object]) -> None:
    with pytest.raises(LedgerError):
        ledger.transfer(OPTION._replace(**fault), 7)  # type: ignore[arg-type]


def test_the_same_reference_is_entered_once(ledger: Ledger) -> None:
    ledger.transfer(OPTION, 7)
    with pytest.raises(LedgerError, match="option 1"):
        ledger.transfer(OPTION, 8)
    ledger.transfer(OPTION._replace(source="closing"), 9)


def test_a_closed_month_takes_nothing_and_closes_once(ledger: Ledger) -> None:
    with ledger.writing():
        ledger.close_month("2026-11", 4, [("shop", b'{"a":1}'), ("bank", b"{}")], 7)
    assert ledger.closed() == ["2026-11"]
    assert ledger.documents("2026-11") == {"bank": b"{}", "shop": b'{"a":1}'}
    with pytest.raises(LedgerError, match="is closed"):
        ledger.transfer(OPTION, 8)
    with pytest.raises(LedgerError, match="is closed"), ledger.writing():
        ledger.close_month("2026-11", 0, [], 9)


def test_what_fails_within_writing_leaves_nothing(ledger: Ledger) -> None:
    def twice() -> None:
        with ledger.writing():
            ledger.line_id(LINE)
            ledger.transfer(OPTION, 7)
            ledger.transfer(OPTION, 7)

    with pytest.raises(LedgerError):
        twice()
    assert ledger.transfers("2026-11") == []
    assert post(ledger, [(1, 1)]) == 1  # and the line is made anew
    assert ledger.totals("2026-11") == [Total(LINE, 1, 1)]


def test_prepayments_are_read_in_their_order(ledger: Ledger) -> None:
    paid = Transfer("2026-11", "shop", "credit", "1", CASH, prepaid("shop"), Sen(10_000))
    first = ledger.transfer(paid, 7)
    second = ledger.transfer(paid._replace(reference="2", sen=Sen(500)), 8)
    ledger.transfer(Transfer("2026-11", "shop", "settlement", "1", prepaid("shop"), receivable("shop"), Sen(4_000)), 9)
    assert ledger.top_ups(0) == [(first, "shop", 10_000), (second, "shop", 500)]
    assert ledger.top_ups(first) == [(second, "shop", 500)]
    assert ledger.prepaid_balance("shop") == 6_500 == -ledger.balance(prepaid("shop"))
    assert ledger.prepaid_balance("bank") == 0


def test_a_newer_ledger_is_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(LedgerError, match="version 99"):
        Ledger(tmp_path)


@given(
    charges=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10)), max_size=30),
    amounts=st.lists(st.integers(1, 10**9), max_size=5),
)
def test_postings_sum_to_zero(
    tmp_path_factory: pytest.TempPathFactory, charges: list[tuple[int, int]], amounts: list[int]
) -> None:
    directory = tmp_path_factory.mktemp("ledger")
    with closing(Ledger(directory)) as ledger:
        post(ledger, charges, seq=1)
        for number, amount in enumerate(amounts):
            ledger.transfer(OPTION._replace(reference=str(number), sen=Sen(amount)), 7)
    total, accounts = sums(directory)
    assert total == 0
    first = dict(reversed(charges))
    assert accounts.get(receivable("shop"), 0) == sum(first.values()) * 1000 + 350 * len(first) + sum(amounts)

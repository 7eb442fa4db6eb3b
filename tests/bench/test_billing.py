"""The bench of a closing, small: its month is one that the store could have left, and the bill is right."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from bench.billing import BOOKS, LISTED, MONTH, make, measure, records
from gateway.billing.rating import Volume, rate
from gateway.finance.posting import carrier_of, facts_of
from gateway.finance.source import records_after
from gateway.store import months


def test_its_months_are_whole_and_in_order() -> None:
    made = list(records(2_000))
    assert len({one.message_id for one in made}) == 2_000
    assert all(first.done_at <= second.done_at for first, second in pairwise(made))
    assert {months.month_of(one.done_at) for one in made} == {MONTH}
    assert made == list(records(2_000))


def test_what_it_closes_is_what_it_made(tmp_path: Path) -> None:
    make(tmp_path, 3_000)
    assert [one.record for one in records_after(tmp_path, MONTH)] == list(records(3_000))
    figures = measure(tmp_path, 3_000)
    assert (figures.records, figures.invoices) == (3_000, 20)
    total = 0
    for customer in BOOKS.customers:
        own = [one for one in records(3_000) if one.customer == customer]
        volumes = [Volume(one.tariff, carrier_of(one), one.kind, LISTED.billed_units(facts_of(one))) for one in own]
        net: int = sum(one.amount for one in rate(volumes, BOOKS.tariffs))
        net += sum(one.check_sen for one in own if not one.test)
        total += net // 100 + net // 100 // 10
    assert figures.total_yen == total


def test_it_prints_its_figures(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.billing", "--records", "500", "--directory", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["bench"] == "billing"
    assert figures["records"] == 500
    assert figures["close_s"] > 0
    assert 0 < figures["rss_mb"] < 500


@pytest.mark.parametrize(("count", "invoices"), [(0, 0), (1, 0), (2, 1)])
def test_the_least_months(tmp_path: Path, count: int, invoices: int) -> None:
    """The first of a thousand is a test, and free."""
    make(tmp_path, count)
    assert measure(tmp_path, count).invoices == invoices

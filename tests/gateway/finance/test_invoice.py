"""An invoice: one rounding a rate, and the same value out of its JSON."""

import json

import pytest
from pydantic import ValidationError

from gateway.billing.tax import Reading, Rounding
from gateway.finance.invoice import Item, Rate, from_json, rates_of, to_json
from tests.gateway.finance.bills import ITEMS, bill


def item(sen: int, percent: int) -> Item:
    return Item("option", "x", 1, sen, sen, percent)


def test_each_rate_is_summed_before_it_is_taxed() -> None:
    items = [item(10_550, 10), item(10_550, 10), item(9_990, 8), item(100, 0)]
    assert rates_of(items, Rounding.DOWN, Reading.WHOLE_YEN) == (Rate(10, 211, 21), Rate(8, 99, 7), Rate(0, 1, 0))
    assert rates_of([], Rounding.DOWN, Reading.WHOLE_YEN) == ()


def test_its_sums() -> None:
    one = bill(prepaid=5_000)
    assert (one.net_yen, one.tax_yen, one.total_yen, one.payable_yen) == (105_003, 10_500, 115_503, 110_503)
    assert sum(each.amount_sen for each in ITEMS) == 10_500_300


def test_it_comes_back_from_its_json() -> None:
    document = to_json(bill())
    assert from_json(document) == bill()
    read = json.loads(document)
    assert read["issuer"]["number"] == "T1234567890123"
    assert read["rates"] == [{"percent": 10, "net_yen": 105_003, "tax_yen": 10_500}]
    assert all(isinstance(one["amount_sen"], int) for one in read["items"])


def test_another_document_is_none() -> None:
    with pytest.raises(ValidationError):
        from_json(b'{"number": "1"}')

"""The scrape's bench asks for what it says, and a scrape of the size in its name is quick."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.scrape import BINDS, BINDS_OF_CARRIER, CUSTOMERS, busy, collector, figures, main


def test_every_customer_and_bind_is_in_the_scrape() -> None:
    text = collector(busy(7, 10)).text().decode()
    customers, binds = set(), set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            customers.add(sample.labels.get("customer"))
            binds.add((sample.labels.get("carrier"), sample.labels.get("bind")))
    assert len(customers - {None}) == 7
    assert len([one for one in binds if one[1] is not None]) == 10


def test_the_size_that_is_promised_takes_no_more_than_thrice_what_is_promised() -> None:
    found = figures(CUSTOMERS, BINDS, 5)  # thrice: other tests run beside this one
    assert int(found["samples"]) > 20 * CUSTOMERS
    assert float(found["median_cpu_ms"]) < 60
    assert BINDS % BINDS_OF_CARRIER == 0


def test_the_last_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--customers", "3", "--binds", "5", "--rounds", "1"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["bench"] == "scrape"
    assert last["first_ms"] > 0

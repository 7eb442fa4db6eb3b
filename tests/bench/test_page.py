"""The page's bench writes the pages that it says, and one of the size in its name is quick."""

import json

import pytest

from bench.page import figures, main, pages
from bench.scrape import BINDS, CUSTOMERS


def test_every_page_is_whole() -> None:
    for name, page in pages(7, 10).items():
        text = page().decode()
        assert text.rstrip().endswith("</html>")
        assert "customer-00" in text
        assert ("carrier-0" in text) == (name != "customers")


def test_the_size_that_is_promised_takes_no_more_than_thrice_what_is_promised() -> None:
    found = figures(CUSTOMERS, BINDS, 5)  # thrice: other tests run beside this one
    assert all(float(value) < 30 for name, value in found.items() if name.endswith("_ms"))


def test_the_last_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--customers", "3", "--binds", "5", "--rounds", "1"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["bench"] == "page"
    assert last["overview_octets"] > 1_000

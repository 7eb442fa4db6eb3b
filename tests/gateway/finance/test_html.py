"""The page in HTML: the same words, nothing loaded, nothing run."""

import re
from html import unescape

from gateway.finance.html import html
from tests.gateway.finance.bills import PRINTED, bill


def test_it_says_all_that_the_page_says() -> None:
    text = unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html(bill()).decode(), flags=re.DOTALL))
    for words in PRINTED:
        assert words in text, words


def test_names_are_text_and_no_markup() -> None:
    page = html(bill(name='<script>alert("x")</script> & Co')).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_it_loads_nothing() -> None:
    assert not re.search(r"https?:|src=|@import|url\(", html(bill()).decode())


def test_a_draft_is_marked() -> None:
    assert 'class="draft"' in html(bill(number="")).decode()
    assert 'class="draft"' not in html(bill()).decode()

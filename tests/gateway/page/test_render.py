"""How numbers, times and answers look; and nothing gets onto a page unescaped."""

import pytest
from jinja2 import UndefinedError

from gateway.page.render import Renderer, count, minute, moment, rate, span, told, yen


def test_numbers_and_times() -> None:
    assert (count(1_234_567), rate(3.14159), rate(5.0), rate(1_234.5)) == ("1,234,567", "3.1", "5", "1,234")
    assert (moment(1_795_478_400_123), moment(None), moment(0)) == ("2026-11-24 09:00:00.123", "", "")
    assert minute(1_795_478_400_123) == "2026-11-24 09:00"
    assert [span(one, "en") for one in (0.9, 119, 120, 7_199, 7_200, 172_800)] == [
        "0 s",
        "119 s",
        "2 min",
        "119 min",
        "2 h",
        "2 d",
    ]
    assert span(172_800, "ja") == "2 日"
    assert yen(123_456) == "1,234.56"


def test_answers_of_any_shape_are_told_and_escaped() -> None:
    assert told(None) == told([]) == told("") == "–"
    assert told(True) == "✓"
    assert told(["a", 1]) == "a, 1"
    assert told({"left_without": ["<b>"]}) == "<dl><dt>left without</dt><dd>&lt;b&gt;</dd></dl>"
    table = told([{"a": "<i>", "b": None}, {"a": 2}])
    assert '<td data-label="a">&lt;i&gt;</td><td data-label="b">–</td>' in table
    assert '<td data-label="a">2</td><td data-label="b">–</td>' in table


def test_a_page_escapes_what_it_is_given_and_misses_nothing_quietly() -> None:
    usual = {"visitor": None, "can_sign_in": True, "path": "/", "fresh": False, "time": "now"}
    page = Renderer("<gateway>").page("missing", "ja", **usual).decode()
    assert "&lt;gateway&gt;" in page
    assert "<gateway>" not in page
    assert '<html lang="ja">' in page
    with pytest.raises(UndefinedError):
        Renderer("x").page("sign_in", "en", **usual)

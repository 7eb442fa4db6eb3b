"""Both languages have every word, with the same gaps, and the templates use no other."""

import re
from string import Formatter

import pytest

from gateway.carrier_binds import Drain
from gateway.flow.limits_now import Limit
from gateway.page.forms import FORMS
from gateway.page.render import HERE
from gateway.page.words import TONGUES, WORDS, Words, preferred
from gateway.steer_status import HELD
from gateway.trace_asked import KINDS

TEMPLATES = {path.name: path.read_text("utf-8") for path in (HERE / "templates").glob("*.html")}


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", WORDS)
def test_a_word_is_there_twice_with_the_same_gaps(key: str) -> None:
    word = WORDS[key]
    assert word.ja.strip()
    assert word.en.strip()
    assert gaps(word.ja) == gaps(word.en)
    assert not re.search("[ぁ-ん一-龥]", word.en)


def test_the_templates_use_words_that_there_are() -> None:
    used = {key for text in TEMPLATES.values() for key in re.findall(r"""\bt\(["']([a-z_-]+)["']\s*[,)]""", text)}
    assert len(used) > 60
    assert used - WORDS.keys() == set()


def test_what_data_names_has_a_word() -> None:
    wanted = {f"limit_{one.value}" for one in Limit} | {f"limit_{HELD}"}
    wanted |= {f"drain_{one.value.replace(' ', '_')}" for one in Drain}
    wanted |= {f"{family}_{verb}" for verb in FORMS for family in ("verb", "says")}
    wanted |= {field.label or f"field_{field.name}" for fields in FORMS.values() for field in fields}
    wanted |= {f"kind_{one}" for one in KINDS}
    wanted |= {f"announcement_{one}" for one in ("fault", "maintenance", "recovered")}
    wanted |= {f"story_{one}" for one in ("alive", "parked", "scheduled", "part", "ended")}
    assert wanted - WORDS.keys() == set()


def test_a_word_is_filled_in_and_what_has_none_speaks_for_itself() -> None:
    assert TONGUES["ja"]("page_of", page=1, pages=2) == "1 / 2 ページ"
    assert TONGUES["en"]("page_of", page=1, pages=2) == "Page 1 of 2"
    assert Words("en").of("limit", "something new") == "something new"
    with pytest.raises(KeyError):
        Words("en")("there is no such word")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en-US;q=0.8", "ja"),
        ("en-US,en;q=0.9,ja;q=0.8", "en"),
        ("fr, ja;q=0.2", "ja"),
        ("en;q=0.1, JA;q=0.9", "ja"),
        ("de", "en"),
        (";;;,,q=1,ja;q=x", "ja"),
        ("x," * 10_000 + "ja", "en"),
    ],
)
def test_a_browser_says_which_language_it_wants(header: str, language: str) -> None:
    assert preferred(header) == language

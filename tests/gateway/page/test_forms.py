"""What a verb gets of what was typed into its form."""

import pytest

from gateway.page.forms import FORMS, MOST_CHARACTERS, FormError, arguments, milliseconds


def test_words_are_trimmed_and_what_is_empty_is_left_out() -> None:
    typed = {"what": "all", "name": "  ", "why": "night", "form_key": "x"}
    assert arguments(FORMS["hold"], typed) == {"what": "all"}
    assert arguments(FORMS["hold"], {"what": "carrier", "name": " one "}) == {"what": "carrier", "name": "one"}


def test_numbers_moments_and_ticks_are_what_the_verb_takes() -> None:
    assert arguments(FORMS["pdu-trace"], {"bind": "one-0-0", "minutes": "5"}) == {"bind": "one-0-0", "minutes": 5}
    pushed = arguments(FORMS["push-receipts"], {"customer": "shop", "since": "2026-11-25T09:00"})
    assert pushed == {"customer": "shop", "since": milliseconds("2026-11-25T00:00:00+00:00")}
    announced = {"kind": "fault", "ja": "障害", "en": "A fault", "mail": "yes"}
    assert arguments(FORMS["announce-add"], announced)["mail"] is True


@pytest.mark.parametrize(
    ("verb", "typed", "wrong"),
    [
        ("hold", {}, "what"),
        ("hold", {"what": "bind", "name": "x"}, "what"),
        ("pdu-trace", {"bind": "x", "minutes": "five"}, "minutes"),
        ("push-receipts", {"since": "yesterday"}, "since"),
        ("cancel", {"id": " "}, "id"),
        ("cancel", {"id": "x" * (MOST_CHARACTERS + 1)}, "id"),
    ],
)
def test_what_is_wrong_is_named(verb: str, typed: dict[str, str], wrong: str) -> None:
    with pytest.raises(FormError, match=f"^{wrong}$"):
        arguments(FORMS[verb], typed)

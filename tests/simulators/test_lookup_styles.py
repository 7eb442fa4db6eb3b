"""Every service's words are JSON, and differ by what is known."""

import json

import pytest

from simulators.lookup_styles import STYLES, Entry

KNOWN = Entry(name="X", mcc="440", mnc="10", ported=True)


@pytest.mark.parametrize("style", STYLES)
def test_what_is_known_is_told_and_no_more(style: str) -> None:
    words = {json.dumps(STYLES[style]("8190", one)) for one in (KNOWN, Entry(), KNOWN.model_copy(update={"mnc": "20"}))}
    assert len(words) == 3
    assert "440" not in json.dumps(STYLES[style]("8190", Entry()))


@pytest.mark.parametrize("style", sorted(STYLES.keys() - {"twilio"}))  # it does not tell
def test_whether_a_number_was_ported_is_told(style: str) -> None:
    words = {json.dumps(STYLES[style]("8190", Entry(mcc="440", mnc="10", ported=one))) for one in (True, False)}
    assert len(words) == 2

"""Segments for people: the text of each, its header and its octets."""

import pytest

from gateway.model.errors import Refusal
from gateway.segmenter.cut import cut
from gateway.segmenter.describe import Described, describe
from gateway.segmenter.rules import Concatenation, Repertoire, TextRule, Unfit

AU = TextRule()
EMOJI = "\U0001f600"


def utf16(text: str) -> bytes:
    return text.encode("utf_16_be")


def test_a_text_of_one_segment() -> None:
    assert describe(utf16("日本"), AU, 7) == [Described(1, 1, 8, "日本", "", "65e5672c", False, None)]


def test_a_header_is_shown_by_itself_and_within_the_octets() -> None:
    first, second = describe(utf16("あ" * 68 + "い" * 3), AU, 0xA7)
    assert (first.number, first.total, first.text, first.udh_hex) == (1, 2, "あ" * 67, "050003a70201")
    assert first.octets_hex == "050003a70201" + "3042" * 67
    assert (second.number, second.text, second.udh_hex) == (2, "あいいい", "050003a70202")
    assert second.octets_hex == "050003a70202" + "3042" + "3044" * 3


@pytest.mark.parametrize("concatenation", Concatenation)
def test_the_octets_are_those_that_are_sent_and_the_texts_are_the_text(concatenation: Concatenation) -> None:
    rule = TextRule(concatenation=concatenation)
    text = utf16(("漢字と\n" + EMOJI) * 50)
    described, segments = describe(text, rule, 9), cut(text, rule, 9)
    assert [bytes.fromhex(one.octets_hex) for one in described] == [segment.octets for segment in segments]
    assert "".join(one.text for one in described) == text.decode("utf_16_be")
    assert [(one.payload, one.sar) for one in described] == [(one.payload, one.sar) for one in segments]
    assert [(one.number, one.total) for one in described] == [
        (number, len(segments)) for number in range(1, len(segments) + 1)
    ]


def test_septets_are_shown_as_text() -> None:
    rule = TextRule(gsm7=True)
    first, second = describe(utf16("{" + "@" * 160), rule, 1)
    assert first.data_coding == 0
    assert first.text + second.text == "{" + "@" * 160
    assert first.octets_hex.startswith("050003010201" + "1b28" + "00")


def test_class_goes_along() -> None:
    assert [one.data_coding for one in describe(utf16("漢"), AU, 1, 0xF0)] == [0x18]


def test_what_the_carrier_gets_is_shown() -> None:
    rule = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.JIS)
    assert describe(utf16("①"), rule, 1)[0].text == "(1)"
    with pytest.raises(Refusal):
        describe(utf16(EMOJI), rule, 1)

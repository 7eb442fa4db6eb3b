"""A text rule that cannot be kept is refused when it is built."""

import pytest

from gateway.segmenter.rules import MOST_SEGMENTS, Concatenation, Repertoire, TextRule, Unfit


def test_the_defaults_are_70_and_67_characters_and_ten_units() -> None:
    rule = TextRule()
    assert (rule.first, rule.following, rule.concatenation) == (70, 67, Concatenation.UDH8)
    assert rule.units == (70, 134, 201, 268, 335, 402, 469, 536, 603, 660)
    assert (rule.unfit, rule.carried, rule.gsm7) == (Unfit.SEND, Repertoire.UNICODE, False)


def test_one_unit_for_all_lengths_is_a_table_of_one() -> None:
    assert TextRule(concatenation=Concatenation.PAYLOAD, units=(660,)).units == (660,)


def test_a_segment_holds_a_surrogate_pair() -> None:
    assert TextRule(first=2, following=2).following == 2
    with pytest.raises(ValueError, match="segment must hold"):
        TextRule(following=1)
    with pytest.raises(ValueError, match="segment must hold"):
        TextRule(first=1)


@pytest.mark.parametrize("segments", [0, -1, MOST_SEGMENTS + 1])
def test_a_header_counts_1_to_255_segments(segments: int) -> None:
    with pytest.raises(ValueError, match="max_segments"):
        TextRule(max_segments=segments)


def test_255_segments_are_allowed() -> None:
    assert TextRule(max_segments=MOST_SEGMENTS).max_segments == 255


@pytest.mark.parametrize("units", [(70, 70, 660), (134, 70, 660), (0, 660), (-1, 660)])
def test_units_ascend(units: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        TextRule(units=units)


@pytest.mark.parametrize("units", [(), (70, 659)])
def test_units_reach_the_longest_text(units: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="reach"):
        TextRule(units=units)


@pytest.mark.parametrize("misfit", ["", "ab"])
def test_replacements_name_single_characters(misfit: str) -> None:
    with pytest.raises(ValueError, match="single"):
        TextRule(replacements={misfit: "x"})


def test_a_replacement_is_text() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        TextRule(replacements={"x": "\ud800"})


def test_replacements_as_a_translation() -> None:
    rule = TextRule(replacements={"髙": "高", "①": "(1)", "x": ""})
    assert "髙①x".translate(dict(rule.translation)) == "高(1)"
    assert rule == TextRule(replacements={"髙": "高", "①": "(1)", "x": ""})
    assert TextRule().translation == {}


def test_a_rule_is_a_value() -> None:
    assert TextRule() == TextRule()
    assert len({TextRule(), TextRule(), TextRule(following=66)}) == 2

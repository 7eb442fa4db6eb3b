"""The carriers' tables: units and segments of every length, and of every text that is hard to count."""

import csv
from pathlib import Path

import pytest

from gateway.segmenter.cut import Plan, cut, join, plan
from gateway.segmenter.rules import Concatenation, TextRule

DATA = Path(__file__).parents[1] / "data"

RULES = {
    "docomo": TextRule(70, 66, Concatenation.UDH16, units=(70, *range(132, 661, 66))),
    "au": TextRule(70, 67, Concatenation.UDH8),
    "rakuten": TextRule(70, 67, Concatenation.UDH8),
    "softbank": TextRule(70, 67, Concatenation.PAYLOAD, units=(660,)),
}
EMOJI = "\U0001f600"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f466"
FLAG = "\U0001f1ef\U0001f1f5"


def utf16(text: str) -> bytes:
    return text.encode("utf_16_be")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("carrier", RULES)
def test_units_and_segments_are_the_table_s_for_every_length(carrier: str) -> None:
    table = rows("segments_1_660.csv")
    assert len(table) == 660
    for row in table:
        length, units = int(row["units"]), int(row[carrier])
        text = utf16("漢" * length)
        assert plan(text, RULES[carrier]) == Plan(units, units, length)
        assert len(cut(text, RULES[carrier], 1)) == units


EDGE_CASES = {
    "70 kanji": "漢" * 70,
    "71 kanji": "漢" * 71,
    "69 kanji + 1 emoji": "漢" * 69 + EMOJI,
    "68 kanji + 1 emoji": "漢" * 68 + EMOJI,
    "emoji straddles unit 66/67: 65 kanji+emoji+66 kanji": "漢" * 65 + EMOJI + "漢" * 66,
    "emoji straddles unit 66/67 total 132 units": "漢" * 65 + EMOJI + "漢" * 65,
    "emoji at 67th unit for au: 66 kanji+emoji+66 kanji (134 units)": "漢" * 66 + EMOJI + "漢" * 66,
    "35 emoji (70 units)": EMOJI * 35,
    "36 emoji (72 units)": EMOJI * 36,
    "66 emoji (132 units)": EMOJI * 66,
    "330 emoji (660 units)": EMOJI * 330,
    "family ZWJ emoji x10 (each 5 cp 8 units)": FAMILY * 10,
    "flag JP (2 RI = 4 units) x 17 + 2 kanji": FLAG * 17 + "漢" * 2,
    "variation selector: 葛+VS17(U+E0100) x 24 (3 units each)": "葛\U000e0100" * 24,
    "dakuten combining か+U+3099 x 35": "か\u3099" * 35,
    "dakuten precomposed が x 35": "が" * 35,
    "half-width kana ガ = ｶ+ﾞ x 35": "ｶﾞ" * 35,
    "CRLF x 36 (2 units each)": "\r\n" * 36,
    "LF x 70": "\n" * 70,
    "astral kanji 𠮷 x 35": "𠮷" * 35,
}


def test_every_edge_case_of_the_table() -> None:
    table = rows("segment_edge_cases.csv")
    assert {row["case"] for row in table} == set(EDGE_CASES)
    for row in table:
        text, rule = EDGE_CASES[row["case"]], RULES[row["carrier"]]
        planned = plan(utf16(text), rule)
        assert len(text) == int(row["code_points"]), row
        assert planned.characters == int(row["utf16_units"]), row
        assert planned.units == int(row["parts_by_units_formula"]), row
        assert planned.segments == int(row["parts_when_splitting_without_cutting_pairs"]), row
        segments = cut(utf16(text), rule, 1)
        assert len(segments) == planned.segments, row
        assert join(segments) == utf16(text), row

"""Names of carriers as sources write them."""

import pytest

from gateway.routing.lookup_answers import LONGEST_NAME, Answer, Names, Said, canonical

NAMES = Names({"440-10": "one", "Brand X (MVNO)": "two", "D2701;+7": "three"})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("44010", "one"),
        ("440 10", "one"),
        ("440,10", "one"),
        ("brand x mvno", "two"),
        ("BRAND-X. MVNO", "two"),
        ("d2701;+7", "three"),
        ("d2701", ""),
        ("", ""),
        ("4401", ""),
    ],
)
def test_how_names_are_compared(written: str, key: str) -> None:
    assert NAMES.find([written])[0] == key


def test_the_first_that_is_known_decides_else_the_first_is_told() -> None:
    assert NAMES.find(["nobody", "440-10", "Brand X MVNO"]) == ("one", "440-10")
    assert NAMES.find(["", "nobody", "else"]) == ("", "nobody")
    assert NAMES.find([]) == ("", "")
    assert NAMES.find(["x" * 1000])[1] == "x" * LONGEST_NAME


def test_what_decides() -> None:
    assert {one for one in Said if Answer(one).decides} == {Said.KNOWN, Said.AT_HOME}
    assert canonical("ＤＯＣ") == canonical("ｄｏｃ")

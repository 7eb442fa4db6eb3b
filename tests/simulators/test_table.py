"""Columns stand under each other on a terminal, whatever is in them."""

import pytest

from simulators.table import lines, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("保険", 4),
        ("ｶﾅ", 2),
        ("ＡＢ", 4),
        ("か\u3099", 2),
        ("a\u0301", 1),
        ("📷", 2),
        ("\u200b", 0),
    ],
)
def test_width_is_what_a_terminal_takes(text: str, columns: int) -> None:
    assert width(text) == columns


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert lines(("what", "yen"), [("保険料", "10"), ("a", "100")], right=[1]) == [
        "what    yen",
        "------  ---",
        "保険料   10",
        "a       100",
    ]


def test_no_rows_are_a_head_and_a_rule() -> None:
    assert lines(("what", "yen"), []) == ["what  yen", "----  ---"]

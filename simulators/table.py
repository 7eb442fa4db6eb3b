"""Text in columns, as wide as a terminal shows it: kanji, kana and full-width forms take two."""

import unicodedata
from collections.abc import Sequence

GAP = "  "


def width(text: str) -> int:
    """Columns that a terminal takes for the text."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def lines(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Heads, a rule and the rows. `right` are the columns that stand at the right, as numbers do."""
    widths = [max(width(row[column]) for row in (heads, *rows)) for column in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for column, cell in enumerate(cells):
            space = " " * (widths[column] - width(cell))
            padded.append(space + cell if column in right else cell + space)
        return GAP.join(padded).rstrip()

    return [line(heads), GAP.join("-" * one for one in widths), *(line(row) for row in rows)]

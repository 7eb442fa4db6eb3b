"""What text costs: microseconds of accept-side work for one message (read_text, plan, cut). One JSON line last.

Run as `python -m bench.text`. Each figure is the best of several rounds: neighbours on the machine count little. Exit 1
when a figure is above what it may be.
"""

import json
import sys
import timeit
from collections.abc import Callable

from gateway.segmenter.alphabets import UCS2, Reading, read_text
from gateway.segmenter.cut import cut, plan
from gateway.segmenter.parts import Piece, read_message
from gateway.segmenter.rules import Concatenation, Repertoire, TextRule, Unfit
from gateway.segmenter.udh import read_udh

ROUNDS = 7
CALLS = 3_000

# Accept-side work for a message of 70 characters, and of 660: microseconds.
MOST_70 = 8.0
MOST_660 = 60.0

READING = Reading()
AU = TextRule()
DOCOMO = TextRule(following=66, concatenation=Concatenation.UDH16, units=(70, *range(132, 661, 66)))
SOFTBANK = TextRule(concatenation=Concatenation.PAYLOAD, units=(660,))
GSM7 = TextRule(gsm7=True)
REPLACING = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.JIS)

KANA = ("本日のご予約を確認しました。" * 50).encode("utf_16_be")
EMOJI = ("本日のご予約を確認しました👨‍👩‍👧‍👦。" * 50).encode("utf_16_be")
ASCII = ("Your code is 123456. Do not share it. " * 20).encode("utf_16_be")
MISFITS = ("①本日１０時～１１時、②明日１３時～" * 9).encode("utf_16_be")


def accept(octets: bytes, rule: TextRule) -> Callable[[], object]:
    """All that the segmenter does for one message that came whole."""

    def work() -> object:
        content = read_message((Piece(octets, UCS2),), READING)
        plan(content.text, rule)
        return cut(content.text, rule, 7, content.data_coding)

    return work


def accept_parts(octets: bytes, rule: TextRule) -> Callable[[], object]:
    """The same for one that came in the customer's own parts."""
    segments = cut(octets, AU, 7)
    pieces = [
        Piece(read_udh(one.octets)[1], one.data_coding, b"", False, number) for number, one in enumerate(segments, 1)
    ]

    def work() -> object:
        content = read_message(pieces, READING)
        plan(content.text, rule)
        return cut(content.text, rule, 7, content.data_coding)

    return work


WORK: dict[str, Callable[[], object]] = {
    "read_text_70": lambda: read_text(KANA[: 2 * 70], UCS2, READING),
    "plan_70": lambda: plan(KANA[: 2 * 70], AU),
    "cut_70": lambda: cut(KANA[: 2 * 70], AU, 7),
    "accept_70": accept(KANA[: 2 * 70], AU),
    "accept_70_kana_gsm7": accept(KANA[: 2 * 70], GSM7),
    "accept_70_gsm7": accept(ASCII[: 2 * 70], GSM7),
    "accept_70_kana_jis": accept(KANA[: 2 * 70], REPLACING),
    "accept_70_replacing": accept(MISFITS[: 2 * 56], REPLACING),  # becomes 70 characters
    "plan_660_docomo": lambda: plan(KANA[: 2 * 660], DOCOMO),
    "accept_660_au": accept(KANA[: 2 * 660], AU),
    "accept_660_docomo": accept(KANA[: 2 * 660], DOCOMO),
    "accept_660_softbank": accept(KANA[: 2 * 660], SOFTBANK),
    "accept_660_emoji_docomo": accept(EMOJI[: 2 * 660], DOCOMO),
    "accept_660_gsm7": accept(ASCII[: 2 * 660], GSM7),
    "accept_660_kana_jis": accept(KANA[: 2 * 660], REPLACING),
    "accept_660_in_10_parts": accept_parts(KANA[: 2 * 660], DOCOMO),
}


def most(name: str) -> float | None:
    """What a figure may be; None for one that is part of another, or that replaces characters besides."""
    if name == "accept_70_replacing":
        return None
    if name.startswith("accept_70"):
        return MOST_70
    return MOST_660 if name.startswith("accept_660") else None


def microseconds(work: Callable[[], object], calls: int = CALLS, rounds: int = ROUNDS) -> float:
    """The best round's time for one call."""
    return round(min(timeit.repeat(work, number=calls, repeat=rounds)) / calls * 1e6, 2)


def main() -> None:
    """Measure and print."""
    figures = {name: microseconds(work) for name, work in WORK.items()}
    over = [name for name, figure in figures.items() if (limit := most(name)) is not None and figure > limit]
    for name, figure in figures.items():
        limit = most(name)
        allowed = "" if limit is None else f"  of {limit:g}{', too slow' if name in over else ''}"
        print(f"{name:28} {figure:8.2f} us{allowed}")
    print(json.dumps({"bench": "text", "unit": "us", **figures}))
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()

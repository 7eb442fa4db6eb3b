"""What text costs: microseconds of accept-side work for one message (read_text, plan, cut). One JSON line last.

Run as `python -m bench.text`. Each figure is the best of several rounds: neighbours on the machine count little.
"""

import json
import timeit
from collections.abc import Callable

from gateway.segmenter.alphabets import UCS2, Reading, read_text
from gateway.segmenter.cut import cut, plan
from gateway.segmenter.rules import Concatenation, Repertoire, TextRule, Unfit

ROUNDS = 7
CALLS = 3_000

READING = Reading()
AU = TextRule()
DOCOMO = TextRule(following=66, concatenation=Concatenation.UDH16, units=(70, *range(132, 661, 66)))
SOFTBANK = TextRule(concatenation=Concatenation.PAYLOAD, units=(660,))
GSM7 = TextRule(gsm7=True)
REPLACING = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.JIS)

KANA = ("本日のご予約を確認しました。" * 50).encode("utf_16_be")
EMOJI = ("本日のご予約を確認しました👨‍👩‍👧‍👦。" * 50).encode("utf_16_be")
ASCII = ("Your code is 123456. Do not share it. " * 20).encode("utf_16_be")
MISFITS = ("本日①～" * 200).encode("utf_16_be")


def accept(octets: bytes, rule: TextRule) -> Callable[[], object]:
    """All that the segmenter does for one message."""

    def work() -> object:
        text = read_text(octets, UCS2, READING)
        plan(text, rule)
        return cut(text, rule, 7)

    return work


def microseconds(work: Callable[[], object]) -> float:
    """The best round's time for one call."""
    return round(min(timeit.repeat(work, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6, 2)


def main() -> None:
    """Measure and print."""
    kana_70, kana_660, emoji_660 = KANA[: 2 * 70], KANA[: 2 * 660], EMOJI[: 2 * 660]
    figures = {
        "read_text_70": microseconds(lambda: read_text(kana_70, UCS2, READING)),
        "plan_70": microseconds(lambda: plan(kana_70, AU)),
        "cut_70": microseconds(lambda: cut(kana_70, AU, 7)),
        "accept_70": microseconds(accept(kana_70, AU)),
        "plan_660_docomo": microseconds(lambda: plan(kana_660, DOCOMO)),
        "accept_660_au": microseconds(accept(kana_660, AU)),
        "accept_660_docomo": microseconds(accept(kana_660, DOCOMO)),
        "accept_660_softbank": microseconds(accept(kana_660, SOFTBANK)),
        "accept_660_emoji_docomo": microseconds(accept(emoji_660, DOCOMO)),
        "accept_70_kana_gsm7": microseconds(accept(kana_70, GSM7)),
        "accept_160_gsm7": microseconds(accept(ASCII[: 2 * 160], GSM7)),
        "accept_30_replacing": microseconds(accept(MISFITS[: 2 * 30], REPLACING)),
    }
    for name, figure in figures.items():
        print(f"{name:28} {figure:8.2f} us")
    print(json.dumps({"bench": "text", "unit": "us", **figures}))


if __name__ == "__main__":
    main()

"""What to do with characters that a carrier does not carry: refuse them, send them, or say the same in others.

No replacement changes the meaning, so most characters have none: an emoji, or a variant of a name's kanji, is refused.
An operator who knows better writes it into the carrier's `replacements`.
"""

import re
import unicodedata
from collections.abc import Iterator

import regex

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.gsm import BEYOND_GSM
from gateway.segmenter.rules import Repertoire, TextRule, Unfit

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_CLUSTER = regex.compile(r"\X")

_BEYOND = {Repertoire.BMP: _BEYOND_BMP, Repertoire.GSM: BEYOND_GSM}

# Python's shift_jis is JIS X 0201 and JIS X 0208 and nothing else; cp932 has the vendors' additions.
_JIS_CODEC = "shift_jis"


def _same_meaning() -> Iterator[tuple[str, str]]:
    # Two characters for one cell of JIS X 0208: the first is Microsoft's choice, the second the standard's.
    yield from zip("～∥－￠￡￢", "〜‖−¢£¬", strict=True)
    yield from zip("—–‑•·￤¦＂＇〝〟", "―-‐・・||\"'“”", strict=True)
    yield from ((chr(space), " ") for space in (0x00A0, *range(0x2002, 0x200B), 0x202F, 0x205F))
    yield from ((chr(0x2460 + digit), f"({digit + 1})") for digit in range(20))
    yield "⓪", "(0)"
    numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
    yield from zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", numerals, strict=True)
    yield from zip("ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ", (numeral.lower() for numeral in numerals), strict=True)
    yield from zip("㈱㈲㈹㊤㊥㊦㊧㊨", ("(株)", "(有)", "(代)", "(上)", "(中)", "(下)", "(左)", "(右)"), strict=True)
    yield from zip("㍾㍽㍼㍻㋿№℡㏍", ("明治", "大正", "昭和", "平成", "令和", "No.", "TEL", "K.K."), strict=True)
    yield from zip("㎜㎝㎞㎎㎏㏄㎡", ("mm", "cm", "km", "mg", "kg", "cc", "m2"), strict=True)
    words = "ミリ キロ センチ メートル グラム トン アール ヘクタール リットル ワット カロリー ドル セント パーセント"
    yield from zip("㍉㌔㌢㍍㌘㌧㌃㌶㍑㍗㌍㌦㌣㌫", words.split(), strict=True)
    # Not seen: soft hyphen, zero-width space, word joiner, byte order mark, and the choice of a glyph.
    for unseen in (0x00AD, 0x200B, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)):
        yield chr(unseen), ""


def _narrow() -> Iterator[tuple[str, str]]:
    # The same characters at half the width, and one dash, quotation mark and wave where GSM 03.38 has but one.
    yield from ((chr(code), chr(code - 0xFEE0)) for code in range(0xFF01, 0xFF5F))
    yield from zip("\u3000￡￥〜", " £¥~", strict=True)
    yield from ((dash, "-") for dash in "‐‑‒–—―−")
    yield from ((mark, '"') for mark in "“”„‟")
    yield from ((mark, "'") for mark in "‘’‚‛")
    yield "…", "..."


SAME_MEANING = dict(_same_meaning())
NARROW = dict(_narrow())


def fit(text: bytes, rule: TextRule) -> bytes:
    """Return the text (UTF-16BE octets) as this carrier gets it. Refusal(UNDECODABLE_TEXT) names the first misfit."""
    if rule.unfit is Unfit.SEND:
        return text
    characters = text.decode("utf_16_be")
    own = rule.translation if rule.unfit is Unfit.REPLACE else {}
    if own:
        characters = characters.translate(own)
    misfit = _misfit(characters, rule.carried)
    if misfit is None and not own:
        return text
    if misfit is not None and rule.unfit is Unfit.REPLACE:
        characters, misfit = _replaced(characters, rule.carried)
    if misfit is not None:
        raise Refusal(Reason.UNDECODABLE_TEXT, f"the carrier does not carry U+{ord(characters[misfit]):04X}")
    if not characters:
        raise Refusal(Reason.EMPTY_TEXT, "nothing is left of it that the carrier carries")
    return characters.encode("utf_16_be")


def _misfit(text: str, carried: Repertoire) -> int | None:
    """The index of the first character that is not carried."""
    if carried is Repertoire.JIS:
        try:
            text.encode(_JIS_CODEC)
        except UnicodeEncodeError as error:
            return error.start
        return None
    beyond = _BEYOND.get(carried)
    match = beyond.search(text) if beyond else None
    return match.start() if match else None


def _translation(carried: Repertoire) -> dict[int, str]:
    table = SAME_MEANING | NARROW if carried is Repertoire.GSM else SAME_MEANING
    return {ord(misfit): same for misfit, same in table.items() if _misfit(misfit, carried) is not None}


_TRANSLATION = {carried: _translation(carried) for carried in Repertoire}


def _replaced(text: str, carried: Repertoire) -> tuple[str, int | None]:
    """The text in characters that are carried, and the index of the first that still is not."""
    text = text.translate(_TRANSLATION[carried])
    misfit = _misfit(text, carried)
    if misfit is not None:
        text = _CLUSTER.sub(lambda cluster: _composed(cluster[0], carried), text)
        misfit = _misfit(text, carried)
    return text, misfit


def _composed(cluster: str, carried: Repertoire) -> str:
    """Its canonical composition where that alone makes it fit (a kana with U+3099)."""
    if _misfit(cluster, carried) is None:
        return cluster
    return unicodedata.normalize("NFC", cluster)

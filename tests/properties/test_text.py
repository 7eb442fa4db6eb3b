"""Any text, on any carrier: cut, shuffled and joined it is the text, whoever reads it."""

import struct
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import regex
import smpplib.consts
import smpplib.gsm
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Refusal
from gateway.segmenter.alphabets import Alphabet, Reading, read_text
from gateway.segmenter.cut import Segment, cut, join, plan
from gateway.segmenter.parts import Piece, read_message
from gateway.segmenter.reassembly import Part, Reassembler, Whole
from gateway.segmenter.rules import Concatenation, TextRule
from gateway.segmenter.udh import concatenation, read_udh

# What splitters stumble over, beside everything else there is.
STUMBLES = [
    "\U0001f468\u200d\U0001f469\u200d\U0001f466",
    "\U0001f1ef\U0001f1f5",
    "\U0001f600",
    "か\u3099",
    "ｶﾞ",
    "葛\U000e0100",
    "𠮷",
    "1\ufe0f\u20e3",
    "\n",
    "\r",
    "[€]",
    "e\u0301",
    "漢字かなカナ" * 5,
    "Hello, world! " * 5,
    "①～〜㈱",
]
SOUND = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = (
    st.lists(st.sampled_from(STUMBLES) | st.text(SOUND, max_size=30), min_size=1, max_size=25)
    .map("".join)
    .map(lambda text: text.replace("\r\n", "\n"))
    .filter(lambda text: 0 < len(text.encode("utf_16_be")) <= 1320 and not text.startswith("\ufeff"))
)
RULES = st.builds(
    lambda first, following, concatenation, gsm7: TextRule(
        first, following, concatenation, gsm7=gsm7, max_segments=255, max_characters=660, units=(660,)
    ),
    st.sampled_from([70, 66, 10]),
    st.sampled_from([67, 66, 64, 10]),
    st.sampled_from(Concatenation),
    st.booleans(),
)
CARRIERS = [
    TextRule(70, 66, Concatenation.UDH16, units=(70, *range(132, 661, 66))),
    TextRule(70, 67, Concatenation.UDH8),
    TextRule(70, 67, Concatenation.PAYLOAD, units=(660,)),
    TextRule(70, 66, Concatenation.SAR, units=(70, *range(132, 661, 66))),
    TextRule(gsm7=True),
]


def utf16(text: str) -> bytes:
    return text.encode("utf_16_be")


def read_elsewhere(segments: Sequence[Segment]) -> str:
    """As a phone reads them, with struct and python's codecs alone, and no word of the segmenter."""
    pieces: dict[int, str] = {}
    seen: set[tuple[int, int]] = set()
    for segment in segments:
        octets, number = segment.octets, 1
        if segment.udhi:
            if octets[1] == 0x00:
                length, _, _, reference, total, number = struct.unpack(">6B", octets[:6])
            else:
                length, _, _, reference, total, number = struct.unpack(">3BH2B", octets[:7])
            octets = octets[1 + length :]
            seen.add((reference, total))
        elif segment.sar is not None:
            reference, total, number = segment.sar
            seen.add((reference, total))
        assert number not in pieces
        pieces[number] = _gsm(octets) if segment.data_coding == 0 else octets.decode("utf_16_be")
    assert len(seen) <= 1
    assert seen in (set(), {(next(iter(seen), (0, 0))[0], len(segments))})
    assert sorted(pieces) == list(range(1, len(segments) + 1))
    return "".join(pieces[number] for number in sorted(pieces))


# smpplib writes a backquote where GSM 03.38 has a section sign, and has no form feed.
def _their_septets() -> dict[bytes, str]:
    table: dict[bytes, str] = {b"\x5f": "§", b"\x1b\x0a": "\f"}
    for code in range(0x2100):
        with suppress(UnicodeError):
            septets = smpplib.gsm.gsm_encode(chr(code))
            table.setdefault(septets, chr(code))
    return table


_SEPTETS = _their_septets()


def _gsm(octets: bytes) -> str:
    text, at = "", 0
    while at < len(octets):
        width = 2 if octets[at] == 0x1B else 1
        text += _SEPTETS[octets[at : at + width]]
        at += width
    return text


@given(TEXTS, RULES, st.integers(0, 0xFFFF), st.randoms(use_true_random=False))
def test_cut_shuffled_and_joined_any_text_is_itself(text: str, rule: TextRule, reference: int, luck: Random) -> None:
    segments = cut(utf16(text), rule, reference)
    planned = plan(utf16(text), rule)
    assert planned.segments == len(segments)
    assert planned.characters == len(utf16(text)) // 2
    luck.shuffle(segments)
    assert join(segments) == utf16(text)
    assert read_elsewhere(segments) == text


@given(TEXTS, st.sampled_from(CARRIERS))
def test_a_segment_never_holds_half_a_character_and_never_too_much(text: str, rule: TextRule) -> None:
    for segment in cut(utf16(text), rule, 7):
        assert segment.payload or len(segment.octets) <= 160 - 20 * (segment.data_coding == 8)
        body = read_udh(segment.octets)[1] if segment.udhi else segment.octets
        assert body
        if segment.data_coding == 8:
            body.decode("utf_16_be")  # strict: a lone surrogate is an error
        else:
            assert not body.endswith(b"\x1b")


@given(TEXTS)
def test_graphemes_stay_whole_where_as_many_segments_do(text: str) -> None:
    """Where a packer that never breaks one needs no segment more than the fewest, none is broken."""
    rule = TextRule(70, 67, max_segments=255)
    planned = plan(utf16(text), rule)
    if planned.segments == 1:
        return
    clusters = [len(utf16(cluster)) // 2 for cluster in regex.findall(r"\X", text)]
    packed, room = 1, 67
    for size in clusters:
        if size > 67:
            return
        if size > room:
            packed, room = packed + 1, 67
        room -= size
    parts = [segment.octets[6:].decode("utf_16_be") for segment in cut(utf16(text), rule, 7)]
    edges = {0}
    for size in clusters:
        edges.add(max(edges) + size)
    at, broken = 0, 0
    for part in parts:
        at += len(utf16(part)) // 2
        broken += at not in edges
    assert packed >= len(parts)
    if packed == len(parts):
        assert broken == 0


@given(st.text(st.sampled_from("漢字かなカナ0aé"), min_size=71, max_size=660))
def test_smpplib_cuts_plain_text_alike(text: str) -> None:
    theirs, _, _ = smpplib.gsm.make_parts(text, smpplib.consts.SMPP_ENCODING_ISO10646)
    assert [segment.octets for segment in cut(utf16(text), CARRIERS[1], theirs[0][3])] == theirs


@given(st.text(st.sampled_from("abcXYZ 0123.,!?@£$èéÄö"), min_size=161, max_size=660))
def test_smpplib_cuts_septets_alike(text: str) -> None:
    theirs, coding, _ = smpplib.gsm.make_parts(text, smpplib.consts.SMPP_ENCODING_DEFAULT)
    segments = cut(utf16(text), CARRIERS[4], theirs[0][3])
    assert [segment.octets for segment in segments] == theirs
    assert {segment.data_coding for segment in segments} == {coding}


@given(TEXTS, st.sampled_from(CARRIERS), st.sampled_from(CARRIERS), st.data())
def test_what_one_carrier_s_cut_made_a_customer_may_send_in_any_order_and_twice(
    text: str, theirs: TextRule, ours: TextRule, data: st.DataObject
) -> None:
    """The customer's parts, repeated and shuffled over its binds, joined here, cut again for another carrier."""
    pieces = [_piece(segment, number) for number, segment in enumerate(cut(utf16(text), theirs, 7), 1)]
    arriving = data.draw(st.permutations(pieces + data.draw(st.lists(st.sampled_from(pieces), max_size=3))))
    reassembler: Reassembler[Piece] = Reassembler(300.0, 1)
    for part_id, piece in enumerate(arriving):
        part = Part(part_id, piece.number, piece.octets, piece.data_coding, piece)
        result = reassembler.add(("key",), len(pieces), part, 0.0)
        if isinstance(result, Whole):
            whole = [one.extra for one in result.parts]
            break
    assert whole == pieces
    content = read_message(pieces, Reading())
    text = text.replace("\r\n", "\n")
    assert content.text == utf16(text)
    with suppress(Refusal):  # eleven segments do not hold every text of 660 code units
        assert read_elsewhere(cut(content.text, ours, 8, content.data_coding)) == text


def _piece(segment: Segment, number: int) -> Piece:
    if not segment.udhi:
        return Piece(segment.octets, segment.data_coding, b"", None if segment.sar is None else True, number)
    elements, octets = read_udh(segment.octets)
    part = concatenation(elements)
    assert part is not None
    assert part.number == number
    return Piece(octets, segment.data_coding, b"", part.wide, number)


@given(TEXTS, st.sampled_from(["cp932", "euc_jp", "iso2022_jp_ext", "utf_8", "latin_1", "ascii"]))
def test_python_s_codecs_write_what_we_read(text: str, codec: str) -> None:
    octets = text.replace("\x1b", "").encode(codec, "ignore")  # ISO 2022 begins its own words with it
    if not octets:
        return
    forms = {"cp932": Alphabet.SHIFT_JIS, "euc_jp": Alphabet.EUC_JP, "iso2022_jp_ext": Alphabet.ISO2022JP}
    if codec in forms:
        read = read_text(octets, 5, Reading(jis=forms[codec]))
    else:
        default = {"utf_8": Alphabet.UTF8, "latin_1": Alphabet.LATIN1, "ascii": Alphabet.ASCII}[codec]
        read = read_text(octets, 0, Reading(default=default, strip_bom=False))
    assert read.decode("utf_16_be") == octets.decode(codec).replace("\r\n", "\n")

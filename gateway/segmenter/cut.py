"""How many segments and units a message has on a carrier, and its segments, octet for octet.

Text is UTF-16BE octets as `alphabets.read_text` returns it. The same text, rule and reference give the same octets.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import regex

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.alphabets import UCS2, is_gsm, is_ucs2, outgoing_coding
from gateway.segmenter.fit import fit
from gateway.segmenter.gsm import ESCAPE, decode_gsm, encode_gsm_text
from gateway.segmenter.rules import MAX_SEGMENT_OCTETS, Concatenation, TextRule, Unfit
from gateway.segmenter.udh import (
    Element,
    PartOf,
    concatenation,
    concatenation_octets,
    part_element,
    read_udh,
    write_udh,
)

SAR_FOLLOWING_OCTETS = 133  # a message centre makes a header with a 16-bit reference of sar_ TLVs
MAX_SHORT_MESSAGE_OCTETS = 254  # SMPP 3.4, section 5.2.22; what is longer goes into message_payload


# Two code units of ASCII, kana, kanji or full- and half-width forms: between them a cluster always ends. (Not among
# them are the voiced sound marks, U+3099, U+309A, U+FF9E and U+FF9F, and the pictographs U+3030 and U+303D.)
_PLAIN = rb"(?:\x00[\n -~]|\x30[\x00-\x29\x31-\x3c\x41-\x96\x9b-\xff]|[\x4e-\x9f].|\xff[\x01-\x9d])"
_PLAIN_PAIR = re.compile(_PLAIN * 2, re.DOTALL)
_SEND = Unfit.SEND
_CLUSTER = regex.compile(r"\X")


class Plan(NamedTuple):
    """What a text is on a carrier. `characters` are UTF-16 code units."""

    units: int
    segments: int
    characters: int


class Segment(NamedTuple):
    """One submit_sm to the carrier."""

    data_coding: int
    udhi: bool  # octets begin with a user data header: esm_class says so
    octets: bytes
    payload: bool  # octets go into message_payload, not short_message
    sar: tuple[int, int, int] | None  # reference, total, number: for the sar_ TLVs


class _Form(NamedTuple):
    """Where a cut is forbidden: behind a code unit of `width` octets whose first octet, masked, is `lead`."""

    width: int
    mask: int
    lead: int


_UCS2_FORM = _Form(2, 0xFC, 0xD8)  # a high surrogate
_GSM_FORM = _Form(1, 0xFF, ESCAPE)
_OCTETS_FORM = _Form(1, 0x00, 0x01)  # never


class _Body(NamedTuple):
    """Octets to cut: `alone` is the most that go as one segment, `room` the most in each of several."""

    octets: bytes
    form: _Form
    alone: int
    room: int
    data_coding: int


def plan(text: bytes, rule: TextRule, other_elements: bytes = b"") -> Plan:
    """Units, segments and characters of a text.

    `other_elements` is a user data header that each segment carries, as udh.write_udh makes it: it takes room from the
    text, and units stay the table's. Refusal: TEXT_TOO_LONG, UNDECODABLE_TEXT as the rule says, MALFORMED_UDH when the
    header leaves no room.
    """
    text = _fitted(text, rule)
    characters = len(text) // 2
    units = bisect_left(rule.units, characters) + 1
    if not rule.gsm7 and characters <= rule.first and not other_elements:
        return Plan(units, 1, characters)
    body = _body(text, rule, UCS2, other_elements)
    if len(body.octets) <= body.alone or rule.concatenation is Concatenation.PAYLOAD:
        return Plan(units, 1, characters)
    return Plan(units, len(_fullest(body, rule)), characters)


def cut(
    text: bytes, rule: TextRule, reference: int, data_coding: int = UCS2, other_elements: bytes = b""
) -> list[Segment]:
    """The segments of a text, as many as plan() says.

    A cut never falls between the halves of a surrogate pair or behind an escape; where it costs no further segment,
    it falls at the edge of a grapheme cluster too. Message class and indication go along from the customer's
    `data_coding`. Beside `other_elements` Concatenation.SAR becomes UDH16, as SMPP forbids sar_ TLVs beside a header.
    Refusal as plan().
    """
    text = _fitted(text, rule)
    if not rule.gsm7 and not other_elements and len(text) <= 2 * rule.first:
        return [_one(outgoing_coding(data_coding, gsm=False), b"", text, payload=False)]
    body = _body(text, rule, data_coding, other_elements)
    if len(body.octets) <= body.alone or rule.concatenation is Concatenation.PAYLOAD:
        payload = len(body.octets) > body.alone
        return [_one(body.data_coding, other_elements, body.octets, payload=payload)]
    pieces = _pieces(body, _sparing(body, _fullest(body, rule)))
    if rule.concatenation is Concatenation.SAR and not other_elements:
        return _with_sar(pieces, body.data_coding, reference)
    others = read_udh(other_elements)[0] if other_elements else ()
    wide = rule.concatenation is not Concatenation.UDH8
    return _with_headers(pieces, body.data_coding, reference, wide=wide, others=others)


def cut_binary(
    octets: bytes, data_coding: int, rule: TextRule, reference: int, other_elements: bytes = b""
) -> list[Segment]:
    """The segments of octets that are passed on untouched, each 140 octets with its header.

    `other_elements` as in cut(). UCS2 is not cut within a character. Refusal: TEXT_TOO_LONG, EMPTY_TEXT, MALFORMED_UDH
    when the header leaves no room.
    """
    if not octets and not other_elements:
        raise Refusal(Reason.EMPTY_TEXT)
    _judge_length(octets, rule)
    others = read_udh(other_elements)[0] if other_elements else ()
    short = len(other_elements) + len(octets) <= MAX_SEGMENT_OCTETS
    if short or rule.concatenation is Concatenation.PAYLOAD:
        return [_one(data_coding, other_elements, octets, payload=not short)]
    form = _UCS2_FORM if is_ucs2(data_coding) else _OCTETS_FORM
    if rule.concatenation is Concatenation.SAR and not others:
        body = _Body(octets, form, 0, SAR_FOLLOWING_OCTETS // form.width * form.width, data_coding)
        return _with_sar(_pieces(body, _fullest(body, rule)), data_coding, reference)
    wide = rule.concatenation is not Concatenation.UDH8
    room = _room(MAX_SEGMENT_OCTETS - _header_octets(other_elements, wide=wide), form)
    body = _Body(octets, form, 0, room, data_coding)
    return _with_headers(_pieces(body, _fullest(body, rule)), data_coding, reference, wide=wide, others=others)


def plan_binary(octets: bytes, data_coding: int, rule: TextRule, other_elements: bytes = b"") -> Plan:
    """plan() of octets that are passed on untouched: two of them are a character. Refusal as cut_binary()."""
    segments = len(cut_binary(octets, data_coding, rule, 0, other_elements))
    characters = -(-len(octets) // 2)
    return Plan(bisect_left(rule.units, characters) + 1, segments, characters)


def join(segments: Iterable[Segment]) -> bytes:
    """The reverse of a cut, in any order: text as UTF-16BE octets, anything else as it was."""
    pieces: dict[int, bytes] = {}
    data_coding = UCS2
    for segment in segments:
        data_coding = segment.data_coding
        octets, number = segment.octets, 1
        if segment.udhi:
            elements, octets = read_udh(octets)
            part = concatenation(elements)
            number = part.number if part else 1
        elif segment.sar is not None:
            number = segment.sar[2]
        pieces[number] = octets
    whole = b"".join(pieces[number] for number in sorted(pieces))
    return decode_gsm(whole).encode("utf_16_be") if is_gsm(data_coding) else whole


def _fitted(text: bytes, rule: TextRule) -> bytes:
    """The text as the carrier gets it; both the customer's own and this one must be short enough."""
    _judge_length(text, rule)
    if rule.unfit is _SEND:
        return text
    fitted = fit(text, rule)
    _judge_length(fitted, rule)
    return fitted


def _judge_length(octets: bytes, rule: TextRule) -> None:
    if len(octets) > 2 * rule.max_characters:
        raise Refusal(Reason.TEXT_TOO_LONG, f"{len(octets) / 2:g} characters of {rule.max_characters}")


def _body(text: bytes, rule: TextRule, received: int, other_elements: bytes) -> _Body:
    wide = rule.concatenation is not Concatenation.UDH8
    if rule.gsm7:
        septets = encode_gsm_text(text)
        if septets is not None:
            alone = _septets_beside(len(other_elements))
            room = _room(_septets_beside(_header_octets(other_elements, wide=wide)), _GSM_FORM)
            return _Body(septets, _GSM_FORM, alone, room, outgoing_coding(received, gsm=True))
    alone, room = 2 * rule.first, 2 * rule.following
    if other_elements:
        alone = max(alone - len(other_elements), 0)
        beside = MAX_SEGMENT_OCTETS - _header_octets(other_elements, wide=wide)
        room = _room(min(room - (len(other_elements) - 1), beside), _UCS2_FORM)  # of two headers one length octet
    return _Body(text, _UCS2_FORM, alone, room, outgoing_coding(received, gsm=False))


def _septets_beside(header_octets: int) -> int:
    """160 alone, 153 beside a header of 6 octets, 152 beside one of 7."""
    return (MAX_SEGMENT_OCTETS - header_octets) * 8 // 7


def _header_octets(other_elements: bytes, *, wide: bool) -> int:
    """The header of a segment: concatenation, other elements, one length octet."""
    return (len(other_elements) or 1) + concatenation_octets(wide=wide)


def _room(most: int, form: _Form) -> int:
    """The octets of whole code units in `most`; at least two units, or a surrogate pair would never fit."""
    room = most // form.width * form.width
    if room < 2 * form.width:
        raise Refusal(Reason.MALFORMED_UDH, "it leaves no room for text")
    return room


def _one(data_coding: int, other_elements: bytes, octets: bytes, *, payload: bool) -> Segment:
    octets = other_elements + octets
    payload = payload or len(octets) > MAX_SHORT_MESSAGE_OCTETS
    return Segment(data_coding, bool(other_elements), octets, payload, None)


def _whole_character(body: _Body, at: int) -> bool:
    """Whether a cut at octet `at` leaves characters whole."""
    return body.octets[at - body.form.width] & body.form.mask != body.form.lead


def _fullest(body: _Body, rule: TextRule) -> list[int]:
    """Where each segment ends (octets) when each takes as much as it can: no cut has fewer segments."""
    ends: list[int] = []
    end = body.room
    while end < len(body.octets):
        if not _whole_character(body, end):
            end -= body.form.width
        ends.append(end)
        end += body.room
    ends.append(len(body.octets))
    if len(ends) > rule.max_segments:
        raise Refusal(Reason.TEXT_TOO_LONG, f"{len(ends)} segments of {rule.max_segments}")
    return ends


def _sparing(body: _Body, fullest: list[int]) -> list[int]:
    """As many ends as in `fullest`, moved forward to the edges of clusters where the later segments have the room."""
    if all(_between_plain(body, end) for end in fullest[:-1]):
        return fullest
    ends: list[int] = []
    start = known_edge = 0
    for earliest in _earliest(body, len(fullest)):
        end = start + body.room
        if not _whole_character(body, end):
            end -= body.form.width
        known_edge = _last_edge(body, known_edge, end)
        start = known_edge if known_edge > start and known_edge >= earliest else end
        ends.append(start)
    return [*ends, len(body.octets)]


def _between_plain(body: _Body, at: int) -> bool:
    """Whether a cut at `at` is surely at the edge of a cluster, seen without looking further."""
    if body.form is _UCS2_FORM:
        return _PLAIN_PAIR.match(body.octets, at - 2) is not None
    return body.octets[at - 1 : at + 1] != b"\r\n"


def _last_edge(body: _Body, known: int, at: int) -> int:
    """The last edge of a cluster at or before `at`; `known` is an edge before it."""
    octets = body.octets
    if body.form is not _UCS2_FORM:
        return at if _between_plain(body, at) else at - 1
    edge = at
    while edge > known and not _between_plain(body, edge):
        edge -= 2
    next_character = 4 if octets[at] & _UCS2_FORM.mask == _UCS2_FORM.lead else 2
    for cluster in _CLUSTER.findall(octets[edge : at + next_character].decode("utf_16_be")):
        following = edge + len(cluster.encode("utf_16_be"))
        if following > at:
            break
        edge = following
    return edge


def _earliest(body: _Body, segments: int) -> list[int]:
    """The earliest end of each segment but the last, so that the segments behind it can hold the rest."""
    ends: list[int] = []
    end = len(body.octets)
    for _ in range(segments - 1):
        end = max(end - body.room, 0)
        if end and not _whole_character(body, end):
            end += body.form.width
        ends.append(end)
    return ends[::-1]


def _pieces(body: _Body, ends: list[int]) -> list[bytes]:
    return [body.octets[start:end] for start, end in pairwise((0, *ends))]


def _with_sar(pieces: list[bytes], data_coding: int, reference: int) -> list[Segment]:
    reference &= 0xFFFF
    total = len(pieces)
    return [
        Segment(data_coding, False, piece, len(piece) > MAX_SHORT_MESSAGE_OCTETS, (reference, total, number))
        for number, piece in enumerate(pieces, 1)
    ]


def _with_headers(
    pieces: list[bytes], data_coding: int, reference: int, *, wide: bool, others: Sequence[Element] = ()
) -> list[Segment]:
    element = part_element(PartOf(reference, len(pieces), 0, wide))
    header = write_udh((element, *others))
    at = 2 + len(element[1])  # of the number, the last octet of the first element
    before, behind = header[:at], header[at + 1 :]
    room = MAX_SHORT_MESSAGE_OCTETS - len(header)
    return [
        Segment(data_coding, True, b"%b%c%b%b" % (before, number, behind, piece), len(piece) > room, None)
        for number, piece in enumerate(pieces, 1)
    ]

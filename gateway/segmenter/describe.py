"""A message's segments laid open for people: what a phone gets in each, and the octets of it."""

from typing import NamedTuple

from gateway.segmenter.alphabets import UCS2, is_gsm
from gateway.segmenter.cut import Segment, cut
from gateway.segmenter.gsm import decode_gsm
from gateway.segmenter.rules import TextRule
from gateway.segmenter.udh import read_udh


class Described(NamedTuple):
    """One segment. `text` is what a phone shows that reads each segment by itself; hex is in lower case."""

    number: int
    total: int
    data_coding: int
    text: str
    udh_hex: str  # empty without a header
    octets_hex: str  # of the whole short_message or message_payload, header included
    payload: bool  # in message_payload
    sar: tuple[int, int, int] | None  # reference, total, number: in sar_ TLVs


def describe(text: bytes, rule: TextRule, reference: int, data_coding: int = UCS2) -> list[Described]:
    """The segments that cut() makes of a text (UTF-16BE octets). Refusal as cut()."""
    segments = cut(text, rule, reference, data_coding)
    return [_described(segment, number, len(segments)) for number, segment in enumerate(segments, 1)]


def _described(segment: Segment, number: int, total: int) -> Described:
    body = read_udh(segment.octets)[1] if segment.udhi else segment.octets
    header = segment.octets[: len(segment.octets) - len(body)]
    text = decode_gsm(body) if is_gsm(segment.data_coding) else body.decode("utf_16_be", "replace")
    return Described(
        number, total, segment.data_coding, text, header.hex(), segment.octets.hex(), segment.payload, segment.sar
    )

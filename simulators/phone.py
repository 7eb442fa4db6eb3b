"""What the subscriber reads: parts joined as a phone joins them, by sender, reference and total.

Each part is decoded by itself, as phones that show a part before its siblings came do: a cut through a character is
seen on the screen.
"""

from collections.abc import Iterable
from typing import NamedTuple

from smpplib.gsm import GSM_CHARACTER_TABLE

DCS_UCS2 = 0x08
_ESCAPE = 0x1B
_EXTENSION = 0x80  # smpplib's table has the characters behind an escape in its second half


class Part(NamedTuple):
    """A part of a longer message: the concatenation element of its header, and the octets behind the header."""

    width: int  # bits of the reference: 8 or 16
    reference: int
    total: int
    number: int
    octets: bytes


class Segment(NamedTuple):
    """One submit_sm as an SMSC took it, and what became of it. `stat` is empty when it was refused with `status`."""

    smsc: str
    at: str  # ISO 8601
    message_id: str  # as in the response
    source: str
    destination: str
    udhi: bool
    payload: bool
    data_coding: int
    octets: bytes
    status: int
    stat: str


def split_header(octets: bytes) -> Part | None:
    """Read a user data header (3GPP TS 23.040, 9.2.3.24). None: it ties no parts. ValueError: it's broken."""
    if not octets or len(octets) < octets[0] + 1:
        raise ValueError("a user data header is longer than the text")
    at, end = 1, octets[0] + 1
    part = None
    while at < end:
        if at + 2 > end or at + 2 + octets[at + 1] > end:
            raise ValueError("an element is longer than its header")
        element, length = octets[at], octets[at + 1]
        value = octets[at + 2 : at + 2 + length]
        if element == 0x00 and length == 3:
            part = Part(8, value[0], value[1], value[2], octets[end:])
        elif element == 0x08 and length == 4:
            part = Part(16, int.from_bytes(value[:2], "big"), value[2], value[3], octets[end:])
        at += 2 + length
    if part is not None and not 1 <= part.number <= part.total:
        raise ValueError("a part's number isn't within its total")
    return part


def decode(octets: bytes, data_coding: int) -> str:
    """Text of a whole message or of one part; what can't be read is shown as U+FFFD."""
    if data_coding == DCS_UCS2:
        return octets.decode("utf_16_be", "replace")
    characters = []
    shift = 0
    for octet in octets:
        if octet == _ESCAPE and not shift:
            shift = _EXTENSION
            continue
        place = (octet + shift) if octet < _EXTENSION else len(GSM_CHARACTER_TABLE)
        characters.append(GSM_CHARACTER_TABLE[place] if place < len(GSM_CHARACTER_TABLE) else "\ufffd")
        shift = 0
    return "".join(characters)


def read(segments: Iterable[Segment]) -> dict[str, list[str]]:
    """The texts on each phone, by destination, in the order they became whole. Only what was delivered arrives."""
    texts: dict[str, list[str]] = {}
    waiting: dict[tuple[str, str, int, int, int], dict[int, str]] = {}
    for one in segments:
        if one.stat != "DELIVRD":
            continue
        part = split_header(one.octets) if one.udhi else None
        screen = texts.setdefault(one.destination, [])
        if part is None:
            body = one.octets[one.octets[0] + 1 :] if one.udhi else one.octets
            screen.append(decode(body, one.data_coding))
            continue
        key = (one.source, one.destination, part.width, part.reference, part.total)
        parts = waiting.setdefault(key, {})
        parts[part.number] = decode(part.octets, one.data_coding)
        if len(parts) == part.total:
            del waiting[key]
            screen.append("".join(parts[number] for number in sorted(parts)))
    return texts

"""The user data header: its elements, and the two that say which part of which message this is.

Source: 3GPP TS 23.040, section 9.2.3.24. A header starts with its length octet.
"""

from collections.abc import Iterable
from typing import NamedTuple

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.rules import MAX_SEGMENT_OCTETS

Element = tuple[int, bytes]  # identifier, data

CONCATENATION_8_BIT = 0x00
CONCATENATION_16_BIT = 0x08
MAX_HEADER_OCTETS = MAX_SEGMENT_OCTETS  # length octet included: all of a segment

_ELEMENT_HEAD_OCTETS = 2
# Reference, total, number of a concatenation element by its identifier: octets of data.
_CONCATENATION_OCTETS = {CONCATENATION_8_BIT: 3, CONCATENATION_16_BIT: 4}


def concatenation_octets(*, wide: bool) -> int:
    """What a concatenation element takes in a header that has others beside it."""
    return _ELEMENT_HEAD_OCTETS + _CONCATENATION_OCTETS[CONCATENATION_16_BIT if wide else CONCATENATION_8_BIT]


class PartOf(NamedTuple):
    """This is part `number` (1..total) of the message that `reference` stands for."""

    reference: int
    total: int
    number: int
    wide: bool  # a 16-bit reference


def read_udh(octets: bytes) -> tuple[tuple[Element, ...], bytes]:
    """Return the header's elements in order, and the octets behind it. Refusal(MALFORMED_UDH)."""
    if not octets:
        raise Refusal(Reason.MALFORMED_UDH, "there is none")
    end = 1 + octets[0]
    if end > len(octets) or end > MAX_HEADER_OCTETS:
        raise Refusal(Reason.MALFORMED_UDH, f"it says {octets[0]} octets, {len(octets) - 1} are there")
    elements: list[Element] = []
    at = 1
    while at < end:
        data = at + _ELEMENT_HEAD_OCTETS
        if data > end or data + octets[at + 1] > end:
            raise Refusal(Reason.MALFORMED_UDH, f"an element at octet {at} is cut off")
        following = data + octets[at + 1]
        elements.append((octets[at], octets[data:following]))
        at = following
    return tuple(elements), octets[end:]


def concatenation(elements: Iterable[Element]) -> PartOf | None:
    """Which part of a message this is; None when it is whole. The last of several counts (section 9.2.3.24).

    Refusal(MALFORMED_UDH) for a part that cannot be: none at all, or above the total.
    """
    part: PartOf | None = None
    for identifier, data in elements:
        expected = _CONCATENATION_OCTETS.get(identifier)
        if expected is None:
            continue
        if len(data) != expected:
            raise Refusal(Reason.MALFORMED_UDH, f"concatenation in {len(data)} octets, not {expected}")
        total, number = data[-2:]
        if not 1 <= number <= total:
            raise Refusal(Reason.MALFORMED_UDH, f"part {number} of {total}")
        part = PartOf(int.from_bytes(data[:-2], "big"), total, number, identifier == CONCATENATION_16_BIT)
    return part


def part_element(part: PartOf) -> Element:
    """The concatenation element. A reference of more bits than it has loses the upper ones."""
    if part.wide:
        return CONCATENATION_16_BIT, (part.reference & 0xFFFF).to_bytes(2, "big") + bytes((part.total, part.number))
    return CONCATENATION_8_BIT, bytes((part.reference & 0xFF, part.total, part.number))


def write_udh(elements: Iterable[Element]) -> bytes:
    """The header of these elements, its length octet first. Refusal(MALFORMED_UDH) when no segment holds it."""
    body = b"".join(bytes((identifier, len(data))) + data for identifier, data in elements)
    if 1 + len(body) > MAX_HEADER_OCTETS:
        raise Refusal(Reason.MALFORMED_UDH, f"{1 + len(body)} octets of {MAX_HEADER_OCTETS}")
    return bytes((len(body),)) + body

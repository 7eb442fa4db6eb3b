"""What a customer (or a carrier, of a message from a phone) handed in, whole or in its own parts, read as one content.

Splitters cut between octets as they please: inside a surrogate pair, a double-octet character, behind an escape. So
neighbours that are written alike are joined first and decoded then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.alphabets import (
    FILLING,
    Alphabet,
    Reading,
    checked,
    decode,
    is_binary,
    is_gsm,
    is_packed,
    order_mark,
    read_text,
)
from gateway.segmenter.gsm import ESCAPE, LOCKING_SHIFT, SINGLE_SHIFT, unpack
from gateway.segmenter.rules import MAX_SEGMENT_OCTETS
from gateway.segmenter.udh import Element, concatenation_octets, read_udh, write_udh

_LANGUAGE_ELEMENTS = frozenset({LOCKING_SHIFT, SINGLE_SHIFT})


class Piece(NamedTuple):
    """A message that came whole, or one part of it.

    `octets` stood behind any user data header; `other_elements` is that header without its concatenation, as
    udh.write_udh makes it (empty: none); `wide` is the width of the concatenation's reference (None: not a part; a
    part by sar_ TLVs is wide); `number` counts from 1.
    """

    octets: bytes
    data_coding: int
    other_elements: bytes = b""
    wide: bool | None = None
    number: int = 1


class Content(NamedTuple):
    """What the message says. `text` is UTF-16BE, or octets to pass on untouched when `binary`.

    `data_coding` is the first part's, its class and indication hold for all; `other_elements` go along in each segment.
    """

    text: bytes
    binary: bool
    data_coding: int
    other_elements: bytes = b""


class _Alike(NamedTuple):
    """What neighbours must share to be decoded together."""

    data_coding: int
    locking: int
    single: int
    place: int  # of the run of numbers without a gap


def read_message(pieces: Sequence[Piece], reading: Reading) -> Content:
    """Read a message's pieces, one or more in the order of their numbers; numbers may be missing.

    National language tables hold for the part that names them, and are used up: text goes on without them. All other
    elements of any part are kept, each once. With them a message may be without text.
    Refusal: EMPTY_TEXT, UNKNOWN_CODING, UNDECODABLE_TEXT (also for parts of text beside parts of octets).
    """
    first = pieces[0]
    data_coding = first.data_coding
    if len(pieces) == 1 and first.wide is None and not first.other_elements:
        if is_binary(data_coding):
            return _binary(first.octets, data_coding, ())
        return Content(read_text(first.octets, data_coding, reading), False, data_coding)
    elements = [read_udh(piece.other_elements)[0] if piece.other_elements else () for piece in pieces]
    kept = tuple(dict.fromkeys(element for of_piece in elements for element in of_piece))
    octets_only = {is_binary(piece.data_coding) for piece in pieces}
    if octets_only == {True}:
        return _binary(b"".join(piece.octets for piece in pieces), data_coding, kept)
    if True in octets_only:
        raise Refusal(Reason.UNDECODABLE_TEXT, "some parts are text and some are not")
    kept = tuple(element for element in kept if element[0] not in _LANGUAGE_ELEMENTS)
    text = checked("".join(_runs(pieces, elements, reading)), may_be_empty=bool(kept))
    return Content(text, False, data_coding, write_udh(kept) if kept else b"")


def _binary(octets: bytes, data_coding: int, elements: tuple[Element, ...]) -> Content:
    if not octets and not elements:
        raise Refusal(Reason.EMPTY_TEXT)
    return Content(octets, True, data_coding, write_udh(elements) if elements else b"")


def _runs(pieces: Sequence[Piece], elements: Iterable[tuple[Element, ...]], reading: Reading) -> Iterator[str]:
    """The characters of each run of neighbours that are written alike."""
    described = [
        (_Alike(piece.data_coding, *_languages(piece, of_piece), piece.number - place), piece)
        for place, (piece, of_piece) in enumerate(zip(pieces, elements, strict=True))
    ]
    for alike, run in groupby(described, key=lambda pair: pair[0]):
        octets, run_reading = _joined([piece for _, piece in run], reading)
        yield decode(octets, alike.data_coding, run_reading, alike.locking, alike.single)


def _languages(piece: Piece, elements: tuple[Element, ...]) -> tuple[int, int]:
    """Its national language identifiers, locking and single. An element that is malformed names none."""
    if not elements or not is_gsm(piece.data_coding):
        return 0, 0
    named = {identifier: data[0] for identifier, data in elements if len(data) == 1}
    return named.get(LOCKING_SHIFT, 0), named.get(SINGLE_SHIFT, 0)


def _joined(run: list[Piece], reading: Reading) -> tuple[bytes, Reading]:
    data_coding = run[0].data_coding
    if is_packed(data_coding, reading):
        return _septets(run, FILLING[reading.default]), replace(reading, default=Alphabet.GSM)
    mark = order_mark(run[0].octets, data_coding, reading)
    if not mark:
        return b"".join(piece.octets for piece in run), reading
    # A sender that marks each part means one mark, and one that marks only the first means it for all.
    return mark + b"".join(piece.octets.removeprefix(mark) for piece in run), reading


def _septets(run: list[Piece], filling: bytes) -> bytes:
    septets = b""
    for piece in reversed(run):
        header_octets = _header_octets(piece)
        full = header_octets + len(piece.octets) == MAX_SEGMENT_OCTETS
        # A full part before another has no bits left over, unless an escape and its character went to the next.
        packed_full = full and septets and septets[0] != ESCAPE
        septets = unpack(piece.octets, header_octets, b"" if packed_full else filling) + septets
    return septets


def _header_octets(piece: Piece) -> int:
    """How long the header was that stood before the octets: packed septets begin at the next septet's edge."""
    others = len(piece.other_elements)
    if piece.wide is None:
        return others
    # sar_ TLVs are no header, yet one with a 16-bit reference fills whole septets, so it makes no difference.
    return (others or 1) + concatenation_octets(wide=piece.wide)

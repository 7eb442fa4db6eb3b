"""What a run sends: numbers that count up, texts that carry their number, and the submit_sm of each."""

from typing import NamedTuple

from simulators import wire

# 12 digits, a mobile number's shape; the run's block file gives the range to the carrier under test.
FIRST_NUMBER = 819_010_000_000
MOST_MESSAGES = 50_000_000
BLOCK_DIGITS = 7
SHARED_BLOCK_DIGITS = 9  # where all carriers have a part of the numbers: a thousand each in turn

SOURCE = b"0312345678"
NUMBER_CHARACTERS = 12
MOST_CHARACTERS = 660
MOST_PART_CHARACTERS = 67  # 140 octets without six of user data header
UDH_OCTETS = 6
FINAL_RECEIPT = 1
TON_NATIONAL = 2

SENTENCE = (
    "保険料のお引き落としができませんでした。お手数ですが、月末までにコンビニエンスストアでお支払いください。"
    "ご不明な点はお客様番号をご用意のうえ、お電話でお問い合わせください。受付は平日の九時から十七時までです。"
)


def text_tail(characters: int) -> str:
    """What follows the number in a text; the whole text when there is no room for a number."""
    rest = characters - NUMBER_CHARACTERS if characters >= NUMBER_CHARACTERS else characters
    return (SENTENCE * (rest // len(SENTENCE) + 1))[:rest]


def text(item: int, characters: int) -> str:
    """The text of message `item` (from 0)."""
    tail = text_tail(characters)
    return f"{FIRST_NUMBER + item}{tail}" if characters >= NUMBER_CHARACTERS else tail


class Piece(NamedTuple):
    """What one submit_sm carries of the text: its octets after the header `05 00 03`, reference, total, number."""

    total: int
    number: int
    begins_with_number: bool
    octets: bytes


def pieces(characters: int, parts: int) -> list[Piece]:
    """The text cut into the customer's own parts, without the number that the first begins with."""
    tail = text_tail(characters).encode("utf_16_be")
    numbered = characters >= NUMBER_CHARACTERS
    each = -(-characters // parts)
    first = 2 * (each - NUMBER_CHARACTERS) if numbered else 2 * each
    if first < 0:
        raise ValueError("the first part has no room for the number")
    cut = [tail[:first]]
    cut += [tail[place : place + 2 * each] for place in range(first, len(tail), 2 * each)]
    if len(cut) != parts:
        raise ValueError(f"{characters} characters do not make {parts} parts")
    return [Piece(parts, place + 1, numbered and place == 0, octets) for place, octets in enumerate(cut)]


class _Shape(NamedTuple):
    """One part's submit_sm: its length, and what stands between what changes."""

    length: int
    before_reference: bytes
    after_reference: bytes
    numbered: bool
    octets: bytes


class SubmitTemplate:
    """Writes the submit_sm of any message quickly: everything but number, reference and sequence is ready."""

    def __init__(self, characters: int, parts: int, receipts: bool) -> None:
        self.parts = parts
        self._before = bytes((0, TON_NATIONAL, wire.NPI_E164, *SOURCE, 0, wire.TON_INTERNATIONAL, wire.NPI_E164))
        esm_class = wire.ESM_UDHI if parts > 1 else 0
        fixed = bytes((0, esm_class, 0, 0, 0, 0, FINAL_RECEIPT if receipts else 0, 0, wire.DCS_UCS2, 0))
        self._shapes = [self._shape(piece, fixed) for piece in pieces(characters, parts)]

    def _shape(self, piece: Piece, fixed: bytes) -> _Shape:
        several = self.parts > 1
        octets = len(piece.octets) + 2 * NUMBER_CHARACTERS * piece.begins_with_number + UDH_OCTETS * several
        if octets <= wire.MOST_SHORT_MESSAGE:
            middle = fixed + bytes((octets,))
        else:
            middle = fixed + b"\0" + wire.MESSAGE_PAYLOAD.to_bytes(2, "big") + octets.to_bytes(2, "big")
        return _Shape(
            wire.HEADER_OCTETS + len(self._before) + NUMBER_CHARACTERS + len(middle) + octets,
            middle + (b"\x05\x00\x03" if several else b""),
            bytes((piece.total, piece.number)) if several else b"",
            piece.begins_with_number,
            piece.octets,
        )

    def submit_sm(self, item: int, part: int, sequence: int) -> bytes:
        """Part `part` (from 0) of message `item` as octets."""
        length, middle, after_reference, numbered, octets = self._shapes[part]
        number = str(FIRST_NUMBER + item)
        return b"".join(
            (
                wire.HEADER.pack(length, wire.SUBMIT_SM, 0, sequence),
                self._before,
                number.encode(),
                middle,
                bytes((item & 0xFF,)) if after_reference else b"",
                after_reference,
                number.encode("utf_16_be") if numbered else b"",
                octets,
            )
        )

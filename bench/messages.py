"""What a run sends: numbers that count up, texts that carry their number, and the submit_sm of each."""

import struct
from typing import NamedTuple

# 12 digits, a mobile number's shape; the run's block file gives the range to the carrier under test.
FIRST_NUMBER = 819_010_000_000
MOST_MESSAGES = 50_000_000
BLOCK_DIGITS = 7

SOURCE = b"0312345678"
UCS2 = 8
NUMBER_CHARACTERS = 12
MOST_CHARACTERS = 660
MOST_SHORT_OCTETS = 254  # SMPP 3.4, section 4.4.1: sm_length; a longer text is a message_payload
MOST_PART_CHARACTERS = 67  # 140 octets without six of user data header
MESSAGE_PAYLOAD = 0x0424
UDH_INDICATOR = 0x40
FINAL_RECEIPT = 1
SUBMIT_SM = 0x00000004

SENTENCE = (
    "保険料のお引き落としができませんでした。お手数ですが、月末までにコンビニエンスストアでお支払いください。"
    "ご不明な点はお客様番号をご用意のうえ、お電話でお問い合わせください。受付は平日の九時から十七時までです。"
)

HEADER = struct.Struct(">IIII")


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


class SubmitTemplate:
    """Writes the submit_sm of any message quickly: everything but number, reference and sequence is ready."""

    def __init__(self, characters: int, parts: int, receipts: bool) -> None:
        self.parts = parts
        self._before = b"\0\x02\x01" + SOURCE + b"\0\x01\x01"
        esm_class = UDH_INDICATOR if parts > 1 else 0
        fixed = bytes((0, esm_class, 0, 0, 0, 0, FINAL_RECEIPT if receipts else 0, 0, UCS2, 0))
        self._shapes = [self._shape(piece, fixed) for piece in pieces(characters, parts)]

    def _shape(self, piece: Piece, fixed: bytes) -> tuple[int, bytes, bytes, bool, bytes]:
        udh = 6 if self.parts > 1 else 0
        octets = udh + len(piece.octets) + (2 * NUMBER_CHARACTERS if piece.begins_with_number else 0)
        if octets <= MOST_SHORT_OCTETS:
            middle = fixed + bytes((octets,))
        else:
            middle = fixed + b"\0" + struct.pack(">HH", MESSAGE_PAYLOAD, octets)
        header = b"\x05\x00\x03" if udh else b""
        after_reference = bytes((piece.total, piece.number)) if udh else b""
        length = HEADER.size + len(self._before) + NUMBER_CHARACTERS + len(middle) + octets
        return length, middle + header, after_reference, piece.begins_with_number, piece.octets

    def submit_sm(self, item: int, part: int, sequence: int) -> bytes:
        """Part `part` (from 0) of message `item` as octets."""
        length, middle, after_reference, numbered, octets = self._shapes[part]
        number = str(FIRST_NUMBER + item)
        return b"".join(
            (
                HEADER.pack(length, SUBMIT_SM, 0, sequence),
                self._before,
                number.encode(),
                middle,
                bytes((item & 0xFF,)) if after_reference else b"",
                after_reference,
                number.encode("utf_16_be") if numbered else b"",
                octets,
            )
        )

"""From a customer's octets and data_coding to text: what each coding means, and one validated form for all of them.

Text within the gateway is UTF-16BE octets: no lone surrogate, no U+0000, line ends are LF.
"""

from dataclasses import dataclass
from enum import Enum

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.gsm import LOCKING_SHIFT, SINGLE_SHIFT, decode_gsm, unpack

UCS2 = 0x08
GSM_DEFAULT = 0x00

# 3GPP TS 23.038, section 4. SMPP 3.4, section 5.2.19, names 0xC0-0xDF and 0xF0-0xFF; 0x10-0x1B and 0xE0-0xEF are
# reserved there, and in use, because message centres pass the octet on as it is.
_GSM_WITH_CLASS = frozenset({*range(0x10, 0x14), *range(0xF0, 0xF4), *range(0xF8, 0xFC)})
_BINARY_WITH_CLASS = frozenset({*range(0x14, 0x18), *range(0xF4, 0xF8), *range(0xFC, 0x100)})
_UCS2_WITH_CLASS = frozenset(range(0x18, 0x1C))
_GSM_WAITING = frozenset(range(0xC0, 0xE0))
_UCS2_WAITING = frozenset(range(0xE0, 0xF0))

_CLASSES = _GSM_WITH_CLASS | _BINARY_WITH_CLASS | _UCS2_WITH_CLASS
_WAITING = _GSM_WAITING | _UCS2_WAITING
_GSM = _GSM_WITH_CLASS | _GSM_WAITING
_UCS2 = _UCS2_WITH_CLASS | _UCS2_WAITING | {UCS2}
_BINARY = _BINARY_WITH_CLASS | {0x02, 0x04}

_CLASS_BITS = 0x03
_WAITING_BITS = 0x0B  # active or not (bit 3), kind of message (bits 1-0)


class Alphabet(Enum):
    """How an account writes text where data_coding leaves it open (0: the default; 5 and 0x0D: JIS)."""

    GSM = "gsm"  # GSM 03.38, a septet in each octet
    GSM_PACKED = "gsm_packed"  # GSM 03.38, eight septets in seven octets
    LATIN1 = "latin1"
    ASCII = "ascii"
    UTF8 = "utf8"
    ISO2022JP = "iso2022jp"
    EUC_JP = "euc_jp"
    SHIFT_JIS = "shift_jis"


@dataclass(frozen=True, slots=True)
class Reading:
    """An account's way of writing."""

    default: Alphabet = Alphabet.GSM
    jis: Alphabet = Alphabet.SHIFT_JIS
    little_endian: bool = False  # UCS2 without a byte order mark is little-endian
    strip_bom: bool = True  # obey and remove a byte order mark at the start of UCS2 and UTF-8


# Code page 932 is what is called Shift_JIS in practice; the others are the widest of their family.
_CODECS = {
    Alphabet.LATIN1: "iso8859_1",
    Alphabet.ASCII: "ascii",
    Alphabet.UTF8: "utf_8",
    Alphabet.ISO2022JP: "iso2022_jp_ext",
    Alphabet.EUC_JP: "euc_jp",
    Alphabet.SHIFT_JIS: "cp932",
}

# data_coding values that name their encoding form themselves.
_NAMED_CODINGS = {
    0x01: "ascii",
    0x03: "iso8859_1",
    0x06: "iso8859_5",
    0x07: "iso8859_8",
    0x0A: "iso2022_jp_ext",
    0x0E: "euc_kr",
}
_JIS_CODINGS = frozenset({0x05, 0x0D})

_BIG_ENDIAN_MARK = b"\xfe\xff"
_LITTLE_ENDIAN_MARK = b"\xff\xfe"
_MARKS = frozenset({_BIG_ENDIAN_MARK, _LITTLE_ENDIAN_MARK})


def is_binary(data_coding: int) -> bool:
    """Whether the octets are not text: 8-bit data of any message class."""
    return data_coding in _BINARY


def is_gsm(data_coding: int) -> bool:
    """Whether a carrier reads the octets as GSM 03.38."""
    return data_coding == GSM_DEFAULT or data_coding in _GSM


def is_ucs2(data_coding: int) -> bool:
    """Whether the octets are UCS2 (UTF-16BE, as everybody means by it)."""
    return data_coding in _UCS2


def message_class(data_coding: int) -> int | None:
    """The message class 0..3 (0 is shown at once and not stored), None when the coding has none."""
    return data_coding & _CLASS_BITS if data_coding in _CLASSES else None


def outgoing_coding(received: int, *, gsm: bool) -> int:
    """The data_coding of text on its way to a carrier, in GSM 03.38 or UCS2.

    It keeps the message class or the waiting indication of the customer's data_coding. UCS2 has no form of "discard
    the message after the indication": it is stored.
    """
    shown = message_class(received)
    if shown is not None:
        return (0xF0 if gsm else 0x18) | shown
    if received in _WAITING:
        bits = received & _WAITING_BITS
        group = received & 0xF0 if received in _GSM_WAITING else 0xD0
        return (group if gsm else 0xE0) | bits
    return GSM_DEFAULT if gsm else UCS2


def read_text(
    octets: bytes, data_coding: int, reading: Reading, udh_elements: tuple[tuple[int, bytes], ...] = ()
) -> bytes:
    """Return a submitted text, without its user data header, as valid UTF-16BE octets.

    CRLF becomes LF; a CR alone stays, it is a character that the sender counts. `udh_elements` choose national
    language tables of GSM 03.38. Refusal: EMPTY_TEXT, UNKNOWN_CODING, UNDECODABLE_TEXT.
    """
    if not octets:
        raise Refusal(Reason.EMPTY_TEXT)
    try:
        if data_coding in _UCS2:
            if reading.little_endian or octets[:2] in _MARKS:
                octets = _big_endian(octets, reading)
            text = octets.decode("utf_16_be")
        else:
            text = _decode(octets, data_coding, reading, udh_elements)
            octets = b""
    except UnicodeDecodeError as error:
        raise Refusal(Reason.UNDECODABLE_TEXT, f"data_coding {data_coding:#04x}, octet {error.start}") from error
    if "\0" in text:
        raise Refusal(Reason.UNDECODABLE_TEXT, f"U+0000 at character {text.index(chr(0))}")
    if "\r\n" in text:
        return text.replace("\r\n", "\n").encode("utf_16_be")
    octets = octets or text.encode("utf_16_be")
    if not octets:
        raise Refusal(Reason.EMPTY_TEXT)
    return octets


def _big_endian(octets: bytes, reading: Reading) -> bytes:
    little_endian = reading.little_endian
    if reading.strip_bom and octets[:2] in _MARKS:
        little_endian = octets[:2] == _LITTLE_ENDIAN_MARK
        octets = octets[2:]
    return octets.decode("utf_16_le").encode("utf_16_be") if little_endian else octets


def _decode(octets: bytes, data_coding: int, reading: Reading, udh_elements: tuple[tuple[int, bytes], ...]) -> str:
    if data_coding == GSM_DEFAULT:
        return _decode_as(reading.default, octets, reading, udh_elements)
    if data_coding in _GSM:
        form = Alphabet.GSM_PACKED if reading.default is Alphabet.GSM_PACKED else Alphabet.GSM
        return _decode_as(form, octets, reading, udh_elements)
    if data_coding in _JIS_CODINGS:
        return _decode_as(reading.jis, octets, reading, udh_elements)
    codec = _NAMED_CODINGS.get(data_coding)
    if codec is None:
        raise Refusal(Reason.UNKNOWN_CODING, f"data_coding {data_coding:#04x}")
    return octets.decode(codec)


def _decode_as(alphabet: Alphabet, octets: bytes, reading: Reading, udh_elements: tuple[tuple[int, bytes], ...]) -> str:
    if alphabet is Alphabet.GSM or alphabet is Alphabet.GSM_PACKED:
        languages = {iei: data[0] for iei, data in udh_elements if iei in _LANGUAGE_ELEMENTS and len(data) == 1}
        if alphabet is Alphabet.GSM_PACKED:
            header_octets = sum(2 + len(data) for _, data in udh_elements) + 1 if udh_elements else 0
            octets = unpack(octets, header_octets)
        return decode_gsm(octets, languages.get(LOCKING_SHIFT, 0), languages.get(SINGLE_SHIFT, 0))
    text = octets.decode(_CODECS[alphabet])
    if alphabet is Alphabet.UTF8 and reading.strip_bom:
        return text.removeprefix("\ufeff")
    return text


_LANGUAGE_ELEMENTS = frozenset({LOCKING_SHIFT, SINGLE_SHIFT})

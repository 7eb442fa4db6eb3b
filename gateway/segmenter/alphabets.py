"""From a customer's octets and data_coding to text: what each coding means, and one validated form for all of them.

Text within the gateway is UTF-16BE octets: no lone surrogate, no U+0000, line ends are LF.
"""

from dataclasses import dataclass
from enum import Enum

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.gsm import decode_gsm, unpack
from gateway.segmenter.jis import VENDOR_ROWS

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
    GSM_PACKED = "gsm_packed"  # GSM 03.38, eight septets in seven octets; seven bits left over are zeros (or a CR)
    GSM_PACKED_CR = "gsm_packed_cr"  # seven bits left over are a CR, and a last @ is an @
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


# Codec and error handler. Code page 932 is what is called Shift_JIS in practice; the others are the widest of their
# family, and the handler adds to them what code page 932 has.
_CODECS = {
    Alphabet.LATIN1: ("iso8859_1", "strict"),
    Alphabet.ASCII: ("ascii", "strict"),
    Alphabet.UTF8: ("utf_8", "strict"),
    Alphabet.ISO2022JP: ("iso2022_jp_ext", VENDOR_ROWS),
    Alphabet.EUC_JP: ("euc_jp", VENDOR_ROWS),
    Alphabet.SHIFT_JIS: ("cp932", "strict"),
}

# Packed alphabets, and the septets that their last seven bits may be without being text.
FILLING = {Alphabet.GSM_PACKED: b"\0\r", Alphabet.GSM_PACKED_CR: b"\r"}

# data_coding values that name their encoding form themselves.
_NAMED_CODINGS = {
    0x01: ("ascii", "strict"),
    0x03: ("iso8859_1", "strict"),
    0x06: ("iso8859_5", "strict"),
    0x07: ("iso8859_8", "strict"),
    0x0A: ("iso2022_jp_ext", VENDOR_ROWS),
    0x0E: ("euc_kr", "strict"),
}
_JIS_CODINGS = frozenset({0x05, 0x0D})

_BIG_ENDIAN_MARK = b"\xfe\xff"
_LITTLE_ENDIAN_MARK = b"\xff\xfe"
_MARKS = frozenset({_BIG_ENDIAN_MARK, _LITTLE_ENDIAN_MARK})
_UTF8_MARK = b"\xef\xbb\xbf"


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


def is_packed(data_coding: int, reading: Reading) -> bool:
    """Whether the account writes eight septets in seven octets under this data_coding."""
    return reading.default in FILLING and (data_coding == GSM_DEFAULT or data_coding in _GSM)


def order_mark(octets: bytes, data_coding: int, reading: Reading) -> bytes:
    """The byte order mark that the octets begin with, if the account's are obeyed and removed; else nothing."""
    if not reading.strip_bom:
        return b""
    if data_coding in _UCS2:
        return octets[:2] if octets[:2] in _MARKS else b""
    if data_coding == GSM_DEFAULT and reading.default is Alphabet.UTF8:
        return _UTF8_MARK if octets.startswith(_UTF8_MARK) else b""
    return b""


def read_text(octets: bytes, data_coding: int, reading: Reading) -> bytes:
    """Return a submitted text that came whole and without a user data header as valid UTF-16BE octets.

    CRLF becomes LF; a CR alone stays, it is a character that the sender counts. Refusal: EMPTY_TEXT,
    UNKNOWN_CODING, UNDECODABLE_TEXT.
    """
    if not octets:
        raise Refusal(Reason.EMPTY_TEXT)
    if data_coding not in _UCS2 or reading.little_endian or octets[:2] in _MARKS:
        return checked(decode(octets, data_coding, reading))
    try:
        text = octets.decode("utf_16_be")
    except UnicodeDecodeError as error:
        raise _undecodable(data_coding, error) from error
    if "\0" in text or "\r\n" in text:
        return checked(text)
    return octets


def checked(text: str, *, may_be_empty: bool = False) -> bytes:
    """The one form of text, of characters that came. Refusal: UNDECODABLE_TEXT for U+0000, EMPTY_TEXT."""
    if "\0" in text:
        raise Refusal(Reason.UNDECODABLE_TEXT, f"U+0000 at character {text.index(chr(0))}")
    if not text and not may_be_empty:
        raise Refusal(Reason.EMPTY_TEXT)
    return text.replace("\r\n", "\n").encode("utf_16_be")


def decode(octets: bytes, data_coding: int, reading: Reading, locking: int = 0, single: int = 0) -> str:
    """The characters of octets that were cut from nothing, as they came: checked() makes text of them.

    `locking` and `single` are national language identifiers for GSM 03.38. Refusal: UNKNOWN_CODING,
    UNDECODABLE_TEXT.
    """
    try:
        if data_coding in _UCS2:
            return _decode_ucs2(octets, reading)
        if data_coding in _JIS_CODINGS:
            return _decode_as(reading.jis, octets, reading, locking, single)
        if data_coding == GSM_DEFAULT:
            return _decode_as(reading.default, octets, reading, locking, single)
        if data_coding in _GSM:
            form = reading.default if is_packed(data_coding, reading) else Alphabet.GSM
            return _decode_as(form, octets, reading, locking, single)
        codec = _NAMED_CODINGS.get(data_coding)
        if codec is None:
            raise Refusal(Reason.UNKNOWN_CODING, f"data_coding {data_coding:#04x}")
        return octets.decode(*codec)
    except UnicodeDecodeError as error:
        raise _undecodable(data_coding, error) from error


def _undecodable(data_coding: int, error: UnicodeDecodeError) -> Refusal:
    return Refusal(Reason.UNDECODABLE_TEXT, f"data_coding {data_coding:#04x}, octet {error.start}")


def _decode_ucs2(octets: bytes, reading: Reading) -> str:
    mark = order_mark(octets, UCS2, reading)
    little_endian = mark == _LITTLE_ENDIAN_MARK if mark else reading.little_endian
    return octets[len(mark) :].decode("utf_16_le" if little_endian else "utf_16_be")


def _decode_as(alphabet: Alphabet, octets: bytes, reading: Reading, locking: int, single: int) -> str:
    if alphabet is Alphabet.GSM:
        return decode_gsm(octets, locking, single)
    if alphabet in FILLING:
        return decode_gsm(unpack(octets, 0, FILLING[alphabet]), locking, single)
    text = octets.decode(*_CODECS[alphabet])
    if alphabet is Alphabet.UTF8 and reading.strip_bom:
        return text.removeprefix("\ufeff")
    return text

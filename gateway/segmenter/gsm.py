"""GSM 03.38: the basic and extension tables, the national language tables of three languages, packed septets.

Source: 3GPP TS 23.038, sections 6.1.2 and 6.2.1, annex A. Octets hold a septet each unless they are called packed.
"""

import codecs
import re
from collections.abc import Mapping

# Information elements of a user data header that choose a language (3GPP TS 23.040, sections 9.2.3.24.15 and .16).
SINGLE_SHIFT = 0x24
LOCKING_SHIFT = 0x25

# National language identifiers (3GPP TS 23.038, section 6.2.1.2.4). Any other one means the basic tables.
TURKISH = 1
SPANISH = 2
PORTUGUESE = 3

ESCAPE = 0x1B
_SEPTET_BITS = 7
_OCTET_BITS = 8

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_LOCKING = {
    TURKISH: (
        "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bŞşßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        "İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§çabcdefghijklmnopqrstuvwxyzäöñüà"
    ),
    PORTUGUESE: (
        "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?"
        "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà"
    ),
}
_SINGLE = {
    TURKISH: _EXTENSION | {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
    SPANISH: _EXTENSION
    | {0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú"},
    PORTUGUESE: _EXTENSION
    | {0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"}
    | {0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ"}
    | {0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ", 0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú"}
    | {0x7B: "ã", 0x7C: "õ", 0x7F: "â"},
}

_ESCAPED = re.compile(rb"\x1b(.?)", re.DOTALL)


def _encoding() -> Mapping[int, bytes]:
    encoding = {ord(character): bytes((code,)) for code, character in enumerate(_BASIC) if code != ESCAPE}
    return encoding | {ord(character): bytes((ESCAPE, code)) for code, character in _EXTENSION.items()}


_ENCODING = _encoding()

BEYOND_GSM = re.compile(f"[^{re.escape(''.join(map(chr, _ENCODING)))}]")  # one character of neither table


# The upper octets of the UTF-16 code units that GSM 03.38 has: Latin-1, Greek, the euro sign.
_UPPER_OCTETS = bytes(sorted({ord(character) >> 8 for character in (*_BASIC, *_EXTENSION.values())}))


def encode_gsm_text(text: bytes) -> bytes | None:
    """encode_gsm() of UTF-16BE octets; most text that is not of these tables is told by its upper octets alone."""
    if text[::2].translate(None, _UPPER_OCTETS):
        return None
    return encode_gsm(text.decode("utf_16_be"))


def encode_gsm(text: str) -> bytes | None:
    """Septets of the basic and extension tables, or None when a character is in neither."""
    try:
        return codecs.charmap_encode(text, "strict", _ENCODING)[0]
    except UnicodeEncodeError:
        return None


def decode_gsm(octets: bytes, locking: int = 0, single: int = 0) -> str:
    """Text of septets. `locking` and `single` are national language identifiers. UnicodeDecodeError above 0x7F.

    An escaped code that the extension table lacks shows the basic character; an escape before an escape or before
    nothing shows a space (section 6.2.1.1).
    """
    octets.decode("ascii")  # it alone names the place of a bad octet
    table = _LOCKING.get(locking, _BASIC)
    if ESCAPE not in octets:
        return codecs.charmap_decode(octets, "strict", table)[0]
    extension = _SINGLE.get(single, _EXTENSION)
    pieces: list[str] = []
    done = 0
    for match in _ESCAPED.finditer(octets):
        pieces.append(codecs.charmap_decode(octets[done : match.start()], "strict", table)[0])
        code = match[1]
        if code and code[0] != ESCAPE:
            pieces.append(extension.get(code[0]) or table[code[0]])
        else:
            pieces.append(" ")
        done = match.end()
    pieces.append(codecs.charmap_decode(octets[done:], "strict", table)[0])
    return "".join(pieces)


def unpack(packed: bytes, header_octets: int = 0, filling: bytes = b"\r") -> bytes:
    """Septets of packed octets. Behind a user data header of that many octets they start at a septet's edge.

    Seven bits that are left over look like one septet more; it is dropped when it is in `filling`: a carriage return
    as section 6.1.2.3.1 has it, or zero bits (`@`) as section 6.1.2.1 leaves them.
    """
    fill_bits = -header_octets * _OCTET_BITS % _SEPTET_BITS
    bits = len(packed) * _OCTET_BITS - fill_bits
    if bits < _SEPTET_BITS:
        return b""
    aligned = (int.from_bytes(packed, "little") >> fill_bits).to_bytes(len(packed), "little")
    septets = b"".join(_eight(aligned[at : at + _SEPTET_BITS]) for at in range(0, len(aligned), _SEPTET_BITS))
    septets = septets[: bits // _SEPTET_BITS]
    if bits % _SEPTET_BITS == 0 and septets[-1:] in filling:
        return septets[:-1]
    return septets


def _eight(seven_octets: bytes) -> bytes:
    bits = int.from_bytes(seven_octets, "little")
    return bytes(bits >> shift & 0x7F for shift in range(0, 8 * _SEPTET_BITS, _SEPTET_BITS))

"""How a carrier takes text: the text part of a carrier profile, as plain values.

Lengths are UTF-16 code units (two octets each) unless a name says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

MAX_SEGMENT_OCTETS = 140  # TP-User-Data, header included; 3GPP TS 23.040, section 9.2.3.24

# A concatenation header and sar_total_segments count parts in one octet.
MOST_SEGMENTS = 255

# A segment that could not hold a surrogate pair would never end.
LEAST_UNITS_IN_SEGMENT = 2


class Concatenation(Enum):
    """How a message that is longer than one segment goes to a carrier."""

    UDH8 = "udh8"  # user data header, 8-bit reference (3GPP TS 23.040, section 9.2.3.24.1)
    UDH16 = "udh16"  # user data header, 16-bit reference (section 9.2.3.24.8)
    SAR = "sar"  # TLVs sar_msg_ref_num, sar_total_segments, sar_segment_seqnum (SMPP 3.4, section 5.3.2.22)
    PAYLOAD = "payload"  # the whole text in the TLV message_payload (SMPP 3.4, section 5.3.2.32)


class Unfit(Enum):
    """What becomes of characters that a carrier does not carry."""

    REFUSE = "refuse"
    SEND = "send"
    REPLACE = "replace"  # by a character of the same meaning; refused where there is none


class Repertoire(Enum):
    """The characters that a carrier carries."""

    UNICODE = "unicode"
    BMP = "bmp"  # nothing that takes two code units
    JIS = "jis"  # ASCII, half-width katakana and JIS X 0208
    GSM = "gsm"  # GSM 03.38, basic and extension tables


@dataclass(frozen=True, slots=True)
class TextRule:
    """What a carrier takes in one message, how it is cut, and what it bills. ValueError for a rule that cannot be kept.

    `units[i]` is the longest text that is billed as i + 1 units; billed units always come from this table, also when
    the cut needs another number of segments. With `gsm7`, a text that GSM 03.38 holds wholly is sent in it: 160
    septets alone, 153 (UDH8) or 152 (UDH16, SAR) a segment. `replacements` name single characters, and with
    Unfit.REPLACE they are replaced whatever `carried` says; `translation` is the same as str.translate takes it.
    """

    first: int = 70  # code units in a message of one segment; a longer one is concatenated (or a payload)
    following: int = 67  # code units in each segment of a longer message
    concatenation: Concatenation = Concatenation.UDH8
    max_characters: int = 660  # longest text
    max_segments: int = 11  # a cut that spares surrogate pairs may need one segment more than units
    units: tuple[int, ...] = (70, 134, 201, 268, 335, 402, 469, 536, 603, 660)
    gsm7: bool = False
    unfit: Unfit = Unfit.SEND
    carried: Repertoire = Repertoire.UNICODE
    replacements: Mapping[str, str] = field(default_factory=dict, hash=False)
    translation: Mapping[int, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if min(self.first, self.following) < LEAST_UNITS_IN_SEGMENT:
            raise ValueError(f"a segment must hold {LEAST_UNITS_IN_SEGMENT} code units or more")
        if not 1 <= self.max_segments <= MOST_SEGMENTS:
            raise ValueError(f"max_segments must be 1..{MOST_SEGMENTS}, not {self.max_segments}")
        if any(shorter >= longer for shorter, longer in zip((0, *self.units), self.units, strict=False)):
            raise ValueError("units must ascend")
        if not self.units or self.units[-1] < self.max_characters:
            raise ValueError("units must reach max_characters")
        if any(len(misfit) != 1 for misfit in self.replacements):
            raise ValueError("replacements name single characters")
        # A lone surrogate is a ValueError here, not in a message.
        "".join(self.replacements.values()).encode("utf_16_be")
        translation = {ord(misfit): same for misfit, same in self.replacements.items()}
        object.__setattr__(self, "translation", translation)

"""Plain values that cross floors."""

from enum import Enum
from typing import NamedTuple


class Address(NamedTuple):
    """An address as SMPP carries it: type of number, numbering plan, digits or letters (ASCII)."""

    ton: int
    npi: int
    addr: bytes


class Ported(Enum):
    """Whether a number left the carrier its block was given to."""

    YES = "ported"
    NO = "not ported"
    UNKNOWN = "unknown"


class Serving(NamedTuple):
    """Whose number it is: the carrier's key, and how we know."""

    carrier: str
    ported: Ported
    source: str  # e.g. "ported numbers", "number block"
    as_of: int = 0  # when that was known, ms since 1970; 0: nobody says

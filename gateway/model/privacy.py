"""What the store does with personal data: the key for texts, and what months' files keep of numbers and texts."""

import hashlib
import hmac
from enum import Enum
from typing import NamedTuple

MASK_KEEPS_FIRST, MASK_KEEPS_LAST = 4, 3
HASH_DIGITS = 16


class Numbers(Enum):
    """What the files of the months hold of a recipient's number."""

    WHOLE = "whole"
    MASKED = "masked"  # its beginning and end: 8190*****678
    HASHED = "hashed"  # a keyed hash: the same number is the same hash, in one store


class Privacy(NamedTuple):
    """`key` seals texts (empty: they are not); texts in months' files are blanked after so many days (0: never)."""

    key: bytes = b""
    numbers: Numbers = Numbers.WHOLE
    blank_text_days: int = 0


def written(number: str, how: Numbers, secret: bytes) -> str:
    """A number as months' files have it. `secret` is the store's own."""
    if how is Numbers.MASKED:
        hidden = max(0, len(number) - MASK_KEEPS_FIRST - MASK_KEEPS_LAST)
        return number[:MASK_KEEPS_FIRST] + "*" * hidden + number[MASK_KEEPS_FIRST + hidden :]
    if how is Numbers.HASHED:
        return "#" + hmac.digest(secret, number.encode(), hashlib.sha256).hex()[:HASH_DIGITS]
    return number

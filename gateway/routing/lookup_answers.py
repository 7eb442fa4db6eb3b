"""What a look-up over the network says of a number, and what its names mean here."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from gateway.model.values import Ported


class Said(Enum):
    """What an answer amounts to."""

    KNOWN = "a carrier"
    AT_HOME = "not ported: it is with the carrier of its block"
    UNKNOWN = "the source does not know, or names nobody whom we know"
    SILENT = "no answer that could be used"


class Answer(NamedTuple):
    """Of one source. `carrier` is a key of ours, only when KNOWN. `as_of` is ms since 1970, 0: not told."""

    said: Said
    source: str = ""
    carrier: str = ""
    ported: Ported = Ported.UNKNOWN
    as_of: int = 0
    brand: str = ""  # the name that decided, as the source wrote it
    ttl: float | None = None  # seconds that the source vouches for it; None: it did not say

    @property
    def decides(self) -> bool:
        """Whether no other source needs to be asked."""
        return self.said is Said.KNOWN or self.said is Said.AT_HOME


LONGEST_NAME = 80  # characters of a name as we keep it

_NOT_IN_CODES = re.compile(r"[\s.,()-]+")


def canonical(name: str) -> str:
    """How names are compared: without case, spaces and punctuation: `440-10`, `44010` and `440,10` agree."""
    return _NOT_IN_CODES.sub("", name).casefold()


class Names:
    """What sources call carriers (routing number, MCC and MNC, provider id, name of a brand) -> carrier's key."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = {canonical(name): key for name, key in keys.items()}

    def find(self, names: Iterable[str]) -> tuple[str, str]:
        """(carrier's key, the name that decided): the first name that is known; ("", first name) when none is."""
        first = ""
        for name in names:
            key = self._keys.get(canonical(name))
            if key is not None:
                return key, name[:LONGEST_NAME]
            first = first or name
        return "", first[:LONGEST_NAME]

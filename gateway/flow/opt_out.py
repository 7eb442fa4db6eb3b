"""Who wants no messages of a customer any more: its list, by keyword from the phone, by the API, by a file.

A number takes 8 octets, in a sorted array; what changed since is in a small map that is folded into it.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple
from unicodedata import normalize

from gateway.model.errors import GatewayError

FOLD_AT = 4_096  # changes kept beside the array
_E164 = re.compile(rb"[1-9][0-9]{4,14}")
MOST_KEYWORD_CHARACTERS = 32
AROUND = " \t\r\n.!。「」\"'"  # after NFKC, which makes wide ones narrow


class Source(Enum):
    """How a number came on the list or left it."""

    PHONE = "phone"
    API = "api"
    FILE = "file"


class OptOutChanged(NamedTuple):
    """The row that the store must keep: the last one of (customer, e164) holds. Durable before anybody is told."""

    customer: str
    e164: bytes
    out: bool
    at_ms: int
    source: str


class ListFull(GatewayError):
    """The list holds as many as it may. The operator raises `most`, and is told."""


def keyword_of(text: str) -> str:
    """What a phone wrote, as keywords are compared: width and case do not matter, nor what surrounds it."""
    if len(text) > 4 * MOST_KEYWORD_CHARACTERS:
        return ""
    return normalize("NFKC", text).strip(AROUND).casefold()


def number_of(e164: bytes) -> int:
    """The digits as a number. ValueError for what is no E.164 number."""
    if not _E164.fullmatch(e164):
        raise ValueError("no number with country code")
    return int(e164)


class OptOutList:
    """One customer's. Numbers are E.164 digits, with country code, without plus."""

    __slots__ = ("_base", "_changes", "_count", "_customer", "_most", "_start", "_stop")

    def __init__(
        self,
        customer: str,
        most: int,
        stop: Iterable[str] = (),
        start: Iterable[str] = (),
        numbers: Iterable[bytes] = (),
    ) -> None:
        self._customer = customer
        self._most = most
        self._stop = frozenset(map(keyword_of, stop)) - {""}
        self._start = frozenset(map(keyword_of, start)) - {""}
        if self._stop & self._start:
            raise ValueError("a keyword cannot mean both stop and start")
        self._base: array[int] = array("Q")
        self._changes: dict[int, bool] = {}
        self._count = 0
        self.restore((number, True) for number in numbers)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, e164: bytes) -> bool:
        """Whether nothing may be sent to it. What is no number is on no list."""
        return bool(self._count) and e164.isdigit() and len(e164) <= 15 and self._holds(int(e164))

    def _holds(self, number: int) -> bool:
        change = self._changes.get(number)
        if change is not None:
            return change
        place = bisect_left(self._base, number)
        return place < len(self._base) and self._base[place] == number

    def __iter__(self) -> Iterator[int]:
        """The numbers on the list, ascending."""
        self._fold()
        return iter(self._base)

    def restore(self, numbers: Iterable[tuple[bytes, bool]]) -> None:
        """After a start: the file's numbers first, then the store's rows. ListFull when they are too many."""
        for e164, out in numbers:
            self._set(number_of(e164), out=out)

    def change(self, e164: bytes, at_ms: int, source: Source, *, out: bool) -> OptOutChanged | None:
        """Put a number on the list (`out`) or take it off; the row to keep, or None when that changes nothing.

        ValueError for what is no number, ListFull when there is no room.
        """
        if not self._set(number_of(e164), out=out):
            return None
        return OptOutChanged(self._customer, e164, out, at_ms, source.value)

    def _set(self, number: int, *, out: bool) -> bool:
        if self._holds(number) is out:
            return False
        if out and self._count >= self._most:
            raise ListFull(f"the opt-out list of {self._customer} is full at {self._most}")
        self._changes[number] = out
        self._count += 1 if out else -1
        if len(self._changes) >= max(FOLD_AT, len(self._base) // 16):
            self._fold()
        return True

    def _fold(self) -> None:
        kept = [number for number in self._base if self._changes.get(number) is not False]
        kept.extend(number for number, out in self._changes.items() if out)
        self._base = array("Q", sorted(set(kept)))
        self._changes = {}

    def from_phone(self, e164: bytes, text: str, at_ms: int) -> OptOutChanged | None:
        """A message from a phone to a number of the customer: the row to keep when it is a keyword, else None.

        The message itself goes to the customer all the same. ValueError and ListFull as for `change`.
        """
        if not (self._stop or self._start) or not (word := keyword_of(text)):
            return None
        if word in self._stop:
            return self.change(e164, at_ms, Source.PHONE, out=True)
        if word in self._start:
            return self.change(e164, at_ms, Source.PHONE, out=False)
        return None

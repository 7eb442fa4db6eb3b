"""What reached the sink: each message's segments, those that came twice, and whether the text is whole."""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from bench.messages import FIRST_NUMBER, NUMBER_CHARACTERS, text_tail

MOST_SEGMENTS = 32  # a bit each


class Reached(NamedTuple):
    """What the sink saw of one message: how many different segments, and how many came once more."""

    destination: str
    segments: int
    doubled: int


class Arrivals:
    """Segments by message and place. Space is taken once, by the count of the run."""

    def __init__(self, count: int, characters: int) -> None:
        self._count = count
        self._numbered = characters >= NUMBER_CHARACTERS
        self._tail = text_tail(characters).encode("utf_16_be")
        self._seen = array("I", bytes(4 * count))
        self._texts: dict[tuple[int, int], bytes] = {}  # (total, place) -> text behind the number
        self._doubles: dict[int, int] = {}
        self.segments = 0
        self.doubled = 0
        self.damaged = 0
        self.strangers = 0

    def add(self, destination: bytes, total: int, place: int, octets: bytes) -> None:
        """A segment was accepted. `place` counts from 1; `octets` are its text without headers."""
        self.segments += 1
        item = int(destination) - FIRST_NUMBER if destination.isdigit() else -1
        if not 0 <= item < self._count or not 1 <= place <= total <= MOST_SEGMENTS:
            self.strangers += 1
            return
        bit = 1 << (place - 1)
        seen = self._seen[item]
        if seen & bit:
            self.doubled += 1
            self._doubles[item] = self._doubles.get(item, 0) + 1
            return
        self._seen[item] = seen | bit
        if place == 1 and self._numbered:
            if octets[: 2 * NUMBER_CHARACTERS] != destination.decode().encode("utf_16_be"):
                self.damaged += 1
            octets = octets[2 * NUMBER_CHARACTERS :]
        if octets != self._texts.setdefault((total, place), octets):
            self.damaged += 1

    def damaged_at_end(self) -> int:
        """Segments with a wrong text; all of those of a kind whose texts do not make the whole when joined."""
        damaged = self.damaged
        for total in {total for total, _ in self._texts}:
            joined = b"".join(self._texts.get((total, place), b"") for place in range(1, total + 1))
            if joined != self._tail:
                everything = (1 << total) - 1
                damaged += sum(seen.bit_count() for seen in self._seen if seen and seen <= everything)
        return damaged

    def reached(self) -> Iterator[Reached]:
        """Every message that came, whole or not."""
        for item, seen in enumerate(self._seen):
            if seen:
                yield Reached(str(FIRST_NUMBER + item), seen.bit_count(), self._doubles.get(item, 0))

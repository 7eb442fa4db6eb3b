"""What network look-ups said, kept for as long as the operator allows: bounded, negative answers too."""

from collections.abc import Mapping
from typing import NamedTuple

from gateway.routing.lookup_answers import Answer, Said


class Keeping(NamedTuple):
    """How long answers of one source are kept, in seconds. A ttl that the source tells holds between the bounds."""

    known: float  # also the most, whatever ttl the source tells
    least: float  # what is known is kept at least so long, whatever ttl the source tells
    unknown: float  # the source does not know

    def seconds(self, answer: Answer) -> float:
        """How long this one is good for; 0: not at all. A silence is never kept: the circuit breaker is for that."""
        if answer.said is Said.SILENT:
            return 0.0
        longest = self.unknown if answer.said is Said.UNKNOWN else self.known
        if answer.ttl is None:
            return longest
        return max(min(answer.ttl, longest), min(self.least, longest))


class LookupCache:
    """(source, number) -> its answer. Where `most` are kept, the one that was put in first makes room.

    Each entry has its own end; nothing needs to be swept, as the number of entries is bounded.
    """

    __slots__ = ("_entries", "_keeping", "_most", "hits", "misses")

    def __init__(self, most: int, keeping: Mapping[str, Keeping]) -> None:
        self._most = most
        self._keeping = keeping
        self._entries: dict[tuple[str, bytes], tuple[float, Answer]] = {}
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, source: str, e164: bytes, now: float) -> Answer | None:
        """The answer, if it is still good. `now` is monotonic seconds."""
        entry = self._entries.get((source, e164))
        if entry is None or entry[0] <= now:
            self.misses += 1
            return None
        self.hits += 1
        return entry[1]

    def peek(self, source: str, e164: bytes, now: float) -> tuple[Answer, float] | None:
        """For people: the answer that is still good, and for how many seconds more. Nothing is counted."""
        entry = self._entries.get((source, e164))
        return None if entry is None or entry[0] <= now else (entry[1], entry[0] - now)

    def put(self, e164: bytes, answer: Answer, now: float) -> None:
        """Keep what a source said just now, as long as its policy says."""
        key = (answer.source, e164)
        self._entries.pop(key, None)
        seconds = self._keeping[answer.source].seconds(answer)
        if seconds <= 0 or not self._most:
            return
        if len(self._entries) >= self._most:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (now + seconds, answer)

    def forget(self, e164: bytes) -> None:
        """A carrier said that a number is not where the sources think: they are asked anew."""
        for source in self._keeping:
            self._entries.pop((source, e164), None)

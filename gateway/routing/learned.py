"""What carriers' answers taught us of single numbers: whose they are, or are not. For a while, and so many."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

MOST_DENIALS = 3


class Learned(NamedTuple):
    """One number, as a row keeps it. Neither carrier nor denials: carriers contradict each other; none is believed."""

    number: int  # E.164 digits
    carrier: str  # "": not known
    not_carriers: tuple[str, ...]
    source: str  # the carrier that said so last
    learned_at: int  # ms since 1970
    expires_at: int

    @property
    def disputed(self) -> bool:
        """Whether carriers contradict each other."""
        return not self.carrier and not self.not_carriers

    def pack(self) -> bytes:
        """All but number and end, as a store keeps it: JSON."""
        return orjson.dumps((self.carrier, self.not_carriers, self.source, self.learned_at))

    @classmethod
    def unpack(cls, number: int, value: bytes, expires_at: int) -> "Learned":
        """What `pack` made. ValueError for anything else."""
        try:
            carrier, not_carriers, source, learned_at = orjson.loads(value)
            return cls(number, str(carrier), tuple(map(str, not_carriers)), str(source), int(learned_at), expires_at)
        except (TypeError, ValueError):
            raise ValueError("no fact about a number") from None


class LearnedNumbers:
    """Facts that live `ttl_ms`, at most `most` of them; the oldest makes room.

    `changed` and `gone` collect what a store has to write, if `durable`; whoever writes takes them by `take_changes`.
    """

    __slots__ = ("_changed", "_durable", "_gone", "facts", "most", "ttl_ms")

    def __init__(self, ttl_ms: int, most: int, *, durable: bool = False) -> None:
        self.ttl_ms = ttl_ms
        self.most = most
        self.facts: dict[int, Learned] = {}  # by number, the oldest first
        self._durable = durable
        self._changed: dict[int, Learned] = {}
        self._gone: set[int] = set()

    def __len__(self) -> int:
        return len(self.facts)

    def redirected(self, e164: bytes, by: str, to: str, now_ms: int) -> Learned:
        """Carrier `by` does not serve the number and says that `to` does.

        Believed unless `to` has said before that it does not: then they contradict each other, and until it expires
        this number is for other sources to decide.
        """
        before = self.facts.get(int(e164))
        if before is not None and before.disputed:
            return before
        denied = () if before is None else before.not_carriers
        if to == by or to in denied:
            return self._put(e164, "", (), by, now_ms)
        return self._put(e164, to, _with(denied, by), by, now_ms)

    def denied(self, e164: bytes, by: str, now_ms: int) -> Learned:
        """Carrier `by` does not serve the number, and does not say who does."""
        before = self.facts.get(int(e164))
        if before is not None and before.disputed:
            return before
        denied = _with(() if before is None else before.not_carriers, by)
        if len(denied) > MOST_DENIALS:
            return self._put(e164, "", (), by, now_ms)
        carrier = "" if before is None or before.carrier == by else before.carrier
        return self._put(e164, carrier, denied, by, now_ms)

    def forget(self, e164: bytes) -> None:
        """Nothing is known of the number any more: a newer file has it, or a person says so."""
        self._drop(int(e164))

    def expire(self, now_ms: int) -> int:
        """Drop what has lived long enough; how many."""
        old = []
        for number, fact in self.facts.items():
            if fact.expires_at > now_ms:
                break
            old.append(number)
        for number in old:
            self._drop(number)
        return len(old)

    def load(self, rows: Iterable[Learned], now_ms: int) -> None:
        """Put back what a store kept. What is over, or too much, is dropped."""
        for row in sorted(rows, key=lambda row: row.expires_at):
            if row.expires_at > now_ms:
                self.facts[row.number] = row
                self._make_room()

    def take_changes(self) -> tuple[list[Learned], list[int]]:
        """Since the last time: facts that are new or other than before, and numbers of which nothing is known now."""
        changed, gone = list(self._changed.values()), sorted(self._gone)
        self._changed, self._gone = {}, set()
        return changed, gone

    def __iter__(self) -> Iterator[Learned]:
        return iter(self.facts.values())

    def _put(self, e164: bytes, carrier: str, denied: tuple[str, ...], by: str, now_ms: int) -> Learned:
        number = int(e164)
        fact = Learned(number, carrier, denied, by, now_ms, now_ms + self.ttl_ms)
        self.facts.pop(number, None)
        self.facts[number] = fact  # the newest is the last
        if self._durable:
            self._changed[number] = fact
            self._gone.discard(number)
        self._make_room()
        return fact

    def _make_room(self) -> None:
        while len(self.facts) > self.most:
            self._drop(next(iter(self.facts)))

    def _drop(self, number: int) -> None:
        if self.facts.pop(number, None) is not None and self._durable:
            self._changed.pop(number, None)
            self._gone.add(number)


def _with(denied: tuple[str, ...], one: str) -> tuple[str, ...]:
    return denied if one in denied else (*denied, one)

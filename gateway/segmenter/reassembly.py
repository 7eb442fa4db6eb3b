"""Parts of long messages wait here for their siblings: in any order, over any binds, repeated or never complete.

A machine without a clock: `now` is monotonic seconds and never goes back from one call to the next.
"""

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from gateway.model.errors import Bug

Key = tuple[Hashable, ...]

T = TypeVar("T")


class Part(NamedTuple, Generic[T]):
    """Part `number` (from 1) of a message. `extra` is the caller's own and is handed back as it came."""

    part_id: int
    number: int
    octets: bytes
    data_coding: int
    extra: T


class Waiting(NamedTuple):
    """Some parts are missing yet."""


class Repeated(NamedTuple):
    """The part is here already: the same number and octets, under this id."""

    part_id: int


class Whole(NamedTuple, Generic[T]):
    """The message is complete: its parts in the order of their numbers."""

    parts: tuple[Part[T], ...]


class _Open(Generic[T]):
    """A message with parts missing."""

    __slots__ = ("deadline", "key", "parts")

    def __init__(self, key: Key, deadline: float) -> None:
        self.key = key
        self.deadline = deadline
        self.parts: dict[int, Part[T]] = {}


_WAITING = Waiting()


class Reassembler(Generic[T]):
    """Holds at most `max_open` incomplete messages, each for `wait_seconds` from its first part."""

    def __init__(self, wait_seconds: float, max_open: int) -> None:
        self._wait_seconds = wait_seconds
        self._max_open = max_open
        self._current: dict[Key, _Open[T]] = {}
        # Every wait is equally long, so the order of coming is the order of going. A message that another one with
        # its key displaced is here and not in _current.
        self._waiting: dict[_Open[T], None] = {}

    @property
    def full(self) -> bool:
        """Whether another message would be one too many. Parts of messages that are open still fit: see knows()."""
        return len(self._waiting) >= self._max_open

    def __len__(self) -> int:
        """Incomplete messages."""
        return len(self._waiting)

    def knows(self, key: Key, part: Part[T]) -> bool:
        """Whether this part would join a message that is open already."""
        message = self._current.get(key)
        return message is not None and _fits(message, part)

    def add(self, key: Key, total: int, part: Part[T], now: float) -> Waiting | Repeated | Whole[T]:
        """Take a part. `key` names the message: account, source, destination, reference, total, width of reference.

        The same number with other octets is not a repetition but a new message under a reference used again; the
        displaced one waits on, without taking parts, until expire() gives it up. After Whole a message is forgotten:
        a part that comes once more begins a new one. Bug: a new message while `full`, a number above the total.
        """
        message = self._current.get(key)
        if self.full and (message is None or not _fits(message, part)) and total > 1:
            raise Bug(f"{self._max_open} messages are open and one more began")
        return self.restore(key, total, part, now)

    def restore(self, key: Key, total: int, part: Part[T], now: float) -> Waiting | Repeated | Whole[T]:
        """add(), for a part from the store after a restart: it was taken once, so it is taken again, full or not.

        The wait begins anew.
        """
        if not 1 <= part.number <= total:
            raise Bug(f"part {part.number} of {total}")
        message = self._current.get(key)
        if message is not None:
            first = message.parts.get(part.number)
            if first is not None and first.octets == part.octets:
                return Repeated(first.part_id)
        if message is None or not _fits(message, part):
            if total == 1:
                return Whole((part,))
            message = self._open(key, now)
        message.parts[part.number] = part
        if len(message.parts) < total:
            return _WAITING
        del self._current[key]
        del self._waiting[message]
        return Whole(tuple(message.parts[number] for number in range(1, total + 1)))

    def expire(self, now: float) -> list[tuple[Key, list[Part[T]]]]:
        """Give up the messages whose wait is over: each one's key and the parts that came, by number."""
        over: list[tuple[Key, list[Part[T]]]] = []
        for message in self._waiting:
            if message.deadline > now:
                break
            over.append((message.key, [message.parts[number] for number in sorted(message.parts)]))
        for _ in over:
            message = next(iter(self._waiting))
            del self._waiting[message]
            if self._current.get(message.key) is message:
                del self._current[message.key]
        return over

    def _open(self, key: Key, now: float) -> _Open[T]:
        message: _Open[T] = _Open(key, now + self._wait_seconds)
        self._waiting[message] = None
        self._current[key] = message
        return message


def _fits(message: _Open[T], part: Part[T]) -> bool:
    first = message.parts.get(part.number)
    return first is None or first.octets == part.octets

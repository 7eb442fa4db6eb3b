"""Our requests that await answers, oldest first; and those whose time ran out, in case an answer comes late."""

from enum import Enum
from typing import Any, NamedTuple


class Own(Enum):
    """Requests that the session makes for itself."""

    BIND = "bind"
    ENQUIRE_LINK = "enquire_link"
    UNBIND = "unbind"


class Sent(NamedTuple):
    """A request: whose it is, the command_id of its response, and when its time is over."""

    context: Any
    response_id: int
    deadline: float


class Requests:
    """By sequence_number. Every deadline is equally far from its sending, so the oldest come first.

    At most `most_overdue` are kept past their deadline, each for `overdue_seconds`.
    """

    __slots__ = ("_most_overdue", "_overdue", "_overdue_seconds", "_seconds", "sent")

    def __init__(self, seconds: float, most_overdue: int = 0, overdue_seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._most_overdue = most_overdue
        self._overdue_seconds = overdue_seconds
        self._overdue: dict[int, Sent] = {}
        self.sent: dict[int, Sent] = {}

    def make(self, sequence_number: int, context: object, response_id: int, now: float) -> None:
        """One goes out."""
        self.sent[sequence_number] = Sent(context, response_id, now + self._seconds)

    def expire(self, now: float) -> list[Any]:
        """The contexts of those whose time is over."""
        contexts: list[Any] = []
        while self.sent:
            sequence_number, sent = next(iter(self.sent.items()))
            if sent.deadline > now:
                break
            del self.sent[sequence_number]
            contexts.append(sent.context)
            self._overdue[sequence_number] = sent
        while self._overdue:
            sequence_number, sent = next(iter(self._overdue.items()))
            if len(self._overdue) <= self._most_overdue and sent.deadline + self._overdue_seconds > now:
                break
            del self._overdue[sequence_number]
        return contexts

    def late(self, sequence_number: int, response_id: int, nack_id: int) -> Sent | None:
        """The overdue request that this response answers, once."""
        sent = self._overdue.get(sequence_number)
        if sent is None or response_id not in (sent.response_id, nack_id):
            return None
        return self._overdue.pop(sequence_number)

    @property
    def overdue(self) -> int:
        """How many could still be answered late."""
        return len(self._overdue)

    def clear(self) -> list[Any]:
        """Nothing more comes: the contexts of those without an answer, oldest first."""
        contexts = [sent.context for sent in self.sent.values()]
        self.sent.clear()
        self._overdue.clear()
        return contexts

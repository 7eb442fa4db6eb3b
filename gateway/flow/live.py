"""The messages that are alive, and the moment at which each has waited long enough."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from gateway.flow.message import Message

# Entries of messages that ended are dropped when they outnumber the living this much.
SLACK = 1024


class Live:
    """All messages that are not final. Deadlines are monotonic seconds."""

    def __init__(self) -> None:
        self._messages: dict[int, Message] = {}
        self._deadlines: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._messages

    def add(self, message: Message) -> None:
        """A message was accepted (or found in the store)."""
        self._messages[message.row.message_id] = message
        heappush(self._deadlines, (message.deadline, message.row.message_id))

    def remove(self, message: Message) -> None:
        """It is final."""
        del self._messages[message.row.message_id]
        if len(self._deadlines) > 2 * len(self._messages) + SLACK:
            self._deadlines = [(one.deadline, message_id) for message_id, one in self._messages.items()]
            heapify(self._deadlines)

    def due(self, now: float) -> Iterator[Message]:
        """Take the messages whose deadline is over. One that is still not final is to be added again."""
        while self._deadlines and self._deadlines[0][0] <= now:
            _, message_id = heappop(self._deadlines)
            message = self._messages.get(message_id)
            if message is not None and message.deadline <= now:
                yield message

    def postpone(self, message: Message, deadline: float) -> None:
        """Look at it again later."""
        message.deadline = deadline
        heappush(self._deadlines, (deadline, message.row.message_id))

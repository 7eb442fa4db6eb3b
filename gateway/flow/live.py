"""The messages that are alive, and the moment at which each has waited long enough."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from gateway.flow.message import Message

# Entries of messages that ended are dropped when they outnumber the living this much.
SLACK = 1024

# The index by addresses is built when somebody asks and dropped when nobody did for so long: most customers never do.
ADDRESSES_KEPT_SECONDS = 60.0

Addresses = tuple[str, bytes, bytes]


class Live:
    """All messages that are not final. Deadlines are monotonic seconds."""

    def __init__(self) -> None:
        self._messages: dict[int, Message] = {}
        self._deadlines: list[tuple[float, int]] = []
        # (customer, id that was told in the place of the message's own) -> the messages; few have such ids
        self._told: dict[tuple[str, int], list[Message]] = {}
        self._addressed: dict[Addresses, dict[int, Message]] | None = None
        self._addresses_wanted = 0.0

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._messages

    def get(self, message_id: int) -> Message | None:
        """The message of this id, if it is alive and in memory."""
        return self._messages.get(message_id)

    def add(self, message: Message) -> None:
        """A message was accepted (or found in the store)."""
        row = message.row
        self._messages[row.message_id] = message
        if not row.carrier:
            message.account.looking_up += 1
        heappush(self._deadlines, (message.deadline, row.message_id))
        if row.part_ids:
            for told_id in message.told_ids():
                self._told.setdefault((row.customer, told_id), []).append(message)
        if self._addressed is not None:
            self._addressed.setdefault(_addresses(message), {})[row.message_id] = message

    def remove(self, message: Message) -> None:
        """It is final."""
        row = message.row
        del self._messages[row.message_id]
        if not row.carrier:
            message.account.looking_up -= 1
        if row.part_ids:
            self._forget_told(message)
        if self._addressed is not None:
            self._forget_addresses(self._addressed, message)
        if len(self._deadlines) > 2 * len(self._messages) + SLACK:
            self._deadlines = [(one.deadline, message_id) for message_id, one in self._messages.items()]
            heapify(self._deadlines)

    def _forget_told(self, message: Message) -> None:
        for told_id in message.told_ids():
            key = (message.row.customer, told_id)
            self._told[key].remove(message)
            if not self._told[key]:
                del self._told[key]

    @staticmethod
    def _forget_addresses(addressed: dict[Addresses, dict[int, Message]], message: Message) -> None:
        key = _addresses(message)
        del addressed[key][message.row.message_id]
        if not addressed[key]:
            del addressed[key]

    def told(self, customer: str, told_id: int) -> list[Message]:
        """The messages that this customer knows by this id: several of a submit_multi."""
        found = self._told.get((customer, told_id), [])
        own = self._messages.get(told_id)
        return [own, *found] if own is not None and own.row.customer == customer else list(found)

    def addressed(self, customer: str, source_addr: bytes, e164: bytes, now: float) -> list[Message]:
        """The customer's messages from this sender to this number, oldest first."""
        self._addresses_wanted = now
        if self._addressed is None:
            self._addressed = {}
            for message_id, message in self._messages.items():
                self._addressed.setdefault(_addresses(message), {})[message_id] = message
        return list(self._addressed.get((customer, source_addr, e164), {}).values())

    def due(self, now: float) -> Iterator[Message]:
        """Take the messages whose deadline is over. One that is still not final is to be added again."""
        if self._addressed is not None and now - self._addresses_wanted > ADDRESSES_KEPT_SECONDS:
            self._addressed = None
        while self._deadlines and self._deadlines[0][0] <= now:
            _, message_id = heappop(self._deadlines)
            message = self._messages.get(message_id)
            if message is not None and message.deadline <= now:
                yield message

    def postpone(self, message: Message, deadline: float) -> None:
        """Look at it again later."""
        message.deadline = deadline
        heappush(self._deadlines, (deadline, message.row.message_id))


def _addresses(message: Message) -> Addresses:
    row = message.row
    return row.customer, row.source_addr, row.e164

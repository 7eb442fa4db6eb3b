"""Message ids: 63-bit integers that grow with time, unique per node, told to customers as 16 hexadecimal digits.

A customer of SMPP 3.3 is told a short id in the place of it: 32 bits, 8 digits (`gateway/flow/short_ids.py`). An
account may be told its ids in decimal: `tell_id` and `read_told_id` are the one place that knows.
"""

import re
from typing import NewType

MessageId = NewType("MessageId", int)

# 42 bits of milliseconds since 2025-01-01 UTC (139 years) | 5 bits of node | 16 bits of count within the millisecond
_EPOCH_MS = 1_735_689_600_000
_NODE_SHIFT = 16
_TIME_SHIFT = 21
_COUNT_MASK = (1 << _NODE_SHIFT) - 1
NODES = 1 << (_TIME_SHIFT - _NODE_SHIFT)
GREATEST = (1 << 63) - 1
SHORT_IDS = 1 << 32  # below it are the short ids; no other id is

_DIGITS = re.compile(r"[0-7][0-9A-Fa-f]{15}")
_SHORT_DIGITS = re.compile(rb"[0-9A-Fa-f]{8}")
# At least one digit more than the 16 hexadecimal ones: so what is read says itself which of the two it is.
_DECIMAL_DIGITS = re.compile(rb"[0-9]{17,19}")


class IdSource:
    """Gives out ids that never repeat, also when the clock steps back: it goes on from the last one given.

    `last` is the greatest id that the store knows, so that a restart on a wrong clock, or as another node, repeats
    nothing either.
    """

    __slots__ = ("_last", "_node", "_ours")

    def __init__(self, node: int, last: int = 0) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"node must be 0..{NODES - 1}, not {node}")
        if not 0 <= last <= GREATEST:
            raise ValueError(f"last must be an id or 0, not {last}")
        self._node = node << _NODE_SHIFT
        self._last = max(last, SHORT_IDS)
        self._ours = False  # whether `_last` is an id of this source

    def next(self, now_ms: int) -> MessageId:
        """Return a fresh id, greater than all before it. `now_ms` is the wall clock in milliseconds since 1970."""
        fresh = (now_ms - _EPOCH_MS) << _TIME_SHIFT | self._node
        if fresh <= self._last:
            last = self._last
            fresh = last + 1 if self._ours and last & _COUNT_MASK != _COUNT_MASK else self._after(last)
        self._ours = True
        self._last = fresh
        return MessageId(fresh)

    def _after(self, last: int) -> int:
        """The least id of this node above `last`: in the same millisecond while there is room, else in the next."""
        time = last >> _TIME_SHIFT
        if last & _COUNT_MASK != _COUNT_MASK:
            fresh = time << _TIME_SHIFT | self._node | (last & _COUNT_MASK) + 1
            if fresh > last:
                return fresh
        return (time + 1) << _TIME_SHIFT | self._node


def format_id(message_id: int) -> bytes:
    """The id as customers see it, on the wire and in records: 16 lower-case hexadecimal digits."""
    return b"%016x" % message_id


def parse_id(text: str | bytes) -> MessageId:
    """The reverse of format_id; upper case is read too. ValueError when it is not an id of ours."""
    digits = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    if _DIGITS.fullmatch(digits) is None:
        raise ValueError("a message id has 16 hexadecimal digits")
    return MessageId(int(digits, 16))


def tell_id(told_id: int) -> bytes:
    """An id as it is told to a customer: 8 digits when it is a short one."""
    return b"%08x" % told_id if told_id < SHORT_IDS else b"%016x" % told_id


def tell_id_in_decimal(told_id: int) -> bytes:
    """As tell_id, for an account that wants 17 to 19 decimal digits. A short id has room for hexadecimal ones only."""
    return b"%08x" % told_id if told_id < SHORT_IDS else b"%017d" % told_id


def read_told_id(octets: bytes) -> int:
    """The reverse of both, so that ids are known that were told before an account was changed. ValueError if none."""
    if _SHORT_DIGITS.fullmatch(octets) is not None:
        return int(octets, 16)
    if _DECIMAL_DIGITS.fullmatch(octets) is not None and int(octets) <= GREATEST:
        return int(octets)
    return parse_id(octets)


def moment_of(message_id: int) -> int:
    """When an id was given out, ms since 1970; of a short id nobody can tell."""
    return (message_id >> _TIME_SHIFT) + _EPOCH_MS

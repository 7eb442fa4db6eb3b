"""The ids of segments that ended lately: so that a receipt that comes again, or too late, is known as such.

Two dicts take turns: the younger one takes in, and when it is full it becomes the elder, and what was the elder goes as
a whole. That costs a third less memory an id than an ordered dict, and nothing to find the oldest.
"""

from gateway.model.lifecycle import SegmentState

REMEMBERED_IDS = 50_000  # at most; at least half of it
_STATE_BITS = 4


class SettledIds:
    """By the carrier's id in canonical form: whose segment it was, and how that ended."""

    __slots__ = ("_elder", "_most", "_younger")

    def __init__(self, most: int = REMEMBERED_IDS) -> None:
        self._most = most // 2
        self._younger: dict[bytes, int] = {}
        self._elder: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._younger) + len(self._elder)

    def add(self, carrier_id: bytes, message_id: int, state: SegmentState) -> None:
        """A segment ended. An id used again is the newest one's."""
        self._younger[carrier_id] = message_id << _STATE_BITS | state
        if len(self._younger) >= self._most:
            self._younger, self._elder = {}, self._younger

    def discard(self, carrier_id: bytes) -> None:
        """The carrier gave this id to another segment."""
        if carrier_id in self._younger:
            del self._younger[carrier_id]
        if carrier_id in self._elder:
            del self._elder[carrier_id]

    def get(self, carrier_id: bytes) -> tuple[int, SegmentState] | None:
        """The id of the message that had it, and the state in which its segment ended."""
        packed = self._younger.get(carrier_id)
        if packed is None:
            packed = self._elder.get(carrier_id)
        if packed is None:
            return None
        return packed >> _STATE_BITS, SegmentState(packed & (1 << _STATE_BITS) - 1)

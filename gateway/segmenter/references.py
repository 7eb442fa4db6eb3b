"""Concatenation references: no two long messages on their way to one phone share one, as far as there are enough.

A phone joins parts by sender and reference, so a shared one would mix two texts (3GPP TS 23.040, section 9.2.3.24.1).
"""

REFERENCES_8_BIT = 1 << 8
REFERENCES_16_BIT = 1 << 16

# Destinations with long messages in flight that are remembered; above it the one that waits longest is forgotten.
MAX_DESTINATIONS = 500_000


class References:
    """Hands out references. Bounded: at most `max_destinations` are remembered, each with what it has in flight."""

    __slots__ = ("_held", "_last", "_max_destinations")

    def __init__(self, start: int = 0, max_destinations: int = MAX_DESTINATIONS) -> None:
        """`start` is where to go on; one that differs from start to start keeps off the references of a past life."""
        self._last = start
        self._max_destinations = max_destinations
        # destination -> reference -> how many messages in flight use it; both in the order of their taking
        self._held: dict[bytes, dict[int, int]] = {}

    def take(self, destination: bytes, wide: bool) -> int:
        """A reference (16 bits when `wide`, else 8) that no message in flight to `destination` has.

        When all of them are in flight, the one taken longest ago is given once more.
        """
        size = REFERENCES_16_BIT if wide else REFERENCES_8_BIT
        self._last = (self._last + 1) % REFERENCES_16_BIT
        reference = self._last % size
        held = self._held.get(destination)
        if held:
            reference = _free(held, reference, size)
        self.hold(destination, reference)
        return reference

    def hold(self, destination: bytes, reference: int) -> None:
        """A message in flight uses this reference already, as the store says after a restart."""
        held = self._held.get(destination)
        if held is None:
            if len(self._held) >= self._max_destinations:
                del self._held[next(iter(self._held))]
            held = self._held[destination] = {}
        held[reference] = held.pop(reference, 0) + 1

    def release(self, destination: bytes, reference: int) -> None:
        """The message that took it is final. One that is not held is no fault: it may have been forgotten."""
        held = self._held.get(destination)
        if held is None or reference not in held:
            return
        held[reference] -= 1
        if not held[reference]:
            del held[reference]
            if not held:
                del self._held[destination]

    def __len__(self) -> int:
        """Destinations remembered."""
        return len(self._held)


def _free(held: dict[int, int], first: int, size: int) -> int:
    if len(held) < size or size == REFERENCES_8_BIT:  # else all are held, and looking at each would take long
        for step in range(size):
            reference = (first + step) % size
            if reference not in held:
                return reference
    return next(reference for reference in held if reference < size)

"""Ids of 8 digits for customers of SMPP 3.3: a counter of 32 bits that never gives one twice in a row of restarts.

docs/decisions/0004-told-ids.md says why a counter, and how long an id stays unique.
"""

from gateway.model.ids import NODES, SHORT_IDS
from gateway.store.contract import ShortIdsReserved, Store

BLOCK = 1_000  # ids that one row in the store reserves; a restart leaves at most so many unused


class ShortIds:
    """`reserved` is the last one that the store has reserved; 0 when it never did: a node begins in its own place then.

    The reservation is written before whatever uses the id, so it is durable no later.
    """

    def __init__(self, store: Store, node: int, reserved: int) -> None:
        self._store = store
        self._last = self._reserved = reserved or node * (SHORT_IDS // NODES)

    def next(self) -> int:
        """A fresh id, 1..0xFFFFFFFF, then from 1 again."""
        if self._last == self._reserved:
            self._reserved = min(self._last + BLOCK, SHORT_IDS - 1)
            if self._last == SHORT_IDS - 1:
                self._last, self._reserved = 0, BLOCK
            self._store.write(ShortIdsReserved(self._reserved))
        self._last += 1
        return self._last

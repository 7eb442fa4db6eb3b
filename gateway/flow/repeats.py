"""The same message once more: a customer's own reference within a window gets the first id, and no second message.

For accounts that ask for it. A customer that lost our answer may submit again without fear.
"""

from collections import OrderedDict
from collections.abc import Iterable

from gateway.smpp.pdu import SubmitSm
from gateway.store.contract import Kept, KeptDropped

KIND = "repeat"
_SEPARATOR = b"\0"


class Repeats:
    """One account's. `tag` is the TLV that holds the reference; parts of a longer message are never repeats.

    The reference counts together with the destination: user_message_reference has 16 bits, and comes round.
    """

    def __init__(self, tag: int, window_seconds: float, most: int) -> None:
        self._tag = tag
        self._window_ms = int(window_seconds * 1000)
        self._most = most
        self._seen: OrderedDict[bytes, tuple[int, int]] = OrderedDict()  # -> (told id, until), the oldest first

    def __len__(self) -> int:
        return len(self._seen)

    def restore(self, facts: Iterable[Kept]) -> None:
        """After a start."""
        for fact in sorted(facts, key=lambda one: one.until):
            self._seen[fact.key] = (int.from_bytes(fact.value, "big"), fact.until)

    def first(self, pdu: SubmitSm, e164: bytes, now: int) -> int:
        """The id that the first one was told, at `now` (ms since 1970); 0 when this is the first."""
        key = self._key(pdu, e164)
        found = self._seen.get(key) if key else None
        return found[0] if found is not None and now < found[1] else 0

    def remember(self, customer: str, pdu: SubmitSm, e164: bytes, told_id: int, now: int) -> Kept | None:
        """This was the first. Return what the store is to keep."""
        key = self._key(pdu, e164)
        if not key:
            return None
        until = now + self._window_ms
        self._seen[key] = (told_id, until)
        self._seen.move_to_end(key)
        return Kept(KIND, customer, key, told_id.to_bytes(8, "big"), until)

    def expire(self, customer: str, now: int) -> list[KeptDropped]:
        """What is outside the window, or more than is remembered, is forgotten. Return what the store is to drop."""
        dropped = []
        while self._seen:
            key, (_, until) = next(iter(self._seen.items()))
            if until > now and len(self._seen) <= self._most:
                break
            del self._seen[key]
            dropped.append(KeptDropped(KIND, customer, key))
        return dropped

    def _key(self, pdu: SubmitSm, e164: bytes) -> bytes:
        reference = pdu.tlv(self._tag)
        return e164 + _SEPARATOR + reference if reference else b""

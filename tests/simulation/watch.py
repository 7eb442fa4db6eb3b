"""Reads along at the gateway's own end: what it promises before it may, and what it hands out twice."""

from collections.abc import Callable

from simulators import wire
from tests.simulation import pen
from tests.simulation.disk import WatchedDisk
from tests.simulation.ledger import RECEIPT, Wrong

PROMISES = frozenset({wire.SUBMIT_SM_RESP, wire.RESPONSE | pen.DATA_SM, wire.RESPONSE | pen.SUBMIT_MULTI})

Key = tuple[str, int, bytes]  # customer, id that it was told, destination: one receipt


class Hands:
    """What one life of the gateway has handed out: each receipt on one bind at a time, until it is answered."""

    def __init__(self, disk: WatchedDisk, response_seconds: float) -> None:
        self.disk = disk
        self.response_seconds = response_seconds
        self.out: dict[Key, tuple["Watch", float]] = {}
        self.answered: set[Key] = set()


class Watch:
    """On one connection of a customer."""

    def __init__(self, customer: str, hands: Hands, now: Callable[[], float]) -> None:
        self._customer = customer
        self._hands = hands
        self._now = now
        self._said = bytearray()
        self._heard = bytearray()
        self._keys: dict[int, tuple[Key, float]] = {}  # by sequence_number: the receipt, and when it was handed out

    def said(self, octets: bytes) -> None:
        """The gateway wrote them. Wrong."""
        self._said += octets
        for pdu in wire.frames(self._said)[0]:
            _, command, status, sequence = wire.header(pdu)
            if command in PROMISES and not status:
                told = wire.parse_id(pdu)
                if int(told, 16) not in self._hands.disk.told_ids:
                    raise Wrong(f"{self._customer} is told {told.decode()} before it is durable")
            elif command == wire.DELIVER_SM:
                self._hand_out(wire.parse_sm(pdu), sequence)

    def _hand_out(self, sm: wire.Sm, sequence: int) -> None:
        found = RECEIPT.match(sm.short_message) if sm.esm_class & wire.ESM_RECEIPT else None
        if found is None:
            return
        key = self._customer, int(found[1], 16), sm.source
        hands = self._hands
        if key in hands.disk.handed_over:
            raise Wrong(f"the receipt {key} is handed out again, and its answer is durable")
        if key in hands.answered:
            raise Wrong(f"the receipt {key} is handed out again, and was answered in this life")
        if key in hands.out and self._now() - hands.out[key][1] < hands.response_seconds:
            raise Wrong(f"the receipt {key} is handed out twice at once")
        hands.out[key] = self, self._now()
        self._keys[sequence] = key, self._now()

    def heard(self, octets: bytes) -> None:
        """The gateway read them."""
        self._heard += octets
        for pdu in wire.frames(self._heard)[0]:
            _, command, status, sequence = wire.header(pdu)
            if command != wire.DELIVER_SM_RESP or sequence not in self._keys:
                continue
            key, since = self._keys.pop(sequence)
            if self._now() - since >= self._hands.response_seconds:
                continue  # it comes too late, and may be handed out again already
            self._hands.out.pop(key, None)
            if not status:
                self._hands.answered.add(key)

    def ended(self) -> None:
        """The gateway knows that the connection ended."""
        for key, _ in self._keys.values():
            held = self._hands.out.get(key)
            if held is not None and held[0] is self:
                del self._hands.out[key]

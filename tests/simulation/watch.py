"""Reads along at the gateway's own end: what it promises before it may, and what it hands out twice."""

from collections.abc import Callable

from simulators import wire
from tests.simulation import pen
from tests.simulation.disk import Key, WatchedDisk
from tests.simulation.ledger import RECEIPT, Wrong

INTERMEDIATE = (b"ACCEPTD", b"ENROUTE")
PROMISES = frozenset({wire.SUBMIT_SM_RESP, wire.RESPONSE | pen.DATA_SM, wire.RESPONSE | pen.SUBMIT_MULTI})


class Hands:
    """What one life of the gateway has handed out: each receipt on one bind at a time, until it is answered."""

    def __init__(self, disk: WatchedDisk, response_seconds: float) -> None:
        self.disk = disk
        self.response_seconds = response_seconds
        self.out: dict[Key, tuple[Watch, float]] = {}
        self.answered: set[Key] = set()


class Watch:
    """On one connection of a customer."""

    def __init__(self, customer: str, hands: Hands, now: Callable[[], float]) -> None:
        self._customer = customer
        self._hands = hands
        self._now = now
        self._said = bytearray()
        self._heard = bytearray()
        self._last = 0  # owed_id
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
        hands = self._hands
        key = (self._customer, 0, wire.text_octets(sm))
        if found is not None:
            key = (self._customer, int(found[1], 16), sm.source)
        self._in_order(key)
        if found is None:
            return  # the carrier may have said it twice
        if key in hands.disk.handed_over:
            raise Wrong(f"the receipt {key} is handed out again, and its answer is durable")
        if key in hands.answered:
            raise Wrong(f"the receipt {key} is handed out again, and was answered in this life")
        if key in hands.out and self._now() - hands.out[key][1] < hands.response_seconds:
            raise Wrong(f"the receipt {key} is handed out twice at once")
        hands.out[key] = self, self._now()
        self._keys[sequence] = key, self._now()

    def _in_order(self, key: Key) -> None:
        """What goes out for the first time goes out in the order in which it became owed. Wrong."""
        disk = self._hands.disk
        if key in disk.handed_out:
            return
        disk.handed_out.add(key)
        owed_id = disk.owed_ids.get(key)
        if owed_id is None:
            raise Wrong(f"{key} is handed out before it is durable")
        if owed_id < self._last:
            raise Wrong(f"{key} is handed out behind what became owed after it")
        self._last = owed_id

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


class CarrierWatch:
    """On one connection to a carrier. `base` is that of the ids in its responses; in receipts they are decimal."""

    def __init__(self, carrier: str, base: int, disk: WatchedDisk, answered: set[bytes]) -> None:
        self._carrier = carrier
        self._base = base
        self._disk = disk
        self._answered = answered  # ids in responses that any life has read
        self._said = bytearray()
        self._heard = bytearray()
        self._receipts: dict[int, bytes] = {}  # by sequence_number: the id

    def heard(self, octets: bytes) -> None:
        """The gateway read them."""
        self._heard += octets
        for pdu in wire.frames(self._heard)[0]:
            _, command, status, sequence = wire.header(pdu)
            if command == wire.SUBMIT_SM_RESP and not status:
                self._answered.add(b"%x" % int(wire.parse_id(pdu), self._base))
            elif command == wire.DELIVER_SM:
                found = RECEIPT.match(wire.parse_sm(pdu).short_message)
                if found is not None and found[2] not in INTERMEDIATE:
                    self._receipts[sequence] = b"%x" % int(found[1])

    def said(self, octets: bytes) -> None:
        """The gateway wrote them. Wrong."""
        self._said += octets
        for pdu in wire.frames(self._said)[0]:
            _, command, status, sequence = wire.header(pdu)
            carrier_id = self._receipts.pop(sequence, None) if command == wire.DELIVER_SM_RESP else None
            if carrier_id is None or status:
                continue
            final = self._disk.carried.get(carrier_id)
            if final is False or (final is None and carrier_id not in self._answered):
                raise Wrong(f"the receipt {carrier_id!r} is acknowledged to {self._carrier} before it is durable")

    def ended(self) -> None:
        """The gateway knows that the connection ended."""

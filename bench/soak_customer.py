"""A customer of a soak: sends a mixture at a pace, takes receipts and messages of phones, comes and goes, and keeps a
journal of what it was promised and told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import cast

from simulators import wire
from simulators.journal import Answered, Journal, Received, Submitted, Unbound

MOST_UNANSWERED = 100
REFUSED_RECEIPTS = 0.01
NUMBERS = 10_000
PREFIXES = ("8190300", "8180500", "8180300", "8170830")  # one of each carrier of the example
LENGTHS = (5, 30, 70, 71, 134, 300, 660)
WEIGHTS = (30, 25, 15, 10, 10, 7, 3)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"  # the same octets in every alphabet, so that a judge can read binary
BINARY = 0x04  # data_coding
OTHER_CODINGS = {"": 75, "text": 15, "binary": 10}
KANA = "あいうえおかきくけこさしすせそたちつてと"


class Customer(asyncio.Protocol):
    """One account, one bind at a time."""

    def __init__(self, system_id: str, password: str, journal: Journal, binds: Iterator[int], seed: int) -> None:
        self.system_id = system_id
        self._password = password
        self._journal = journal
        self._binds = binds
        self._lot = Random(f"{seed} {system_id}")
        self._numbers = count(1)
        self._sequence = 0
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._bind = 0
        self._unanswered: dict[int, Submitted] = {}
        self._open: dict[str, Submitted] = {}  # ids whose receipt has not come
        self._unbinding = 0
        self.bound = False
        self.sent = 0
        self.answered = 0
        self.refused: Counter[int] = Counter()
        self.receipts = 0
        self.mo = 0
        self.changed: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._transport is not None

    @property
    def owed(self) -> int:
        """Receipts that were promised and have not come."""
        return len(self._open)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it: bind."""
        self._transport = cast("asyncio.Transport", transport)
        self._buffer.clear()
        self._unanswered.clear()
        self._bind = next(self._binds)
        bind = wire.bind(wire.BIND_TRANSCEIVER, self._next(), self.system_id.encode(), self._password.encode())
        self._transport.write(bind)

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio calls it."""
        self.bound, self._transport = False, None
        self.changed()

    def _next(self) -> int:
        self._sequence = self._sequence % wire.MOST_SEQUENCE + 1
        return self._sequence

    def leave(self) -> None:
        """Unbind, or cut the line, by lot."""
        if self._transport is None:
            return
        if self._lot.random() < 0.3:
            self._transport.abort()
        else:
            self.unbind()

    def unbind(self) -> None:
        """In order."""
        if self._transport is not None and self.bound:
            self.bound = False
            self._unbinding = self._next()
            self._transport.write(wire.unbind(self._unbinding))

    def submit(self) -> None:
        """One message of the mixture, if there is room for its answers."""
        if not self.bound or self._transport is None or len(self._unanswered) >= MOST_UNANSWERED:
            return
        number = next(self._numbers)
        account = int.from_bytes(self.system_id[-1].encode(), "big") % 10
        # No number twice within an hour: the judge, as a phone, tells messages apart by number and reference.
        prefix = PREFIXES[(number + number // NUMBERS) % len(PREFIXES)]
        destination = f"{prefix}{account}{number % NUMBERS:04d}"
        length = self._lot.choices(LENGTHS, WEIGHTS)[0]
        (coding,) = self._lot.choices(list(OTHER_CODINGS), list(OTHER_CODINGS.values())) if length <= 70 else ("",)
        letters = self._lot.choices(LETTERS if coding else KANA, k=length - len(str(number)) - 1)
        text = f"{number}{'X' if coding else ' '}" + "".join(letters)
        asked = self._lot.random() < 0.9
        if length > 70 and self._lot.random() < 0.5:
            bodies = [text[at : at + 67] for at in range(0, len(text), 67)]
        else:
            bodies = [text]
        data_coding = {"": wire.DCS_UCS2, "text": 0, "binary": BINARY}[coding]
        out = bytearray()
        for part, body in enumerate(bodies, 1):
            octets = body.encode("ascii" if coding else "utf_16_be")
            if len(bodies) > 1:
                octets = bytes((5, 0, 3, number % 256, len(bodies), part)) + octets
            one = Submitted(self._bind, f"{self.system_id} {number}", part, len(bodies), destination, text, asked)
            self._journal.note(one)
            sequence = self._next()
            self._unanswered[sequence] = one
            esm_class = wire.ESM_UDHI if len(bodies) > 1 else 0
            out += wire.submit_sm(
                sequence,
                b"05012345678",
                destination.encode(),
                octets,
                esm_class,
                data_coding,
                int(asked),
                tons=(wire.TON_INTERNATIONAL, wire.TON_INTERNATIONAL),
            )
            self.sent += 1
        self._transport.write(bytes(out))

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self._buffer += data
        for pdu in wire.frames(self._buffer)[0]:
            self._take(pdu)
        self.changed()

    def _take(self, pdu: bytes) -> None:
        transport = self._transport
        head = wire.header(pdu)
        if transport is None:
            return
        if head.command == wire.SUBMIT_SM_RESP:
            self._answer(head, pdu)
        elif head.command == wire.DELIVER_SM:
            self._deliver(head, pdu, transport)
        elif head.command == wire.RESPONSE | wire.BIND_TRANSCEIVER:
            self.bound = not head.status
            if head.status:
                transport.close()
        elif head.command == wire.ENQUIRE_LINK:
            transport.write(wire.enquire_link_resp(head.sequence))
        elif head.command == wire.UNBIND:
            self.bound = False
            transport.write(wire.unbind_resp(head.sequence))
            transport.close()
        elif head.command == wire.UNBIND_RESP:
            self._journal.note(Unbound(self._bind))
            transport.close()

    def _answer(self, head: wire.Header, pdu: bytes) -> None:
        one = self._unanswered.pop(head.sequence, None)
        if one is None:
            return
        message_id = wire.parse_id(pdu).decode("ascii")
        self._journal.note(Answered(one.bind, one.message, one.part, head.status, message_id))
        self.answered += 1
        if head.status:
            self.refused[head.status] += 1
        elif one.receipt:
            self._open[message_id] = one

    def _deliver(self, head: wire.Header, pdu: bytes, transport: asyncio.Transport) -> None:
        sm = wire.parse_sm(pdu)
        if not sm.esm_class & wire.ESM_RECEIPT:
            self.mo += 1
            transport.write(wire.deliver_sm_resp(head.sequence))
            return
        words = dict(word.split(b":", 1) for word in sm.short_message.split() if b":" in word)
        message_id, stat = words[b"id"].decode("ascii"), words[b"stat"].decode("ascii")
        takes = self._lot.random() >= REFUSED_RECEIPTS
        self._journal.note(Received(self._bind, message_id, stat, takes))
        if takes:
            self.receipts += 1
            self._open.pop(message_id, None)
        transport.write(wire.deliver_sm_resp(head.sequence, 0 if takes else wire.ESME_RX_T_APPN))

"""A customer on several binds, who writes every promise and every receipt into a journal before it says more."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple, cast

from simulators import wire
from simulators.journal import Answered, Entry, Journal, Received, Submitted, Unbound

WAIT_SECONDS = 60.0
SILENCE_SECONDS = 2.0  # a bind that owes an answer and says nothing for so long is given up
LOOK_SECONDS = 0.25
AGAIN_SECONDS = 0.1
PART_CHARACTERS = 67
LENGTHS = (5, 70, 71, 132, 200)
_RECEIPT = re.compile(rb"id:(\S+) .*?stat:(\S+)", re.DOTALL)


class Who(NamedTuple):
    """A customer: how it binds, the beginning of its phones' numbers, and of its messages' names."""

    system_id: bytes = b"shop"
    block: bytes = b"8190300"
    letter: str = "m"


SHOP = Who()


class Crowd:
    """The customer. `entries` is the journal, in memory too."""

    def __init__(self, port: int, journal: Path, lot: Random, binds: int = 2, who: Who = SHOP) -> None:
        self._port = port
        self.who = who
        self._lot = lot
        self._journal = Journal(journal)
        self._wanted = binds
        self._number = 0
        self._messages = 0
        self._keeper: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()
        self._reference = 0
        self.changed = asyncio.Event()
        self.binds: list[Bind] = []
        self.entries: list[Entry] = []
        self.whole: dict[str, set[str]] = {}  # message -> its ids, once all of its parts were promised
        self.promised: dict[str, str] = {}  # id -> message
        self._parts: dict[str, dict[int, str]] = {}
        self.received: set[str] = set()

    def note(self, *entries: Entry) -> None:
        """Into the journal."""
        self._journal.note(*entries)
        self.entries += entries
        for one in entries:
            if isinstance(one, Answered) and one.status == 0:
                self.promised[one.message_id] = one.message
                parts = self._parts[one.message]
                parts[one.part] = one.message_id
                if "" not in parts.values():
                    self.whole[one.message] = set(parts.values())
            elif isinstance(one, Received):
                self.received.add(one.message_id)

    def changed_now(self) -> None:
        """Something came."""
        self.changed.set()

    async def until(self, condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
        """Wait until it holds, looked at whenever something came, and now and then. TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self.changed.wait()
                except TimeoutError:
                    self._give_up_silent_ones()

    def _give_up_silent_ones(self) -> None:
        now = asyncio.get_running_loop().time()
        for bind in tuple(self.binds):
            if bind.owed and now - bind.heard_at > SILENCE_SECONDS:
                bind.close()

    def start(self) -> None:
        """Keep the binds up, again and again, until `stop`."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopped.is_set():
            while len(self.binds) < self._wanted:
                self._number += 1
                try:
                    _, bind = await loop.create_connection(partial(Bind, self, self._number), "127.0.0.1", self._port)
                except OSError:
                    break
                self.binds.append(bind)
            self._give_up_silent_ones()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._stopped.wait()

    async def bound(self) -> None:
        """Wait until every bind is up."""
        await self.until(lambda: len(self.binds) == self._wanted and all(bind.bound for bind in self.binds))

    async def stop(self, *, politely: bool) -> None:
        """Unbind, or just hang up; and come back no more."""
        self._stopped.set()
        if self._keeper is not None:
            await self._keeper
        if politely:
            for bind in self.binds:
                bind.unbind()
            await self.until(lambda: not self.binds)
        for bind in tuple(self.binds):
            bind.close()

    def close(self) -> None:
        """The journal ends."""
        with self._journal:
            pass

    def send(self, count: int) -> None:
        """So many messages, over the binds by lot: some whole, some in the customer's own parts, over several binds."""
        for _ in range(count):
            self._messages += 1
            name = f"{self.who.letter}{self._messages}"
            destination = b"%b%05d" % (self.who.block, self._messages)
            text = name + "".join(self._lot.choices("あいうえお", k=self._lot.choice(LENGTHS)))
            pieces = [text]
            if len(text) > PART_CHARACTERS and self._lot.random() < 0.3:
                pieces = [text[at : at + PART_CHARACTERS] for at in range(0, len(text), PART_CHARACTERS)]
            self._parts[name] = dict.fromkeys(range(1, len(pieces) + 1), "")
            self._reference = self._reference % 255 + 1
            for part, piece in enumerate(pieces, 1):
                head = b"" if len(pieces) == 1 else bytes((5, 0, 3, self._reference, len(pieces), part))
                ready = [bind for bind in self.binds if bind.bound]
                if ready:
                    left = Submitted(0, name, part, len(pieces), destination.decode(), text, receipt=True)
                    self._lot.choice(ready).submit(left, destination, head, piece)

    @property
    def unsettled(self) -> list[str]:
        """Messages whose promise is whole and that lack a receipt."""
        return [message for message, ids in self.whole.items() if not ids <= self.received]

    @property
    def incomplete(self) -> int:
        """Messages of which some parts were promised and others were not."""
        return len(set(self.promised.values())) - len(self.whole)

    @property
    def answered(self) -> bool:
        """Whether nothing that was sent on a living bind waits for its answer."""
        return not any(bind.owed for bind in self.binds)


class Bind(asyncio.Protocol):
    """One connection."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self._crowd = crowd
        self.number = number
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._sequence = 1
        self._unbinding = False
        self._open: dict[int, Submitted] = {}
        self.bound = False
        self.heard_at = self._loop.time()

    @property
    def owed(self) -> bool:
        """Whether the gateway owes an answer."""
        return bool(self._open) or not self.bound or self._unbinding

    def submit(self, submitted: Submitted, destination: bytes, head: bytes, text: str) -> None:
        """A submit_sm leaves."""
        if self._transport is None or self._transport.is_closing():
            return
        submitted = submitted._replace(bind=self.number)
        self._sequence += 1
        if not self._open:
            self.heard_at = self._loop.time()
        self._open[self._sequence] = submitted
        self._crowd.note(submitted)
        esm_class = wire.ESM_UDHI if head else 0
        octets = head + text.encode("utf_16_be")
        self._transport.write(wire.submit_sm(self._sequence, b"0312345678", destination, octets, esm_class))

    def unbind(self) -> None:
        """Ask for the end."""
        if self._transport is not None and self.bound:
            self._sequence += 1
            self._unbinding = True
            self.bound = False
            self.heard_at = self._loop.time()
            self._transport.write(wire.unbind(self._sequence))

    def close(self) -> None:
        """Hang up."""
        self._forgotten()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(wire.bind(wire.BIND_TRANSCEIVER, 1, self._crowd.who.system_id, b"secret"))

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self.heard_at = self._loop.time()
        self._buffer += data
        for pdu in wire.frames(self._buffer)[0]:
            self._judge(pdu, wire.header(pdu))
        self._crowd.changed_now()

    def _judge(self, pdu: bytes, head: wire.Header) -> None:
        assert self._transport is not None
        if head.command == wire.SUBMIT_SM_RESP:
            left = self._open.pop(head.sequence)
            message_id = "" if head.status else wire.parse_id(pdu).decode()
            self._crowd.note(Answered(self.number, left.message, left.part, head.status, message_id))
        elif head.command == wire.DELIVER_SM:
            found = _RECEIPT.match(wire.parse_sm(pdu).short_message)
            assert found is not None, "a deliver_sm that is no receipt"
            message_id, stat = (group.decode() for group in found.groups())
            self._crowd.note(Received(self.number, message_id, stat, acknowledged=True))
            self._transport.write(wire.deliver_sm_resp(head.sequence))
        elif head.command == wire.RESPONSE | wire.BIND_TRANSCEIVER:
            self.bound = head.status == 0
        elif head.command == wire.ENQUIRE_LINK:
            self._transport.write(wire.enquire_link_resp(head.sequence))
        elif head.command == wire.UNBIND_RESP:
            self._crowd.note(Unbound(self.number))
            self.close()
        elif head.command == wire.UNBIND:
            self._transport.write(wire.unbind_resp(head.sequence))

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio calls it."""
        self._forgotten()
        self._crowd.changed_now()

    def _forgotten(self) -> None:
        self.bound = False
        if self in self._crowd.binds:
            self._crowd.binds.remove(self)

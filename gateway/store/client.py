"""The gateway's end of the store process: group commit, at most a few batches in flight, consequences in order.

Once the process is lost nothing becomes durable any more: writes are taken and lead nowhere, `stuck` says why, and
`on_lost` is the gateway's cue to end.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import structlog

from gateway import clock
from gateway.model.errors import Bug
from gateway.model.histogram import BATCH_CHANGES, COMMIT_MS, Histogram
from gateway.model.privacy import Privacy
from gateway.store import wire
from gateway.store.archive import Archive
from gateway.store.batch import Batch, Consequence
from gateway.store.contract import (
    Change,
    Kept,
    Lane,
    MessageAccepted,
    MessageParked,
    Outcome,
    Owed,
    PartAccepted,
    ReceiptEarly,
    ReceiptOwed,
    Recovered,
)
from gateway.store.from_phones import MoOwed, MoPartAccepted

log = structlog.get_logger(room="store")

MAX_BATCHES_IN_FLIGHT = 2
# A batch of few changes waits until so long after the last one was handed over: at a thousand messages a second each
# would else pay for commits of its own, a third of what it costs. A crowd fills its batches and does not wait.
GATHER_SECONDS = 0.001
GATHER_CHANGES = 8
PLAIN = Privacy()
BEHIND_CHANGES = 20_000  # changes not yet handed to the process; above it intake stops reading
LOAD_ROWS = 5_000
CLOSE_SECONDS = 10.0  # a process that does not end within this is killed; what it has not answered was not promised

Reply = Callable[[Any], None]


class StoreProcess(asyncio.Protocol):
    """A Store whose engine lives in a child process. Build it with `start`."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        directory: Path,
        max_batches_in_flight: int,
        on_answer: Callable[[], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._process = process
        self._archive = Archive(directory)
        self._loop = asyncio.get_running_loop()
        self._max_batches_in_flight = max_batches_in_flight
        self._on_answer = on_answer
        self._on_lost = on_lost
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._batch = Batch()
        self._replies: deque[tuple[str, Reply]] = deque()
        self._in_flight = 0
        self._gathers_until = 0.0
        self._gathering = False
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle: asyncio.Future[None] | None = None
        self._closing = False
        self._last_word = ""
        self._heard = 0.0  # when its last word came, or when it was asked while nothing else was
        self.stuck = ""
        self.archive_stuck = ""  # why what is done does not get to its month; nothing else waits for that
        self.repeated_records = 0
        self.batches = 0
        self.changes = 0
        self.commit_ms = Histogram(COMMIT_MS)  # from handing a batch over until it is durable
        self.commit_seconds = 0.0  # of the last one
        self.batch_changes = Histogram(BATCH_CHANGES)

    @classmethod
    async def start(
        cls,
        directory: Path,
        *,
        on_answer: Callable[[], None],
        on_lost: Callable[[str], None],
        max_batches_in_flight: int = MAX_BATCHES_IN_FLIGHT,
        privacy: Privacy = PLAIN,
    ) -> "StoreProcess":
        """Start the process.

        `on_answer()` is called after consequences ran; `on_lost(why)`, once, if the process ends before `close` or a
        consequence raises.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "gateway.store.process", str(theirs.fileno()), str(directory)]
            process = subprocess.Popen(  # noqa: ASYNC220,S603 - it returns at once; our own module
                command, pass_fds=[theirs.fileno()], stdin=subprocess.PIPE, process_group=0
            )
        if process.stdin is not None:  # the key is on no command line, and in no environment
            with process.stdin as stdin, contextlib.suppress(BrokenPipeError):
                stdin.write(wire.pack((privacy.key, privacy.numbers.value, privacy.blank_text_days)))
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(
            lambda: cls(process, directory, max_batches_in_flight, on_answer, on_lost), sock=ours
        )
        return protocol

    @property
    def pid(self) -> int:
        """The store process."""
        return self._process.pid

    @property
    def behind(self) -> bool:
        """True while so much waits to become durable that intake should stop reading."""
        return self._batch.size > BEHIND_CHANGES

    def silent_seconds(self, now: float) -> float:
        """How long the process has owed an answer without a word. That the disk refuses is a word, told at each try."""
        return max(0.0, now - self._heard) if self._replies else 0.0

    def write(self, change: Change, on_durable: Callable[[Any], None] | None = None, argument: object = None) -> None:
        """Add a change to the next batch."""
        batch = self._batch
        batch.add(change)
        if on_durable is not None:
            batch.consequences.append((on_durable, argument))

    def follow(self, then: Callable[[Any], None], argument: object = None) -> None:
        """Run `then(argument)` when everything written so far is durable."""
        self._batch.consequences.append((then, argument))

    def flush(self) -> None:
        """Hand the batch over if a place in flight is free, at once or when it has gathered a little more."""
        if self._batch and self._in_flight < self._max_batches_in_flight and self._transport is not None:
            now = self._loop.time()
            if now < self._gathers_until and self._batch.size < GATHER_CHANGES:
                if not self._gathering:
                    self._gathering = True
                    self._loop.call_later(self._gathers_until - now, self._gathered)
                return
            self._gathers_until = now + GATHER_SECONDS
            batch, self._batch = self._batch, Batch()
            self._in_flight += 1
            self.batches += 1
            self.changes += batch.size
            self.batch_changes.observe(batch.size)
            self._ask(wire.DURABLE, (wire.WRITE, batch.rows()), self._durable(batch.consequences))

    def _gathered(self) -> None:
        self._gathering = False
        self.flush()

    def _durable(self, consequences: list[Consequence]) -> Reply:
        handed_over = clock.monotonic()

        def reply(repeated: int) -> None:
            self.repeated_records += repeated
            self.commit_seconds = self._loop.time() - handed_over
            self.commit_ms.observe(self.commit_seconds * 1000)
            self._in_flight -= 1
            self.flush()  # the next batch is on its way to the disk while this one's consequences run
            for then, argument in consequences:
                then(argument)
            if self._idle is not None and not self._in_flight and not self._idle.done():
                self._idle.set_result(None)

        return reply

    def _ask(self, expected: str, request: tuple[object, ...], reply: Reply) -> None:
        if self._gathering and expected == wire.ROWS:  # what is read has in it what was flushed
            self._gathers_until = 0.0
            self.flush()
        if self._transport is not None:
            if not self._replies:
                self._heard = clock.monotonic()
            self._replies.append((expected, reply))
            self._transport.write(wire.pack(request))

    async def _query(self, name: str, *arguments: object) -> list[tuple[Any, ...]]:
        answer: asyncio.Future[list[tuple[Any, ...]]] = asyncio.get_running_loop().create_future()
        self._ask(wire.ROWS, (wire.QUERY, name, arguments), answer.set_result)
        either: list[asyncio.Future[Any]] = [answer, self._closed]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ConnectionError(self.stuck)
        return answer.result()

    async def _all(self, name: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        while True:
            page = await self._query(name, rows[-1][0] if rows else 0, LOAD_ROWS)
            rows += page
            if len(page) < LOAD_ROWS:
                return rows

    async def load(self) -> Recovered:
        """Read what is alive. ConnectionError, with the reason, if the process ends instead."""
        last = (await self._query("last_id"))[0][0]
        short_ids = await self._query("short_ids")
        return Recovered(
            last_id=last or 0,
            messages=[MessageAccepted._make(row) for row in await self._all("messages")],
            parts=[PartAccepted._make(row) for row in await self._all("parts")],
            early=[ReceiptEarly._make(row) for row in await self._query("early")],
            mo_parts=[MoPartAccepted._make(row) for row in await self._query("mo_parts")],
            short_ids=short_ids[0][0] if short_ids else 0,
            kept=tuple(Kept._make(row) for row in await self._query("kept")),
            parked={Lane(*lane): count for *lane, count in await self._query("lanes")},
            scheduled={(customer, carrier): count for customer, carrier, count in await self._query("scheduled")},
            owed=dict(await self._query("outboxes")),
        )

    def owed(self, customer: str, after: int, limit: int, then: Callable[[list[Owed]], None]) -> None:
        """Read what is owed to a customer."""
        found: list[Owed] = []

        def receipts(rows: list[tuple[Any, ...]]) -> None:
            found.extend([ReceiptOwed._make(row) for row in rows])

        def messages(rows: list[tuple[Any, ...]]) -> None:
            found.extend([MoOwed._make(row) for row in rows])
            then(sorted(found, key=lambda owed: owed.owed_id)[:limit])

        self._ask(wire.ROWS, (wire.QUERY, "owed", (customer, after, limit)), receipts)
        self._ask(wire.ROWS, (wire.QUERY, "mo_owed", (customer, after, limit)), messages)

    def find(self, customer: str, told_id: int, then: Callable[[list[Outcome]], None]) -> None:
        """Read how messages ended, and which parts wait: what ended lately, then what is in the months' files."""
        found: list[Outcome] = []

        def ended(rows: list[tuple[Any, ...]]) -> None:
            found.extend([Outcome(addr.encode("latin-1"), outcome, error, at) for addr, outcome, error, at in rows])

        def parts(rows: list[tuple[Any, ...]]) -> None:
            found.extend([Outcome(source_addr, "", "", 0) for (source_addr,) in rows])
            if found:
                then(found)
            else:
                reading = self._loop.run_in_executor(None, self._archive.outcomes, customer, told_id)
                reading.add_done_callback(archived)

        def archived(reading: asyncio.Future[list[Outcome]]) -> None:
            if not reading.cancelled() and not self._closed.done():
                then(reading.result())
                self._on_answer()

        self._ask(wire.ROWS, (wire.QUERY, "ended", (customer, told_id, customer, told_id)), ended)
        self._ask(wire.ROWS, (wire.QUERY, "parts_told", (customer, told_id)), parts)

    def parked(self, lane: Lane, limit: int, then: Callable[[list[MessageParked]], None]) -> None:
        """Read what is parked for a lane."""
        self._parked("parked", (*lane, limit), then)

    def parked_until(self, now: int, limit: int, then: Callable[[list[MessageParked], int], None]) -> None:
        """Read what is due or over."""
        found: dict[int, MessageParked] = {}

        def some(rows: list[MessageParked]) -> None:
            found.update((one.row.message_id, one) for one in rows)

        def following(rows: list[tuple[Any, ...]]) -> None:
            then(list(found.values()), min((moment for (moment,) in rows if moment is not None), default=0))

        self._parked("parked_due", (now, limit), some)
        self._parked("parked_over", (now, limit), some)
        self._ask(wire.ROWS, (wire.QUERY, "parked_next", (now, now)), following)

    def parked_told(self, customer: str, told_id: int, then: Callable[[list[MessageParked]], None]) -> None:
        """Read the parked messages of an id."""
        self._parked("parked_told", (customer, told_id, customer, told_id), then)

    def parked_addressed(
        self, customer: str, source_addr: bytes, e164: bytes, then: Callable[[list[MessageParked]], None]
    ) -> None:
        """Read the parked messages of these addresses."""
        self._parked("parked_addressed", (customer, e164, source_addr), then)

    def _parked(self, name: str, arguments: tuple[object, ...], then: Callable[[list[MessageParked]], None]) -> None:
        def rows(found: list[tuple[Any, ...]]) -> None:
            then([MessageParked(MessageAccepted._make(row), waits) for *row, waits in found])

        self._ask(wire.ROWS, (wire.QUERY, name, arguments), rows)

    async def close(self) -> None:
        """Make everything durable that was written, then end the process.

        A disk that refuses for longer than CLOSE_SECONDS is left: nothing of what still waits was promised.
        """
        while (self._batch or self._in_flight) and not self._closed.done():
            self._idle = asyncio.get_running_loop().create_future()
            self.flush()
            ends = [self._closed, self._idle]
            done, _ = await asyncio.wait(ends, timeout=CLOSE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not done and self.stuck:
                break
        self._closing = True
        if self._transport is not None:
            self._transport.abort()
        await asyncio.wait([self._closed])
        await asyncio.get_running_loop().run_in_executor(None, self._end)

    def _end(self) -> None:
        try:
            self._process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self._heard = clock.monotonic()
        self._buffer += data
        for kind, value in wire.unpack(self._buffer):
            if kind == wire.STUCK:
                if not self.stuck:
                    log.error("store_stuck", why=value)
                self.stuck = value
            elif kind == wire.ARCHIVE:
                self.archive_stuck = value
                if value:
                    log.error("archive_stuck", why=value)
                else:
                    log.info("archive_goes_on")
            elif kind == wire.FAILED:
                self._failed(value)
            else:
                self._answered(kind, value)
        self._on_answer()

    def _answered(self, kind: str, value: Any) -> None:
        expected, reply = self._replies.popleft()
        if kind != expected:
            raise Bug(f"the store process answered {kind} to a request for {expected}")
        if self.stuck:
            log.info("store_goes_on", was=self.stuck)
            self.stuck = ""
        reply(value)

    def _failed(self, why: str) -> None:
        """Its last word; it waits for us to hang up, so that the word is not lost in a reset."""
        self._last_word = why
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio calls it."""
        self._transport = None
        self._closed.set_result(None)
        if not self._closing:
            ours = exc is not None and not isinstance(exc, OSError)  # a consequence raised; else the process is gone
            why = f"{type(exc).__name__}: {exc}" if ours else self._last_word or "its process ended"
            self.stuck = f"the store is lost: {why}"
            self._on_lost(self.stuck)

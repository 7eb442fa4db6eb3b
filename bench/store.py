"""What the store costs: messages a second and microseconds of CPU a message, for the gateway's end and for the process.

Run as `python -m bench.store`; one JSON line last. Each message makes all the changes of its life: accepted and claimed
in one batch, sent, settled with one receipt, handed over. Figures depend on the disk under `--directory`.
`--statements` tells instead what each statement of a batch takes, and the move to the month, in this process.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import resource
import sqlite3
import tempfile
import time
import timeit
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from gateway.store import schema
from gateway.store.archiver import BITE, Archiver
from gateway.store.batch import Batch
from gateway.store.client import StoreProcess
from gateway.store.contract import (
    BillingRecord,
    Change,
    MessageAccepted,
    MessageSettled,
    ReceiptHandedOver,
    ReceiptOwed,
    SegmentsMoved,
)
from gateway.store.sqlite import CACHE_KIB, CHECKPOINT_PAGES, SqliteEngine
from gateway.store.transaction import transaction

NOW_MS = 1_800_000_000_000
TEXT = "保険料お払込みのご案内です。口座振替日は今月二十七日です。前日までにご入金をお願いいたします。".encode(
    "utf-16-be"
)
SENDING = b'[[1,"",""]]'


class Figures(NamedTuple):
    """What was measured, each over all messages. The client's figure leaves out what building the changes takes."""

    messages: int
    changes: int
    batches: int
    msgs_per_s: int
    client_us_per_msg: float
    process_us_per_msg: float
    process_rss_mb: float
    disk_mb: float


def accepted(message_id: int) -> MessageAccepted:
    """A message of one segment, as the flow writes it."""
    return MessageAccepted(
        message_id, "insurer", 1, 1, b"81501234567", b"", 1, 1, b"090%08d" % (message_id % 10**8),
        b"8190%08d" % (message_id % 10**8), "docomo", "docomo", "number block", "unknown", 8, False, TEXT, b"",
        len(TEXT) // 2,
        1, 1, 0, 0, "", 1, b"", b"", NOW_MS + message_id, 0, NOW_MS + message_id + 86_400_000, 0,
        b'[[0,"","",0,0,0,0,0]]',
    )  # fmt: skip


def sent(message_id: int) -> SegmentsMoved:
    """Its segment was accepted by the carrier."""
    return SegmentsMoved(message_id, b'[[2,"%016x","",1,0,%d,%d,0]]' % (message_id, NOW_MS, NOW_MS))


def settled(message_id: int) -> MessageSettled:
    """It was delivered: record and receipt."""
    e164 = "8190%08d" % (message_id % 10**8)  # noqa: UP031 - the shortest way to pad here
    record = BillingRecord(
        message_id, "insurer", "docomo", "number block", "unknown", "81501234567", e164, len(TEXT) // 2, 1, 1,
        "DELIVERED", "000", NOW_MS + message_id, NOW_MS + message_id + 1_000, "standard/2026-04", 1000, 1000,
    )  # fmt: skip
    receipt = ReceiptOwed(
        "insurer", message_id + 1, message_id, 1, 1, b"81501234567", 1, 1, b"090%08d" % (message_id % 10**8), 2, b"000",
        1, 1, NOW_MS + message_id, NOW_MS + message_id + 1_000, b"",
    )  # fmt: skip
    life = b'[[4,"%016x","",1,0,%d,%d,%d]]' % (message_id, NOW_MS, NOW_MS, NOW_MS)
    return MessageSettled(record, life, (receipt,))


def last_step(messages: int, batch: int) -> int:
    """The number of the last one, from 0: a crowd of new messages each, then until the last crowd is through."""
    return -(-messages // batch) + 2


def changes_of(step: int, messages: int, batch: int) -> list[Change]:
    """One step: `batch` new messages, and the next change of each of the three crowds before them."""
    ids = range(2, 2 * messages + 2, 2)
    new, answered, over, taken = (
        ids[max(0, at * batch) : max(0, (at + 1) * batch)] for at in range(step, step - 4, -1)
    )
    return [
        *(accepted(message_id) for message_id in new),
        *(SegmentsMoved(message_id, SENDING) for message_id in new),
        *(sent(message_id) for message_id in answered),
        *(settled(message_id) for message_id in over),
        *(ReceiptHandedOver("insurer", message_id + 1) for message_id in taken),
    ]


class Load:
    """Keeps the store as busy as it gets: whenever a batch is durable, the messages go one step on."""

    def __init__(self, messages: int, batch: int) -> None:
        self._messages = messages
        self._batch = batch
        self._step = 0
        self._last = last_step(messages, batch)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.store: StoreProcess | None = None

    def lost(self, why: str) -> None:
        """The store process ended."""
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))

    def turn(self, _: object) -> None:
        """One turn of the loop: new messages, and the next change of those before them."""
        store = self.store
        if store is None or self._step > self._last:
            return
        for change in changes_of(self._step, self._messages, self._batch):
            store.write(change, _nothing)
        self._step += 1
        store.follow(self.done.set_result if self._step > self._last else self.turn, None)
        store.flush()


def _nothing(_: object) -> None:
    """Where the flow would send an acknowledgement."""


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


async def measure(directory: Path, messages: int, batch: int, profile: cProfile.Profile | None = None) -> Figures:
    """Run `messages` through a store in `directory`, `batch` new ones at a time. RuntimeError if the store is lost."""
    children = _cpu(resource.RUSAGE_CHILDREN)
    load = Load(messages, batch)
    load.store = store = await StoreProcess.start(directory, on_answer=lambda: None, on_lost=load.lost)
    try:
        started, ours = time.perf_counter(), _cpu(resource.RUSAGE_SELF)
        if profile is not None:
            profile.enable()
        load.turn(None)
        load.turn(None)  # two batches are under way at any time
        await load.done
        if profile is not None:
            profile.disable()
        seconds, ours = time.perf_counter() - started, _cpu(resource.RUSAGE_SELF) - ours
        rss = _rss_mb(store.pid)
    finally:
        await store.close()
    return Figures(
        messages,
        store.changes,
        store.batches,
        round(messages / seconds),
        round(ours / messages * 1e6 - building_us(), 2),
        round((_cpu(resource.RUSAGE_CHILDREN) - children) / messages * 1e6, 2),
        rss,
        _size_mb(directory),
    )


def statements(directory: Path, messages: int, batch: int) -> dict[str, float]:
    """Microseconds of processor time a message that each statement of SqliteEngine.commit takes, the most first."""
    SqliteEngine(directory).close()  # its tables
    spent: defaultdict[str, float] = defaultdict(float)
    with closing(sqlite3.connect(directory / schema.FILE_NAME, isolation_level=None)) as connection:
        for pragma in ("synchronous=FULL", f"wal_autocheckpoint={CHECKPOINT_PAGES}", f"cache_size=-{CACHE_KIB}"):
            connection.execute(f"PRAGMA {pragma}")
        archiver = Archiver(connection, directory)
        last = last_step(messages, batch)
        for step in range(last + 1):
            rows = _rows(changes_of(step, messages, batch))
            began = time.process_time()
            within = 0.0
            with transaction(connection):
                for number, of_kind in enumerate(rows):
                    if of_kind:
                        before = time.process_time()
                        connection.executemany(schema.STATEMENTS[number], of_kind)
                        took = time.process_time() - before
                        spent[schema.STATEMENTS[number].partition("(")[0].strip()] += took
                        within += took
            ended = time.process_time()
            spent["begin and commit"] += ended - began - within
            archiver.backlog += len(rows[schema.DONE])
            if archiver.backlog >= BITE or step == last:
                while archiver.move():
                    pass
                with transaction(connection):
                    archiver.forget()
                archiver.forgotten()
                spent["to its month, and forgotten here"] += time.process_time() - ended
    most_first = sorted(spent.items(), key=lambda one: -one[1])
    return {name: round(seconds / messages * 1e6, 2) for name, seconds in most_first}


def _rows(changes: list[Change]) -> schema.Batch:
    batch = Batch()
    for change in changes:
        batch.add(change)
    return batch.rows()


def building_us(messages: int = 5_000) -> float:
    """Microseconds that the changes of one message take to build; the best of several rounds."""

    def build() -> None:
        for message_id in range(messages):
            accepted(message_id)
            SegmentsMoved(message_id, SENDING)
            sent(message_id)
            settled(message_id)
            ReceiptHandedOver("insurer", message_id + 1)

    return min(timeit.repeat(build, number=1, repeat=5)) / messages * 1e6


def _size_mb(directory: Path) -> float:
    return round(sum(file.stat().st_size for file in directory.iterdir()) / 1e6, 3)


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    options.add_argument("--messages", type=int, default=100_000)
    options.add_argument("--batch", type=int, default=200, help="new messages a turn")
    options.add_argument("--directory", type=Path, help="on the disk to measure; default: the temporary directory")
    options.add_argument("--profile", action="store_true", help="where the gateway's end spends its time")
    options.add_argument("--statements", action="store_true", help="what each statement takes")
    chosen = options.parse_args(arguments)
    if chosen.statements:
        with tempfile.TemporaryDirectory(dir=chosen.directory) as directory:
            took = statements(Path(directory), chosen.messages, chosen.batch)
        for name, us in took.items():
            print(f"{us:6.2f} us a message  {name}")
        print(json.dumps({"bench": "store statements", "batch": chosen.batch, "us_per_msg": took}))
        return
    profile = cProfile.Profile() if chosen.profile else None
    with tempfile.TemporaryDirectory(dir=chosen.directory) as directory:
        figures = asyncio.run(measure(Path(directory), chosen.messages, chosen.batch, profile))
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(14)
    for name, figure in figures._asdict().items():
        print(f"{name:20} {figure:>10}")
    print(json.dumps({"bench": "store", "batch": chosen.batch, **figures._asdict()}))


if __name__ == "__main__":
    main()

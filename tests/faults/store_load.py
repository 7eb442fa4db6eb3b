"""A write load on the store, and what must be true of the files afterwards, whatever was killed.

Messages live in crowds of ten. A crowd takes every step of its life in one call, so in one batch: on disk all ten
stand where one stands. `python -m tests.faults.store_load DIRECTORY FIRST_ID` is a gateway reduced to this: it prints
the store process's id, then each promise as soon as it may be made.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from enum import IntEnum
from pathlib import Path

from gateway.store import schema
from gateway.store.client import StoreProcess
from gateway.store.contract import ReceiptHandedOver, SegmentsMoved
from simulators import records
from tests.gateway.store.rows import accepted, settled

CROWD = 10
IDS_APART = 2  # a message's receipt has the id after its own


class Phase(IntEnum):
    """Where a crowd stands."""

    ABSENT = 0
    SENDING = 1
    SENT = 2
    SETTLED = 3
    HANDED_OVER = 4


def ids_of(first_id: int, crowd: int) -> range:
    """The message ids of a crowd."""
    start = first_id + crowd * CROWD * IDS_APART
    return range(start, start + CROWD * IDS_APART, IDS_APART)


class Load:
    """Writes as fast as the store takes it, two batches ahead. `promise(crowd, phase)` follows from a commit."""

    def __init__(self, store: StoreProcess, first_id: int, promise: Callable[[int, Phase], None]) -> None:
        self._store = store
        self._first_id = first_id
        self._promise = promise
        self._turn = 0

    def start(self) -> None:
        """It goes on until the store is lost."""
        self._step(None)
        self._step(None)

    def _step(self, _: object) -> None:
        for phase in (Phase.HANDED_OVER, Phase.SETTLED, Phase.SENT, Phase.SENDING):
            crowd = self._turn - phase
            if crowd >= 0:
                for message_id in ids_of(self._first_id, crowd):
                    self._change(message_id, phase)
                self._store.follow(lambda reached: self._promise(*reached), (crowd, phase))
        self._turn += 1
        self._store.follow(self._step)
        self._store.flush()

    def _change(self, message_id: int, phase: Phase) -> None:
        write = self._store.write
        if phase is Phase.SENDING:
            write(accepted(message_id, b"waiting"))
            write(SegmentsMoved(message_id, b"sending"))
        elif phase is Phase.SENT:
            write(SegmentsMoved(message_id, b"sent"))
        elif phase is Phase.SETTLED:
            write(settled(message_id))
        else:
            write(ReceiptHandedOver("demo", message_id + 1))


# (life of the hot row, billing records, receipts owed) of a message that is whole
_PHASE_OF = {
    (None, 0, 0): Phase.ABSENT,
    (b"sending", 0, 0): Phase.SENDING,
    (b"sent", 0, 0): Phase.SENT,
    (None, 1, 1): Phase.SETTLED,
    (None, 1, 0): Phase.HANDED_OVER,
}


class Found:
    """The files of a store that nobody has open."""

    def __init__(self, directory: Path) -> None:
        with closing(records.connect(directory)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            self._lives: dict[int, bytes] = dict(connection.execute("SELECT message_id, life FROM message"))
            self._records = Counter(row[0] for row in connection.execute("SELECT message_id FROM billing_record"))
            self._owed = Counter(row[0] for row in connection.execute("SELECT owed_id FROM receipt_owed"))
            self.last_id: int = connection.execute(schema.QUERIES["last_id"]).fetchone()[0] or 0
        assert self.last_id >= max([*self._lives, *self._records, *self._owed], default=0)

    def phase(self, message_id: int) -> Phase:
        """Where a message stands. KeyError when it is torn."""
        return _PHASE_OF[self._lives.get(message_id), self._records[message_id], self._owed[message_id + 1]]

    def audit(self, first_id: int, promised: dict[int, Phase]) -> list[Phase]:
        """Where each crowd stands, until the first that is absent; every promise must be kept, none may be torn."""
        found: list[Phase] = []
        while not found or found[-1] is not Phase.ABSENT:
            crowd = len(found)
            phases = {self.phase(message_id) for message_id in ids_of(first_id, crowd)}
            assert len(phases) == 1, f"crowd {crowd} is torn: {phases}"
            found += phases
            assert found[-1] >= promised.get(crowd, Phase.ABSENT), f"crowd {crowd} lost what was promised"
        assert max(promised, default=-1) < len(found), "a promised crowd is lost"
        assert found == sorted(found, reverse=True), "changes became durable out of order"
        assert not any(one >= ids_of(first_id, len(found) - 1)[0] for one in (*self._lives, *self._records))
        return found


async def _main(directory: Path, first_id: int) -> None:
    end = asyncio.Event()
    store = await StoreProcess.start(directory, on_answer=lambda: None, on_lost=lambda _: end.set())
    await store.load()
    os.write(1, b"%d\n" % store.pid)
    Load(store, first_id, lambda crowd, phase: _say(b"%d %d\n" % (crowd, phase))).start()
    await end.wait()
    await store.close()


def _say(line: bytes) -> None:
    os.write(1, line)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), int(sys.argv[2])))

"""A way to open any engine, wait for durability, close or kill it, and open it again."""

import asyncio
import os
import signal
from pathlib import Path

from gateway.store.client import StoreProcess
from gateway.store.contract import Outcome, Owed, Recovered, Store
from gateway.store.memory import Disk, MemoryStore


class Engine:
    """A way to open, wait for durability, and open again."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._disk = Disk()
        self.lost: list[str] = []

    async def open(self) -> Store:
        if self._directory is None:
            return MemoryStore(self._disk)
        return await StoreProcess.start(self._directory, on_answer=lambda: None, on_lost=self.lost.append)

    async def sync(self, store: Store) -> None:
        durable = asyncio.get_running_loop().create_future()
        store.follow(durable.set_result, None)
        store.flush()
        if isinstance(store, MemoryStore):
            store.sync()
        await durable

    async def owed(self, store: Store, customer: str, after: int, limit: int) -> list[Owed]:
        answer: asyncio.Future[list[Owed]] = asyncio.get_running_loop().create_future()
        store.owed(customer, after, limit, answer.set_result)
        assert not answer.done()
        if isinstance(store, MemoryStore):
            store.sync()
        return await answer

    async def find(self, store: Store, customer: str, told_id: int) -> list[Outcome]:
        answer: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        store.find(customer, told_id, answer.set_result)
        assert not answer.done()
        if isinstance(store, MemoryStore):
            store.sync()
        return await answer

    async def reopened(self, store: Store) -> Recovered:
        await store.close()
        assert self.lost == []
        return await self._found()

    async def crashed(self, store: Store) -> Recovered:
        """What is found when the engine died at this moment."""
        if isinstance(store, StoreProcess):
            os.kill(store.pid, signal.SIGKILL)
            await store.close()
            assert len(self.lost) == 1
        return await self._found()

    async def _found(self) -> Recovered:
        again = await self.open()
        found = await again.load()
        await again.close()
        return found

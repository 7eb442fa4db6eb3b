"""A world whose notices are sent over real sockets, while its time is moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.net.tasks import Tasks
from gateway.notices import NoticeDesk
from gateway.settings.models import Settings
from tests.gateway.flow.world import Peer, World, settings
from tests.gateway.net.post_office import until
from tests.gateway.ops.test_metrics import Store, watched

SHOP = {"system_id": "shop", "password": "secret", "tariff": "standard"}


def noticing(port: int, **changes: Any) -> Settings:
    """Two who are told by mail over this port, and a customer who reads announcements."""
    notices: dict[str, Any] = {
        "name": "SMPPゲートウェイ 東京1",
        "mail": {
            "sender": "gateway@example.jp",
            "servers": [{"host": "127.0.0.1", "port": port, "security": "plain"}],
            "deadline_seconds": 2.0,
        },
        "to": [
            {"address": "night@example.jp", "least": "page"},
            {"address": "day@example.jp", "language": "en", "least": "ticket"},
        ],
        "retry_seconds": [0.05],
    }
    customer = SHOP | {"notices": {"to": ["it@insurer.example.jp"]}}
    return settings(notices=notices | changes, customers={"shop": customer})


class Noticed:
    """One life of the gateway."""

    def __init__(self, world: World, tasks: Tasks, kept: list[Any]) -> None:
        self.world = world
        self.tasks = tasks
        self.woken = 0
        self.desk = NoticeDesk(world.settings, world.flow, kept, self._wake)
        self.store = Store()
        self.desk.watch(watched(world, store=self.store, notices=self.desk.figures), Path("/nonexistent"))
        self.desk.start(tasks)

    def _wake(self) -> None:
        self.woken += 1

    def seconds(self, count: int, stop: Callable[[], bool] = lambda: False) -> int:
        """So many pass, or until it holds. How many did."""
        for second in range(count):
            if stop():
                return second
            self.world.advance(1.0)
            self.desk.tick()
            self.world.pump()
        return count

    async def sent(self, way: str = "mail") -> None:
        """Nothing is on its way any more; time stands still."""
        await until(lambda: not len(self.desk.couriers[way]))
        self.world.pump()

    def both_up(self) -> Peer:
        """Both carriers; the first."""
        one = self.world.carrier("one")
        self.world.carrier("two")
        return one


@asynccontextmanager
async def noticed(configured: Settings, before: Noticed | None = None) -> AsyncIterator[Noticed]:
    """A gateway, or the next life of one that is over."""
    disk = None if before is None else before.world.store.disk
    now = 1_000.0 if before is None else before.world.now
    world = await asyncio.to_thread(World, configured, disk, now)
    kept = list((await world.store.load()).kept)
    failures: list[BaseException] = []
    tasks = Tasks(failures.append)
    yield Noticed(world, tasks, kept)
    await tasks.end()
    assert failures == []

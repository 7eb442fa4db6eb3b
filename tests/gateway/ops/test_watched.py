"""The real parts have what the metrics look at."""

import asyncio
from pathlib import Path

from gateway import clock
from gateway.carrier_binds import CarrierBinds
from gateway.net.listener import Crowd, Listener
from gateway.net.turn import Turn
from gateway.ops.watched import BindFigures, ListenerFigures, StoreFigures
from gateway.store.client import StoreProcess
from tests.gateway.flow.world import World, profile, settings


async def test_listener_and_store_are_what_is_asked_for(tmp_path: Path) -> None:
    turn = Turn(asyncio.get_running_loop(), lambda: None)
    listener: ListenerFigures = Listener(turn, clock.monotonic, lambda *_: None, Crowd(10))  # type: ignore[arg-type]
    assert (listener.turned_away, listener.refused, len(listener.connections)) == (0, 0, 0)
    assert listener.certificates == {}
    process = await StoreProcess.start(tmp_path, on_answer=lambda: None, on_lost=lambda _: None)
    figures: StoreFigures = process
    assert figures.pid > 1
    assert not figures.behind
    assert sum(figures.commit_ms.counts) == sum(figures.batch_changes.counts) == 0
    await process.close()


def test_binds_tell_their_failures_and_certificates() -> None:
    binds = [{"host": "127.0.0.1", "port": 1, "system_id": "gw", "password": "secret", "count": 2}]
    world = World(settings(carriers={"one": profile(binds=binds), "two": profile()}))

    async def build() -> BindFigures:
        turn = Turn(asyncio.get_running_loop(), lambda: None)
        return CarrierBinds(world.settings.carriers, world.flow, turn, clock.monotonic, set())

    figures = asyncio.run(build())
    assert figures.connections_failed() == {("one", "one-0-0"): 0, ("one", "one-0-1"): 0, ("two", "two-0-0"): 0}
    assert figures.certificate_files() == {}

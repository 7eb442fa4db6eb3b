"""The door of a gateway in the loop: verbs over the socket, archives read beside it, and a place that cannot be had."""

import asyncio
import sqlite3
from pathlib import Path

from gateway.carrier_binds import CarrierBinds
from gateway.net.turn import Turn
from gateway.steer_cli import ask
from gateway.steer_door import SteerDoor, read_aside
from gateway.store.archive import Ended
from gateway.store.contract import Kept
from tests.gateway import kept_binds
from tests.gateway.steered import Figures


async def door(directory: Path, *kept: Kept) -> tuple[SteerDoor, kept_binds.Gateway]:
    centre = await kept_binds.Centre().open()
    gateway = await kept_binds.Gateway(centre).open()
    await centre.close()
    binds: CarrierBinds = gateway.binds
    turn: Turn = gateway.turn
    one = SteerDoor(directory, gateway.flow, binds, Figures(), lambda: gateway.connections, turn.wake, kept)
    await one.open()
    return one, gateway


async def test_verbs_are_heard_over_the_socket(tmp_path: Path) -> None:
    one, gateway = await door(tmp_path, Kept("steered", "customer:shop", b"held", b"", 0))
    answer = await asyncio.to_thread(ask, tmp_path, {"verb": "status"})
    assert answer["result"]["held_customers"] == ["shop"]
    push = {"verb": "push-receipts", "arguments": {"id": "0000000000000001"}, "who": "kim", "why": "night"}
    assert "nothing is found" in (await asyncio.to_thread(ask, tmp_path, push))["error"]
    one.tick()
    one.close()
    await gateway.close()


async def test_a_place_that_cannot_be_had_is_no_failure(tmp_path: Path) -> None:
    one, gateway = await door(tmp_path / "nowhere")
    one.close()
    await gateway.close()


async def test_reading_aside_tells_what_was_found_or_why_not() -> None:
    told: list[list[Ended] | BaseException] = []

    def broken() -> list[Ended]:
        raise sqlite3.DatabaseError("file is not a database")

    for work in (list, broken):
        read_aside(work, told.append)
        before = len(told)
        await kept_binds.until(lambda before=before: len(told) > before)  # type: ignore[misc]
    assert told[0] == []
    assert str(told[1]) == "file is not a database"

"""One fault at the N-th place, moved one step on until a run has no place left for it.

Each campaign is one store. A step sends a few messages, whole and in parts, meets the fault, and drains; the auditor
judges the whole campaign.
"""

import signal
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeAlias

from simulators.auditor import Verdict
from tests.faults.plan import Action, Point
from tests.faults.relay import Fault, Relay
from tests.faults.scene import Scene

Work: TypeAlias = Callable[[Path], Awaitable[tuple[str, Verdict]]]
MESSAGES = 4
LASTING = 4  # failures before the disk heals
MOST_STEPS = 1_000
KILLED = (1, -signal.SIGKILL)  # the store's death ends the gateway


def campaigns(seed: str, stride: int) -> dict[str, Work]:
    """By name, each to be run in an empty directory. A stride of 0 has none."""
    if not stride:
        return {}
    found: dict[str, Work] = {}
    for point in (one for one in Point if one not in {Point.NOWHERE, Point.DISK}):
        found[f"kill at {point.name}"] = partial(_kills, seed, point, Action.KILL, stride)
    for action in (Action.KILL, Action.TORN):
        found[f"kill at DISK {action.name}"] = partial(_kills, seed, Point.DISK, action, 4 * stride)
    for action in (Action.FULL, Action.BROKEN):
        for times in (1, LASTING):
            found[f"disk {action.name} {times} times"] = partial(_disk, seed, action, times, stride)
    for wire in ("carrier", "customer"):
        for fault in Fault:
            found[f"wire to the {wire} {fault.value}"] = partial(_wire, seed, wire, fault, stride)
    return found


async def _campaign(
    seed: str, directory: Path, step: Callable[[Scene, int], Awaitable[bool]], stride: int
) -> tuple[str, Verdict]:
    """Steps from a place below the stride on, until one found no place. `step` tells whether the fault came."""
    lot = Random(seed)
    scene = Scene(directory, lot)
    await scene.open()
    try:
        await scene.begin(under_fault=True)
        at, hits = 1 + lot.randrange(stride), 0
        while await step(scene, at):
            hits += 1
            at += stride
            assert at < MOST_STEPS, "there is no end of places"
        return f"{hits} faults up to place {at - stride}", await scene.end()
    except BaseException:
        await scene.abandon()
        raise


async def _kills(seed: str, point: Point, action: Action, stride: int, directory: Path) -> tuple[str, Verdict]:
    async def step(scene: Scene, at: int) -> bool:
        scene.plan.arm(point, at, action)
        scene.crowd.send(MESSAGES)
        crowd = scene.crowd
        await crowd.until(lambda: scene.plan.hits > 0 or (crowd.answered and not crowd.unsettled))
        if not scene.plan.disarm():
            return False
        await scene.over(*KILLED)
        await scene.begin(under_fault=True)
        await scene.drained()
        return True

    return await _campaign(seed, directory, step, stride)


async def _disk(seed: str, action: Action, times: int, stride: int, directory: Path) -> tuple[str, Verdict]:
    async def step(scene: Scene, at: int) -> bool:
        scene.plan.arm(Point.DISK, at, action, times)
        scene.crowd.send(MESSAGES)
        await scene.drained()
        return scene.plan.disarm() > 0

    return await _campaign(seed, directory, step, stride)


async def _wire(seed: str, which: str, fault: Fault, stride: int, directory: Path) -> tuple[str, Verdict]:
    async def step(scene: Scene, at: int) -> bool:
        relay: Relay = scene.to_carrier if which == "carrier" else scene.to_gateway
        await scene.crowd.bound()
        relay.arm(fault, at)
        scene.crowd.send(MESSAGES)
        await scene.drained()
        hits = relay.hits
        relay.arm(None)
        return hits > 0

    return await _campaign(seed, directory, step, stride)

"""kill -9 of the gateway, of its store process, of both, at random moments under load, with and without a backlog.

A round is one store, one or several lives of the gateway that are killed, one that drains; then the auditor judges. Its
seed and number say what happens in it.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from simulators.auditor import Verdict
from tests.faults.scene import Scene

VICTIMS = ("gateway", "store", "both")
BACKLOGS = ("none", "none", "down", "slow")
POLICIES = ("resend", "resend", "resend", "wait", "fail")  # for what is in doubt
SLOW_SECONDS = 0.15
WAVE = (40, 160)
NARROW = {"queue_in_memory": 20, "messages_in_memory": 50}  # what waits beyond these waits on disk only


class Round(NamedTuple):
    """What came of one."""

    story: str
    verdict: Verdict


async def play(directory: Path, seed: str, number: int) -> Round:
    """One round in an empty directory."""
    lot = Random(f"{seed} {number}")
    narrow = lot.random() < 0.4
    store = {"directory": str(directory / "state"), **(NARROW if narrow else {})}
    policy = lot.choice(POLICIES)
    scene = Scene(directory, lot, binds=lot.choice((1, 2, 3)), policy=policy, store=store)
    await scene.open()
    try:
        deaths = [await _live_and_die(scene, lot) for _ in range(lot.choice((1, 1, 2, 3)))]
        await scene.begin()
        await scene.drained()
        verdict = await scene.end()
    except BaseException:
        await scene.abandon()
        raise
    return Round("; ".join((", ".join(deaths), policy, *(("narrow",) if narrow else ()))), verdict)


async def _live_and_die(scene: Scene, lot: Random) -> str:
    """One life: a wave of messages, and the kill at some promise, segment or receipt."""
    victim, backlog = lot.choice(VICTIMS), lot.choice(BACKLOGS)
    await scene.begin()
    if backlog == "down":
        scene.to_carrier.close()
    elif backlog == "slow":
        scene.to_carrier.latency = SLOW_SECONDS
    wave = lot.randrange(*WAVE)
    moment, reached = _moment(scene, lot, backlog, wave)
    scene.crowd.send(wave)
    crowd = scene.crowd
    await crowd.until(lambda: reached() or (crowd.answered and not crowd.unsettled))
    if lot.random() < 0.5:
        await _lift(scene, backlog)  # the kill comes while the backlog drains
        backlog += " and back"
    await scene.life.scrape()
    await scene.kill(victim)
    await _lift(scene, backlog.split(" ")[0] if not backlog.endswith("back") else "none")
    return f"{victim} at {moment}" + ("" if backlog.startswith("none") else f" (carrier {backlog})")


async def _lift(scene: Scene, backlog: str) -> None:
    scene.to_carrier.latency = 0.0
    if backlog == "down":
        await scene.to_carrier.open()


def _moment(scene: Scene, lot: Random, backlog: str, wave: int) -> tuple[str, Callable[[], bool]]:
    """Something to wait for, and how it is called."""
    what = "promise" if backlog == "down" else lot.choice(("promise", "segment", "receipt"))
    count = lot.randrange(wave)
    counts: dict[str, Callable[[], int]] = {
        "promise": lambda: len(scene.crowd.promised),
        "segment": lambda: len(scene.segments),
        "receipt": lambda: len(scene.crowd.received),
    }
    now = counts[what]
    goal = now() + count
    return f"{what} {count}", lambda: now() > goal

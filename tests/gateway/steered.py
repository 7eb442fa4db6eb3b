"""A world that an operator steers: every verb by its name, answered in the for loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.carrier_binds import CarrierBinds
from gateway.net.connection import Connection
from gateway.net.turn import Turn
from gateway.ops.steering import Asked
from gateway.steer import Steer
from gateway.steer_status import SteerStatus
from gateway.store.archive import Archive, Ended
from tests.gateway.flow.world import World, settings


class Figures:
    """What the store process would tell."""

    stuck = ""
    archive_stuck = ""
    batches = 3
    changes = 7
    repeated_records = 0
    behind = False
    pid = 1
    commit_ms: Any = None
    batch_changes: Any = None


def read_now(work: Callable[[], list[Ended]], then: Callable[[list[Ended] | BaseException], None]) -> None:
    """The archive is read within the call."""
    try:
        found = work()
    except OSError as failure:
        then(failure)
    else:
        then(found)


class Steered:
    """A world, its verbs, and the connections that a trace may find."""

    def __init__(self, world: World | None = None, directory: Path = Path("nowhere")) -> None:
        self.world = world or World(settings())
        flow = self.world.flow
        self.loop = asyncio.new_event_loop()
        self.connections: set[Connection] = set()
        turn = Turn(self.loop, lambda: None)
        self.binds = CarrierBinds(self.world.settings.carriers, flow, turn, lambda: self.world.now, set())
        self.figures = Figures()
        status = SteerStatus(flow, self.binds, self.figures)
        self.steer = Steer(
            flow, self.binds, status, Archive(directory), read_now, lambda: self.connections, lambda: None
        )
        self.verbs = self.steer.verbs()

    def close(self) -> None:
        """The loop that nothing ran in."""
        self.loop.close()

    def answer(self, verb: str, dry_run: bool = False, **arguments: Any) -> dict[str, Any]:
        """What is answered when everything has happened that can."""
        answers: list[dict[str, Any]] = []
        request = {"verb": verb, "arguments": arguments, "dry_run": dry_run, "who": "kim", "why": "night"}
        asked = Asked(request, 0, answers.append)
        asked.judge(lambda: self.verbs[verb].run(asked))
        self.world.pump()
        (answer,) = answers
        return answer

    def do(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """The result."""
        answer = self.answer(verb, **arguments)
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result

    def refused(self, verb: str, **arguments: Any) -> str:
        """The sentence."""
        answer = self.answer(verb, **arguments)
        assert not answer["ok"], answer
        return str(answer["error"])

"""`python -m tests.faults.gateway_under_fault PLAN run --config FILE`: the gateway, with a plan's points in its way."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway import cli, daemon
from gateway.net.turn import Turn
from gateway.store import wire
from gateway.store.client import Reply, StoreProcess
from tests.faults.plan import Plan, Point


def store_client(plan: Plan) -> type[StoreProcess]:
    """The gateway's end of the store, that says where a batch is."""

    class Client(StoreProcess):
        def _ask(self, expected: str, request: tuple[object, ...], reply: Reply) -> None:
            if expected != wire.DURABLE:
                super()._ask(expected, request, reply)
                return

            def followed(answer: Any) -> None:
                plan.reach(Point.BATCH_ANSWERED)
                reply(answer)
                plan.reach(Point.BATCH_FOLLOWED)

            plan.reach(Point.BATCH_READY)
            super()._ask(expected, request, followed)
            plan.reach(Point.BATCH_HANDED)

    return Client


def turn(plan: Plan) -> type[Turn]:
    """The turn that says when the sockets are written."""

    class Ended(Turn):
        def _end(self) -> None:
            super()._end()
            plan.reach(Point.TURN_ENDED)

    return Ended


def popen(plan: Path) -> type[subprocess.Popen[bytes]]:
    """Starts the store process that has the same plan in the place of the plain one."""

    class Popen(subprocess.Popen[bytes]):
        def __init__(self, command: Sequence[str], **options: Any) -> None:
            python, flag, _, *arguments = command
            super().__init__([python, flag, "tests.faults.store_under_fault", str(plan), *arguments], **options)

    return Popen


if __name__ == "__main__":
    path = Path(sys.argv.pop(1))
    suffered = Plan(path)
    daemon.StoreProcess = store_client(suffered)  # type: ignore[attr-defined]
    daemon.Turn = turn(suffered)  # type: ignore[attr-defined]
    subprocess.Popen = popen(path)  # type: ignore[misc,assignment]
    cli.main(prog_name="smpp-gateway")

"""The operator's socket of one gateway, wired: verbs, audit log, and an archive that is read beside the loop."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import structlog

from gateway.assemble import Flow
from gateway.carrier_binds import CarrierBinds
from gateway.net.connection import Connection
from gateway.ops.audit_log import AuditLog
from gateway.ops.steering import Steering, Verb
from gateway.ops.watched import StoreFigures
from gateway.steer import Steer
from gateway.steer_lookups import lookup_verbs
from gateway.steer_opt_outs import opt_out_verbs
from gateway.steer_status import SteerStatus
from gateway.store.archive import Archive, Ended
from gateway.store.contract import Kept

log = structlog.get_logger(room="steering")


class SteerDoor:
    """Opens nothing until `open`. What `kept` says was held or drained is so again at once. `more`: others' verbs."""

    def __init__(
        self,
        directory: Path,
        flow: Flow,
        binds: CarrierBinds,
        store: StoreFigures,
        connections: Callable[[], Iterable[Connection]],
        wake: Callable[[], None],
        kept: Iterable[Kept],
        more: Mapping[str, Verb] = MappingProxyType({}),
    ) -> None:
        self.status = SteerStatus(flow, binds, store)
        self.steer = Steer(flow, binds, self.status, Archive(directory), read_aside, connections, wake)
        self.steer.restore(kept)
        verbs = self.steer.verbs() | opt_out_verbs(flow) | lookup_verbs(flow) | dict(more)
        self.audit = AuditLog(directory, flow.clock.wall_ms)
        self.steering = Steering(directory, verbs, self.audit)

    async def open(self) -> None:
        """Listen. A gateway that cannot be steered is better than none: that is told, and no failure."""
        try:
            await self.steering.listen()
        except OSError as error:
            log.error("steering_unavailable", why=str(error))  # noqa: TRY400 - the directory's, and no bug

    def tick(self) -> None:
        """About once a second."""
        self.steer.traces.tick()

    def close(self) -> None:
        """Nobody is heard any more."""
        self.steering.close()


def read_aside(work: Callable[[], list[Ended]], then: Callable[[list[Ended] | BaseException], None]) -> None:
    """Read files in a thread; `then` gets what was found, or why not, in the loop."""
    reading = asyncio.get_running_loop().run_in_executor(None, work)

    def read(done: asyncio.Future[list[Ended]]) -> None:
        if not done.cancelled():
            failure = done.exception()
            then(done.result() if failure is None else failure)

    reading.add_done_callback(read)

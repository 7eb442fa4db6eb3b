"""`python -m tests.faults.store_under_fault PLAN FD DIRECTORY`: the store process, with a plan's points in its way."""

import sys
from pathlib import Path

from gateway.store import process
from gateway.store.schema import Batch
from gateway.store.sqlite import SqliteEngine
from tests.faults import disk
from tests.faults.plan import Plan, Point


def engine(plan: Plan) -> type[SqliteEngine]:
    """The engine that says where it is."""

    class Engine(SqliteEngine):
        def commit(self, batch: Batch) -> int:
            plan.reach(Point.STORE_ASKED)
            repeated = super().commit(batch)
            plan.reach(Point.STORE_COMMITTED)
            return repeated

        @property
        def backlog(self) -> int:
            """Looked at when a batch was answered."""
            plan.reach(Point.STORE_ANSWERED)
            return super().backlog

    return Engine


if __name__ == "__main__":
    suffered = Plan(Path(sys.argv[1]))
    disk.install(suffered)
    process.SqliteEngine = engine(suffered)  # type: ignore[attr-defined]
    sys.exit(process.main(sys.argv[2:]))

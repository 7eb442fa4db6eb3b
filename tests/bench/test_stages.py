"""Stacks are told apart by the innermost function that names a stage."""

import os

import pytest

from bench import stages
from bench.children import RunFailed

TURN = "<module> (gateway/__main__.py:9);Runner.run (asyncio/runners.py:118);Turn._end (gateway/net/turn.py:60)"


@pytest.mark.parametrize(
    ("stack", "stage"),
    [
        (TURN, "the end of a turn"),
        (f"{TURN};Dispatcher.run (gateway/flow/dispatch.py:10);Lanes.take (x.py:1)", "claimed: lanes, pace, windows"),
        (
            "Connection.data_received (a.py:1);CarrierLink.handle (b.py:2);ReceiptsIn.take (c.py:3);read_text (d.py:4)",
            "receipts in: read, matched, moved, billed",
        ),
        ("ReceiptsIn.take (c.py:3);StoreProcess.write (e.py:5);Batch.settle (f.py:6)", "changes for the store"),
        ("main (p.py:1);serve (q.py:2);_patiently (q.py:3);SqliteEngine.commit (r.py:4)", "batches: SQLite, fsync"),
        ("Thread.run (threading.py:5)", stages.OTHER),
    ],
)
def test_the_stage_of_a_stack(stack: str, stage: str) -> None:
    assert stages.stage_of(stack) == stage


def test_shares_leave_out_who_waits() -> None:
    lines = [f"{TURN} 30\n", "Thread.run (threading.py:5) 10\n", "x (y.py:1);Condition.wait (threading.py:320) 999\n"]
    assert stages.shares(lines) == {"the end of a turn": 0.75, stages.OTHER: 0.25}


def test_the_table() -> None:
    told = stages.table({"gateway": (60.0, {"one": 0.75, "two": 0.25}), "store": (20.0, {"three": 1.0})})
    assert "| gateway | one | 45.0 |" in told
    assert "| gateway | all | 60.0 |" in told
    assert "| store | three | 20.0 |" in told


def test_without_a_gateway_there_is_nothing_to_look_at() -> None:
    with pytest.raises(RunFailed, match="does not run"):
        stages._processes(os.getpid())

"""The only clock: one that never steps back, and one that people read."""

import ast
from datetime import UTC, datetime
from pathlib import Path

from gateway import clock

GATEWAY = Path(clock.__file__).parent
READS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "now", "utcnow", "today"}


def test_monotonic_never_steps_back() -> None:
    readings = [clock.monotonic() for _ in range(1_000)]
    assert readings == sorted(readings)
    assert isinstance(readings[0], float)


def test_wall_ms_is_milliseconds_since_1970() -> None:
    before = datetime.now(UTC).timestamp() * 1000  # noqa: TID251 - another clock, to compare with
    now = clock.wall_ms()
    assert before - 1 <= now <= before + 10_000
    assert isinstance(now, int)


def test_nobody_else_reads_a_clock() -> None:
    """Ruff bans most of these calls by name; this holds the rest, whatever they are imported as."""
    readers = {
        path.relative_to(GATEWAY).as_posix()
        for path in GATEWAY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in READS
        and isinstance(node.value, ast.Name)
        and node.value.id in {"time", "datetime", "date"}
    }
    assert readers <= {"clock.py"}

"""What a run's figures depend on beside us: the file system that the store is on, and what an fsync takes there."""

import os
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter_ns

MOUNTS = Path("/proc/self/mounts")
FSYNCS = 50
PAGE = bytes(4_096)
NS_A_MS = 1_000_000


def file_system(path: Path) -> str:
    """The kind that a path is on, as /proc/self/mounts calls it; `?` when it doesn't tell."""
    found = (-1, "?")
    for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        _, where, kind, *_ = line.split()
        if path.resolve().is_relative_to(where):
            found = max(found, (len(where), kind))
    return found[1]


def fsync_ms(directory: Path) -> float:
    """The median time of appending a page to a file there and making it durable."""
    taken = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(FSYNCS):
            started = perf_counter_ns()
            file.write(PAGE)
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(perf_counter_ns() - started)
    return round(median(taken) / NS_A_MS, 3)

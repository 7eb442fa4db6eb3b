"""Whether memory is flat: what processes have resident, looked at from outside, and the slope of its least squares."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20
NOISE_MIB = 4.0  # that a heap moves by itself; a slope of less than this over the whole time says nothing


class Look(NamedTuple):
    """One process at one time."""

    rss_mib: float
    files: int


class Slope(NamedTuple):
    """What the least squares say."""

    mib_per_hour: float
    grown_mib: float  # over the time that was looked at


def look(pid: int) -> Look | None:
    """Resident memory and open files of a process. None: it is gone."""
    with contextlib.suppress(OSError):
        proc = Path("/proc") / str(pid)
        pages = int((proc / "statm").read_text(encoding="ascii").split()[1])
        return Look(pages * PAGE / MIB, sum(1 for _ in (proc / "fd").iterdir()))
    return None


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """The line through points of (seconds, MiB). Fewer than two points are flat."""
    if len(points) < 2:
        return Slope(0.0, 0.0)
    middle = sum(at for at, _ in points) / len(points)
    mean = sum(mib for _, mib in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    if not spread:
        return Slope(0.0, 0.0)
    per_second = sum((at - middle) * (mib - mean) for at, mib in points) / spread
    return Slope(per_second * 3_600, per_second * (points[-1][0] - points[0][0]))


def is_flat(one: Slope, most_mib_per_hour: float) -> bool:
    """Whether it is under the limit, or no more than noise."""
    return one.mib_per_hour <= most_mib_per_hour or one.grown_mib <= NOISE_MIB

"""What a process has used, from /proc/PID/stat.

prometheus_client's own collector gives nothing at all where /proc/stat is hidden, as systemd's ProcSubset=pid does.
"""

import os
from pathlib import Path
from typing import NamedTuple

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_OCTETS = os.sysconf("SC_PAGE_SIZE")

# proc(5): the fields after the name, which may have anything in it and ends with the last parenthesis.
UTIME, STIME, RSS = 11, 12, 21


class Used(NamedTuple):
    """Of one process, all threads."""

    cpu_seconds: float
    resident_octets: int


def used(pid: int) -> Used | None:
    """None when there is no such process, or no /proc."""
    try:
        stat = Path("/proc", str(pid), "stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    return Used((int(fields[UTIME]) + int(fields[STIME])) / TICKS_PER_SECOND, int(fields[RSS]) * PAGE_OCTETS)

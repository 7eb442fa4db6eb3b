"""Who changed what by hand, and why: a file of JSON lines that is only ever appended to.

Each line is opened and closed by itself, so that whoever moves the file away gets a fresh one.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

log = structlog.get_logger(room="audit_log")

FILE_NAME = "audit.jsonl"
MOST_READ_OCTETS = 65_536  # of its end, when somebody wants to see it


class AuditLog:
    """In a state directory. `wall_ms` is ms since 1970."""

    def __init__(self, directory: Path, wall_ms: Callable[[], int]) -> None:
        self._path = directory / FILE_NAME
        self._wall_ms = wall_ms

    def write(self, entry: Mapping[str, Any]) -> str:
        """Append one line; the log has it too. Return why it could not be: a full disk must not stop who mends it."""
        ms = self._wall_ms()
        time = f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"
        log.info("steered", **entry)
        line = orjson.dumps({"time": time, **entry}, default=str) + b"\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                written = os.write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.error("audit_not_written", why=str(error))  # noqa: TRY400 - the disk's, and no bug
            return str(error)
        return "" if written == len(line) else "only a part of the line was written"

    def last(self, most: int) -> list[dict[str, Any]]:
        """The last lines, the newest first; none where the file cannot be read. Lines that are no JSON are left out."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - MOST_READ_OCTETS))
                octets = file.read()
        except OSError:
            return []
        lines = octets.split(b"\n")[1 if size > MOST_READ_OCTETS else 0 :]
        return [one for line in reversed(lines) if (one := _entry(line)) is not None][:most]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None

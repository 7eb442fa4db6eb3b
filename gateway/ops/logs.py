"""Log lines: one JSON object each on stdout, written by a thread of their own, with nothing in them that is secret.

A pipe whose reader stalls would stop the loop at its next line, so the loop puts lines into a bounded queue and a
thread writes them. What does not fit is dropped and counted; the count is the first line that fits again.
"""

import atexit
import json
import logging
import os
import re
import select
import sys
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

from gateway import clock

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

MOST_QUEUED_OCTETS = 4 << 20
CLOSE_SECONDS = 2.0  # what a stalled reader may cost us at the end
MOST_ROOMS = 64  # with a level of their own
MOST_DEPTH = 8  # of nested values; what lies deeper is not shown

HIDDEN = "[hidden]"
# What a key holds is told by its words (parted by _). Of contents, how many there are may be told, and nothing else.
SECRET_WORDS = frozenset({"authorization", "credential", "credentials", "passwd", "password", "secret", "token"})
CONTENT_WORDS = frozenset({"body", "content", "octets", "payload", "pdu", "text"})
CONTENT_KEYS = frozenset({"short_message"})
NUMBER_WORDS = frozenset({"addr", "destination", "e164", "msisdn", "number", "phone", "recipient", "sender"})
SMALLEST_NUMBER = 10**6
DIGITS_HIDDEN = 4
# An exception's words may quote what it was given: long digits, long quotations, anything that is not ASCII.
LONG_DIGITS = re.compile(r"\d{7,}")
QUOTED = re.compile(r"""(?<!\w)(b?)(['"]).{16,}?\2|[^\x00-\x7f]+""", re.DOTALL)

HEAD = ("time", "level", "room", "event")


class LineWriter:
    """Takes whole lines from any thread, writes them to a file descriptor from its own. Never blocks who calls it."""

    def __init__(self, fd: int, most_octets: int = MOST_QUEUED_OCTETS) -> None:
        self._fd = fd
        self._most = most_octets
        self._lines: deque[bytes] = deque()
        self._octets = 0
        self._dropped_since = 0
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)
        self._thread.start()
        self.dropped = 0

    def write(self, line: bytes) -> int:
        """Queue a line, with its line feed. Drop it when too much waits."""
        with self._changed:
            if self._ended or self._octets + len(line) > self._most:
                self._dropped_since += 1
                self.dropped += 1
            else:
                self._lines.append(line)
                self._octets += len(line)
                self._changed.notify()
        return len(line)

    def flush(self) -> None:
        """For who takes this for a file: the thread flushes."""

    def close(self, wait_seconds: float = CLOSE_SECONDS) -> None:
        """Write what is queued, if the reader takes it in this time."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(wait_seconds)

    def _run(self) -> None:
        while octets := self._next():
            try:
                self._put(octets)
            except OSError:  # nobody reads any more
                with self._changed:
                    lost = octets.count(b"\n")
                    self.dropped += lost
                    self._dropped_since += 0 if self._ended else lost

    def _next(self) -> bytes:
        """All that is queued; nothing when there will be no more."""
        with self._changed:
            while not self._lines and not self._ended:
                self._changed.wait()
            if self._dropped_since:
                self._lines.append(_dropped_line(self._dropped_since))
                self._dropped_since = 0
            octets = b"".join(self._lines)
            self._lines.clear()
            self._octets = 0
            return octets

    def _put(self, octets: bytes) -> None:
        view = memoryview(octets)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:  # somebody who shares the pipe made it non-blocking
                select.select([], [self._fd], [])


def _dropped_line(count: int) -> bytes:
    event = {"event": "log_lines_dropped", "room": "logs", "count": count, "level": "warning", "time": _now()}
    return orjson.dumps(event) + b"\n"


_writers: list[LineWriter] = []
_level = logging.INFO
_levels: dict[str, int] = {}  # of rooms that have one of their own


def configure(level: str, fd: int | None = None) -> LineWriter:
    """Send every log line of `level` ("debug", "info", "warning", "error") and above to stdout (or to `fd`).

    Lines of libraries that use `logging` become lines of ours. What is queued at exit is written then.
    """
    global _level  # noqa: PLW0603 - there is one log of the process
    for former in _writers:
        former.close()
    _level = LEVELS[level]
    _levels.clear()
    writer = LineWriter(sys.stdout.fileno() if fd is None else fd)
    atexit.register(writer.close)
    _writers[:] = [writer]
    structlog.configure(
        processors=[
            _of_room,
            structlog.stdlib.add_log_level,
            _add_time,
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            mask,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(cast("BinaryIO", writer)),
        cache_logger_on_first_use=False,  # events are rare; `configure` holds for loggers that exist already
    )
    logging.basicConfig(handlers=[_Foreign()], level=max(LEVELS[level], logging.WARNING), force=True)
    return writer


def set_level(room: str, level: str | None) -> None:
    """From now on this room's lines of `level` and above; None: as all others. ValueError for one room too many."""
    if level is None:
        _levels.pop(room, None)
    elif room not in _levels and len(_levels) >= MOST_ROOMS:
        raise ValueError(f"{MOST_ROOMS} rooms have a level of their own; take one back first")
    else:
        _levels[room] = LEVELS[level]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(min((_level, *_levels.values()))))


def set_least(level: str) -> None:
    """From now on lines of `level` and above, but of rooms that have one of their own."""
    global _level  # noqa: PLW0603 - there is one log of the process
    _level = LEVELS[level]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(min((_level, *_levels.values()))))


def levels() -> dict[str, str]:
    """The levels of rooms that have one of their own."""
    names = {number: name for name, number in LEVELS.items()}
    return {room: names[number] for room, number in sorted(_levels.items())}


def _of_room(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop what is below the level of its room."""
    if _levels and structlog.processors.NAME_TO_LEVEL[method] < _levels.get(str(event.get("room")), _level):
        raise structlog.DropEvent
    return event


def dropped() -> int:
    """Lines that did not fit since the start."""
    return sum(writer.dropped for writer in _writers)


class _Foreign(logging.Handler):
    """A library's record (asyncio's, above all) as an event of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """logging calls it."""
        level = max((one for one in LEVELS.values() if one <= record.levelno), default=logging.DEBUG)
        log = structlog.get_logger(room="library")
        log.log(level, "library", library=record.name, why=record.getMessage(), exc_info=record.exc_info)


def _now() -> str:
    ms = clock.wall_ms()
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _add_time(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["time"] = _now()
    return event


def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide what a key says is a text, a password or a number, however deep it lies, and digits in exceptions' words."""
    return {key: _masked(key, value, MOST_DEPTH) for key, value in event.items()}


def _masked(key: str, value: object, depth: int) -> object:
    words = set(key.lower().split("_"))
    if words & SECRET_WORDS:
        return HIDDEN
    counts = value is None or isinstance(value, int | float)
    if not counts and (words & CONTENT_WORDS or key in CONTENT_KEYS):
        return HIDDEN
    if isinstance(value, bytes | bytearray):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return _masked_words(key, value, words)
    if type(value) is int and words & NUMBER_WORDS and value >= SMALLEST_NUMBER:
        return hide_end(str(value))
    return value if counts else _masked_inside(key, value, depth)


def _masked_words(key: str, value: str, words: set[str]) -> str:
    if words & NUMBER_WORDS:
        return hide_end(value)
    if key.startswith("exc_"):
        return hide_quotations(value)
    return hide_digits(value) if key == "why" else value


def _masked_inside(key: str, value: object, depth: int) -> object:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(one): _masked(str(one), inner, depth - 1) for one, inner in value.items()} if depth else HIDDEN
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(key, inner, depth - 1) for inner in value] if depth else HIDDEN
    return value


def hide_end(number: str) -> str:
    """`819012345678` -> `81901234****`: enough to see the block, too little to call."""
    return number[:-DIGITS_HIDDEN] + "*" * min(DIGITS_HIDDEN, len(number))


def hide_digits(words: str) -> str:
    """Sentences that may quote a number."""
    return LONG_DIGITS.sub(lambda found: hide_end(found.group()), words)


def hide_quotations(words: str) -> str:
    """Sentences that may quote anything."""
    return hide_digits(QUOTED.sub(HIDDEN, words))


def render(_: WrappedLogger, __: str, event: Mapping[str, Any]) -> bytes:
    """One line of JSON. It never fails: what JSON does not hold is named by its type."""
    ordered = {key: event[key] for key in HEAD if key in event} | dict(event)
    try:
        return orjson.dumps(ordered, default=_named, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:  # an integer of more than 64 bits, half a surrogate pair
        return json.dumps(ordered, default=_named, skipkeys=True).encode("ascii")


def _named(value: object) -> str:
    return str(value) if isinstance(value, Path) else f"<{type(value).__name__}>"

"""What a customer remembers of its binds, a JSON object a line: what it sent, was promised, was told, in this order.

A line is in the file before the customer says anything that follows from it, so that a judge knows at least as much as
the gateway was told.
"""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, TypeAlias

import orjson


class Submitted(NamedTuple):
    """A submit_sm left. `message` is the customer's own name for the whole message, `text` the text of all of it."""

    bind: int  # one number for each connection
    message: str
    part: int  # 1 for a message that goes whole
    parts: int
    destination: str
    text: str
    receipt: bool  # whether a final receipt was asked for


class Answered(NamedTuple):
    """Its response came. With `status` 0 this is the promise."""

    bind: int
    message: str
    part: int
    status: int
    message_id: str


class Received(NamedTuple):
    """A receipt came; with `acknowledged`, deliver_sm_resp left after it."""

    bind: int
    message_id: str
    stat: str
    acknowledged: bool


class Unbound(NamedTuple):
    """Our unbind was answered: the gateway has all that this bind said before."""

    bind: int


Entry: TypeAlias = Submitted | Answered | Received | Unbound

_KINDS: Final[dict[str, type[Submitted] | type[Answered] | type[Received] | type[Unbound]]] = {
    "submitted": Submitted,
    "answered": Answered,
    "received": Received,
    "unbound": Unbound,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


class Journal:
    """Appends to a file; `note` returns when the entry is in it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def note(self, *entries: Entry) -> None:
        """Write entries, in one piece."""
        self._file.write(b"".join(orjson.dumps(_row(one), option=orjson.OPT_APPEND_NEWLINE) for one in entries))


def _row(entry: Entry) -> dict[str, object]:
    return {"kind": _NAMES[type(entry)], **entry._asdict()}


def read_journal(path: Path) -> list[Entry]:
    """The entries of a Journal's file; a line that was cut is left out. ValueError: it's no journal."""
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return list(_entries(whole.splitlines()))


def _entries(lines: Iterable[bytes]) -> Iterable[Entry]:
    for number, line in enumerate(lines, 1):
        try:
            row = orjson.loads(line)
            yield _KINDS[row.pop("kind")](**row)
        except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError):
            raise ValueError(f"line {number} is no entry of a journal") from None

"""How many PDUs of each kind went over a session. A kind is command_id and command_status, 8 octets of the header.

Bounded: statuses that no edition names are one kind a command, commands that no edition names are one kind, and of
the rest no more than MOST_KINDS are told apart. A peer can make up what it likes.
"""

from functools import lru_cache

from gateway.smpp.commands import CommandId
from gateway.smpp.status import CommandStatus

KIND = slice(4, 12)
MOST_KINDS = 64
OTHER = b"\xff\xff\xff\xff"
OTHER_KIND = OTHER + OTHER

_COMMANDS = frozenset(int(one).to_bytes(4, "big") for one in CommandId)
_STATUSES = frozenset(int(one).to_bytes(4, "big") for one in CommandStatus)

Tally = dict[bytes, int]


def count(tally: Tally, frame: bytes) -> None:
    """One PDU, as it is on the wire."""
    try:
        tally[frame[KIND]] += 1
    except KeyError:
        add(tally, frame[KIND], 1)


def add(tally: Tally, kind: bytes, times: int) -> None:
    """So many of a kind that may not be there yet."""
    command, status = kind[:4], kind[4:]
    if command not in _COMMANDS:
        kind = OTHER_KIND
    elif status not in _STATUSES:
        kind = command + OTHER
    if kind not in tally and len(tally) >= MOST_KINDS:
        kind = OTHER_KIND
    tally[kind] = tally.get(kind, 0) + times


def add_all(tally: Tally, other: Tally) -> None:
    """Everything that another one has."""
    for kind, times in other.items():
        if kind in tally:
            tally[kind] += times
        else:
            add(tally, kind, times)


@lru_cache(4_096)
def names_of(kind: bytes) -> tuple[str, str]:
    """Command and status by their names in SMPP, in lower and upper case as it has them; `other` for what has none."""
    command, status = kind[:4], kind[4:]
    return (
        CommandId(int.from_bytes(command, "big")).name.lower() if command in _COMMANDS else "other",
        CommandStatus(int.from_bytes(status, "big")).name if status in _STATUSES else "other",
    )

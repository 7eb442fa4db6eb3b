"""What the auditor goes by: a customer's journal, the phones' segments and the store's files, put in order."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from simulators import phone
from simulators.journal import Answered, Entry, Received, Submitted, Unbound
from simulators.records import HOT


class Record(NamedTuple):
    """A billing record, as far as it is judged."""

    message_id: int
    destination: str
    units: int
    outcome: str
    charge_sen: int


class Stored(NamedTuple):
    """The store's files: what ended, the ids of what is alive, and the ids whose receipts are owed."""

    records: list[Record]
    alive: frozenset[int]
    owed: frozenset[int]


@dataclass
class Case:
    """One message of the customer, as the journal tells it."""

    name: str
    destination: str
    text: str
    parts: int
    receipt: bool
    submitted: set[int] = field(default_factory=set)
    ids: dict[int, str] = field(default_factory=dict)
    refused: int = 0

    @property
    def unheard(self) -> int:
        """Parts that left and were never answered: each may have been taken, or not."""
        return len(self.submitted) - len(self.ids) - self.refused

    @property
    def whole(self) -> bool:
        """Whether all of it was promised."""
        return len(self.ids) == self.parts

    @property
    def what(self) -> str:
        """How findings name it."""
        return f"{self.name} ({' '.join(self.ids.values()) or 'no id'}) to {self.destination}"


class Arrival(NamedTuple):
    """A message as the segments of one reference make it; `text` is None while one is missing."""

    text: str | None
    smsc: str
    copies: Mapping[int, list[phone.Segment]]  # by place

    @property
    def doubled(self) -> int:
        """Segments beyond one of each place."""
        return sum(len(segments) - 1 for segments in self.copies.values())


def cases(entries: Iterable[Entry]) -> list[Case]:
    """The messages of a journal, in the order they first left. ValueError: an answer to nothing."""
    found: dict[str, Case] = {}
    for one in entries:
        if isinstance(one, Submitted):
            fresh = Case(one.message, one.destination, one.text, one.parts, one.receipt)
            found.setdefault(one.message, fresh).submitted.add(one.part)
        elif isinstance(one, Answered):
            if one.message not in found:
                raise ValueError(f"message {one.message} was answered and never sent")
            if one.status:
                found[one.message].refused += 1
            else:
                found[one.message].ids[one.part] = one.message_id
    return list(found.values())


def read_store(directory: Path) -> Stored:
    """A store that no process uses any more. sqlite3.Error: it can't be read."""
    found: list[Record] = []
    archived: set[int] = set()
    for month in sorted(directory.glob("archive/*.sqlite3")):
        with closing(_open(month)) as connection:
            for seq, *row in connection.execute(f"SELECT {_RECORD} FROM record"):  # noqa: S608 - our own words
                archived.add(seq)
                found.append(Record(*row))
    alive: set[int] = set()
    with closing(_open(directory / HOT)) as connection:
        rows = connection.execute(f"SELECT {_RECORD} FROM done")  # noqa: S608
        found += [
            Record(*row) for seq, *row in rows if seq not in archived
        ]  # on its way it is in both, and counts once
        for table in ("message", "parked"):
            for message_id, part_ids in connection.execute(f"SELECT message_id, part_ids FROM {table}"):  # noqa: S608
                alive.add(message_id)
                alive.update(part[0] for part in json.loads(part_ids or "[]"))
        for row in connection.execute("SELECT part_id, told_id FROM part"):
            alive.update(row)
        owed = frozenset(message_id for (message_id,) in connection.execute("SELECT message_id FROM receipt_owed"))
    return Stored(found, frozenset(alive), owed)


_RECORD = "seq, message_id, destination_addr, units, outcome, charge_sen"


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def arrivals_of(segments: Iterable[phone.Segment]) -> Iterator[Arrival]:
    """Segments of one reference are one message; a segment without one is a message by itself, once for each text."""
    groups: dict[tuple[object, ...], dict[int, list[phone.Segment]]] = {}
    totals: dict[tuple[object, ...], int] = {}
    for one in segments:
        part = phone.split_header(one.octets) if one.udhi else None
        key: tuple[object, ...] = (one.source, one.octets)
        if part is not None:
            key = (one.source, part.width, part.reference, part.total)
        totals[key] = 1 if part is None else part.total
        groups.setdefault(key, {}).setdefault(1 if part is None else part.number, []).append(one)
    for key, copies in groups.items():
        text = "".join(_text(copies[place][0]) for place in sorted(copies)) if len(copies) == totals[key] else None
        yield Arrival(text, next(iter(copies.values()))[0].smsc, copies)


def _text(segment: phone.Segment) -> str:
    body = segment.octets[segment.octets[0] + 1 :] if segment.udhi else segment.octets
    return phone.decode(body, segment.data_coding)


def number(message_id: str) -> int:
    """An id as the store has it; -1 for one that isn't written in hexadecimal."""
    try:
        return int(message_id, 16)
    except ValueError:
        return -1


def certain(entries: Sequence[Entry]) -> dict[int, int]:
    """Places of receipts whose acknowledgement the gateway surely keeps, and of the entry that shows it.

    On the same bind a message that left later was promised, or the unbind was answered: what is heard first
    is stored first.
    """
    found: dict[int, int] = {}
    waiting: dict[int, list[int]] = {}
    left_at: dict[tuple[int, str, int], int] = {}
    for place, one in enumerate(entries):
        if isinstance(one, Received):
            if one.acknowledged:
                waiting.setdefault(one.bind, []).append(place)
        elif isinstance(one, Submitted):
            left_at[one.bind, one.message, one.part] = place
        elif isinstance(one, Unbound):
            found |= dict.fromkeys(waiting.pop(one.bind, ()), place)
        elif one.status == 0:
            left = left_at.get((one.bind, one.message, one.part), -1)
            before = waiting.get(one.bind, [])
            found |= {earlier: place for earlier in before if earlier < left}
            waiting[one.bind] = [later for later in before if later > left]
    return found

"""When a fault is told of, followed up and told to be over: a machine on given time and given conditions.

Hysteresis is the kind's; one that comes and goes is told of so often an hour, then summed up until it rests. What was
told outlives the process as `Kept` rows, so that a restart neither tells it twice nor forgets to tell its end.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import orjson

from gateway.ops.fault_kinds import KINDS, Kind
from gateway.store.contract import Kept, KeptDropped

KEPT = "fault"
MOST_FAULTS = 1_000  # at a time; what comes above it is not told
HOUR_MS = 3_600_000
MINUTE_MS = 60_000

Key: TypeAlias = tuple[str, str]  # kind, subject
Facts: TypeAlias = Mapping[str, str | int | float]


class Change(Enum):
    """What a notice says of a fault."""

    RAISED = "fault"
    STILL = "follow_up"
    FLAPPING = "flapping"
    RECOVERED = "recovery"


class Told(NamedTuple):
    """One notice to be. `number` counts those of one fault from 1; times in ms since 1970.

    `since` is when the condition was first seen, `ended` when it was first seen no more (0: it holds), `thread` when
    the first notice was told, `times` how often the fault came within the hour.
    """

    change: Change
    kind: Kind
    subject: str
    number: int
    since: int
    raised: int
    ended: int
    thread: int
    times: int
    facts: Facts


class FaultRules(NamedTuple):
    """Minutes after which an open fault is told of again, the last one again and again; notices an hour of one fault;
    minutes that one which flaps must rest; seconds until a kind is raised and cleared where not the table's."""

    follow_up_minutes: tuple[float, ...] = (30.0, 60.0, 120.0)
    most_an_hour: int = 6
    rest_minutes: float = 15.0
    raise_seconds: Mapping[str, float] = MappingProxyType({})
    clear_seconds: Mapping[str, float] = MappingProxyType({})
    silent: frozenset[str] = frozenset()  # kinds that nobody wants to hear of


@dataclass(slots=True)
class Fault:
    """One that was raised, or was lately. `steps` are the follow-ups that were told, `told_at` the hour's notices."""

    kind: Kind
    subject: str
    since: int
    raised: int
    open: bool = True
    ended: int = 0
    number: int = 0
    thread: int = 0
    steps: int = 0
    flapping: bool = False
    moved: int = 0  # when it was raised or cleared last
    told_at: list[int] = field(default_factory=list)
    times_at: list[int] = field(default_factory=list)  # when it was raised, of the last hour
    facts: Facts = field(default_factory=dict)


class Faults:
    """Call `look` about once a second; `take_changes` gives what the store is to keep."""

    def __init__(self, rules: FaultRules) -> None:
        self._rules = rules
        self._faults: dict[Key, Fault] = {}
        self._holding: dict[Key, tuple[float, int]] = {}  # since when, monotonic and wall; not raised yet
        self._resting: dict[Key, tuple[float, int]] = {}
        self._changes: dict[Key, Kept | KeptDropped] = {}

    @property
    def open(self) -> list[Fault]:
        """Those that hold now."""
        return [one for one in self._faults.values() if one.open]

    def restore(self, kept: Iterable[Kept]) -> None:
        """After a start, before the first `look`. What cannot be read, or is of no kind any more, is forgotten."""
        for row in kept:
            if row.kind != KEPT:
                continue
            name = row.key.decode("ascii", "replace")
            try:
                fault = None if name in self._rules.silent else _read(KINDS[name], row)
            except (KeyError, ValueError, TypeError):
                fault = None
            if fault is None or len(self._faults) >= MOST_FAULTS:
                self._changes[name, row.owner] = KeptDropped(KEPT, row.owner, row.key)
            else:
                self._faults[name, row.owner] = fault

    def look(self, found: Mapping[Key, Facts], unsure: Container[str], now: float, wall_ms: int) -> list[Told]:
        """What is to be told now. Of kinds that are `unsure` the absence says nothing."""
        told: list[Told] = []
        found = {key: facts for key, facts in found.items() if key[0] not in self._rules.silent}
        for key, facts in found.items():
            told += self._present_now(key, facts, now, wall_ms)
        for key in [one for one in self._holding if one not in found]:
            del self._holding[key]
        for key, fault in tuple(self._faults.items()):
            if key not in found and fault.kind.name not in unsure:
                told += self._absent_now(key, fault, now, wall_ms)
            told += self._aged(key, fault, wall_ms)
        return told

    def take_changes(self) -> list[Kept | KeptDropped]:
        """Since it was asked last; the last word on each fault."""
        changes = list(self._changes.values())
        self._changes.clear()
        return changes

    def _present_now(self, key: Key, facts: Facts, now: float, wall_ms: int) -> list[Told]:
        self._resting.pop(key, None)
        fault = self._faults.get(key)
        if fault is not None and fault.open:
            fault.facts = facts
            return []
        kind = KINDS[key[0]]
        since, since_ms = self._holding.setdefault(key, (now, wall_ms))
        if now - since < self._rules.raise_seconds.get(kind.name, kind.raise_seconds):
            return []
        if fault is None:
            if len(self._faults) >= MOST_FAULTS:
                return []
            fault = self._faults[key] = Fault(kind, key[1], since_ms, wall_ms)
        del self._holding[key]
        fault.since, fault.raised, fault.open, fault.ended, fault.facts = since_ms, wall_ms, True, 0, facts
        fault.steps, fault.moved = 0, wall_ms
        fault.times_at.append(wall_ms)
        return self._say(key, fault, Change.RAISED, wall_ms)

    def _absent_now(self, key: Key, fault: Fault, now: float, wall_ms: int) -> list[Told]:
        if not fault.open:
            return []
        since, since_ms = self._resting.setdefault(key, (now, wall_ms))
        if now - since < self._rules.clear_seconds.get(fault.kind.name, fault.kind.clear_seconds):
            return []
        del self._resting[key]
        fault.open, fault.ended, fault.moved = False, since_ms, wall_ms
        return self._say(key, fault, Change.RECOVERED, wall_ms)

    def _aged(self, key: Key, fault: Fault, wall_ms: int) -> list[Told]:
        """What time alone brings: a follow-up, the end of flapping, and that it can be forgotten."""
        fault.told_at = [at for at in fault.told_at if wall_ms - HOUR_MS < at <= wall_ms]
        fault.times_at = [at for at in fault.times_at if wall_ms - HOUR_MS < at <= wall_ms]
        if fault.flapping:
            if 0 <= wall_ms - fault.moved < self._rules.rest_minutes * MINUTE_MS:
                return [] if fault.told_at else [self._tell(key, fault, Change.FLAPPING, wall_ms)]
            fault.flapping = False
            return [self._tell(key, fault, Change.STILL if fault.open else Change.RECOVERED, wall_ms)]
        if fault.open and wall_ms >= fault.raised + self._step(fault.steps) * MINUTE_MS:
            while wall_ms >= fault.raised + self._step(fault.steps) * MINUTE_MS:
                fault.steps += 1
            return [self._tell(key, fault, Change.STILL, wall_ms)]
        if not fault.open and not fault.told_at and not fault.times_at:
            del self._faults[key]
            self._changes[key] = KeptDropped(KEPT, fault.subject, fault.kind.name.encode("ascii"))
        return []

    def _step(self, number: int) -> float:
        steps = self._rules.follow_up_minutes
        if not steps:
            return float("inf")
        return steps[number] if number < len(steps) else steps[-1] * (number - len(steps) + 2)

    def _say(self, key: Key, fault: Fault, change: Change, wall_ms: int) -> list[Told]:
        """Tell it, unless too much was told of it within the hour: then that it flaps, once."""
        if fault.flapping:
            self._keep(key, fault)
            return []
        # The last notice of the hour is the one that says so; a fault's first pair is always told.
        if len(fault.told_at) + 1 >= self._rules.most_an_hour and len(fault.times_at) > 1:
            fault.flapping = True
            return [self._tell(key, fault, Change.FLAPPING, wall_ms)]
        return [self._tell(key, fault, change, wall_ms)]

    def _tell(self, key: Key, fault: Fault, change: Change, wall_ms: int) -> Told:
        if change is Change.RAISED:
            fault.number, fault.thread = 0, wall_ms
        fault.number += 1
        fault.told_at.append(wall_ms)
        self._keep(key, fault)
        ended = 0 if fault.open else fault.ended
        return Told(
            change,
            fault.kind,
            fault.subject,
            fault.number,
            fault.since,
            fault.raised,
            ended,
            fault.thread,
            len(fault.times_at),
            fault.facts,
        )

    def _keep(self, key: Key, fault: Fault) -> None:
        value = orjson.dumps({name: getattr(fault, name) for name in (*_KEPT_FIELDS, *_KEPT_LISTS)})
        self._changes[key] = Kept(KEPT, fault.subject, fault.kind.name.encode("ascii"), value, 0)


_KEPT_FIELDS = ("since", "raised", "open", "ended", "number", "thread", "steps", "flapping", "moved")
_KEPT_LISTS = ("told_at", "times_at")


def _read(kind: Kind, row: Kept) -> Fault:
    """KeyError, ValueError or TypeError for what is no fault."""
    value = orjson.loads(row.value)
    numbers = {name: value[name] for name in _KEPT_FIELDS}
    lists = {name: value[name] for name in _KEPT_LISTS}
    if not all(isinstance(one, int) for one in (*numbers.values(), *chain(*lists.values()))):
        raise ValueError("a fault is kept in whole numbers")
    return Fault(kind, row.owner, **numbers, **lists)

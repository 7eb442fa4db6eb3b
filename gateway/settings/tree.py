"""A YAML file as plain values, with the position of every key; read as YAML 1.2 reads it.

`no`, `0123` and `22:00` are text, a key is always text, a key that is there twice is a mistake. Tags are not used. No
message repeats a value: it may be a password in the wrong place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

Where: TypeAlias = tuple[str | int, ...]
"""A key's path: ("carriers", "north", "binds", 0, "port")."""

MOST_OCTETS = 16 * 1024 * 1024
MOST_VALUES = 1_000_000  # aliases make a short file as long as they like
MOST_DEPTH = 32

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})|0x[0-9a-fA-F]{1,16}|0o[0-7]{1,20}")
_FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]{0,30})(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")

# What a parser quotes in its message came from the file.
_QUOTED = re.compile(r"\s*(?:'.*'|\".*\")", re.DOTALL)


class Position(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Mistake(NamedTuple):
    """What is wrong where, for the operator. `key` is the path of a key, or nothing."""

    position: Position
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.position), self.key, self.message) if part)


@dataclass(slots=True)
class Tree:
    """What a file says. `broken`: it could not be read to the end, so what is missing may be in it.

    Sequences are tuples. `positions` has an entry for every key and every item of a sequence, but below an alias.
    """

    file: Path
    value: object = None
    positions: dict[Where, Position] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    broken: bool = False


def shown(where: Where) -> str:
    """A path as people read it. What is written below a password is not shown."""
    steps = where[: where.index("password") + 1] if "password" in where else where
    return ".".join(str(step) for step in steps)


def plain(text: str) -> object:
    """The value of a scalar without quotes, by the core schema of YAML 1.2, but that 0123 is text."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def read_tree(file: Path) -> Tree:
    """Read one file. What is wrong with it stands in the tree's `mistakes`; nothing is raised."""
    tree = Tree(file)
    start = Position(file, 1, 1)
    try:
        with file.open("rb") as opened:
            octets = opened.read(MOST_OCTETS + 1)
    except OSError as error:
        return _broken(tree, start, f"the file cannot be read: {error.strerror}")
    if len(octets) > MOST_OCTETS:
        return _broken(tree, start, f"the file is longer than {MOST_OCTETS} octets")
    try:
        _Builder(tree, octets.decode("utf-8-sig")).document()
    except UnicodeDecodeError as error:
        return _broken(tree, _position_at(file, octets, error.start), "the file is not UTF-8 text")
    except ReaderError as error:
        return _broken(tree, _position_at(file, octets, error.position), "a control character is not allowed")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = ": ".join(part for part in (error.context, error.problem) if part)
        position = Position(file, mark.line + 1, mark.column + 1) if mark else start
        return _broken(tree, position, f"not YAML: {_QUOTED.sub('', told)}")
    except _TooMuch as error:
        return _broken(tree, error.position, error.message)
    return tree


def _broken(tree: Tree, position: Position, message: str) -> Tree:
    tree.broken = True
    tree.mistakes.append(Mistake(position, "", message))
    return tree


def _position_at(file: Path, octets: bytes, offset: int) -> Position:
    before = octets[:offset]
    return Position(file, before.count(b"\n") + 1, offset - before.rfind(b"\n"))


class _TooMuch(Exception):
    """The rest of the file is not worth reading."""

    def __init__(self, position: Position, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.message = message


class _Builder:
    """Values and positions of one file, out of the parser's events.

    Not out of its nodes: those are built by a recursion in C that a deep file overturns.
    """

    def __init__(self, tree: Tree, text: str) -> None:
        self._tree = tree
        self._events: Iterator[Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._anchors: dict[str, tuple[object, int]] = {}
        self._count = 0

    def document(self) -> None:
        """Read the only document of the file; an empty file has none."""
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._tree.value = self._value(next(self._events), (), 0)
                break
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                raise _TooMuch(self._position(event), "a file has one document: what follows `---` is not read")

    def _value(self, event: Event, where: Where, depth: int) -> object:
        """The value that begins with `event`. A mistake in it is noted, and the value is as near as can be."""
        if depth > MOST_DEPTH:
            raise _TooMuch(self._position(event), f"values are nested deeper than {MOST_DEPTH} levels")
        if isinstance(event, AliasEvent):
            return self._aliased(event, where)
        before = self._count
        self._add(event, 1)
        if getattr(event, "tag", None) is not None:
            self._mistake(event, where, "tags are not used here")
        value: object
        if isinstance(event, ScalarEvent):
            value = event.value if event.style else plain(event.value)
        elif isinstance(event, SequenceStartEvent):
            value = self._sequence(where, depth + 1)
        else:
            value = self._mapping(where, depth + 1)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _aliased(self, event: AliasEvent, where: Where) -> object:
        if event.anchor not in self._anchors:
            self._mistake(event, where, "no value before this one has the anchor that the alias names")
            return None
        value, size = self._anchors[event.anchor]
        self._add(event, size)
        return value

    def _sequence(self, where: Where, depth: int) -> tuple[object, ...]:
        items: list[object] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            here = (*where, len(items))
            self._tree.positions[here] = self._position(event)
            items.append(self._value(event, here, depth))
        return tuple(items)

    def _mapping(self, where: Where, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                raise _TooMuch(self._position(event), "a key must be text; the rest is not read")
            here = (*where, event.value)
            if event.value in mapping:
                line = self._tree.positions[here].line
                self._mistake(event, here, f"is here twice; the first is in line {line}")
                self._skip()
                continue
            self._tree.positions[here] = self._position(event)
            mapping[event.value] = self._value(next(self._events), here, depth)
        return mapping

    def _skip(self) -> None:
        """Read past a value."""
        open_ = 0
        for event in self._events:
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                open_ += 1
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                open_ -= 1
            if not open_:
                return

    def _add(self, event: Event, values: int) -> None:
        self._count += values
        if self._count > MOST_VALUES:
            raise _TooMuch(self._position(event), f"more than {MOST_VALUES} values")

    def _position(self, event: Event) -> Position:
        mark: Any = event.start_mark
        return Position(self._tree.file, mark.line + 1, mark.column + 1)

    def _mistake(self, event: Event, where: Where, message: str) -> None:
        self._tree.mistakes.append(Mistake(self._position(event), shown(where), message))

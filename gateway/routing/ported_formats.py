"""How files of ported numbers are written: one template a format, and the reader that works by any of them.

A row gives a number or a range of numbers, and who serves them now, by a name or a code. `actions` tell rows that add,
change and remove: such a file holds differences.
"""

import csv
import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from gateway.model.errors import Refusal
from gateway.routing.numbers import NumberRules

# A wider range is a block: it belongs into a table of blocks.
MOST_NUMBERS_A_RANGE = 100_000

ADD, REMOVE = "add", "remove"


class Template(NamedTuple):
    """One format. Columns count from 0; -1: it has none."""

    title: str
    delimiter: str
    number: int  # or the first one of a range
    carrier: int
    columns: int
    head: tuple[str, ...] | None = None  # the first line, if it is told; `skips` lines are passed over in any case
    skips: int = 0
    last: int = -1
    action: int = -1
    actions: Mapping[str, str] = {}
    since: int = -1  # the row holds from this day on
    until: int = -1  # and no longer than to this
    back: int = -1  # the number returned to the carrier of its block
    back_says: frozenset[str] = frozenset()
    more: bool = False  # rows may have more columns than `columns`
    cr: bool = False  # rows end with a carriage return alone


_JERASOFT = ("range_from", "range_to", "prefix", "owner", "effective_date", "end_date")

TEMPLATES: Mapping[str, Template] = {
    "csv": Template("number,carrier under this line", ",", 0, 1, 2, head=("number", "carrier")),
    "changes": Template(
        "action,number,carrier under this line; the action is add, change or remove",
        ",", 1, 2, 3, head=("action", "number", "carrier"), action=0,
        actions={"add": ADD, "change": ADD, "remove": REMOVE},
    ),
    "ranges": Template("first,last,carrier under this line", ",", 0, 2, 3, head=("first", "last", "carrier"), last=1),
    "pdbt": Template("number;carrier, whole numbers (Kamailio pdbt)", ";", 0, 1, 2),
    "acd": Template(
        "action,number,code: A add, C change, D delete (Paradigm One)",
        ",", 1, 2, 3, action=0, actions={"A": ADD, "C": ADD, "D": REMOVE},
    ),
    "jerasoft": Template(
        ";".join(_JERASOFT) + ", dates as 2026-11-24 (JeraSoft)",
        ";", 0, 3, 6, head=_JERASOFT, last=1, since=4, until=5,
    ),
    "abr": Template(
        "BP Concluido, 11 columns by position under one line (ABR)",
        ";", 2, 3, 11, skips=1, back=10, back_says=frozenset({"S", "SIM", "1"}),
    ),
    # Functional Requirements Specification, appendix E, and change order NANC 314: the carrier is the SPID.
    "npac": Template(
        "Subscription Download File, 18 columns by position or more (NPAC)",
        "|", 1, 3, 18, action=17, actions={"0": ADD, "1": REMOVE, "2": ADD, "3": ADD}, more=True, cr=True,
    ),
}  # fmt: skip

MOST_COLUMNS = 200
DELIMITERS = {"comma": ",", "semicolon": ";", "pipe": "|", "tab": "\t"}


class Columns(NamedTuple):
    """Which column says what, counted from 1; 0: none does."""

    number: int
    carrier: int
    last: int = 0
    action: int = 0


def delimited(
    delimiter: str, columns: Columns, adds: Collection[str] = (), removes: Collection[str] = (), skips: int = 0
) -> Template:
    """A format that nobody knew: columns by position, any number of others beside them. ValueError tells what is wrong.

    `adds` and `removes` are what the action may say; `skips` lines are passed over before the rows.
    """
    used = [one for one in columns if one]
    if delimiter not in DELIMITERS.values():
        raise ValueError("the delimiter is a comma, a semicolon, a pipe or a tab")
    if not columns.number or not columns.carrier:
        raise ValueError("say in which columns number and carrier stand")
    if len(set(used)) < len(used) or min(columns) < 0 or max(columns) > MOST_COLUMNS:
        raise ValueError(f"columns count from 1 to {MOST_COLUMNS}, and none stands twice")
    if bool(columns.action) != bool(adds or removes) or set(adds) & set(removes):
        raise ValueError("an action's column goes with what it says of numbers that are added, or removed")
    actions = dict.fromkeys(adds, ADD) | dict.fromkeys(removes, REMOVE)
    return Template(
        "columns by position", delimiter, columns.number - 1, columns.carrier - 1, max(used),
        skips=skips, last=columns.last - 1, action=columns.action - 1, actions=actions, more=True,
    )  # fmt: skip


class Row(NamedTuple):
    """What one line says. `carrier` None: the numbers are not ported (any more)."""

    first: int
    last: int
    carrier: str | None


class BadLine(ValueError):
    """What is wrong with a line, without its number."""


class LineReader:
    """Reads lines of one format. `codes` leads from what the file calls carriers to ours; the empty one is NOBODY.

    `today` decides about rows with dates. `differences`: rows may remove numbers.
    """

    def __init__(
        self, template: Template, rules: NumberRules, codes: Mapping[str, str], today: date, *, differences: bool
    ) -> None:
        self._template = template
        self._rules = rules
        self._codes = codes
        self._today = today.isoformat()
        self._differences = differences
        self.fast = self._fast()
        self.carrier_first = template.carrier < template.number  # of the two groups of `fast`

    def head(self, line: bytes) -> None:
        """The first line, if the template tells it. BadLine when it is another one."""
        expected = self._template.head
        if expected is not None and self._fields(line.removeprefix(b"\xef\xbb\xbf")) != list(expected):
            raise BadLine(f"the first line must be: {self._template.delimiter.join(expected)}")

    def line(self, line: bytes) -> Row | None:
        """One line; None for one that is empty or does not hold today. BadLine says what is wrong with it."""
        fields = self._fields(line)
        if not fields:
            return None
        template = self._template
        if len(fields) < template.columns or (len(fields) > template.columns and not template.more):
            raise BadLine(f"a row has {template.columns} columns{' or more' if template.more else ''}")
        if not self._holds(fields):
            return None
        first, last = self._numbers(fields)
        action = ADD
        if template.action >= 0:
            action = template.actions.get(fields[template.action].strip(), "")
            if not action:
                raise BadLine(f"the action must be one of: {', '.join(template.actions)}")
            if action == REMOVE and not self._differences:
                raise BadLine("it removes a number, and this is no import of differences")
        if template.back >= 0 and fields[template.back].strip().upper() in template.back_says:
            action = REMOVE
        if action == REMOVE:
            return Row(first, last, None)
        return Row(first, last, self._carrier(fields[template.carrier].strip()))

    def _fields(self, line: bytes) -> list[str]:
        try:
            rows = list(csv.reader([line.decode("utf-8")], delimiter=self._template.delimiter, strict=True))
        except UnicodeDecodeError:
            raise BadLine("it is not UTF-8") from None
        except csv.Error as error:
            raise BadLine(f"it cannot be read: {error}") from None
        return rows[0] if rows else []

    def _holds(self, fields: list[str]) -> bool:
        since, until = (self._day(fields, at) for at in (self._template.since, self._template.until))
        return (not since or since <= self._today) and (not until or self._today <= until)

    @staticmethod
    def _day(fields: list[str], at: int) -> str:
        written = fields[at].strip() if at >= 0 else ""
        if not written:
            return ""
        try:
            return date.fromisoformat(written[:10]).isoformat()
        except ValueError:
            raise BadLine("a date is written as 2026-11-24") from None

    def _numbers(self, fields: list[str]) -> tuple[int, int]:
        first = self._number(fields[self._template.number])
        if self._template.last < 0:
            return first, first
        last = self._number(fields[self._template.last])
        if not first <= last < first + MOST_NUMBERS_A_RANGE:
            raise BadLine(f"a range ascends and has at most {MOST_NUMBERS_A_RANGE} numbers; a wider one is a block")
        return first, last

    def _number(self, written: str) -> int:
        try:
            return int(self._rules.normalise(written.encode(), 0, 0))
        except Refusal as refusal:
            raise BadLine(refusal.reason.value.replace("the destination is", "this is")) from None

    def _carrier(self, written: str) -> str:
        carrier = self._codes.get(written)
        if carrier is None:
            raise BadLine(f"no carrier is called {written[:40]!r}")
        return carrier

    def _fast(self) -> "re.Pattern[bytes] | None":
        """Matches the usual line: national number without trunk prefix, and carrier's code. None: none is usual."""
        template = self._template
        if (
            template.last >= 0
            or template.since >= 0
            or template.back >= 0
            or (template.action >= 0 and self._differences)
        ):
            return None
        delimiter = re.escape(template.delimiter).encode()
        field = rb'[^"%b\r\n]*' % delimiter
        column = {template.number: self._rules.usual, template.carrier: rb"(%b)" % field}
        if template.action >= 0:
            adds = [re.escape(said).encode() for said, means in template.actions.items() if means == ADD]
            column[template.action] = rb"(?:%b)" % b"|".join(adds)
        row = delimiter.join(column.get(at, field) for at in range(template.columns))
        more = rb'(?:%b[^"\r\n]*)?' % delimiter if template.more else b""
        return re.compile(rb"(?m)^%b%b\r?$" % (row, more))

"""From a file as somebody wrote it to our file of imported numbers: bad rows are told, nothing half-done stays."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, NamedTuple, cast

from gateway.routing.numbers import NumberRules
from gateway.routing.ported_build import CARRIER_BITS, Keys, TooManyRepetitions, alone, write_differences, write_full
from gateway.routing.ported_file import MOST_CARRIERS, NotAPortedFile
from gateway.routing.ported_formats import BadLine, LineReader, Row, Template
from gateway.routing.tables import MOST_BAD_ROWS_A_FILE, NOBODY, BadRow, BadRows

CHUNK = 2 << 20
LUMP = 200_000  # keys that are sorted at a time
LONGEST_LINE = 4_096
MOST_DIFFERENCES = 2_000_000  # they are kept in memory
GZIP = b"\x1f\x8b"
JST = timedelta(hours=9)


class Imported(NamedTuple):
    """What an import did. `bad` are the first rows that were skipped of `skipped` ones."""

    rows: int
    numbers: int  # in the file now
    skipped: int
    bad: tuple[BadRow, ...]


class Import:
    """One import of the file at `source` into the file at `into`.

    `codes` leads from what the source calls carriers to ours; `now_ms` is written into the file. With `skip_bad` bad
    rows are counted and left out; else BadRows tells the first hundred, and `into` stays as it was.
    """

    def __init__(
        self,
        source: Path,
        into: Path,
        template: Template,
        rules: NumberRules,
        codes: Mapping[str, str],
        now_ms: int,
        *,
        differences: bool = False,
        skip_bad: bool = False,
    ) -> None:
        self._source = source
        self._into = into
        self._template = template
        self._codes = codes
        self._now_ms = now_ms
        self._differences = differences
        self._skip_bad = skip_bad
        self._base = int(rules.country_code) * 10**rules.mobile_digits
        today = (datetime.fromtimestamp(now_ms / 1000, UTC) + JST).date()
        self._lines = LineReader(template, rules, codes, today, differences=differences)
        self._bad: list[BadRow] = []
        self._skipped = 0
        self._rows = 0

    def run(self) -> Imported:
        """Do it. BadRows, OSError (BlockingIOError: another import runs), or ValueError for too many carriers or
        differences; `into` is as it was then."""
        with alone(self._into):
            try:
                numbers = self._apply() if self._differences else self._write_all()
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise BadRows([BadRow(self._source, 0, f"it cannot be unpacked: {error}")]) from None
            except TooManyRepetitions as error:
                raise BadRows([BadRow(self._source, 0, str(error))]) from None
            except NotAPortedFile as error:
                raise BadRows([BadRow(self._into, 0, f"{error}: import everything anew")]) from None
        return Imported(self._rows, numbers, self._skipped, tuple(self._bad))

    def _write_all(self) -> int:
        names = tuple(dict.fromkeys((NOBODY, *self._codes.values())))
        if len(names) > MOST_CARRIERS:
            raise ValueError(f"more than {MOST_CARRIERS - 1} carriers")
        place = {name: at for at, name in enumerate(names)}
        usual = {code.encode(): place[name] for code, name in self._codes.items()}
        doubled: set[int] = set()

        def tell(number: int) -> None:
            self._skipped += 1
            if len(doubled) < MOST_BAD_ROWS_A_FILE:
                doubled.add(number)

        def judge() -> None:
            if doubled:
                self._tell_doubled(doubled)
            self._judge()

        with Keys(self._into.parent) as keys:
            for first, chunk in self._chunks():
                for lump in self._usual_keys(chunk, usual) or self._unusual_keys(first, chunk, place):
                    keys.add(lump)
            self._judge()
            return write_full(self._into, keys, names, self._now_ms, tell, judge).numbers

    def _usual_keys(self, chunk: bytes, usual: Mapping[bytes, int]) -> list[list[int]]:
        """The keys of lines that are all as usual; nothing when one is not."""
        if self._lines.fast is None:
            return []
        found = self._lines.fast.findall(chunk)
        if len(found) != chunk.count(b"\n"):
            return []
        base = self._base
        try:
            if self._lines.carrier_first:
                keys = [base + int(number) << CARRIER_BITS | usual[code] for code, number in found]
            else:
                keys = [base + int(number) << CARRIER_BITS | usual[code] for number, code in found]
        except KeyError:
            return []
        self._rows += len(keys)
        return [keys]

    def _unusual_keys(self, first: int, chunk: bytes, place: Mapping[str, int]) -> Iterator[list[int]]:
        keys: list[int] = []
        for _, row in self._good(first, chunk):
            if row.carrier is None:
                continue  # it serves its number itself again: as every number that is not in the file
            code = place[row.carrier]
            keys += [number << CARRIER_BITS | code for number in range(row.first, row.last + 1)]
            if len(keys) >= LUMP:
                yield keys
                keys = []
        yield keys

    def _good(self, first: int, chunk: bytes) -> Iterator[tuple[int, Row]]:
        """Line and row of all that is sound; the rest is told."""
        for number, line in enumerate(chunk.split(b"\n"), first):
            try:
                row = self._lines.line(line.removesuffix(b"\r"))
            except BadLine as error:
                self._skipped += 1
                self._tell(number, str(error))
                continue
            if row is not None:
                self._rows += 1
                yield number, row

    def _apply(self) -> int:
        changes: dict[int, str | None] = {}
        for first, chunk in self._chunks():
            for _, row in self._good(first, chunk):
                for number in range(row.first, row.last + 1):
                    changes[number] = row.carrier  # of two rows for one number the later holds
                if len(changes) > MOST_DIFFERENCES:
                    raise ValueError(f"more than {MOST_DIFFERENCES} differences: import everything anew")
        self._judge()
        return write_differences(self._into, changes, self._now_ms).numbers

    def _judge(self) -> None:
        if self._bad and not self._skip_bad:
            raise BadRows(self._bad)

    def _tell(self, line: int, message: str) -> None:
        if len(self._bad) < MOST_BAD_ROWS_A_FILE:
            self._bad.append(BadRow(self._source, line, message))
        elif not self._skip_bad:
            self._bad.append(BadRow(self._source, line, "the rest was not read: too much is wrong"))
            raise BadRows(self._bad)

    def _tell_doubled(self, doubled: set[int]) -> None:
        """Read once more, for the lines."""
        rows, skipped = self._rows, self._skipped
        told, self._bad = self._bad, []
        for first, chunk in self._chunks():
            for line, row in self._good(first, chunk):
                found = [one for one in doubled if row.first <= one <= row.last]
                if found and len(told) < MOST_BAD_ROWS_A_FILE:
                    told.append(BadRow(self._source, line, "the number stands in this file with several carriers"))
        self._rows, self._skipped, self._bad = rows, skipped, told

    def _chunks(self) -> Iterator[tuple[int, bytes]]:
        """Whole lines, each with its line break, and the number of their first."""
        with _opened(self._source) as file:
            line = 1 + self._skip_head(file)
            rest = b""
            while read := file.read(CHUNK):
                if self._template.cr:
                    read = read.replace(b"\r", b"\n")
                whole, found, tail = (rest + read).rpartition(b"\n")
                if len(tail) > LONGEST_LINE:
                    raise BadRows([BadRow(self._source, line, f"a line is longer than {LONGEST_LINE} octets")])
                rest = tail
                if found:
                    yield line, whole + found
                    line += whole.count(b"\n") + 1
            if rest:
                yield line, rest + b"\n"

    def _skip_head(self, file: IO[bytes]) -> int:
        """Pass over what precedes the rows; how many lines it has."""
        for _ in range(self._template.skips):
            file.readline(LONGEST_LINE)
        if self._template.head is None:
            return self._template.skips
        try:
            self._lines.head(file.readline(LONGEST_LINE).rstrip(b"\r\n"))
        except BadLine as error:
            raise BadRows([BadRow(self._source, 1, str(error))]) from None
        return 1


def _opened(source: Path) -> IO[bytes]:
    with source.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    return cast("IO[bytes]", gzip.open(source, "rb")) if packed else source.open("rb")

"""Makes files of imported numbers: from rows in any order and number, or from a file and its differences.

Memory is bounded. A full import sorts each lump of rows by itself into a temporary file, then gathers the lumps range
by range; differences touch only the blocks that they name. The new file is written beside the old one, made durable,
and takes its name in one step.
"""

import fcntl
import mmap
import os
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, pairwise
from operator import eq
from pathlib import Path
from typing import Self
from zlib import crc32

from gateway.model.errors import GatewayError
from gateway.routing.ported_file import BODY, LOW, LOW_BITS, Head, PortedFile

# A key is a number and, in its lowest octet, the place of its carrier.
CARRIER_BITS = 8
BLOCK_BITS = LOW_BITS + CARRIER_BITS

ROWS_A_RANGE = 1_000_000
MOST_ROWS_A_RANGE = 16 * ROWS_A_RANGE
SAMPLE = 1_000  # one key of so many tells where ranges begin
OUT_BUFFER = 1 << 20


class TooManyRepetitions(GatewayError):
    """The same few numbers stand in the rows over and over."""


class Keys:
    """Keys in lumps that are sorted each, on disk until the `with` is left."""

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - closed in __exit__
        self._ends = [0]
        self._sample: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, keys: list[int]) -> None:
        """One lump, in any order."""
        if keys:
            keys.sort()
            array("Q", keys).tofile(self._file)
            self._ends.append(self._ends[-1] + len(keys))
            self._sample += keys[::SAMPLE]

    def __len__(self) -> int:
        return self._ends[-1]

    def ranges(self, rows: int = ROWS_A_RANGE) -> Iterator[list[int]]:
        """All keys in order, about `rows` at a time; no block is divided. TooManyRepetitions when one is too big."""
        if not len(self):
            return
        self._file.flush()
        with (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as octets,
            octets.cast("Q") as keys,
        ):
            for found in self._gathered(keys, rows):
                mapped.madvise(mmap.MADV_DONTNEED)  # else all of the file would count as ours in the end
                yield found

    def _gathered(self, keys: "memoryview[int]", rows: int) -> Iterator[list[int]]:
        lumps = [list(pair) for pair in pairwise(self._ends)]
        for end in self._borders(rows):
            found: list[int] = []
            for lump in lumps:
                start, stop = lump
                lump[0] = until = bisect_left(keys, end, start, stop)
                if len(found) + until - start > MOST_ROWS_A_RANGE:
                    raise TooManyRepetitions("the same numbers stand in it over and over")
                found += keys[start:until].tolist()
            found.sort()  # it merges what is in order already
            if found:
                yield found

    def _borders(self, rows: int) -> list[int]:
        sample = sorted(self._sample)
        step = max(1, rows // SAMPLE)
        borders = {key >> BLOCK_BITS << BLOCK_BITS for key in sample[step::step]}
        return [*sorted(borders), 1 << 64]


class _Writer:
    """Appends blocks in ascending order; `close` adds index and head."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=OUT_BUFFER)
        self._file.write(bytes(BODY))
        self._blocks = array("Q")
        self._starts = array("Q", [0])
        self._sum = 0

    def blocks(self, blocks: Sequence[int], counts: Iterable[int], octets: "bytes | memoryview[int]") -> None:
        """Whole blocks, one behind the other."""
        self._blocks.extend(blocks)
        total = self._starts[-1]
        for count in counts:
            total += count
            self._starts.append(total)
        self._sum = crc32(octets, self._sum)
        self._file.write(octets)

    def block(self, block: int, lows: bytes, carriers: "bytes | bytearray") -> None:
        """One block that has numbers."""
        octets = lows + carriers
        self._blocks.append(block)
        self._starts.append(self._starts[-1] + len(carriers))
        self._sum = crc32(octets, self._sum)
        self._file.write(octets)

    def close(self, carriers: tuple[str, ...], made_at: int) -> Head:
        index = self._blocks.tobytes() + self._starts.tobytes()
        self._file.write(index)
        head = Head(self._starts[-1], len(self._blocks), made_at, self._sum, crc32(index), carriers)
        self._file.seek(0)
        self._file.write(head.pack())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return head

    def abandon(self) -> None:
        self._file.close()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else imports into this file's directory meanwhile. BlockingIOError when somebody does."""
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(directory)


def write_full(
    path: Path,
    keys: Keys,
    carriers: tuple[str, ...],
    made_at: int,
    doubled: Callable[[int], None],
    judge: Callable[[], None],
) -> Head:
    """A file of these keys and no others takes the name `path`.

    A number that stands twice with one carrier is taken once. `doubled` is told each that stands with several; it is
    left out. `judge` is called when all is written: what it raises keeps the name for the old file.
    """

    def write(writer: _Writer) -> None:
        for found in keys.ranges():
            _write_range(writer, _unambiguous(found, doubled))
        judge()

    return _replace(path, carriers, made_at, write)


def _unambiguous(keys: list[int], doubled: Callable[[int], None]) -> list[int]:
    octets = bytearray(array("Q", keys).tobytes())
    octets[0::8] = bytes(len(keys))
    numbers = array("Q", octets).tolist()
    if not any(map(eq, numbers, islice(numbers, 1, None))):
        return keys
    found: dict[int, int] = {}
    bad: set[int] = set()
    for key in keys:
        number = key >> CARRIER_BITS
        if found.setdefault(number, key) != key:
            bad.add(number)
    for number in sorted(bad):
        doubled(number)
        del found[number]
    return list(found.values())


def _write_range(writer: _Writer, keys: list[int]) -> None:
    octets = array("Q", keys).tobytes()
    carriers = octets[0::8]
    lows = bytearray(2 * len(keys))
    lows[0::2] = octets[1::8]
    lows[1::2] = octets[2::8]
    start = 0
    while start < len(keys):
        block = keys[start] >> BLOCK_BITS
        end = bisect_left(keys, (block + 1) << BLOCK_BITS, start)
        writer.block(block, bytes(lows[2 * start : 2 * end]), carriers[start:end])
        start = end


def write_differences(path: Path, changes: Mapping[int, str | None], made_at: int) -> Head:
    """`changes` to the file at `path`, which may not be there yet: number -> its carrier now, None for one that is
    ported no more. ValueError when the carriers become too many."""
    old = PortedFile(path) if path.exists() else None
    known = old.head.carriers if old is not None else ("",)
    carriers = tuple(dict.fromkeys((*known, *(one for one in changes.values() if one is not None))))
    place = {carrier: at for at, carrier in enumerate(carriers)}
    by_block: dict[int, list[tuple[int, int | None]]] = {}
    for number, carrier in changes.items():
        change = (number & LOW, None if carrier is None else place[carrier])
        by_block.setdefault(number >> LOW_BITS, []).append(change)
    if len(carriers) > 1 << CARRIER_BITS:
        raise ValueError("more than 255 carriers")

    def write(writer: _Writer) -> None:
        at = 0
        for block in sorted(by_block):
            lows, codes = array("H"), bytearray()
            if old is not None:
                at = _copy(writer, old, at, bisect_left(old.blocks(), block))
                if at < len(old.blocks()) and old.blocks()[at] == block:
                    lows, codes = old.block(at)
                    at += 1
            _change(lows, codes, by_block[block])
            if lows:
                writer.block(block, lows.tobytes(), codes)
        if old is not None:
            _copy(writer, old, at, len(old.blocks()))

    return _replace(path, carriers, made_at, write)


def _copy(writer: _Writer, old: PortedFile, start: int, end: int) -> int:
    if end > start:
        writer.blocks(old.blocks()[start:end].tolist(), old.counts(start, end), old.octets(start, end))
    return end


def _change(lows: "array[int]", codes: bytearray, changes: Iterable[tuple[int, int | None]]) -> None:
    for low, code in changes:
        place = bisect_left(lows, low)
        there = place < len(lows) and lows[place] == low
        if code is None:
            if there:
                del lows[place], codes[place]
        elif there:
            codes[place] = code
        else:
            lows.insert(place, low)
            codes.insert(place, code)


def _replace(path: Path, carriers: tuple[str, ...], made_at: int, write: Callable[[_Writer], None]) -> Head:
    """Write beside, read what was written, make durable, take the name."""
    beside = path.with_name(f".{path.name}.new")
    writer = _Writer(beside)
    try:
        write(writer)
        head = writer.close(carriers, made_at)
        PortedFile(beside).verify()
        beside.replace(path)
    except BaseException:
        writer.abandon()
        beside.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return head

"""The file of imported ported numbers: sorted, mapped into memory, three octets a number.

    0        head: what HEAD says, then the carriers' names as JSON, then zeros up to BODY
    BODY     blocks of numbers, ascending; of each the lowest 16 bits of its numbers, then their places in `carriers`
    index    the blocks themselves (all but the lowest 16 bits), then how many numbers precede each, then the count

All integers are little-endian. Who opens a file checks head and index; `verify` reads all of it.
"""

import json
import mmap
import struct
import sys
from array import array
from bisect import bisect_left
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from gateway.model.errors import GatewayError
from gateway.routing.tables import NOBODY

MAGIC = b"SGPORTED"
VERSION = 1
# magic, version, length of the names, numbers, blocks, made at (ms since 1970), CRC-32 of body, index, names
HEAD = struct.Struct("<8sIIQQQIII")
HEAD_SUM = struct.Struct("<I")  # CRC-32 of HEAD's octets, right behind them
NAMES = HEAD.size + HEAD_SUM.size
BODY = 16_384
MOST_CARRIERS = 256  # a carrier takes one octet; the first is NOBODY

LOW_BITS = 16
LOW = (1 << LOW_BITS) - 1
OCTETS_A_NUMBER = 3
CHUNK = 1 << 20


class NotAPortedFile(GatewayError):
    """The file cannot be used. The sentence says what is wrong with it."""


class Head(NamedTuple):
    """What stands in the first octets."""

    numbers: int
    blocks: int
    made_at: int  # ms since 1970
    body_sum: int
    index_sum: int
    carriers: tuple[str, ...]

    def pack(self) -> bytes:
        """BODY octets. ValueError when the carriers are too many for them."""
        names = json.dumps(self.carriers, ensure_ascii=True).encode()
        if len(self.carriers) > MOST_CARRIERS or NAMES + len(names) > BODY:
            raise ValueError(f"more than {MOST_CARRIERS - 1} carriers, or their names are too long")
        head = HEAD.pack(
            MAGIC, VERSION, len(names), self.numbers, self.blocks, self.made_at, self.body_sum, self.index_sum,
            crc32(names),
        )  # fmt: skip
        return (head + HEAD_SUM.pack(crc32(head)) + names).ljust(BODY, b"\0")


def read_head(octets: bytes, size: int) -> Head:
    """The head of a file of `size` octets. NotAPortedFile when it is none of ours, or of another length."""
    if len(octets) < BODY or not octets.startswith(MAGIC):
        raise NotAPortedFile("this is no file of imported numbers")
    _, version, length, numbers, blocks, made_at, body_sum, index_sum, names_sum = HEAD.unpack_from(octets)
    if HEAD_SUM.unpack_from(octets, HEAD.size)[0] != crc32(octets[: HEAD.size]):
        raise NotAPortedFile("its head is damaged")
    if version != VERSION:
        raise NotAPortedFile(f"it is of version {version}; this gateway reads version {VERSION}: import it anew")
    names = octets[NAMES : NAMES + length]
    if crc32(names) != names_sum:
        raise NotAPortedFile("its names of carriers are damaged")
    if size != BODY + OCTETS_A_NUMBER * numbers + 8 * (2 * blocks + 1):
        raise NotAPortedFile("it is not whole")
    return Head(numbers, blocks, made_at, body_sum, index_sum, tuple(json.loads(names)))


class PortedFile:
    """One such file, mapped. It stays readable when another one takes its name."""

    __slots__ = ("_blocks", "_carriers", "_starts", "_view", "head", "path")

    def __init__(self, path: Path) -> None:
        """Open it. NotAPortedFile for one that is damaged or none of ours; OSError when it cannot be read."""
        if sys.byteorder != "little":
            raise NotAPortedFile("files of imported numbers are read on little-endian machines only")
        self.path = path
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            self.head = read_head(file.read(BODY), size)
            mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        mapped.madvise(mmap.MADV_RANDOM)
        self._view = view = memoryview(mapped)
        index = BODY + OCTETS_A_NUMBER * self.head.numbers
        if crc32(view[index:]) != self.head.index_sum:
            raise NotAPortedFile("its index is damaged")
        starts = index + 8 * self.head.blocks
        self._blocks = view[index:starts].cast("Q")
        self._starts = view[starts:].cast("Q")
        self._carriers = self.head.carriers

    def __len__(self) -> int:
        return self.head.numbers

    @property
    def made_at(self) -> int:
        """When it was imported, ms since 1970."""
        return self.head.made_at

    def carrier(self, e164: bytes) -> str | None:
        """Who serves the number now, or NOBODY; None when it is not in the file."""
        number = int(e164)
        block = number >> LOW_BITS
        blocks = self._blocks
        place = bisect_left(blocks, block)
        if place == len(blocks) or blocks[place] != block:
            return None
        first = self._starts[place]
        count = self._starts[place + 1] - first
        at = BODY + OCTETS_A_NUMBER * first
        end = at + 2 * count
        lows = self._view[at:end].cast("H")
        low = number & LOW
        found = bisect_left(lows, low)
        if found == count or lows[found] != low:
            return None
        return self._carriers[self._view[end + found]]

    def carriers(self) -> frozenset[str]:
        """All that numbers were ported to, and NOBODY."""
        return frozenset(self._carriers) | {NOBODY}

    def blocks(self) -> "memoryview[int]":
        """The blocks that it has numbers of, ascending."""
        return self._blocks

    def block(self, place: int) -> tuple["array[int]", bytearray]:
        """Low bits and carriers of the numbers of the block at `place` in `blocks`, as copies."""
        first = self._starts[place]
        count = self._starts[place + 1] - first
        at = BODY + OCTETS_A_NUMBER * first
        end = at + 2 * count
        return array("H", self._view[at:end].tobytes()), bytearray(self._view[end : end + count])

    def octets(self, place: int, until: int) -> "memoryview[int]":
        """The body of the blocks at `place` up to `until` as it stands in the file."""
        start, end = (BODY + OCTETS_A_NUMBER * self._starts[one] for one in (place, until))
        return self._view[start:end]

    def counts(self, place: int, until: int) -> "list[int]":
        """How many numbers each of the blocks at `place` up to `until` has."""
        starts = self._starts[place : until + 1].tolist()
        return [after - before for before, after in pairwise(starts)]

    def verify(self) -> None:
        """Read all of it. NotAPortedFile when the body is not what was written."""
        total, end = 0, BODY + OCTETS_A_NUMBER * self.head.numbers
        for at in range(BODY, end, CHUNK):
            total = crc32(self._view[at : min(at + CHUNK, end)], total)
        if total != self.head.body_sum:
            raise NotAPortedFile("its body is damaged")

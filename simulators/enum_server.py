"""An ENUM server: answers NAPTR questions over UDP out of a table, and misbehaves for the numbers that it is told.

Messages are written and read here by hand (RFC 1035, sections 4.1.1 to 4.1.3; RFC 3403, section 4.1).
"""

import asyncio
import re
import struct
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, TypeAlias, cast

from pydantic import Field

from simulators.sections import Section

NAPTR, ANY, IN = 35, 255, 1
QUERY = struct.Struct(">HHHHHH")
RECORD_HEAD = struct.Struct(">HHIH")
TO_THE_QUESTION = b"\xc0\x0c"

NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME, REFUSED = 0, 2, 3, 5
RESPONSE, AUTHORITATIVE, TRUNCATED, RECURSION_DESIRED, OPCODE = 0x8000, 0x0400, 0x0200, 0x0100, 0x7800

Fault: TypeAlias = Literal[
    "slow", "silent", "failure", "refused", "garbage", "cut", "wrong_id", "wrong_name", "endless"
]


class Naptr(Section):
    """One record."""

    order: int = Field(default=10, ge=0, le=65_535)
    preference: int = Field(default=100, ge=0, le=65_535)
    flags: str = Field(default="u", max_length=255)
    service: str = Field(default="E2U+pstn:tel", max_length=255)
    regexp: str = Field(max_length=255)


class EnumFault(Section):
    """What goes wrong for numbers that match."""

    number: str = Field(max_length=200, description="A regular expression, searched in the digits.")
    fault: Fault
    seconds: float = Field(default=1.0, ge=0.0, le=600.0, description="How long `slow` takes.")


class EnumConfig(Section):
    """The table of one tree."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65_535)
    suffix: str = "e164.arpa"
    ttl: int = Field(default=60, ge=0, le=2**31 - 1)
    numbers: dict[str, Annotated[tuple[Naptr, ...], Field(strict=False)]] = Field(default_factory=dict)
    faults: tuple[EnumFault, ...] = Field(default=(), strict=False)


class Question(NamedTuple):
    """What a client wants to know. `octets` are the question as it came."""

    number: int
    flags: int
    name: str
    kind: int
    octets: bytes


def read_question(datagram: bytes) -> Question:
    """ValueError for what is no standard query with one question."""
    if len(datagram) < QUERY.size:
        raise ValueError("shorter than a head")
    number, flags, questions, *_ = QUERY.unpack_from(datagram)
    if flags & (RESPONSE | OPCODE) or questions != 1:
        raise ValueError("no standard query with one question")
    labels = []
    place = QUERY.size
    while (length := datagram[place : place + 1]) not in {b"\0", b""}:
        if length[0] > 63:
            raise ValueError("a pointer in a question")
        labels.append(datagram[place + 1 : place + 1 + length[0]].decode("ascii"))
        place += 1 + length[0]
    end = place + 1 + 4
    if len(datagram) < end:
        raise ValueError("a question that is cut off")
    kind, _ = struct.unpack_from(">HH", datagram, place + 1)
    return Question(number, flags, ".".join(labels), kind, datagram[QUERY.size : end])


def number_in(name: str, suffix: str) -> str:
    """The digits that a name is made of; ValueError when it is no name of a number in this tree."""
    below = name.lower().removesuffix(f".{suffix.lower()}")
    digits = below.replace(".", "")[::-1]
    if below == name.lower() or not digits.isdecimal() or len(below) != 2 * len(digits) - 1:
        raise ValueError("no number of this tree")
    return digits


def write_answer(question: Question, code: int, records: tuple[Naptr, ...] = (), ttl: int = 0, flags: int = 0) -> bytes:
    """A response with these records."""
    said = RESPONSE | AUTHORITATIVE | (question.flags & RECURSION_DESIRED) | flags | code
    body = b"".join(_record(record, ttl) for record in records)
    return QUERY.pack(question.number, said, 1, len(records), 0, 0) + question.octets + body


def _record(record: Naptr, ttl: int) -> bytes:
    data = struct.pack(">HH", record.order, record.preference)
    for text in (record.flags, record.service, record.regexp):
        octets = text.encode()
        data += bytes([len(octets)]) + octets
    data += b"\0"  # replacement: the root
    return TO_THE_QUESTION + RECORD_HEAD.pack(NAPTR, IN, ttl, len(data)) + data


class EnumServer(asyncio.DatagramProtocol):
    """Answers, as its table and its faults say. `asked` counts questions by number."""

    def __init__(self, config: EnumConfig) -> None:
        self.config = config
        self.numbers: Mapping[str, tuple[Naptr, ...]] = dict(config.numbers)
        self.faults: tuple[EnumFault, ...] = config.faults
        self.asked: Counter[str] = Counter()
        self._transport: asyncio.DatagramTransport | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    async def listen(self) -> str:
        """Open the address; return it as `host:port`."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.config.host, self.config.port)
        )
        host, port = transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, datagram: bytes, peer: tuple[str, int]) -> None:
        """Answer, now or later or never."""
        try:
            question = read_question(datagram)
            number = number_in(question.name, self.config.suffix)
        except ValueError:
            return
        self.asked[number] += 1
        fault = next((one for one in self.faults if re.search(one.number, number)), None)
        octets = self._answer(question, number, fault)
        if octets is None or self._transport is None:
            return
        if fault is not None and fault.fault == "slow":
            transport = self._transport
            loop = asyncio.get_running_loop()
            self._timers.add(loop.call_later(fault.seconds, lambda: transport.sendto(octets, peer)))
        else:
            self._transport.sendto(octets, peer)

    def _answer(self, question: Question, number: str, fault: EnumFault | None) -> bytes | None:
        records = self.numbers.get(number)
        kind = question.kind in {NAPTR, ANY}
        code = NO_SUCH_NAME if records is None else NO_ERROR
        sound = write_answer(question, code, (records or ()) if kind else (), self.config.ttl)
        wrong: dict[str, bytes | None] = {
            "silent": None,
            "failure": write_answer(question, SERVER_FAILURE),
            "refused": write_answer(question, REFUSED),
            "garbage": sound[:12] + b"\xff" * 40,
            "cut": sound[:-7],
            "wrong_id": struct.pack(">H", question.number ^ 0x5555) + sound[2:],
            "wrong_name": sound[:12] + (b"\x010" if question.octets[:2] != b"\x010" else b"\x011") + sound[14:],
            "endless": write_answer(question, NO_ERROR, (), 0, TRUNCATED),
        }
        return sound if fault is None else wrong.get(fault.fault, sound)

    async def close(self) -> None:
        """Answer nothing more."""
        for timer in self._timers:
            timer.cancel()
        if self._transport is not None:
            self._transport.close()

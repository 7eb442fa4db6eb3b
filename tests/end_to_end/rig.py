"""A gateway as its own process, a carrier's message centre beside it, and a customer who remembers every promise."""

import asyncio
import json
import signal
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulators import records, wire
from simulators.config import Receipts, SmscConfig
from simulators.phone import Segment
from simulators.ports import free_port
from simulators.serve import Served
from simulators.smsc import Smsc

READY_SECONDS = 20.0
STOP_SECONDS = 20.0


class Centre:
    """One SMSC that delivers everything, and the segments that it saw."""

    def __init__(self, delay_seconds: float = 0.02) -> None:
        self.segments: list[Segment] = []
        receipts = Receipts(delay_seconds=delay_seconds, again_seconds=0.2)
        config = SmscConfig(port=0, system_id="gateway", password="secret", receipts=receipts)
        self._served = Served(Smsc("one", config, 1, lambda: datetime.now(UTC), self.segments.append))  # noqa: TID251
        self.port = 0

    async def open(self) -> None:
        """Listen."""
        _, self.port = await self._served.listen()

    def close(self) -> None:
        """End."""
        self._served.close()

    def texts(self) -> Counter[tuple[str, bytes]]:
        """How often each (destination, octets) was seen."""
        return Counter((segment.destination, segment.octets) for segment in self.segments)


def write_config(directory: Path, carrier_port: int, **changes: Any) -> tuple[Path, int]:
    """A gateway with one carrier and the customer `shop`. Returns the file and the port that customers connect to."""
    port = free_port()
    whole: dict[str, Any] = {
        "listen": [{"host": "127.0.0.1", "port": port}],
        "store": {"directory": str(directory / "state")},
        "drain_seconds": 5.0,
        "numbers": {"country_code": "81", "trunk_prefix": "0", "mobile_digits": 10, "mobile": ["90[1-9]"]},
        "portability": {"library_names": {"NTT Docomo": "one"}},
        "tariffs": {"standard": {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "10.0"}]}},
        "carriers": {
            "one": {
                "title": "One",
                "text": {
                    "first": 70,
                    "following": 66,
                    "concatenation": "udh16",
                    "max_characters": 660,
                    "units": [70, *range(132, 661, 66)],
                },
                "binds": [
                    {
                        "host": "127.0.0.1",
                        "port": carrier_port,
                        "system_id": "gateway",
                        "password": "secret",
                        "count": 2,
                    }
                ],
                "session": {"window": 20, "reconnect_min_seconds": 0.05, "reconnect_max_seconds": 0.2},
                "pace": {"segments_per_second": 5000.0, "burst_segments": 5000},
                "receipts": {"id_in_response": "decimal", "id_in_receipt": "decimal"},
                "errors": {"temporary": [0x14, 0x58], "pause_seconds": 0.05},
                "in_doubt": "resend",
            }
        },
        "customers": {"shop": {"system_id": "shop", "password": "secret", "tariff": "standard", "window": 1000}},
    } | changes
    path = directory / "gateway.yaml"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path, port


class Gateway:
    """One life of the process."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        self.process = process
        self.ready = ready

    @classmethod
    async def start(cls, config: Path) -> "Gateway":
        """Start it and wait for its line `ready`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "run", "--config", str(config), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            while line := await process.stdout.readline():
                event = json.loads(line)
                if event["event"] == "ready":
                    return cls(process, event)
        raise AssertionError("the gateway ended before it was ready")

    @property
    def store_pid(self) -> int:
        """Its store process."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return int(children[0])

    async def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """Wait for the end: exit code and the log lines since `ready`."""
        async with asyncio.timeout(STOP_SECONDS):
            output, _ = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, [json.loads(line) for line in output.splitlines()]

    async def stop(self) -> tuple[int, list[dict[str, Any]]]:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()


class Customer(asyncio.Protocol):
    """A customer's bind, one after the other; what it was promised and what it was told stays."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.system_id = b"shop"
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._sequence = 0
        self._changed = asyncio.Event()
        self.bound = False
        self.unanswered: dict[int, bytes] = {}  # sequence_number: destination
        self.promised: dict[bytes, bytes] = {}  # message id: destination
        self.refused: Counter[int] = Counter()
        self.receipts: Counter[bytes] = Counter()  # by message id

    async def connect(self) -> None:
        """Connect and bind."""
        loop = asyncio.get_running_loop()
        self._buffer.clear()
        self.unanswered.clear()
        transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        self._transport = transport
        transport.write(wire.bind(wire.BIND_TRANSCEIVER, self._next(), self.system_id, b"secret"))
        await self.until(lambda: self.bound)

    def send(self, destination: bytes, text: str) -> None:
        """One submit_sm, its answer not waited for."""
        self.send_octets(destination, text.encode("utf_16_be"))

    def send_octets(self, destination: bytes, octets: bytes, esm_class: int = 0) -> None:
        """The same with the octets of short_message."""
        assert self._transport is not None
        sequence = self._next()
        self.unanswered[sequence] = destination
        self._transport.write(wire.submit_sm(sequence, b"0312345678", destination, octets, esm_class))

    async def until(self, condition: Any, seconds: float = 30.0) -> None:
        """Wait until it holds, looked at whenever something came."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def close(self) -> None:
        """Go away."""
        if self._transport is not None:
            self._transport.abort()

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        assert self._transport is not None
        self._buffer += data
        for pdu in wire.frames(self._buffer)[0]:
            head = wire.header(pdu)
            if head.command == wire.SUBMIT_SM_RESP:
                destination = self.unanswered.pop(head.sequence)
                if head.status:
                    self.refused[head.status] += 1
                else:
                    self.promised[wire.parse_id(pdu)] = destination
            elif head.command == wire.DELIVER_SM:
                sm = wire.parse_sm(pdu)
                self.receipts[sm.short_message.split(b" ", 1)[0].removeprefix(b"id:")] += 1
                self._transport.write(wire.deliver_sm_resp(head.sequence))
            elif head.command == wire.RESPONSE | wire.BIND_TRANSCEIVER:
                self.bound = head.status == 0
            elif head.command == wire.ENQUIRE_LINK:
                self._transport.write(wire.enquire_link_resp(head.sequence))
            elif head.command == wire.UNBIND:
                self.bound = False
                self._transport.write(wire.unbind_resp(head.sequence))
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio calls it."""
        self.bound = False
        self._changed.set()


def rows(directory: Path, query: str) -> list[tuple[Any, ...]]:
    """What the store's files say; all billing records are in `billing_record`."""
    with closing(records.connect(directory / "state")) as connection:
        return connection.execute(query).fetchall()

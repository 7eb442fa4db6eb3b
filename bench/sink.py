"""The sink: a carrier's message centre that accepts everything at once and sends the receipts right behind.

Prints a JSON line when it listens and when `--expect-binds` are bound, and at its end (SIGTERM, or its time is up) one
of what came. Responses and receipts to what one read brought go out in one write.
"""

import argparse
import asyncio
import gc
import json
import resource
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import uvloop

from bench.arrivals import Arrivals
from bench.limits import MOST_BINDS, count_of, positive
from bench.messages import MOST_MESSAGES
from simulators import wire

FIRST_ID = 0x1000_0000
MOST_CONNECTIONS = 10 * MOST_BINDS
MOST_WAITING_RECEIPTS = 100_000  # of one bind; above it a submit_sm is told to come later
RETRY_SECONDS = 0.1
LATER = frozenset({wire.ESME_RSYSERR, wire.ESME_RMSGQFUL, wire.ESME_RTHROTTLED, wire.ESME_RX_T_APPN})
ID_FORMATS: dict[str, Callable[[int], bytes]] = {"hex": b"%x".__mod__, "decimal": b"%d".__mod__}
CONCATENATION_8, CONCATENATION_16 = (0x00, 3), (0x08, 4)  # element and its length: 3GPP 23.040, section 9.2.3.24
SAR_TOTAL_SEGMENTS, SAR_SEGMENT_SEQNUM = 0x020E, 0x020F


class Sink:
    """What all binds share."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.arrivals = Arrivals(options.count, options.length)
        self.in_response = ID_FORMATS[options.id_in_response]
        self.in_receipt = ID_FORMATS[options.id_in_receipt]
        self.minute = time.strftime("%y%m%d%H%M")
        self.last_id = FIRST_ID
        self.connections = 0
        self.bound = 0
        self.receipts_sent = 0
        self.receipts_acknowledged = 0
        self.receipts_refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def bind(self) -> None:
        """One more is bound."""
        self.bound += 1
        if self.bound == self.options.expect_binds:
            tell({"event": "bound", "binds": self.bound})

    def receipt(self, number: int, sm: wire.Sm) -> bytes:
        """The deliver_sm behind its sequence_number."""
        message_id = self.in_receipt(number)
        text = wire.receipt_text(message_id, "DELIVRD", "000", self.minute, self.minute)
        tlvs = wire.receipt_tlvs(message_id, "DELIVRD", "000")
        tons = (sm.destination_ton, sm.source_ton)
        return wire.deliver_sm(0, sm.destination, sm.source, text, wire.ESM_RECEIPT, 0, tlvs, tons)

    def result(self) -> dict[str, object]:
        """What came, as the harness reads it."""
        arrivals = self.arrivals
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "segments": arrivals.segments,
            "doubled": arrivals.doubled,
            "damaged": arrivals.damaged_at_end(),
            "strangers": arrivals.strangers,
            "receipts_sent": self.receipts_sent,
            "receipts_acknowledged": self.receipts_acknowledged,
            "receipts_refused": dict(self.receipts_refused),
            "faults": dict(self.faults),
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        }


class SinkBind(asyncio.Protocol):
    """One bind to the sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._mode = 0
        self._sequence = 0
        self._in_flight: dict[int, bytes] = {}
        self._waiting: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._sink.connections += 1
        if self._sink.connections > MOST_CONNECTIONS:
            self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio calls it. Receipts that were owed to this bind are not sent elsewhere: the run shows them missing."""
        self._transport = None
        self._sink.connections -= 1
        if self._mode:
            self._sink.bound -= 1

    def data_received(self, data: bytes) -> None:
        """asyncio calls it: answer all that came, then write once."""
        self._buffer += data
        pdus, sound = wire.frames(self._buffer)
        out: list[bytes] = []
        for pdu in pdus:
            _, command, status, sequence = wire.HEADER.unpack_from(pdu)
            if command == wire.SUBMIT_SM and self._mode:
                out.append(self._submit(pdu, sequence))
            elif command == wire.DELIVER_SM_RESP:
                self._acknowledged(sequence, status)
            else:
                self._other(command, sequence, out)
        self._write(out)
        if not sound and self._transport is not None:
            self._sink.faults["unframed"] += 1
            self._transport.close()

    def _submit(self, pdu: bytes, sequence: int) -> bytes:
        sink = self._sink
        try:
            sm = wire.parse_sm(pdu)
            total, place, text = segment_of(sm)
        except ValueError as error:
            sink.faults[str(error)] += 1
            return wire.submit_sm_resp(sequence, b"", wire.ESME_RSYSERR)
        if len(self._waiting) >= MOST_WAITING_RECEIPTS:
            return wire.submit_sm_resp(sequence, b"", wire.ESME_RMSGQFUL)
        sink.arrivals.add(sm.destination, total, place, text)
        if sink.last_id == FIRST_ID:
            tell({"event": "first"})
        sink.last_id += 1
        if sm.registered_delivery & 3:
            self._waiting.append(sink.receipt(sink.last_id, sm))
        return wire.submit_sm_resp(sequence, sink.in_response(sink.last_id))

    def _acknowledged(self, sequence: int, status: int) -> None:
        receipt = self._in_flight.pop(sequence, None)
        if receipt is None:
            self._sink.faults["answer to no receipt"] += 1
        elif status in LATER:
            self._sink.receipts_refused[f"0x{status:08x}"] += 1
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._again, receipt)
        elif status:
            self._sink.receipts_refused[f"0x{status:08x}"] += 1
        else:
            self._sink.receipts_acknowledged += 1
            if self._sink.receipts_acknowledged == self._sink.options.count:
                tell({"event": "complete", "receipts": self._sink.receipts_acknowledged})

    def _again(self, receipt: bytes) -> None:
        self._waiting.append(receipt)
        self._write([])

    def _other(self, command: int, sequence: int, out: list[bytes]) -> None:
        if command in wire.BINDS and not self._mode:
            self._mode = command
            out.append(wire.bind_resp(command, wire.ESME_ROK, sequence, b"sink"))
            self._sink.bind()
        elif command == wire.ENQUIRE_LINK:
            out.append(wire.enquire_link_resp(sequence))
        elif command == wire.UNBIND:
            out.append(wire.unbind_resp(sequence))
        elif command != wire.ENQUIRE_LINK_RESP:
            self._sink.faults[f"command 0x{command:08x}"] += 1
            out.append(wire.generic_nack(sequence, wire.ESME_RINVCMDID))

    def _write(self, out: list[bytes]) -> None:
        """`out`, then the receipts that the window takes."""
        sink, in_flight = self._sink, self._in_flight
        while self._waiting and len(in_flight) < sink.options.receipt_window:
            receipt = self._waiting.popleft()
            self._sequence = self._sequence % wire.MOST_SEQUENCE + 1
            in_flight[self._sequence] = receipt
            sink.receipts_sent += 1
            out.append(receipt[:12])
            out.append(self._sequence.to_bytes(4, "big"))
            out.append(receipt[16:])
        if out and self._transport is not None:
            self._transport.write(b"".join(out))


def segment_of(sm: wire.Sm) -> tuple[int, int, bytes]:
    """How many segments the message has, which this is (from 1), and its text. ValueError for a malformed header."""
    octets = wire.text_octets(sm)
    if sm.esm_class & wire.ESM_UDHI:
        return _from_udh(octets)
    if sm.tlvs:
        tlvs = wire.parse_tlvs(sm.tlvs)
        if SAR_TOTAL_SEGMENTS in tlvs and SAR_SEGMENT_SEQNUM in tlvs:
            return (
                int.from_bytes(tlvs[SAR_TOTAL_SEGMENTS], "big"),
                int.from_bytes(tlvs[SAR_SEGMENT_SEQNUM], "big"),
                octets,
            )
    return 1, 1, octets


def _from_udh(octets: bytes) -> tuple[int, int, bytes]:
    end = 1 + octets[0] if octets else 1
    if end > len(octets):
        raise ValueError("the user data header is longer than the message")
    at = 1
    while at + 2 <= end:
        kind = (octets[at], octets[at + 1])
        at += 2 + kind[1]
        if kind in {CONCATENATION_8, CONCATENATION_16} and at <= end:
            return octets[at - 2], octets[at - 1], octets[end:]
    return 1, 1, octets[end:]


def tell(line: dict[str, object]) -> None:
    """One JSON line on stdout."""
    print(json.dumps(line), flush=True)


async def run(options: argparse.Namespace) -> dict[str, object]:
    """Listen until SIGTERM, or until the time is up."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sink = Sink(options)
    server = await loop.create_server(lambda: SinkBind(sink), options.host, options.port, backlog=1024)
    tell({"event": "listening", "port": server.sockets[0].getsockname()[1]})
    try:
        async with asyncio.timeout(options.seconds):
            await stop.wait()
    except TimeoutError:
        print("sink: time is up", file=sys.stderr)
    server.close()
    if options.record is not None:
        _write_record(options.record, sink.arrivals)
    return sink.result()


def _write_record(path: Path, arrivals: Arrivals) -> None:
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"{one.destination} {one.segments} {one.doubled}\n" for one in arrivals.reached())


def parser() -> argparse.ArgumentParser:
    """What can be asked."""
    parse = argparse.ArgumentParser(prog="python -m bench.sink", description=__doc__.splitlines()[0] if __doc__ else "")
    parse.add_argument("--host", default="127.0.0.1")
    parse.add_argument("--port", type=int, default=0, help="0: the kernel chooses, the first line tells")
    parse.add_argument("--count", type=count_of(MOST_MESSAGES), default=20_000, help="messages that will come")
    parse.add_argument("--length", type=count_of(660), default=70, help="characters of their texts")
    parse.add_argument("--expect-binds", type=int, default=1)
    parse.add_argument("--id-in-response", choices=ID_FORMATS, default="hex")
    parse.add_argument("--id-in-receipt", choices=ID_FORMATS, default="hex")
    parse.add_argument("--receipt-window", type=count_of(10_000), default=500, help="unanswered receipts a bind")
    parse.add_argument("--record", type=Path, help="write `destination segments doubled` of each message at the end")
    parse.add_argument("--seconds", type=positive, default=180.0, help="end after this time whatever happens")
    return parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    options = parser().parse_args(arguments)
    gc.disable()  # the run's values form no cycles
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run(options))
    tell(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.pace`: what pace does in real time, against a gateway of its own. Prints one JSON line.

`goodput`: a carrier that throttles above a limit that nobody was told; `password`: one customer's message behind
another's campaign. Carrier and customers live in this process.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import uvloop

from bench.children import Child, RunFailed
from bench.limits import count_of, positive
from bench.percentiles import milliseconds
from simulators import wire

HOST = "127.0.0.1"
PASSWORD = "bench-pw"  # loopback only, for the time of a run
READY_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
FIRST_NUMBER = 819_010_000_000
PASSWORD_NUMBER = 819_011_000_000
BLOCKS = "prefix,carrier\n" + "".join(f"81901{block:02},one\n" for block in range(11))  # of 100,000 numbers each
MOST_CAMPAIGN = 1_000_000  # what the number blocks hold
TEXT = "ご契約についてのお知らせです。".encode("utf-16-be")
LATER_SECONDS = 0.05


class Carrier:
    """What all binds share: it takes `limit` segments in each of its own seconds (0: all), and sends no receipts."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = array("d")
        self.refused = array("d")
        self.arrived: dict[bytes, asyncio.Future[float]] = {}  # destinations that somebody waits for
        self._second, self._count = -1, 0

    def judge(self, now: float, destination: bytes) -> int:
        """The command_status for a segment that arrives now."""
        if self.limit:
            if (second := int(now)) != self._second:
                self._second, self._count = second, 0
            self._count += 1
            if self._count > self.limit:
                self.refused.append(now)
                return wire.ESME_RTHROTTLED
        self.taken.append(now)
        waited_for = self.arrived.pop(destination, None)
        if waited_for is not None:
            waited_for.set_result(now)
        return wire.ESME_ROK


class CarrierBind(asyncio.Protocol):
    """One connection of the gateway."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._rest = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it: answer all that came in one write."""
        self._rest += data
        now, out = perf_counter(), []
        for pdu in wire.frames(self._rest)[0]:
            head = wire.header(pdu)
            if head.command == wire.SUBMIT_SM:
                status = self._carrier.judge(now, wire.parse_sm(pdu).destination)
                out.append(wire.submit_sm_resp(head.sequence, b"%x" % len(self._carrier.taken), status))
            elif head.command == wire.BIND_TRANSCEIVER:
                out.append(wire.bind_resp(head.command, wire.ESME_ROK, head.sequence, b"one"))
            elif head.command == wire.ENQUIRE_LINK:
                out.append(wire.enquire_link_resp(head.sequence))
            elif head.command == wire.UNBIND:
                out.append(wire.unbind_resp(head.sequence))
        if out and self._transport is not None:
            self._transport.write(b"".join(out))


class Customer(asyncio.Protocol):
    """One bound customer that has `count` messages to send, `window` of them unanswered at a time."""

    def __init__(self, system_id: bytes, first: int, count: int, window: int) -> None:
        loop = asyncio.get_running_loop()
        self._system_id = system_id
        self._next, self._end, self._window = first, first + count, window
        self._rest = bytearray()
        self._sent: dict[int, int] = {}
        self._sequence = 1
        self._transport: asyncio.WriteTransport | None = None
        self.acknowledged = 0
        self.bound: asyncio.Future[None] = loop.create_future()
        self.done: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.write(wire.bind(wire.BIND_TRANSCEIVER, 1, self._system_id, PASSWORD.encode()))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was, it is over
        """asyncio calls it."""
        for ended in (self.bound, self.done):
            if not ended.done():
                ended.set_exception(RunFailed("a customer's connection ended"))
                ended.exception()  # it may be that nobody waits for this one

    def send(self, number: int) -> None:
        """Submit to one number."""
        self._sequence += 1
        self._sent[self._sequence] = number
        pdu = wire.submit_sm(self._sequence, b"0312345678", b"%d" % number, TEXT, registered_delivery=0, tons=(2, 1))
        if self._transport is not None:
            self._transport.write(pdu)

    def _fill(self) -> None:
        while self._next < self._end and len(self._sent) < self._window:
            self.send(self._next)
            self._next += 1
        if not self._sent and self._next == self._end and not self.done.done():
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self._rest += data
        for pdu in wire.frames(self._rest)[0]:
            head = wire.header(pdu)
            if head.command == wire.SUBMIT_SM | wire.RESPONSE:
                number = self._sent.pop(head.sequence)
                if head.status == wire.ESME_ROK:
                    self.acknowledged += 1
                elif head.status in {wire.ESME_RTHROTTLED, wire.ESME_RMSGQFUL}:
                    asyncio.get_running_loop().call_later(LATER_SECONDS, self.send, number)
                else:
                    self.connection_lost(None)
            elif head.command == wire.BIND_TRANSCEIVER | wire.RESPONSE and head.status == wire.ESME_ROK:
                self.bound.set_result(None)
            elif head.command == wire.ENQUIRE_LINK and self._transport is not None:
                self._transport.write(wire.enquire_link_resp(head.sequence))
        if self.bound.done():
            self._fill()


def configuration(directory: Path, carrier_port: int, pace: dict[str, Any]) -> Path:
    """A gateway for this run: one carrier with this `pace`, and two customers."""
    (directory / "blocks.csv").write_text(BLOCKS, encoding="ascii")
    whole: dict[str, Any] = {
        "listen": [{"host": HOST, "port": 0}],
        "store": {"directory": str(directory / "state")},
        "drain_seconds": 0.0,
        "numbers": {"country_code": "81", "trunk_prefix": "0", "mobile_digits": 10, "mobile": ["90[1-9]"]},
        "portability": {"block_files": [str(directory / "blocks.csv")]},
        "tariffs": {"standard": {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "10.0"}]}},
        "carriers": {
            "one": {
                "title": "One",
                "text": {"first": 70, "following": 66, "concatenation": "udh16", "max_characters": 70, "units": [70]},
                "binds": [{"host": HOST, "port": carrier_port, "system_id": "bench", "password": PASSWORD}],
                "session": {"window": 100},
                "pace": pace,
                "receipts": {"id_in_response": "hex", "id_in_receipt": "hex"},
                "errors": {"temporary": [wire.ESME_RTHROTTLED, wire.ESME_RMSGQFUL]},
                "in_doubt": "fail",
            }
        },
        "customers": {
            name: {"system_id": name, "password": PASSWORD, "tariff": "standard", "window": 1_000}
            for name in ("campaign", "password")
        },
    }
    path = directory / "gateway.yaml"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


async def _bind(port: int, customer: Customer) -> Customer:
    await asyncio.get_running_loop().create_connection(lambda: customer, HOST, port)
    await asyncio.wait_for(customer.bound, PATIENCE_SECONDS)
    return customer


async def _goodput(carrier: Carrier, port: int, options: argparse.Namespace) -> dict[str, Any]:
    """A campaign that never ends; what the carrier saw between `settle` and `settle` + `seconds`."""
    began = perf_counter()
    until = options.settle + options.seconds
    count = int(2 * options.limit * until) + 1_000
    customer = await _bind(port, Customer(b"campaign", FIRST_NUMBER, count, 200))
    await asyncio.wait({customer.done}, timeout=until)
    if customer.done.done():
        customer.done.result()
    await asyncio.sleep(max(0.0, until - (perf_counter() - began)))
    first, last = began + options.settle, began + until

    def between(times: "array[float]") -> int:
        return bisect_left(times, last) - bisect_left(times, first)

    taken, refused = between(carrier.taken), between(carrier.refused)
    return {
        "limit": options.limit,
        "goodput_share": round(taken / options.seconds / options.limit, 4),
        "refused_share": round(refused / max(1, taken + refused), 5),
        "refused_while_settling": bisect_left(carrier.refused, first),
    }


async def _password(carrier: Carrier, port: int, options: argparse.Namespace) -> dict[str, Any]:
    """A campaign waits; then another customer's messages, one after the other, each timed to the carrier."""
    campaign = await _bind(port, Customer(b"campaign", FIRST_NUMBER, options.campaign, 900))
    await campaign.done
    waiting = options.campaign - len(carrier.taken)
    other = await _bind(port, Customer(b"password", 0, 0, 1))
    waits = array("q")
    for number in range(PASSWORD_NUMBER, PASSWORD_NUMBER + options.passwords):
        arrived = carrier.arrived[b"%d" % number] = asyncio.get_running_loop().create_future()
        sent = perf_counter()
        other.send(number)
        waits.append(int((await asyncio.wait_for(arrived, PATIENCE_SECONDS) - sent) * 1e9))
    still = options.campaign + options.passwords - len(carrier.taken)
    return {
        "campaign": options.campaign,
        "waiting_at_first": waiting,
        "waiting_at_last": still,
        **milliseconds("password", waits),
    }


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """One figure. RunFailed when there is none."""
    carrier = Carrier(options.limit if options.figure == "goodput" else 0)
    server = await asyncio.get_running_loop().create_server(lambda: CarrierBind(carrier), HOST, 0)
    rate = options.contract if options.figure == "goodput" else options.limit
    pace = {"segments_per_second": float(rate), "burst_segments": 10}
    try:
        with tempfile.TemporaryDirectory(prefix="bench-pace-") as name:
            config = configuration(Path(name), server.sockets[0].getsockname()[1], pace)
            with Child("gateway", (sys.executable, "-m", "gateway", "run", "--config", str(config))) as gateway:
                ready = await asyncio.to_thread(
                    gateway.wait_for, lambda line: line.get("event") == "ready", READY_SECONDS
                )
                port = int(ready["listen"][0].rsplit(":", 1)[1])
                figure = _goodput if options.figure == "goodput" else _password
                figures = await figure(carrier, port, options)
    finally:
        server.close()
    return {"figure": options.figure, **figures}


def held(figures: dict[str, Any]) -> bool:
    """Whether the figure is what the documents promise (a window of 100 at the rate stands before a password)."""
    if figures["figure"] == "goodput":
        return bool(figures["goodput_share"] >= 0.95 and figures["refused_share"] < 0.01)
    return bool(figures["waiting_at_last"] > 0 and figures["password_ms_p99"] < 50.0 + figures["window_ms"])


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the figure holds, 1 when it does not, 2 when there was no run."""
    parser = argparse.ArgumentParser(prog="bench.pace", description=__doc__)
    parser.add_argument("figure", choices=("goodput", "password"))
    parser.add_argument("--limit", type=count_of(100_000), default=200, help="segments a second that the carrier takes")
    parser.add_argument("--contract", type=count_of(100_000), default=500, help="and what the gateway was told")
    parser.add_argument("--settle", type=positive, default=10.0, help="seconds before it is looked at (goodput)")
    parser.add_argument("--seconds", type=positive, default=20.0, help="how long it is looked at (goodput)")
    parser.add_argument("--campaign", type=count_of(MOST_CAMPAIGN), default=20_000, help="messages before (password)")
    parser.add_argument("--passwords", type=count_of(10_000), default=100, help="messages timed (password)")
    options = parser.parse_args(arguments)
    try:
        figures = uvloop.run(measure(options))
    except (RunFailed, TimeoutError) as failure:
        print(f"bench.pace: {failure}", file=sys.stderr)
        return 2
    if options.figure == "password":
        figures["window_ms"] = round(100 / options.limit * 1e3, 1)
    print(json.dumps(figures), flush=True)
    return 0 if held(figures) else 1


if __name__ == "__main__":
    sys.exit(main())

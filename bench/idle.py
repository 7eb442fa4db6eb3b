"""`python -m bench.idle`: what bound customers cost that say nothing. Prints one JSON line and ends by itself.

A gateway of its own with an empty store, and clients that bind, answer enquire_link and are silent otherwise. Each
process opens as many files as the hard limit lets it; where that is not enough, there are more client processes.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import uvloop

from bench.children import Child, RunFailed, cpu_seconds, family
from bench.limits import count_of, positive
from simulators import wire

MOST_SOCKETS = 100_000
BINDS_OF_AN_ACCOUNT = 1_000
FILES_OF_A_CLIENT = 64  # beside its connections
AT_A_TIME = 200  # connections that are on their way
READY_SECONDS = 30.0
BIND_SECONDS = 300.0
SETTLE_SECONDS = 2.0
HOST = "127.0.0.1"
PASSWORD = "bench-pw"  # loopback only, for the time of a run
ENQUIRE_LINK_SECONDS = 30.0


class Silent(asyncio.Protocol):
    """One bound customer."""

    def __init__(self, account: int) -> None:
        self._account = account
        self._rest = bytearray()
        self._transport: asyncio.Transport | None = None
        self.bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(wire.bind(wire.BIND_TRANSCEIVER, 1, b"idle-%d" % self._account, PASSWORD.encode()))

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self._rest += data
        for pdu in wire.frames(self._rest)[0]:
            head = wire.header(pdu)
            if head.command == wire.ENQUIRE_LINK and self._transport is not None:
                self._transport.write(wire.enquire_link_resp(head.sequence))
            elif head.command == wire.BIND_TRANSCEIVER | wire.RESPONSE and not self.bound.done():
                self.bound.set_result(head.status)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was, it is over
        """asyncio calls it."""
        self._transport = None
        if not self.bound.done():
            self.bound.set_result(wire.ESME_RBINDFAIL)


async def hold(port: int, first: int, count: int) -> None:
    """Bind so many, say how many are bound, and stay until the process is ended."""
    loop = asyncio.get_running_loop()
    silent: list[Silent] = []
    for start in range(first, first + count, AT_A_TIME):
        numbers = range(start, min(start + AT_A_TIME, first + count))
        some = [Silent(number // BINDS_OF_AN_ACCOUNT) for number in numbers]
        silent += some
        for one in some:
            await loop.create_connection(lambda one=one: one, HOST, port)  # type: ignore[misc]
        await asyncio.gather(*(one.bound for one in some))
    refused = sum(one.bound.result() != wire.ESME_ROK for one in silent)
    print(json.dumps({"bound": len(silent) - refused, "refused": refused}), flush=True)
    await loop.create_future()


def configuration(directory: Path, sockets: int) -> Path:
    """A gateway for this run: accounts enough, one carrier that is nowhere and is asked for once in a long time."""
    accounts = -(-sockets // BINDS_OF_AN_ACCOUNT)
    whole: dict[str, Any] = {
        "listen": [{"host": HOST, "port": 0}],
        "store": {"directory": str(directory / "state")},
        "drain_seconds": 0.0,
        "sessions": {
            "max_connections": sockets,
            "session_init_seconds": 60.0,
            "enquire_link_seconds": ENQUIRE_LINK_SECONDS,
        },
        "doors": {"max_binds_of_address": sockets, "max_connections_of_address": sockets},
        "numbers": {"country_code": "81", "trunk_prefix": "0", "mobile_digits": 10, "mobile": ["90[1-9]"]},
        "tariffs": {"standard": {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "10.0"}]}},
        "carriers": {
            "nowhere": {
                "title": "Nowhere",
                "text": {
                    "first": 70, "following": 66, "concatenation": "udh16", "max_characters": 70, "units": [70],
                },
                "binds": [{"host": HOST, "port": 1, "system_id": "bench", "password": PASSWORD}],
                "session": {"window": 1, "reconnect_min_seconds": 600.0, "reconnect_max_seconds": 600.0},
                "pace": {"segments_per_second": 1.0, "burst_segments": 1},
                "receipts": {"id_in_response": "text", "id_in_receipt": "text"},
                "errors": {"temporary": []},
                "in_doubt": "fail",
            }
        },
        "customers": {
            f"idle-{number}": {
                "system_id": f"idle-{number}",
                "password": PASSWORD,
                "tariff": "standard",
                "max_binds": BINDS_OF_AN_ACCOUNT,
            }
            for number in range(accounts)
        },
    }  # fmt: skip
    path = directory / "gateway.yaml"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def resident_mb(pids: Sequence[int]) -> float:
    """What the processes have resident now (VmRSS), added."""
    kib = 0
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        kib += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return round(kib / 1024, 1)


def shares(sockets: int, open_files: int) -> list[tuple[int, int]]:
    """For each client process the number of its first connection, and how many it opens."""
    most = max(1, open_files - FILES_OF_A_CLIENT)
    return [(first, min(most, sockets - first)) for first in range(0, sockets, most)]


def measure(sockets: int, seconds: float, open_files: int) -> dict[str, Any]:
    """Start all of it, look at it for so long, end it. RunFailed when it does not come up."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-idle-")))
        config = configuration(directory, sockets)
        command = (sys.executable, "-m", "gateway", "run", "--config", str(config))
        gateway = stack.enter_context(Child("gateway", command))
        ready = gateway.wait_for(lambda line: line.get("event") == "ready", READY_SECONDS)
        port = ready["listen"][0].rsplit(":", 1)[1]
        pids = family(gateway.pid)
        empty_mb = resident_mb(pids)
        held = []
        for first, count in shares(sockets, open_files):
            client = (sys.executable, "-m", "bench.idle", "--hold", port, str(first), str(count))
            child = stack.enter_context(Child("client", client))
            held.append(child.wait_for(lambda line: "bound" in line, BIND_SECONDS))
        stay(gateway, SETTLE_SECONDS)
        before = cpu_seconds(pids)
        stay(gateway, seconds)
        used = cpu_seconds(pids) - before
        bound = sum(one["bound"] for one in held)
        full_mb = resident_mb(pids)
        return {
            "sockets": sockets,
            "bound": bound,
            "refused": sum(one["refused"] for one in held),
            "client_processes": len(held),
            "open_files": open_files,
            "seconds": seconds,
            "gateway_cpu_seconds_a_second": round(used / seconds, 4),
            "gateway_rss_mb": full_mb,
            "gateway_rss_mb_empty": empty_mb,
            "kib_a_socket": round((full_mb - empty_mb) * 1024 / max(1, bound), 1),
        }


def stay(gateway: Child, seconds: float) -> None:
    """Let it run. RunFailed when it does not."""
    if gateway.ends_within(seconds):
        raise RunFailed(f"the gateway ended: {gateway.last()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all were bound, 1 when some were refused, 2 when there was no run."""
    parser = argparse.ArgumentParser(prog="bench.idle", description=__doc__)
    parser.add_argument("--sockets", type=count_of(MOST_SOCKETS), default=10_000, help="bound customers")
    parser.add_argument("--seconds", type=positive, default=10.0, help="how long it is looked at")
    parser.add_argument("--hold", type=int, nargs=3, metavar=("PORT", "FIRST", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # children have it from us
    if options.hold:
        uvloop.run(hold(*options.hold))
        return 0
    try:
        figures = measure(options.sockets, options.seconds, hard)
    except RunFailed as failure:
        print(f"bench.idle: {failure}", file=sys.stderr)
        return 2
    print(json.dumps(figures), flush=True)
    return 1 if figures["refused"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""What a scrape of /metrics costs the loop: many customers and binds, all of which have done and have everything.

Run as `python -m bench.scrape`. The figures are milliseconds, of the clock and (for machines that do other things too)
of the processor; one JSON line last.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

from gateway import clock
from gateway.assemble import Flow, assemble
from gateway.flow.account import CustomerBind
from gateway.flow.clock import Clock
from gateway.flow.message import Message
from gateway.model.errors import Reason
from gateway.model.histogram import BATCH_CHANGES, COMMIT_MS, LAG_MS, Histogram
from gateway.model.origin import Origin
from gateway.ops.metrics import FlowCollector
from gateway.ops.routing_metrics import RoutingFigures
from gateway.ops.watched import Watched
from gateway.settings.load import load
from gateway.smpp.commands import CommandId
from gateway.smpp.limits import SessionLimits
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.smpp.status import CommandStatus
from gateway.smpp.tally import Tally
from gateway.store.memory import MemoryStore

CUSTOMERS = 500
BINDS = 50
BINDS_OF_CARRIER = 5
ROUNDS = 15

Figures: TypeAlias = Callable[[int, int, int], Mapping[str, float | int | str]]  # of customers, binds and rounds
STATUSES = (CommandStatus.ESME_ROK, CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL)
STATES = ("DELIVERED", "UNDELIVERABLE", "EXPIRED", "REJECTED")


def configuration(customers: int, carriers: int) -> dict[str, Any]:
    """So many of each."""
    profile = {
        "title": "One",
        "text": {
            "first": 70,
            "following": 66,
            "concatenation": "udh16",
            "max_characters": 660,
            "units": [70, *range(132, 661, 66)],
        },
        "binds": [
            {"host": "127.0.0.1", "port": 2775, "system_id": "gw", "password": "secret", "count": BINDS_OF_CARRIER}
        ],
        "session": {"window": 10},
        "pace": {"segments_per_second": 1000.0, "burst_segments": 1000},
        "receipts": {"id_in_response": "hex", "id_in_receipt": "decimal"},
        "errors": {"temporary": [0x14, 0x58], "pause_seconds": 1.0},
        "in_doubt": "resend",
        "validity_hours": 72.0,
        "receipt_margin_hours": 1.0,
    }
    return {
        "listen": [{"host": "127.0.0.1", "port": 0}],
        "store": {"directory": "nowhere"},
        "numbers": {"country_code": "81", "trunk_prefix": "0", "mobile_digits": 10, "mobile": ["80[1-9]", "90[1-9]"]},
        "portability": {"library_names": {"NTT Docomo": "carrier-0"}},
        "tariffs": {"standard": {"version": "1", "unit_price_yen": [{"up_to": None, "yen": "10.0"}]}},
        "carriers": {f"carrier-{number}": profile for number in range(carriers)},
        "customers": {
            f"customer-{number:03d}": {"system_id": f"c{number}", "password": "secret", "tariff": "standard"}
            for number in range(customers)
        },
    }


def busy(customers: int, binds: int) -> Flow:
    """A flow whose every counter has moved, every bind is up and every lane is full of everybody's messages."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        json.dump(configuration(customers, -(-binds // BINDS_OF_CARRIER)), file)
        file.flush()
        settings = load(Path(file.name))
    store = MemoryStore()
    flow = assemble(settings, store, Clock(clock.monotonic, clock.wall_ms), asyncio.run(store.load()))
    for account in flow.accounts.values():
        counts = account.counts
        counts.accepted = counts.receipts_owed = counts.receipts_handed_over = 123_456
        counts.refused.update({Reason.THROTTLED.name: 5, Reason.NOT_MOBILE.name: 6, Reason.QUEUE_FULL.name: 7})
        counts.settled.update(dict.fromkeys(STATES, 1_000))
        counts.segments_settled[4:8] = [1_000] * len(STATES)
        session = _session(Side.MC)
        counts.read, counts.written = session.read.copy(), session.written.copy()
        account.binds.append(CustomerBind(account, session, Origin.of("192.0.2.1", 5_000)))
    for carrier in flow.carriers.values():
        carrier.counts.answers.update(dict.fromkeys(STATUSES, 1_000))
        carrier.counts.messages_settled[4:8] = carrier.counts.segments_settled[4:8] = [1_000] * len(STATES)
        carrier.counts.receipts.update({f"RECEIPT_{state}": 1_000 for state in STATES})
        for number, account in enumerate(flow.accounts.values()):
            row = SimpleNamespace(submitted_at=clock.wall_ms() - number, due_at=0)
            waiting = cast("Message", SimpleNamespace(row=row))
            carrier.lanes.put((waiting, 0), number % 4, account.name)
        for bind in carrier.binds:
            bind.session = _session(Side.ESME)
            bind.read, bind.written = bind.session.read.copy(), bind.session.written.copy()
    return flow


def _session(side: Side) -> Session:
    session = Session(side, SessionLimits(), 0.0, lambda: None)
    ours = (CommandId.SUBMIT_SM_RESP, CommandId.DELIVER_SM, CommandId.ENQUIRE_LINK, CommandId.ENQUIRE_LINK_RESP)
    theirs = (CommandId.SUBMIT_SM, CommandId.DELIVER_SM_RESP, CommandId.ENQUIRE_LINK_RESP, CommandId.ENQUIRE_LINK)
    session.read, session.written = _tally(theirs), _tally(ours)
    return session


def _tally(commands: Sequence[CommandId]) -> Tally:
    tally = {int(one).to_bytes(4, "big") + bytes(4): 123_456 for one in commands}
    refused = int(STATUSES[1]).to_bytes(4, "big")
    return tally | {int(CommandId.SUBMIT_SM_RESP).to_bytes(4, "big") + refused: 5}


def collector(flow: Flow) -> FlowCollector:
    """What a daemon has, without its sockets."""
    nothing: dict[str, Any] = {}
    figures: dict[str, Any] = {
        "store": SimpleNamespace(
            stuck="",
            archive_stuck="",
            batches=1,
            changes=1,
            repeated_records=0,
            behind=False,
            pid=1,
            commit_ms=Histogram(COMMIT_MS),
            batch_changes=Histogram(BATCH_CHANGES),
        ),
        "listener": SimpleNamespace(turned_away=0, refused=0, connections=(), certificates=nothing),
        "binds": SimpleNamespace(
            connections_failed=lambda: {
                (key, bind.name): 1 for key, one in flow.carriers.items() for bind in one.binds
            },
            certificate_files=lambda: nothing,
        ),
    }
    return FlowCollector(
        Watched(
            accounts=flow.accounts,
            carriers=flow.carriers,
            customers=flow.customers,
            live=flow.live,
            parked=flow.parking,
            unfinished=flow.reassemble,
            receipts_out=flow.receipts_out,
            routing=RoutingFigures(flow.network, flow.reroute.counts, flow.lessons.learned, flow.lessons.imported),
            lag_ms=Histogram(LAG_MS),
            draining=lambda: False,
            now=clock.monotonic,
            wall_ms=clock.wall_ms,
            started=clock.monotonic(),
            started_ms=clock.wall_ms(),
            **figures,
        )
    )


def figures(customers: int, binds: int, rounds: int) -> dict[str, float | int | str]:
    """The first scrape, and the median and the slowest of those that follow."""
    scraped = collector(busy(customers, binds))
    milliseconds, cpu, text = [], [], b""
    for _ in range(rounds + 1):
        began, used = time.perf_counter(), time.thread_time()
        text = scraped.text()
        cpu.append(1000 * (time.thread_time() - used))
        milliseconds.append(1000 * (time.perf_counter() - began))
    first, *following = milliseconds
    return {
        "bench": "scrape",
        "customers": customers,
        "binds": binds,
        "samples": sum(1 for line in text.splitlines() if not line.startswith(b"#")),
        "octets": len(text),
        "first_ms": round(first, 2),
        "median_ms": round(statistics.median(following), 2),
        "slowest_ms": round(max(following), 2),
        "median_cpu_ms": round(statistics.median(cpu[1:]), 2),
    }


def tell(module: str, words: str | None, figures: Figures, arguments: Sequence[str] | None) -> None:
    """What a bench over `busy` can be asked for; measure and print."""
    parse = argparse.ArgumentParser(prog=f"python -m {module}", description=words)
    parse.add_argument("--customers", type=int, default=CUSTOMERS)
    parse.add_argument("--binds", type=int, default=BINDS)
    parse.add_argument("--rounds", type=int, default=ROUNDS)
    options = parse.parse_args(arguments)
    print(json.dumps(figures(options.customers, options.binds, options.rounds)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    tell("bench.scrape", __doc__, figures, arguments)


if __name__ == "__main__":
    main()

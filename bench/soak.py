"""`python -m bench.soak`: mixed traffic and carriers that misbehave for a long time; at the end memory must be flat,
nothing lost and nothing billed twice.

Prints a JSON line each few seconds and one at the end; exit 0 is a good verdict.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any

from bench.flat import MIB, Look, Slope, is_flat, look, slope
from bench.soak_customer import Customer
from bench.soak_stage import CUSTOMERS, HOST, PASSWORD, write_gateway, write_simulators
from simulators.auditor import Terms, audit
from simulators.children import Child, ChildFailed
from simulators.evidence import read_store
from simulators.journal import Journal, read_journal
from simulators.serve import read_record

READY_SECONDS = 60.0
SETTLE_SECONDS = 120.0  # for the last receipts, when nothing more is sent
STEP_SECONDS = 0.05
STAY_SECONDS = (15.0, 60.0)  # of a bind
AWAY_SECONDS = (0.2, 3.0)
WARM_UP = 0.5  # of the time, in which memory may grow: until then some carrier makes a backlog (soak_stage.py)
IN_DOUBT = "smpp_gateway_segments_in_doubt_total"
SENT = "smpp_gateway_segments_sent_total"
# The ids of so many settled segments of each carrier are remembered on purpose; that is no leak, and taken off.
REMEMBERED_IDS = 50_000
REMEMBERED_OCTETS = 140  # each, as tracemalloc sees it
MOST_FINDINGS = 20


class Watch:
    """Looks at the gateway and its store process. `metrics` is host:port."""

    def __init__(self, pid: int, metrics: str) -> None:
        self._metrics = metrics
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        self._pids = {"gateway": pid, "store": int(children[0])}
        self.points: dict[str, list[tuple[float, float]]] = {name: [] for name in self._pids}
        self.last: dict[str, Look | None] = {}

    def look(self, seconds: float, warm: bool) -> None:
        """Once more. What is seen before it is `warm` is not counted."""
        expected = {"gateway": remembered_mib(read_metric(self._metrics, SENT)), "store": 0.0}
        for name, pid in self._pids.items():
            one = self.last[name] = look(pid)
            if one is not None and warm:
                self.points[name].append((seconds, one.rss_mib - expected[name]))

    def slopes(self) -> dict[str, Slope]:
        """By process."""
        return {name: slope(points) for name, points in self.points.items()}


class Soak:
    """The traffic of one run."""

    def __init__(self, options: argparse.Namespace, port: int, journal: Journal, watch: Watch) -> None:
        binds = count(1)
        self._options = options
        self._port = port
        self._watch = watch
        self._lot = Random(options.seed)
        self._loop = asyncio.get_running_loop()
        self.customers = [Customer(name, PASSWORD, journal, binds, options.seed) for name in CUSTOMERS]

    async def run(self) -> None:
        """Send for the time, then wait until everything that was promised has come."""
        end = self._loop.time() + self._options.minutes * 60
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(end))
            for customer in self.customers:
                group.create_task(self._play(customer, end))

    async def _play(self, customer: Customer, end: float) -> None:
        away = asyncio.Event()
        customer.changed = away.set
        due = self._loop.time()
        until = end + SETTLE_SECONDS
        while (now := self._loop.time()) < until and (now < end or customer.owed):
            if not customer.connected:
                with suppress(OSError):
                    await self._loop.create_connection(lambda: customer, HOST, self._port)
            stay = min(self._loop.time() + self._lot.uniform(*STAY_SECONDS), until)
            while (now := self._loop.time()) < stay and customer.connected and (now < end or customer.owed):
                due = max(due, now - 1.0)
                while due <= now < end:
                    customer.submit()
                    due += len(self.customers) / self._options.rate
                await asyncio.sleep(STEP_SECONDS)
            if now < end:
                customer.leave()
                await asyncio.sleep(self._lot.uniform(*AWAY_SECONDS))
            elif not customer.connected:
                await asyncio.sleep(STEP_SECONDS)
        customer.unbind()
        while customer.connected and self._loop.time() < until + 5.0:
            away.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(away.wait(), 1.0)

    async def _look(self, end: float) -> None:
        began = self._loop.time()
        while (now := self._loop.time()) < end:
            self._watch.look(now - began, now - began >= (end - began) * WARM_UP)
            _say({"event": "soak", "minutes": round((now - began) / 60, 2), **self.counts()})
            await asyncio.sleep(min(self._options.every, max(end - now, 0.01)))

    def counts(self) -> dict[str, Any]:
        """What happened so far."""
        refused: dict[str, int] = {}
        for customer in self.customers:
            for status, number in customer.refused.items():
                refused[f"0x{status:02X}"] = refused.get(f"0x{status:02X}", 0) + number
        found: dict[str, Any] = {
            name: sum(getattr(customer, name) for customer in self.customers)
            for name in ("sent", "answered", "receipts", "owed", "mo", "bound")
        }
        found["refused"] = refused
        for name, one in self._watch.last.items():
            found[name] = None if one is None else {"rss_mib": round(one.rss_mib, 1), "files": one.files}
        return found


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def read_metric(address: str, name: str) -> list[int]:
    """The values of a metric, one for each of its label sets."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as response:
        text = response.read().decode("utf-8")
    return [int(float(line.rpartition(" ")[2])) for line in text.splitlines() if line.startswith(name)]


def remembered_mib(sent: Sequence[int]) -> float:
    """What the gateway remembers on purpose after so many segments to each carrier."""
    return sum(min(one, REMEMBERED_IDS) for one in sent) * REMEMBERED_OCTETS / MIB


def play(options: argparse.Namespace, directory: Path) -> dict[str, Any]:
    """One run over an empty directory, and its verdict."""
    written = write_simulators(directory, options.minutes, options.seed)
    ended: SimpleQueue[str] = SimpleQueue()
    command = ["-m", "simulators.cli", "--config", str(written.simulators), "--record", str(written.phones)]
    with Child("carriers", [sys.executable, *command], directory / "carriers.log", ended) as carriers:
        config = write_gateway(directory, carriers.ready(READY_SECONDS)["addresses"])
        store = directory / "store"
        command = ["-m", "gateway", "run", "--config", str(config), "--state-directory", str(store)]
        with Child("gateway", [sys.executable, *command], directory / "gateway.log", ended) as gateway:
            ready = gateway.ready(READY_SECONDS)
            watch = Watch(gateway.pid, ready["metrics"])
            with Journal(directory / "journal.jsonl") as journal:
                counts = asyncio.run(_traffic(options, int(ready["listen"][0].rpartition(":")[2]), journal, watch))
            doubtful = sum(read_metric(ready["metrics"], IN_DOUBT))
            code = gateway.stop()
    entries = read_journal(directory / "journal.jsonl")
    segments = read_record(written.phones)
    verdict = audit(entries, segments, read_store(store), Terms({}, 1000), doubtful)
    slopes = watch.slopes()
    flat = all(is_flat(one, options.limit) for one in slopes.values())
    complaints = sum(no_event(directory / name) for name in ("carriers.log", "gateway.log"))
    return {
        "event": "verdict",
        "good": flat and verdict.good and not (code or counts["owed"] or complaints) and counts["mo"] > 0,
        "flat": flat,
        "complaints": complaints,
        "mib_per_hour": {name: round(one.mib_per_hour, 2) for name, one in slopes.items()},
        "grown_mib": {name: round(one.grown_mib, 2) for name, one in slopes.items()},
        "exit": code,
        "segments": dict(Counter(one.smsc for one in segments)),
        **counts,
        **verdict.figures(),
        "findings": [f"{one.kind.value}: {one.what}: {one.why}" for one in verdict.findings[:MOST_FINDINGS]],
    }


def no_event(log: Path) -> int:
    """Lines of a log that are no JSON: tracebacks, and whatever else a process should not say."""
    return sum(not line.startswith("{") for line in log.read_text(encoding="utf-8", errors="replace").splitlines())


async def _traffic(options: argparse.Namespace, port: int, journal: Journal, watch: Watch) -> dict[str, Any]:
    soak = Soak(options, port, journal, watch)
    await soak.run()
    return soak.counts()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long traffic is sent (60)")
    parser.add_argument("--rate", type=float, default=40.0, help="messages a second, of all customers (40)")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between lines (10)")
    parser.add_argument("--limit", type=float, default=8.0, help="MiB an hour that a process may grow (8)")
    parser.add_argument("--seed", type=int, default=1, help="traffic and characters follow from it (1)")
    parser.add_argument("--directory", type=Path, help="an empty one, which is kept")
    options = parser.parse_args(arguments)
    if not 0 < options.minutes <= 10_080 or not 0 < options.rate <= 1_000 or options.every <= 0:
        parser.error("minutes, rate and every are above 0, at most a week and 1,000 a second")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """0: good. 1: not. 2: there was no run."""
    options = parse(arguments)
    try:
        if options.directory is not None:
            options.directory.mkdir(parents=True, exist_ok=True)
            verdict = play(options, options.directory)
        else:
            with tempfile.TemporaryDirectory(prefix="smpp-gateway-soak-") as name:
                verdict = play(options, Path(name))
    except ChildFailed as error:
        print(f"soak: {error}", file=sys.stderr)
        return 2
    _say(verdict)
    return 0 if verdict["good"] else 1


if __name__ == "__main__":
    sys.exit(main())

"""A carrier is down while messages pile up; a restart, and the way back: memory, and how soon the first one leaves.

One JSON line: resident memory of gateway and store process at its peak while the backlog grew, after the start with it,
and while it went; seconds from the start to `ready` and to the first segment at the carrier.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import audit
from bench.children import Child, RunFailed, cpu_seconds, family, peak_mb
from bench.configuration import PASSWORD, Configured, Wanted, configure
from bench.harness import DRAIN_SECONDS, GRACE_SECONDS, START_SECONDS, gateway_command
from bench.limits import MOST_WINDOW, count_of
from bench.options import EXAMPLE
from simulators.ports import free_port

BINDS = 4
LENGTH = 70
CARRIER = "docomo"


def run(count: int, window: int, seconds: float, example: Path) -> dict[str, Any]:
    """Pile up, restart, let go. RunFailed when one of these does not come to its end in `seconds`."""
    with tempfile.TemporaryDirectory(prefix="smpp-bench-") as name:
        directory = Path(name)
        listen_port, sink_port = free_port(), free_port()
        wanted = Wanted(CARRIER, BINDS, window, count, LENGTH, listen_port, sink_port)
        try:
            configured = configure(example, directory, wanted)
        except (OSError, ValueError, KeyError) as error:
            raise RunFailed(f"{example}: {error}") from error
        figures = {
            "bench": "backlog",
            "messages": count,
            **_pile_up(directory, configured, count, listen_port, window, seconds),
        }
        figures |= _let_go(directory, configured, count, sink_port, seconds)
        records = audit.read_records(directory / "state")
        figures["records"] = len({record.message_id for record in records})
        figures["store_mb"] = round(sum(path.stat().st_size for path in (directory / "state").rglob("*")) / 1e6, 1)
        return figures


def _pile_up(
    directory: Path, configured: Configured, count: int, port: int, window: int, seconds: float
) -> dict[str, Any]:
    with ExitStack() as children:
        gateway = children.enter_context(Child("gateway", gateway_command(directory, configured)))
        gateway.wait_for(lambda line: line.get("event") == "ready", START_SECONDS)
        command = [sys.executable, "-m", "bench.load", "--port", str(port), "--system-id", configured.system_id]
        command += ["--password", PASSWORD, "--acknowledged", str(directory / "acknowledged"), "--no-receipts"]
        command += ["--binds", str(BINDS), "--window", str(window), "--count", str(count), "--length", str(LENGTH)]
        pids = family(gateway.pid)
        before = cpu_seconds(pids)
        load = children.enter_context(Child("load", [*command, "--seconds", str(seconds)]))
        told = load.result(seconds + GRACE_SECONDS)
        if told["acknowledged"] != count:
            raise RunFailed(f"only {told['acknowledged']} of {count} messages were taken: {told}")
        figures = {
            "intake_msgs_per_s": round(count / told["seconds"], 1),
            "intake_cpu_us_per_msg": round((cpu_seconds(pids) - before) * 1e6 / count, 1),
            "waiting_peak_mb": peak_mb(pids),
        }
        gateway.terminate(DRAIN_SECONDS)
        return figures


def _let_go(directory: Path, configured: Configured, count: int, port: int, seconds: float) -> dict[str, Any]:
    with ExitStack() as children:
        sink_command = [sys.executable, "-m", "bench.sink", "--port", str(port), "--count", str(count)]
        sink_command += ["--length", str(LENGTH), "--expect-binds", str(configured.sink_binds)]
        sink_command += ["--record", str(directory / "sink"), "--seconds", str(2 * seconds)]
        for option, written in (
            ("--id-in-response", configured.id_in_response),
            ("--id-in-receipt", configured.id_in_receipt),
        ):
            sink_command += [option, "hex" if written == "text" else written]
        sink = children.enter_context(Child("sink", sink_command))
        sink.wait_for(lambda line: "listening" in (line.get("event"), *line), START_SECONDS)
        started = perf_counter()
        gateway = children.enter_context(Child("gateway", gateway_command(directory, configured)))
        gateway.wait_for(lambda line: line.get("event") == "ready", seconds)
        ready_s = perf_counter() - started
        sink.wait_for(lambda line: line.get("event") == "first", seconds)
        first_s = perf_counter() - started
        pids = family(gateway.pid)
        started_mb = peak_mb(pids)
        before = cpu_seconds(pids)
        sink.wait_for(lambda line: line.get("event") == "complete", seconds)
        gone_s = perf_counter() - started
        figures = {
            "ready_s": round(ready_s, 2),
            "first_sent_s": round(first_s, 2),
            "started_peak_mb": started_mb,
            "out_msgs_per_s": round(count / gone_s, 1),
            "out_cpu_us_per_msg": round((cpu_seconds(pids) - before) * 1e6 / count, 1),
            "leaving_peak_mb": peak_mb(pids),
        }
        gateway.terminate(DRAIN_SECONDS)
        sink.terminate(GRACE_SECONDS)
        return figures


def parser() -> argparse.ArgumentParser:
    """What can be asked."""
    parse = argparse.ArgumentParser(prog="python -m bench.backlog", description=(__doc__ or "").split("\n\n", 1)[0])
    parse.add_argument("--count", type=count_of(10_000_000), default=1_000_000, help="messages that wait")
    parse.add_argument("--window", type=count_of(MOST_WINDOW), default=200, help="unanswered requests a bind")
    parse.add_argument("--seconds", type=float, default=600.0, help="most time for each way")
    parse.add_argument("--config", type=Path, default=EXAMPLE, help="the configuration that the run's is made of")
    return parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print. 1 when a message was lost, 2 when there was no run."""
    options = parser().parse_args(arguments)
    try:
        figures = run(options.count, options.window, options.seconds, options.config)
    except RunFailed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    print(json.dumps(figures), flush=True)
    return 0 if figures["records"] == options.count else 1


if __name__ == "__main__":
    sys.exit(main())

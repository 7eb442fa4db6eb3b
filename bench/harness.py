"""One run: sink, gateway and load client as processes of their own, then the audit, then the figures."""

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from bench import audit, smppload
from bench.calibrate import calibrate
from bench.children import Child, RunFailed, cpu_seconds, family, peak_mb
from bench.configuration import PASSWORD, Configured, Expected, Wanted, configure
from bench.machine import file_system, fsync_ms
from bench.smppload import LoadFigures
from simulators.ports import free_port

START_SECONDS = 20.0
BIND_SECONDS = 20.0
GRACE_SECONDS = 20.0  # for a process to end behind its own limit
DRAIN_SECONDS = 40.0
QUIET_LOOK_SECONDS = 0.2
QUIET_CPU_SECONDS = 0.01
QUIET_LOOKS = 3

# The worst of several runs stands: what is wrong once is wrong.
WORST = frozenset({"lost", "doubled", "billed_wrong", "damaged", "refused", "unanswered"})
DIRECT = Configured(Path(), "bench", 0, "hex", "hex", Expected(1, 0, 0))


class Ran(NamedTuple):
    """What was measured while the load ran. CPU and memory are of the gateway and its store process together."""

    load: LoadFigures
    sink: dict[str, Any]
    cpu_s: float | None
    peak_mb: float | None
    ready_s: float | None


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of one run. RunFailed when there are none."""
    with tempfile.TemporaryDirectory(prefix="smpp-bench-", dir=options.directory) as name:
        directory = Path(name)
        if options.direct:
            return _figures(options, directory, DIRECT, _between(options, directory, DIRECT, free_port(), None))
        listen_port, sink_port = free_port(), free_port()
        wanted = Wanted(
            options.carrier,
            options.binds,
            options.window,
            options.count,
            options.length,
            listen_port,
            sink_port,
            options.customers,
            options.carrier_binds,
        )
        try:
            configured = configure(options.config, directory, wanted)
        except (OSError, ValueError, KeyError) as error:
            raise RunFailed(f"{options.config}: {error}") from error
        ran = _between(options, directory, configured, sink_port, listen_port)
        return _figures(options, directory, configured, ran)


def _between(
    options: argparse.Namespace, directory: Path, configured: Configured, sink_port: int, listen_port: int | None
) -> Ran:
    """Run all processes; none is left."""
    binds = configured.sink_binds or options.binds
    with ExitStack() as children:
        sink = children.enter_context(_sink(options, directory, configured, sink_port, binds))
        sink.wait_for(lambda line: "listening" in (line.get("event"), *line), START_SECONDS)
        gateway = None
        if listen_port is not None:
            started = perf_counter()
            gateway = children.enter_context(Child("gateway", gateway_command(directory, configured)))
            gateway.wait_for(lambda line: line.get("event") == "ready", START_SECONDS)
            ready_s = round(perf_counter() - started, 3)
            sink.wait_for(lambda line: line.get("binds") == binds, BIND_SECONDS)
        pids = family(gateway.pid) if gateway is not None else []
        cpu_before = cpu_seconds(pids)
        load = children.enter_context(_load(options, directory, configured, listen_port or sink_port))
        told = load.result(options.seconds + GRACE_SECONDS)
        if "acknowledged" not in told and "resp_ok" not in told:
            raise RunFailed(f"the load client failed: {told}")
        if gateway is None:
            return Ran(_load_figures(told), _end_sink(sink), None, None, None)
        if not options.receipts:
            _wait_until_quiet(gateway, pids)
        try:
            cpu_s, memory = cpu_seconds(pids) - cpu_before, peak_mb(pids)
        except OSError as error:
            raise RunFailed(f"the gateway ended during the run: {gateway.last()}") from error
        code = gateway.terminate(DRAIN_SECONDS)
        if code:
            raise RunFailed(f"the gateway ended with {code}: {gateway.last()}")
        return Ran(_load_figures(told), _end_sink(sink), cpu_s, memory, ready_s)


def gateway_command(directory: Path, configured: Configured) -> list[str]:
    state = str(directory / "state")
    return [sys.executable, "-m", "gateway", "run", "--config", str(configured.path), "--state-directory", state]


def _wait_until_quiet(gateway: Child, pids: list[int]) -> None:
    """The customer has its last response; the carrier's receipts and the records may still be on their way."""
    quiet, before = 0, cpu_seconds(pids)
    for _ in range(int(GRACE_SECONDS / QUIET_LOOK_SECONDS)):
        if gateway.ends_within(QUIET_LOOK_SECONDS):
            raise RunFailed(f"the gateway ended during the run: {gateway.last()}")
        now = cpu_seconds(pids)
        quiet = quiet + 1 if now - before <= QUIET_CPU_SECONDS else 0
        before = now
        if quiet == QUIET_LOOKS:
            return


def _load(options: argparse.Namespace, directory: Path, configured: Configured, port: int) -> Child:
    acknowledged = directory / "acknowledged"
    if _load_is_smppload(options):
        return Child("load", smppload.load_command(options, port, configured.system_id, PASSWORD, acknowledged))
    command = [sys.executable, "-m", "bench.load", "--port", str(port)]
    command += ["--system-id", configured.system_id, "--password", PASSWORD]
    command += ["--acknowledged", str(acknowledged), "--receipts" if options.receipts else "--no-receipts"]
    for name in ("binds", "customers", "window", "count", "rate", "length", "parts", "seconds"):
        command += [f"--{name}", str(getattr(options, name))]
    return Child("load", command)


def _load_is_smppload(options: argparse.Namespace) -> bool:
    return options.smppload is not None and options.parts == options.customers == 1


def _load_figures(told: Mapping[str, Any]) -> LoadFigures:
    if "resp_ok" in told:
        return smppload.load_figures(told)
    return LoadFigures(
        **{name: told[name] for name in LoadFigures._fields if name != "refused"}, refused=sum(told["refused"].values())
    )


def _sink(options: argparse.Namespace, directory: Path, configured: Configured, port: int, binds: int) -> Child:
    record, seconds = directory / "sink", options.seconds + START_SECONDS + BIND_SECONDS + GRACE_SECONDS
    formats = (configured.id_in_response, configured.id_in_receipt)
    if options.smppload is not None:
        expect = options.count * configured.expected.segments
        command = smppload.sink_command(options.smppload, port, expect, formats, record, seconds)
        return Child("sink", command, listen_to_stderr=True)
    command = [sys.executable, "-m", "bench.sink", "--port", str(port), "--record", str(record)]
    command += ["--count", str(options.count), "--length", str(options.length), "--expect-binds", str(binds)]
    for name, written in zip(("--id-in-response", "--id-in-receipt"), formats, strict=True):
        command += [name, "hex" if written == "text" else written]
    return Child("sink", [*command, "--seconds", str(seconds)])


def _end_sink(sink: Child) -> dict[str, Any]:
    sink.terminate(GRACE_SECONDS)
    return sink.result(GRACE_SECONDS)


def _figures(options: argparse.Namespace, directory: Path, configured: Configured, ran: Ran) -> dict[str, Any]:
    """Audit, and put it all together."""
    load, sink, expected = ran.load, ran.sink, configured.expected
    acknowledged = audit.read_acknowledged(directory / "acknowledged")
    read = audit.read_reached if options.smppload is None else audit.read_smppload_record
    reached = read(directory / "sink")
    lost = audit.lost(acknowledged, reached, expected.segments, options.parts, options.receipts)
    wrong = None
    if not options.direct:
        records = audit.read_records(directory / "state")
        wrong = audit.billed_wrong(records, acknowledged, expected, options.parts)
    messages = load.acknowledged / options.parts or 1

    def each(cpu_s: float | None) -> float | None:
        return None if cpu_s is None else round(cpu_s * 1e6 / messages, 2)

    return {
        "msgs_per_s": round(messages / load.seconds, 1) if load.seconds else None,
        "cpu_us_per_msg": each(ran.cpu_s),
        "resp_ms_p50": load.resp_ms_p50,
        "resp_ms_p99": load.resp_ms_p99,
        "receipt_ms_p50": load.receipt_ms_p50,
        "receipt_ms_p99": load.receipt_ms_p99,
        "first_100k_per_s": load.first_100k_per_s,
        "last_100k_per_s": load.last_100k_per_s,
        "rss_peak_mb": ran.peak_mb,
        "lost": max(lost, load.receipts_missing if options.parts == 1 else 0),
        "doubled": audit.doubled(reached.values()) + load.receipts_doubled,
        "billed_wrong": wrong,
        "damaged": sink.get("damaged"),
        "refused": load.refused,
        "unanswered": load.unanswered,
        "ready_s": ran.ready_s,
        "load_cpu_us_per_msg": each(load.cpu_s),
        "sink_cpu_us_per_msg": each(sink["cpu_s"] if "cpu_s" in sink else sink["cpu_user_s"] + sink["cpu_sys_s"]),
        "load_ended": load.reason,
        "load": "smppload" if _load_is_smppload(options) else "python",
        "sink": "python" if options.smppload is None else "smppload",
        "state_on": None if options.direct else file_system(directory),
        "fsync_ms": None if options.direct else fsync_ms(directory),
        "python": platform.python_version(),
        "calibrate_us": round(calibrate(), 1),
    }


def clean(figures: Mapping[str, Any]) -> bool:
    """Whether everything was sent, acknowledged, delivered once, receipted once and billed right."""
    return figures["load_ended"] == "done" and not any(figures[name] for name in WORST)


def repeat(options: argparse.Namespace) -> dict[str, Any]:
    """As many runs as asked: their medians, of faults the worst, and each run beside them."""
    runs = []
    for number in range(1, options.repeat + 1):
        figures = run(options)
        print(json.dumps({"run": number, **figures}), file=sys.stderr, flush=True)
        runs.append(figures)
    asked = {name: value for name, value in vars(options).items() if name not in {"config", "directory"}}
    asked["smppload"] = options.smppload and Path(options.smppload).name
    together = runs[0] if len(runs) == 1 else {name: _together(name, [one[name] for one in runs]) for name in runs[0]}
    return {**together, "options": asked, **({"runs": runs} if len(runs) > 1 else {})}


def _together(name: str, values: list[Any]) -> Any:
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return next((value for value in values if value != "done"), "done") if name == "load_ended" else values[0]
    return max(numbers) if name in WORST else round(median(numbers), 3)


def check_smppload(binary: str | None) -> None:
    """RunFailed when there is no such program."""
    if binary is not None and shutil.which(binary) is None:
        raise RunFailed(f"{binary} is no program that can be run")

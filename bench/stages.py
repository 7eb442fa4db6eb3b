"""Where the processor time of a message goes: py-spy looks at a run of the whole, some hundred times a second.

`python -m bench.stages [options of python -m bench]` prints a table: each stage's share of the gateway's and of its
store process's time, in microseconds a message. py-spy attaches to processes that it did not start, for which Linux
wants root (or kernel.yama.ptrace_scope=0).
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.children import Child, RunFailed, cpu_seconds, family

LOOKS_A_SECOND = 400
SECONDS = 8
BIND_SECONDS = 30.0
RUN_SECONDS = 120.0
COUNT = ["--count", "200000"]

# The innermost of these functions that a stack has says which stage it is in.
STAGES = {
    "Session.receive": "PDUs in: framed, judged, decoded",
    "Session.request": "PDUs out: encoded, queued",
    "Session._respond": "PDUs out: encoded, queued",
    "Accept.submit_sm": "submit_sm: number, text, units, the message",
    "Dispatcher.run": "claimed: lanes, pace, windows",
    "Dispatcher._transmit": "handed over to the carrier",
    "Settler.answered": "submit_sm_resp: settled",
    "ReceiptsIn.take": "receipts in: read, matched, moved, billed",
    "ReceiptsOut.run": "receipts out: written",
    "ReceiptsOut.answered": "receipts acknowledged",
    "StoreProcess.write": "changes for the store",
    "StoreProcess._ask": "changes for the store",
    "StoreProcess.flush": "changes for the store",
    "Batch.rows": "changes for the store",
    "StoreProcess.data_received": "answers of the store",
    "Connection.flush": "sockets: read and written",
    "Connection.data_received": "sockets: read and written",
    "Turn._end": "the end of a turn",
    "SqliteEngine.commit": "batches: SQLite, fsync",
    "Archiver.move": "what is done, to its month",
    "serve": "batches: read and answered",
}
OTHER = "the loop, and all else"
FRAME = re.compile(r"(?:^|\.)?([\w.<>]+) \(")
IDLE = ("Condition.wait",)


def stage_of(stack: str) -> str:
    """The stage of one stack, outermost frame first, as py-spy's raw format has it."""
    for frame in reversed(stack.split(";")):
        found = FRAME.match(frame)
        if found is not None and found[1] in STAGES:
            return STAGES[found[1]]
    return OTHER


def shares(lines: Iterable[str]) -> dict[str, float]:
    """Stage -> its share of the looks, greatest first; threads that wait are left out."""
    seen: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rstrip("\n").rpartition(" ")
        if not any(word in stack.rpartition(";")[2] for word in IDLE):
            seen[stage_of(stack)] += int(count)
    return {stage: count / seen.total() for stage, count in seen.most_common()}


def table(of: dict[str, tuple[float, dict[str, float]]]) -> str:
    """By process: its microseconds a message, and the stages' shares of them."""
    lines = ["| process | stage | us a message |", "|---|---|---|"]
    for process, (us, stages) in of.items():
        lines += [f"| {process} | {stage} | {share * us:.1f} |" for stage, share in stages.items()]
        lines.append(f"| {process} | all | {us:.1f} |")
    return "\n".join(lines)


def _look(directory: Path, pids: dict[str, int]) -> dict[str, dict[str, float]]:
    """The shares of each process, seen at the same time."""
    with ExitStack() as stack:
        for name, pid in pids.items():
            command = ["py-spy", "record", "--pid", str(pid), "--rate", str(LOOKS_A_SECOND), "--duration", str(SECONDS)]
            command += ["--format", "raw", "--output", str(directory / name)]
            stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    try:
        return {name: shares((directory / name).read_text("utf-8").splitlines()) for name in pids}
    except OSError as failure:
        raise RunFailed(f"py-spy saw nothing: {failure}") from failure


def measure(words: Sequence[str]) -> dict[str, tuple[float, dict[str, float]]]:
    """By process, its microseconds a message and shares. RunFailed when there was no run, or nothing to look at."""
    with tempfile.TemporaryDirectory(prefix="smpp-bench-") as name:
        bench = Child("bench", [sys.executable, "-m", "bench", *words], listen_to_stderr=True)
        with bench:
            bench.wait_for(lambda line: line.get("load", line).get("sent", 0) > 0, BIND_SECONDS)
            pids = _processes(bench.pid)
            before = {name: cpu_seconds([pid]) for name, pid in pids.items()}
            seen = _look(Path(name), pids)
            spent = {name: cpu_seconds([pid]) - before[name] for name, pid in pids.items()}
            figures = bench.result(RUN_SECONDS)
        us = figures["cpu_us_per_msg"]
        return {name: (us * spent[name] / sum(spent.values()), seen[name]) for name in pids}


def _processes(pid: int) -> dict[str, int]:
    """The gateway and its store process below this one."""
    found = {}
    for one in family(pid):
        words = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
        if b"gateway" in words:
            found["gateway"] = one
        elif b"gateway.store.process" in words:
            found["store"] = one
    if len(found) < 2:
        raise RunFailed("the gateway does not run")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, look, print. 2 when there was nothing to look at."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        of = measure([*COUNT, *words])
    except RunFailed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    print(table(of))
    print(json.dumps({name: {"us_per_msg": us, "shares": stages} for name, (us, stages) in of.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

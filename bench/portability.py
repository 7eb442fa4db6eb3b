"""Imported numbers at a nation's size: how fast they are imported, asked and exchanged. One JSON line last.

Run as `python -m bench.portability --rows 50000000`. It makes the rows (the same ones each time), imports them as the
command line does, and asks for numbers of which about half are there. All that it makes lies in a directory of its own
under `--directory` and is removed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from gateway.routing.imported import ImportedNumbers
from gateway.routing.numbers import NumberRules
from gateway.routing.ported_formats import TEMPLATES
from gateway.routing.ported_import import Import

JAPAN = NumberRules("81", "0", ("60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"), 10)
CARRIERS = ("au", "docomo", "softbank", "rakuten")
NAMES = {name: name for name in CARRIERS}

# 060, 070, 080 and 090, each with 90,000,000 numbers. The step has no factor in common with them all, so that stepping
# gives every number once, in no order.
EACH_HEAD = 90_000_000
ALL = 4 * EACH_HEAD
STEP = 233_000_051
ROWS_A_WRITE = 100_000
DIFFERENCES = 20_000  # Japan's ported numbers of a day

LEAST_ROWS_PER_S = 500_000
MOST_LOOKUP_US = 5.0
MOST_STALL_MS = 50.0
MOST_RSS_MB = 8.0
LOOKUPS = 200_000
LOOKUPS_A_ROUND = 100
MB = 1_000_000


class Memory(NamedTuple):
    """Of this process, in megabytes: its own, and pages of files that the kernel may take back."""

    own: float
    of_files: float


def numbers(first: int, count: int) -> Iterator[bytes]:
    """National numbers with trunk prefix, in no order, each once."""
    for place in range(first, first + count):
        head, rest = divmod(place * STEP % ALL, EACH_HEAD)
        yield b"0%d0%08d" % (6 + head, 10_000_000 + rest)


def make(path: Path, rows: int) -> None:
    """The file that is imported."""
    with path.open("wb") as file:
        file.write(b"number,carrier\n")
        names = [name.encode() for name in CARRIERS]
        for first in range(0, rows, ROWS_A_WRITE):
            some = numbers(first, min(ROWS_A_WRITE, rows - first))
            file.write(b"".join([b"%b,%b\n" % (number, names[number[-1] & 3]) for number in some]))


def make_differences(path: Path, rows: int, count: int) -> None:
    """Half of them add numbers, half change those that are there."""
    with path.open("wb") as file:
        file.write(b"action,number,carrier\n")
        file.writelines(b"add,%b,au\n" % number for number in numbers(rows, count // 2))
        file.writelines(b"change,%b,docomo\n" % number for number in numbers(0, count - count // 2))


def memory() -> Memory:
    """What the kernel says of us."""
    found = {"RssAnon": 0, "RssFile": 0}
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        name, _, value = line.partition(":")
        if name in found:
            found[name] = int(value.split()[0])
    return Memory(found["RssAnon"] * 1_024 / MB, found["RssFile"] * 1_024 / MB)


def run_import(source: Path, into: Path, named: str, *, differences: bool = False) -> float:
    """Seconds for an import."""
    started = perf_counter()
    Import(source, into, TEMPLATES[named], JAPAN, NAMES, 0, differences=differences).run()
    return perf_counter() - started


def lookup_us(imported: ImportedNumbers, asked: Sequence[bytes]) -> float:
    """Microseconds of CPU a look-up, the second time round: warm."""
    ask = imported.carrier
    for _ in range(2):
        started = process_time()
        for number in asked:
            ask(number)
        taken = process_time() - started
    return round(taken / len(asked) * 1e6, 2)


def under_load(imported: ImportedNumbers, changed: Path, asked: Sequence[bytes]) -> tuple[float, float, float]:
    """Differences imported by another process while this one asks, and takes the new file as soon as it is there.

    Seconds until it is taken; the longest that a round of look-ups took meanwhile, on the wall and in CPU: the first
    has in it what neighbours on the machine take.
    """
    command = [sys.executable, "-m", "bench.portability", "--apply", str(changed), "--to", str(imported.path)]
    longest, longest_cpu, at = 0.0, 0.0, 0
    with subprocess.Popen(command) as importing:
        begun = before = perf_counter()
        before_cpu = process_time()
        while not imported.refresh():
            if importing.poll():
                raise RuntimeError("the differences were not imported")
            at = (at + LOOKUPS_A_ROUND) % len(asked)
            for number in asked[at : at + LOOKUPS_A_ROUND]:
                imported.carrier(number)
            now, now_cpu = perf_counter(), process_time()
            longest, longest_cpu = max(longest, now - before), max(longest_cpu, now_cpu - before_cpu)
            before, before_cpu = now, now_cpu
        taken, taken_cpu = perf_counter(), process_time()
    return taken - begun, max(longest, taken - before), max(longest_cpu, taken_cpu - before_cpu)


def measure(directory: Path, rows: int) -> dict[str, float]:
    """Everything, in a directory that is empty before."""
    source, into, changed = (directory / name for name in ("rows.csv", "imported.numbers", "differences.csv"))
    make(source, rows)
    make_differences(changed, rows, DIFFERENCES)
    cpu = process_time()
    taken = run_import(source, into, "csv")
    cpu = process_time() - cpu
    source.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / MB
    # Half of what is asked is there: it is as likely a row as it is none.
    asked = [b"81" + number[1:] for half in (0, rows) for number in numbers(half, LOOKUPS // 2)]
    asked.sort(key=lambda number: int(number) * STEP % ALL)
    before = memory()
    imported = ImportedNumbers(into)
    us = lookup_us(imported, asked)
    after = memory()
    found = sum(imported.carrier(number) is not None for number in asked)
    if found < min(rows, LOOKUPS // 2):
        raise RuntimeError("the file does not hold what was imported")
    by_differences, stall, stall_cpu = under_load(imported, changed, asked)
    started = perf_counter()
    again = ImportedNumbers(into)
    again.carrier(asked[0])
    swap = perf_counter() - started
    return {
        "rows": rows,
        "import_rows_per_s": int(rows / taken),
        "import_rows_per_cpu_s": int(rows / cpu),
        "import_peak_mb": round(peak, 1),
        "file_mb": round(into.stat().st_size / MB, 1),
        "lookup_us": us,
        "rss_mb_before": round(before.own, 1),
        "rss_mb_after": round(after.own, 1),
        "rss_of_files_mb_before": round(before.of_files, 1),
        "rss_of_files_mb_after": round(after.of_files, 1),
        "differences": DIFFERENCES,
        "differences_s": round(by_differences, 2),
        "stall_ms": round(stall * 1_000, 2),
        "stall_cpu_ms": round(stall_cpu * 1_000, 2),
        "swap_ms": round(swap * 1_000, 2),
    }


def too_bad(figures: dict[str, float]) -> list[str]:
    """The names of figures that are not what was promised."""
    return [
        name
        for name, bad in (
            ("import_rows_per_s", figures["import_rows_per_s"] < LEAST_ROWS_PER_S),
            ("lookup_us", figures["lookup_us"] > MOST_LOOKUP_US),
            ("stall_cpu_ms", figures["stall_cpu_ms"] > MOST_STALL_MS),
            ("rss_mb_after", figures["rss_mb_after"] - figures["rss_mb_before"] > MOST_RSS_MB),
        )
        if bad
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. 1 when a figure is not what was promised."""
    parse = argparse.ArgumentParser(prog="python -m bench.portability", description=__doc__)
    parse.add_argument("--rows", type=int, default=5_000_000, help="ported numbers, at most 300,000,000")
    parse.add_argument("--directory", type=Path, help="where to work; none: where temporary files go")
    parse.add_argument("--apply", type=Path, help=argparse.SUPPRESS)  # what the process beside it does
    parse.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    options = parse.parse_args(arguments)
    if options.apply:
        run_import(options.apply, options.to, "changes", differences=True)
        return 0
    if not 1 <= options.rows <= 300_000_000:
        parse.error("--rows from 1 to 300,000,000")
    with tempfile.TemporaryDirectory(dir=options.directory, prefix="bench-portability-") as directory:
        figures = measure(Path(directory), options.rows)
    bad = too_bad(figures)
    for name in bad:
        print(f"{name} is not what was promised: {figures[name]}")
    print(json.dumps({"bench": "portability", **figures}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

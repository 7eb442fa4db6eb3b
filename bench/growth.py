"""How the cost of a message grows: with binds, customers, length, what waits, and ported numbers.

`python -m bench.growth` measures each series, one run a point, and writes docs/figures/growth.json, which
`python -m bench.plots` draws. It takes about a quarter of an hour; `--only` measures some series again and leaves the
others as they are.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.children import RunFailed
from bench.harness import clean, run
from bench.options import parse

FILE = Path("docs/figures/growth.json")
SECONDS = 900

Point = dict[str, Any]


class Series(NamedTuple):
    """What is varied, at which values, what is measured at each, and which of the figures are kept."""

    label: str
    values: tuple[int, ...]
    measure: Callable[[int], Point]
    figures: tuple[str, ...]


USUAL = ("msgs_per_s", "cpu_us_per_msg")


def whole(words: str) -> Point:
    """The figures of one run of the whole. RunFailed when it was not clean."""
    figures = run(parse(words.split()))
    if not clean(figures):
        raise RunFailed(f"{words}: the run was not clean: {figures}")
    return figures


def part(module: str, words: str) -> Point:
    """The figures that a bench of its own prints last. RunFailed when it fails."""
    command = [sys.executable, "-m", module, *words.split()]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RunFailed(f"{' '.join(command[1:])} ended with {done.returncode}")
    figures: Point = json.loads(done.stdout.splitlines()[-1])
    return figures


SERIES = {
    "binds": Series(
        "binds of the customer and to the carrier, window 50",
        (1, 2, 4, 8, 16, 32, 64),
        lambda value: whole(f"--count 15000 --binds {value}"),
        USUAL,
    ),
    "customers": Series(
        "customers bound, 50 binds to four carriers, 2,000 messages a second",
        (1, 10, 100, 250, 500),
        lambda value: whole(f"--count 10000 --rate 2000 --customers {value} --carrier all --carrier-binds 50"),
        ("cpu_us_per_msg", "resp_ms_p99"),
    ),
    "length": Series(
        "characters of a message (UCS-2, docomo)",
        (10, 70, 132, 200, 330, 462, 660),
        lambda value: whole(f"--count 5000 --length {value}"),
        USUAL,
    ),
    "rate": Series(
        "messages a second, open loop",
        (100, 300, 1_000, 2_000, 4_000, 6_000),
        lambda value: whole(f"--count {5 * value} --rate {value}"),
        ("cpu_us_per_msg", "resp_ms_p99"),
    ),
    "backlog": Series(
        "messages that wait while a carrier is down, and then leave",
        (50_000, 200_000, 500_000, 1_000_000),
        lambda value: part("bench.backlog", f"--count {value}"),
        ("out_msgs_per_s", "waiting_peak_mb"),
    ),
    "ported": Series(
        "ported numbers that are known",
        (1_000_000, 5_000_000, 20_000_000, 50_000_000),
        lambda value: part("bench.portability", f"--rows {value}"),
        ("lookup_us", "import_rows_per_s"),
    ),
}


def measured(series: Series) -> dict[str, Any]:
    """All points of a series."""
    points = []
    for value in series.values:
        figures = series.measure(value)
        points.append({"at": value, **{name: figures[name] for name in series.figures}})
        print(json.dumps({series.label: points[-1]}), file=sys.stderr, flush=True)
    return {"label": series.label, "points": points}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write. 2 when there was no run."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--only", nargs="+", choices=SERIES, default=list(SERIES), help="these series")
    parser.add_argument("--file", type=Path, default=FILE, help="where the figures are kept")
    options = parser.parse_args(arguments)
    known = json.loads(options.file.read_text(encoding="utf-8")) if options.file.exists() else {}
    try:
        for name in options.only:
            known[name] = measured(SERIES[name])
            options.file.parent.mkdir(parents=True, exist_ok=True)
            options.file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    except (RunFailed, subprocess.TimeoutExpired) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

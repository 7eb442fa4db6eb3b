"""Whether a message costs more than it did: processor time of short runs, as a ratio to bench/calibrate.py's loop.

`python -m bench.check` compares with bench/reference.json and says which figure is worse than it by more than the
margin; `--write` makes what was measured the reference. A run that costs more is made again, some times, and the best
one counts: what else this machine does can only add.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.calibrate import calibrate
from bench.children import RunFailed
from bench.harness import clean, run
from bench.limits import count_of, positive
from bench.options import parse

REFERENCE = Path(__file__).with_name("reference.json")
MARGIN = 0.3
REPEAT = 6
RUNS = {
    "one segment": "--count 15000",
    "four segments": "--count 5000 --length 200",
    "three parts": "--count 3000 --length 200 --parts 3",
}


def measure(words: str, repeat: int, enough: float = 0.0) -> float:
    """The least ratio of some runs, or the first that is `enough`. RunFailed when one was not clean."""
    ratios: list[float] = []
    while len(ratios) < repeat and min(ratios, default=enough + 1) > enough:
        before = calibrate()
        figures = run(parse(words.split()))
        if not clean(figures):
            raise RunFailed(f"{words}: the run was not clean: {figures}")
        ratios.append(figures["cpu_us_per_msg"] / ((before + figures["calibrate_us"]) / 2))
    return round(min(ratios), 3)


def worse(measured: Mapping[str, float], reference: Mapping[str, float], margin: float) -> list[str]:
    """What costs more than the reference says, by more than the margin; a run that the reference lacks is one too."""
    return [name for name, ratio in measured.items() if ratio > reference.get(name, 0.0) * (1 + margin)]


def table(measured: Mapping[str, float], reference: Mapping[str, float]) -> str:
    """A line a run."""
    lines = [f"{'run':<16}{'now':>8}{'reference':>11}{'change':>9}"]
    for name, ratio in measured.items():
        known = reference.get(name)
        change = f"{ratio / known - 1:+.0%}" if known else "new"
        lines.append(f"{name:<16}{ratio:>8.2f}{known or 0.0:>11.2f}{change:>9}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, compare, print. 1 when something is worse, 2 when there was no run."""
    parser = argparse.ArgumentParser(prog="python -m bench.check", description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--margin", type=positive, default=MARGIN, help="worse by more than this share fails (0.3)")
    parser.add_argument("--repeat", type=count_of(20), default=REPEAT, help="times that each run is made at most (6)")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="the figures to compare with")
    parser.add_argument("--write", action="store_true", help="make what is measured the reference")
    options = parser.parse_args(arguments)
    known = {}
    if options.reference.exists() and not options.write:
        known = json.loads(options.reference.read_text(encoding="utf-8"))
    try:
        measured = {
            name: measure(words, options.repeat, known.get(name, 0.0) * (1 + options.margin))
            for name, words in RUNS.items()
        }
    except RunFailed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    if options.write:
        options.reference.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        known = measured
    bad = worse(measured, known, options.margin)
    print(table(measured, known), file=sys.stderr)
    print(json.dumps({"bench": "check", "measured": measured, "reference": known, "worse": bad}), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

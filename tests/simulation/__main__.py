"""`python -m tests.simulation [--seeds N] [--first N] [--seed N [--trace]]`."""

import argparse
import sys

from gateway import clock
from tests.simulation.run import Verdict, play

TAIL = 60  # lines of a history that failed


def main() -> int:
    """The exit code: 1 when a seed failed."""
    parser = argparse.ArgumentParser(prog="simulation")
    parser.add_argument("--seeds", type=int, default=300, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--trace", action="store_true", help="print all of its history")
    options = parser.parse_args()
    began = clock.monotonic()
    seeds = range(options.first, options.first + options.seeds) if options.seed is None else [options.seed]
    events = 0
    for seed in seeds:
        verdict = play(seed)
        events += len(verdict.lines)
        if options.trace:
            say("\n".join(verdict.lines))
        if verdict.failure:
            tell(verdict, traced=options.trace)
            return 1
    say(f"{len(seeds)} seeds, {events} events, {clock.monotonic() - began:.1f} s: every promise was kept")
    return 0


def tell(verdict: Verdict, *, traced: bool) -> None:
    """What failed, and how to see all of it."""
    if not traced:
        say("\n".join(verdict.lines[-TAIL:]))
    say(f"seed {verdict.seed} failed: {verdict.failure}")
    say(f"all of its history: python -m tests.simulation --seed {verdict.seed} --trace")


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

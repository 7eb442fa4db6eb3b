"""`python -m tests.faults [--rounds N] [--seed TEXT] [--stride N]`: rounds of kill -9, then each fault in steps."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from secrets import token_hex

from gateway import clock
from simulators.auditor import Verdict
from tests.faults import rounds, steps


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Totals:
    """What came of everything so far."""

    def __init__(self) -> None:
        self._figures: Counter[str] = Counter()
        self.failed: list[str] = []

    def add(self, name: str, verdict: Verdict) -> str:
        """One more; how it is told."""
        figures = verdict.figures()
        self._figures.update(figures)
        if not verdict.good:
            self.failed.append(name)
        shown = ("promised", "doubled on the phone", "in doubt", "receipts repeated, allowed")
        told = ", ".join(f"{figures[one]} {one}" for one in shown)
        return told if verdict.good else "\n".join((told, *verdict.as_table()))

    def lines(self) -> list[str]:
        """The sums."""
        return [f"{count:8} {name}" for name, count in self._figures.items()]


async def attempt(name: str, totals: Totals, work: "steps.Work", keep: Path) -> None:
    """Do it in a directory of its own, say how it went; what failed leaves its directory."""
    directory = keep / name.replace(" ", "-")
    directory.mkdir()
    began = clock.monotonic()
    try:
        story, verdict = await work(directory)
    except (AssertionError, OSError, TimeoutError) as error:
        totals.failed.append(name)
        say(f"{name}: FAILED {type(error).__name__}: {error}")
        return
    told = totals.add(name, verdict)
    say(f"{name}: {story}: {told}; {clock.monotonic() - began:.1f} s")
    if verdict.good:
        shutil.rmtree(directory)


async def run(seed: str, numbers: range, stride: int, only: str, keep: Path) -> Totals:
    """All of it."""
    totals = Totals()
    for number in numbers:

        async def play(directory: Path, number: int = number) -> tuple[str, Verdict]:
            return await rounds.play(directory, seed, number)

        await attempt(f"round {number}", totals, play, keep)
    for name, work in steps.campaigns(seed, stride).items():
        if only in name:
            await attempt(name, totals, work, keep)
    return totals


def main() -> None:
    """Ends with 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1, help="the round to begin with")
    parser.add_argument("--seed", default="")
    parser.add_argument("--stride", type=int, default=1, help="each how many-th place a fault is tried at; 0: none")
    parser.add_argument("--only", default="", help="campaigns whose name has this in it")
    options = parser.parse_args()
    seed = options.seed or token_hex(4)
    keep = Path(tempfile.mkdtemp(prefix="faults-"))
    say(f"seed {seed}")
    began = clock.monotonic()
    numbers = range(options.first, options.first + options.rounds)
    totals = asyncio.run(run(seed, numbers, options.stride, options.only, keep))
    say("\n".join(totals.lines()))
    say(f"{clock.monotonic() - began:.0f} s, seed {seed}")
    if totals.failed:
        say(f"FAILED: {', '.join(totals.failed)}; what they left is in {keep}")
        sys.exit(1)
    keep.rmdir()
    say("every promise was kept")


if __name__ == "__main__":
    main()

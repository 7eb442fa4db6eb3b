"""`python -m tests.gameday [--scenes "carrier-down disk-full"]`: each scene on a gateway of its own, and a table of it.

Exit 0: in every scene the metric moved, the alert fired, the page showed it, the runbook's verb mended it, and nothing
was lost.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from secrets import token_hex

from gateway import clock
from simulators.table import lines
from tests.gameday.play import HEADS, Row, play
from tests.gameday.prometheus import program
from tests.gameday.scenes import SCENES

MOST_SECONDS = 100.0  # of one scene


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def run(names: list[str], seed: str, keep: Path) -> list[Row]:
    """Those scenes, one after the other."""
    rows = []
    for scene in SCENES:
        if scene.name not in names:
            continue
        directory = keep / scene.name
        directory.mkdir()
        began = clock.monotonic()
        try:
            async with asyncio.timeout(MOST_SECONDS):
                row = await play(scene, directory, seed)
        except TimeoutError:
            row = Row.failed(scene, "it took too long")
        rows.append(row)
        say(f"{scene.name}: {row.failure or 'seen and mended'}; {clock.monotonic() - began:.0f} s")
        if not row.failure:
            shutil.rmtree(directory)
    return rows


def main() -> None:
    """Ends with 0 when all went as it should, and when there is no Prometheus to play with."""
    known = [scene.name for scene in SCENES]
    parser = argparse.ArgumentParser(prog="gameday", description=__doc__)
    parser.add_argument("--scenes", default="", help=f"which, of: {' '.join(known)}; all unless named")
    parser.add_argument("--seed", default="")
    options = parser.parse_args()
    names = options.scenes.split() or known
    if not set(names) <= set(known):
        parser.error(f"scenes are: {' '.join(known)}")
    if program() is None:
        say("prometheus is not installed (Debian: prometheus): no game day")
        return
    keep = Path(tempfile.mkdtemp(prefix="gameday-"))
    began = clock.monotonic()
    rows = asyncio.run(run(names, options.seed or token_hex(4), keep))
    for row in rows:
        say("")
        say("\n".join(lines(HEADS, row.cells())))
    say("")
    say(f"{len(rows)} scenes, {clock.monotonic() - began:.0f} s")
    if any(row.failure for row in rows):
        say(f"FAILED: {', '.join(row.scene.name for row in rows if row.failure)}; what they left is in {keep}")
        sys.exit(1)
    keep.rmdir()
    say("everything was seen, and mended")


if __name__ == "__main__":
    main()

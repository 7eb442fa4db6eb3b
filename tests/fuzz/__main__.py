"""`python -m tests.fuzz [--seconds N] [--seed TEXT]`: the time is shared by codec, session and a live gateway."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from secrets import token_hex

from tests.fuzz import live
from tests.fuzz.run import codec, session


def main() -> None:
    """Print what was tried; what fails is printed with its seed and ends it."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", default="")
    options = parser.parse_args()
    seed = options.seed or token_hex(4)
    share = options.seconds / 3
    say(f"seed {seed}")
    say(f"codec: {codec(seed, share)} frames")
    say(f"session: {session(seed, share)} conversations")
    with tempfile.TemporaryDirectory() as directory:
        say(f"gateway: {asyncio.run(live.run(seed, share, Path(directory)))} strangers")


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

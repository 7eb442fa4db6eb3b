"""The limits of what can be asked on the command line, as argparse takes them."""

import argparse
from collections.abc import Callable

MOST_BINDS = 1_000
MOST_WINDOW = 10_000


def count_of(most: int, least: int = 1) -> Callable[[str], int]:
    """A whole number from `least` to `most`."""

    def parse(written: str) -> int:
        number = int(written)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be {least} to {most}, not {number}")
        return number

    return parse


def positive(written: str) -> float:
    """Seconds, more than none and at most a day."""
    seconds = float(written)
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 86400")
    return seconds

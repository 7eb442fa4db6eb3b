"""What a run can be asked for."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.limits import MOST_BINDS, MOST_WINDOW, count_of, positive
from bench.messages import MOST_CHARACTERS, MOST_MESSAGES, MOST_PART_CHARACTERS, NUMBER_CHARACTERS

EXAMPLE = Path("config/gateway.yaml")
MOST_PARTS = 10


def parser() -> argparse.ArgumentParser:
    """The options with their defaults."""
    parse = argparse.ArgumentParser(
        prog="python -m bench",
        description="Run the gateway between a load client and a sink; one JSON line of figures last on stdout.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parse.add_argument("--count", type=count_of(MOST_MESSAGES), default=20_000, help="messages")
    parse.add_argument(
        "--rate", type=count_of(1_000_000, 0), default=0, help="messages a second, open loop; 0: what windows allow"
    )
    parse.add_argument(
        "--binds", type=count_of(MOST_BINDS), default=4, help="binds of the customer, and to the carrier"
    )
    parse.add_argument(
        "--customers", type=count_of(MOST_BINDS), default=1, help="who share the binds, one each at least"
    )
    parse.add_argument(
        "--carrier-binds", type=count_of(MOST_BINDS, 0), default=0, help="binds to the carriers; 0: as many as --binds"
    )
    parse.add_argument("--window", type=count_of(MOST_WINDOW), default=50, help="unanswered requests a bind")
    parse.add_argument("--length", type=count_of(MOST_CHARACTERS), default=70, help="characters, UCS-2")
    parse.add_argument("--carrier", default="docomo", help="key of the profile that gets the messages; all: in turn")
    parse.add_argument(
        "--receipts", action=argparse.BooleanOptionalAction, default=True, help="the customer wants them"
    )
    parse.add_argument("--parts", type=count_of(MOST_PARTS), default=1, help="the customer's own UDH parts a message")
    parse.add_argument("--smppload", metavar="BINARY", help="use this program for load (without --parts) and sink")
    parse.add_argument("--direct", action="store_true", help="no gateway: what load client and sink do by themselves")
    parse.add_argument("--repeat", type=count_of(100), default=1, help="runs; the figures are their medians")
    parse.add_argument("--seconds", type=positive, default=120.0, help="most time of a run's load")
    parse.add_argument("--config", type=Path, default=EXAMPLE, help="the configuration that the run's is made of")
    parse.add_argument("--directory", type=Path, help="where the store is made and removed; none: for temporary files")
    return parse


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, sound together. SystemExit(2) with a sentence when they are not."""
    known = parser()
    options = known.parse_args(arguments)
    each = -(-options.length // options.parts)
    if options.parts > 1:
        if each > MOST_PART_CHARACTERS:
            known.error(f"--length {options.length} in --parts {options.parts}: a part holds {MOST_PART_CHARACTERS}")
        if each < NUMBER_CHARACTERS or each * (options.parts - 1) >= options.length:
            known.error(f"--length {options.length} is too short for --parts {options.parts}")
    options.binds = max(options.binds, options.customers)
    if options.direct and options.parts > 1:
        known.error("--direct with --parts: there is nobody to put them together")
    return options

"""`smsc-simulator`: carriers' message centres in the foreground, until SIGTERM or SIGINT."""

import asyncio
import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import click
import uvloop

from simulators import clock
from simulators.config import BadConfig, SimulatorConfig, read_config
from simulators.serve import Recorder, serve_until
from simulators.smsc import Smsc

FAILED = 1
BAD_CONFIG = 2


@click.command()
@click.option(
    "--config",
    "config",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML file: the SMSCs, what they take and what becomes of messages.",
)
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Append every segment that comes to this file, a JSON object a line.",
)
def main(config: Path, record: Path | None) -> None:
    """Simulate carriers' SMSCs. Prints one JSON line with `ready` and the addresses, and runs until it is ended."""
    try:
        simulated = read_config(config)
    except BadConfig as error:
        for mistake in error.mistakes:
            click.echo(mistake, err=True)
        sys.exit(BAD_CONFIG)
    try:
        with ExitStack() as stack, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            recorder = None if record is None else stack.enter_context(Recorder(record))
            runner.run(_run(simulated, recorder))
    except OSError as error:
        click.echo(f"smsc-simulator: {error}", err=True)
        sys.exit(FAILED)


async def _run(simulated: SimulatorConfig, recorder: Recorder | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    add = (lambda _: None) if recorder is None else recorder.add
    flush = (lambda: None) if recorder is None else recorder.flush
    smscs = [Smsc(name, one, simulated.seed, clock.wall, add) for name, one in simulated.smscs.items()]
    await serve_until(stop, smscs, flush, _ready)


def _ready(addresses: dict[str, str]) -> None:
    click.echo(json.dumps({"event": "ready", "addresses": addresses}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()

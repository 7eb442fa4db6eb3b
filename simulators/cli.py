"""`smsc-simulator`: carriers' message centres, or a bad network, in the foreground until SIGTERM or SIGINT."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import uvloop

from simulators import clock
from simulators.chaos import Network, Plan
from simulators.config import SimulatorConfig, read_config
from simulators.enum_server import EnumConfig, EnumServer
from simulators.lookup_server import LookupConfig, LookupServer
from simulators.proxy import Address, Proxy
from simulators.sections import BadConfig, read_section
from simulators.serve import Recorder, serve_until
from simulators.smsc import Smsc

FAILED = 1
BAD_CONFIG = 2
MOST_PORT = 65_535


class AddressType(click.ParamType[Address]):
    """host:port."""

    name = "host:port"

    def convert(self, value: Address | str, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """The two, or a usage error."""
        if not isinstance(value, str):
            return value
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > MOST_PORT:
            self.fail(f"{value!r} is no host:port", param, ctx)
        return host.strip("[]"), int(port)


class _Stopped(Exception):
    """A signal came."""


@click.group(invoke_without_command=True)
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML file: the SMSCs, what they take and what becomes of messages.",
)
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Append every segment that comes to this file, a JSON object a line.",
)
@click.pass_context
def main(context: click.Context, config: Path | None, record: Path | None) -> None:
    """Simulate carriers' SMSCs. Prints one JSON line with `ready` and the addresses, and runs until it is ended.

    docs/simulators.md tells how they can misbehave, and what else the commands do.
    """
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise click.UsageError("Missing option '--config'.", context)
    with _told():
        simulated = read_config(config)
        with ExitStack() as stack, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            recorder = None if record is None else stack.enter_context(Recorder(record))
            runner.run(_run(simulated, recorder))


@main.command()
@click.option("--listen", required=True, type=AddressType(), help="host:port that parties connect to; port 0: any.")
@click.option("--to", "target", required=True, type=AddressType(), help="host:port that they shall reach.")
@click.option("--plan", required=True, type=click.Path(path_type=Path, dir_okay=False), help="YAML: what goes wrong.")
@click.option("--seed", default=1, show_default=True, help="What is drawn by lot follows from it.")
def proxy(listen: Address, target: Address, plan: Path, seed: int) -> None:
    """A bad network between two parties. Prints one JSON line with `ready` and the address."""
    with _told():
        network = Network(read_section(plan, Plan), seed)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_proxy(listen, target, network))


@main.command("enum")
@click.option("--config", required=True, type=click.Path(path_type=Path, dir_okay=False), help="YAML: numbers, faults.")
def enum_server(config: Path) -> None:
    """A DNS server with an ENUM tree. Prints one JSON line with `ready` and the address."""
    with _told(), asyncio.Runner() as runner:
        runner.run(_answer("enum", EnumServer(read_section(config, EnumConfig))))


@main.command("lookup")
@click.option("--config", required=True, type=click.Path(path_type=Path, dir_okay=False), help="YAML: numbers, faults.")
def lookup_server(config: Path) -> None:
    """Look-ups and checks of recycled numbers over HTTP. Prints one JSON line with `ready` and the address."""
    with _told(), asyncio.Runner() as runner:
        runner.run(_answer("lookup", LookupServer(read_section(config, LookupConfig))))


async def _answer(name: str, server: EnumServer | LookupServer) -> None:
    stop = _signalled()
    _ready({name: await server.listen()})
    await stop.wait()
    await server.close()


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a file or an address is wrong with, and end."""
    try:
        yield
    except BadConfig as error:
        for mistake in error.mistakes:
            click.echo(mistake, err=True)
        sys.exit(BAD_CONFIG)
    except OSError as error:
        click.echo(f"smsc-simulator: {error}", err=True)
        sys.exit(FAILED)


async def _proxy(listen: Address, target: Address, network: Network) -> None:
    stop = _signalled()

    async def until_stopped() -> None:
        await stop.wait()
        raise _Stopped

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(until_stopped())
            group.create_task(Proxy(listen, target, network).run(lambda address: _ready({"proxy": address})))
    except ExceptionGroup as group_error:
        (error,) = group_error.exceptions
        if not isinstance(error, _Stopped):
            raise error from None


def _signalled() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _run(simulated: SimulatorConfig, recorder: Recorder | None) -> None:
    stop = _signalled()
    add = (lambda _: None) if recorder is None else recorder.add
    flush = (lambda: None) if recorder is None else recorder.flush
    smscs = [Smsc(name, one, simulated.seed, clock.wall, add) for name, one in simulated.smscs.items()]
    await serve_until(stop, smscs, flush, _ready)


def _ready(addresses: dict[str, str]) -> None:
    click.echo(json.dumps({"event": "ready", "addresses": addresses}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""The command line: what an operator types."""

import asyncio
import faulthandler
import gc
import os
import sys
from pathlib import Path

import click
import uvloop

from gateway import __version__
from gateway.billing_cli import billing, show_usage
from gateway.explain import explain
from gateway.net.verifier import HASHER
from gateway.ops import logs
from gateway.portability import portability
from gateway.route_explain import route_group
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings
from gateway.settings.passwords import MAX_PASSWORD_OCTETS, PASSWORD
from gateway.settings.schema import text as schema_text
from gateway.steer_announce import announce, notices
from gateway.steer_cli import COMMANDS
from gateway.steer_opt_outs import opt_out
from gateway.steer_reload import reload_command
from gateway.store_cli import store
from gateway.trace_cli import trace

BAD_CONFIG = 2

CONFIG = click.option(
    "--config",
    "config",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The gateway's YAML file; the files that it includes are read too.",
)


def _load(config: Path) -> Settings:
    try:
        return load(config)
    except SettingsError as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        click.echo(f"{config}: {_counted(len(error.mistakes), 'mistake')}", err=True)
        sys.exit(BAD_CONFIG)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@click.group()
@click.version_option(__version__, prog_name="smpp-gateway")
def main() -> None:
    """A durable SMPP gateway for business SMS in Japan."""


main.add_command(explain)
main.add_command(portability)
main.add_command(route_group)
main.add_command(billing)
main.add_command(store)
main.add_command(opt_out)
main.add_command(reload_command)
main.add_command(announce)
main.add_command(notices)
main.add_command(show_usage)
main.add_command(trace)
for steering in COMMANDS:
    main.add_command(steering)


@main.command()
@CONFIG
@click.option(
    "--state-directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the store lives, in place of store.directory.",
)
def run(config: Path, state_directory: Path | None) -> None:
    """Run in the foreground: JSON log lines on stdout, one of them `ready`. SIGTERM drains."""
    gc.disable()  # what is imported and built now stays; Garbage.begin has it look again
    from gateway.daemon import run as run_daemon  # noqa: PLC0415 - most of what there is: only this command waits for it

    settings = _load(config)
    logs.configure(settings.log.level)
    faulthandler.enable()  # where the loop stood when the watchdog lost patience (SIGABRT): functions and lines only
    directory = state_directory or Path(settings.store.directory)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(run_daemon(settings, directory, config)))


@main.command("check-config")
@CONFIG
def check_config(config: Path) -> None:
    """Read a configuration and tell every mistake in it, each with file, line and key. Exit 2 if there is one."""
    settings = _load(config)
    customers, carriers = _counted(len(settings.customers), "customer"), _counted(len(settings.carriers), "carrier")
    click.echo(f"{config}: sound: {carriers}, {customers}")


@main.command("config-schema")
def config_schema() -> None:
    """Print the JSON Schema of the configuration's files, for an editor: docs/gateway.schema.json is the same."""
    click.echo(schema_text(), nl=False)


@main.command("hash-password")
def hash_password() -> None:
    """Ask for a customer's password, or read one line of stdin, and print its argon2id hash for the configuration."""
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not PASSWORD.fullmatch(password):
        click.echo(f"a password has 1 to {MAX_PASSWORD_OCTETS} printable ASCII characters and no space", err=True)
        sys.exit(BAD_CONFIG)
    click.echo(HASHER.hash(password))


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def demo(arguments: tuple[str, ...]) -> None:
    """Run the gateway with four simulated carriers and send a day's messages through it. `demo --help` says more."""
    command = [sys.executable, "-m", "simulators.demo", *arguments]
    os.execv(command[0], command)  # noqa: S606 - our own module, no shell

"""`smpp-gateway store`: look after the files beside a gateway that runs, or one that does not."""

import sqlite3
import sys
from pathlib import Path

import click
import orjson

from gateway.store import months
from gateway.store.archive import Archive
from gateway.store.backup import backup as copy
from gateway.store.backup import export, prune
from gateway.store.check import check
from gateway.store.schema import FILE_NAME

VIOLATED, BAD_USE = 1, 2

DIRECTORY = click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))


@click.group()
def store() -> None:
    """Check, copy and prune the store in a DIRECTORY (store.directory of the configuration)."""


def _fail(why: object) -> None:
    click.echo(f"store: {why}", err=True)
    sys.exit(BAD_USE)


@store.command("check")
@DIRECTORY
@click.option("--json", "as_json", is_flag=True, help="One JSON document in place of lines.")
def check_command(directory: Path, as_json: bool) -> None:
    """Tell whether the files keep what they promise. Exit 1 when one is broken, 2 when there is no store.

    It reads everything: minutes for ten million messages. A gateway may be running.
    """
    try:
        findings = check(directory)
    except (sqlite3.Error, OSError) as error:
        _fail(f"{directory / FILE_NAME}: {error}")
        return
    if as_json:
        click.echo(orjson.dumps({"sound": not findings, "findings": [one._asdict() for one in findings]}).decode())
    else:
        for one in findings:
            click.echo(f"{one.file}: broken: {one.promise}: {one.number}, e.g. {', '.join(one.rows)}")
        if not findings:
            click.echo(f"{directory}: sound")
    sys.exit(VIOLATED if findings else 0)


@store.command("backup")
@DIRECTORY
@click.argument("to", type=click.Path(path_type=Path, file_okay=False))
def backup_command(directory: Path, to: Path) -> None:
    """Copy a store, also one in use, into a new directory TO. Start a gateway on the copy to restore it."""
    try:
        copies = copy(directory, to)
    except (sqlite3.Error, OSError) as error:
        _fail(error)
        return
    for path in copies:
        click.echo(f"{path}: {path.stat().st_size} octets")


@store.command("prune")
@DIRECTORY
@click.option("--before", required=True, metavar="YYYY-MM", help="The first month that stays.")
@click.option(
    "--export",
    "to",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where each month's records and histories are written first, as gzipped JSON lines; an export that is there "
    "already must be whole.",
)
@click.option("--dry-run", is_flag=True, help="Only tell which months would go.")
def prune_command(directory: Path, before: str, to: Path, dry_run: bool) -> None:
    """Delete the files of months, each after it was exported and the export was read back."""
    try:
        months.bounds(before)
        for month in Archive(directory).months():
            if month >= before or not months.path_of(directory, month).exists():
                continue
            path = to / f"{month}.jsonl.gz"
            if dry_run:
                click.echo(f"{month}: would go")
                continue
            if not path.exists():
                export(directory, month, path)
            prune(directory, month, path)
            click.echo(f"{month}: gone; {path}")
    except (sqlite3.Error, OSError, EOFError, ValueError) as error:
        _fail(error)

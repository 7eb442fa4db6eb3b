"""`smpp-gateway portability`: the file of imported numbers, made, changed and looked at beside a gateway that runs."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway import clock
from gateway.model.errors import Refusal
from gateway.routing.ported_file import NotAPortedFile, PortedFile
from gateway.routing.ported_formats import DELIMITERS, TEMPLATES, Columns, Template, delimited
from gateway.routing.ported_import import Import, Imported
from gateway.routing.tables import NOBODY, BadRow, BadRows
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings

BAD_CONFIG = 2
FAILED = 1
BY_COLUMNS = "delimited"  # the format that the options below describe
FILE_NAME = "imported.numbers"

CONFIG = click.option(
    "--config",
    default=Path("config/gateway.yaml"),
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The gateway's YAML file.",
)
FILE = click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="The file of imported numbers, or its directory. Default: portability.imported_file.",
)


@click.group()
def portability() -> None:
    """Imported numbers: which numbers left the carrier of their block, at a nation's size."""


@portability.command("import")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--format",
    "named",
    type=click.Choice(sorted((*TEMPLATES, BY_COLUMNS))),
    default="csv",
    show_default=True,
    help="; ".join(f"{name}: {one.title}" for name, one in TEMPLATES.items())
    + f"; {BY_COLUMNS}: as the options below say. Any of them may be packed by gzip.",
)
@click.option("--delimiter", type=click.Choice(tuple(DELIMITERS)), help="Between columns. Default: comma.")
@click.option("--number-column", type=int, help="Counted from 1: the number, or the first one of a range.")
@click.option("--carrier-column", type=int, help="Who serves it now.")
@click.option("--last-column", type=int, help="The last number of a range.")
@click.option("--action-column", type=int, help="What became of the number.")
@click.option("--adds", metavar="WORD", multiple=True, help="What that column says of numbers that came or changed.")
@click.option("--removes", metavar="WORD", multiple=True, help="What it says of numbers that are not ported any more.")
@click.option("--skip-lines", type=click.IntRange(0, 1_000), help="Lines before the rows. Default: 0.")
@click.option("--differences", is_flag=True, help="FILE has what changed; the rest stays. Else it is all there is.")
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out. Else nothing is taken when one is bad.")
@FILE
@CONFIG
def import_(
    source: Path, named: str, differences: bool, skip_bad: bool, into: Path | None, config: Path, **layout: Any
) -> None:
    """Make the file of imported numbers from FILE, or change it by FILE. A gateway that runs takes it within seconds.

    Exit 1 when it cannot be done, and the file of before stays; 2 when the configuration or the command is wrong.
    """
    template = _template(named, layout)
    settings = _load(config)
    target = _target(settings, into)
    started = clock.monotonic()
    try:
        done = Import(
            source,
            target,
            template,
            settings.numbers.rules(),
            carriers_in_files(settings),
            clock.wall_ms(),
            differences=differences,
            skip_bad=skip_bad,
        ).run()
    except BadRows as bad:
        _tell(bad.rows)
        click.echo(f"{source}: nothing was taken", err=True)
        sys.exit(FAILED)
    except BlockingIOError:
        click.echo(f"{target.parent}: another import runs", err=True)
        sys.exit(FAILED)
    except (OSError, ValueError) as error:
        click.echo(f"{source}: nothing was taken: {error}", err=True)
        sys.exit(FAILED)
    _tell(done.bad)
    click.echo(_said(target, done, clock.monotonic() - started))


@portability.command()
@FILE
@CONFIG
@click.option("--number", help="Look one number up in it.")
def show(into: Path | None, config: Path, number: str | None) -> None:
    """Read the file of imported numbers from end to end, and say what is in it. Exit 1 when it is damaged."""
    settings = _load(config)
    target = _target(settings, into)
    try:
        file = PortedFile(target)
        file.verify()
    except NotAPortedFile as error:
        click.echo(f"{target}: {error}", err=True)
        sys.exit(FAILED)
    except OSError as error:
        click.echo(f"{target}: {error.strerror}", err=True)
        sys.exit(FAILED)
    click.echo(f"{target}: sound: {len(file)} numbers, imported {_when(file.made_at)}")
    click.echo(f"carriers: {', '.join(sorted(file.carriers() - {NOBODY}))}")
    if number is not None:
        click.echo(f"{number}: {_found(settings, file, number)}")


def _found(settings: Settings, file: PortedFile, number: str) -> str:
    try:
        carrier = file.carrier(settings.numbers.rules().normalise(number.encode("utf-8", "replace"), 0, 0))
    except Refusal as refusal:
        raise click.BadParameter(str(refusal), param_hint="--number") from None
    return "is not in it" if carrier is None else carrier or "nobody whom we serve"


def _template(named: str, layout: Mapping[str, Any]) -> Template:
    """One that we know, or what the options describe."""
    given = {name: value for name, value in layout.items() if value not in (None, ())}
    if named != BY_COLUMNS:
        if given:
            raise click.UsageError(f"columns are described with --format {BY_COLUMNS} only")
        return TEMPLATES[named]
    columns = Columns(*(given.get(f"{name}_column", 0) for name in Columns._fields))
    delimiter = DELIMITERS[given.get("delimiter", "comma")]
    try:
        return delimited(
            delimiter, columns, given.get("adds", ()), given.get("removes", ()), given.get("skip_lines", 0)
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def carriers_in_files(settings: Settings) -> Mapping[str, str]:
    """What files may call a carrier -> our carrier, or NOBODY."""
    own = {name: name for name in settings.reached()}
    codes = {code: carrier or NOBODY for code, carrier in settings.portability.file_carriers.items()}
    return {"": NOBODY} | own | codes


def _target(settings: Settings, into: Path | None) -> Path:
    target = into or settings.portability.imported_file
    if target is None:
        raise click.UsageError("the configuration has no portability.imported_file: say --into FILE")
    return target / FILE_NAME if target.is_dir() else target


def _load(config: Path) -> Settings:
    try:
        return load(config)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_CONFIG)


def _tell(rows: tuple[BadRow, ...]) -> None:
    for row in rows:
        click.echo(f"{row.file}:{row.line}: {row.message}", err=True)


def _said(target: Path, done: Imported, seconds: float) -> str:
    skipped = f", {done.skipped} bad ones left out" if done.skipped else ""
    return f"{target}: {done.numbers} numbers now; {done.rows} rows{skipped}, {seconds:.1f} s"


def _when(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

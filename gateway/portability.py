"""`smpp-gateway portability`: the file of imported numbers, made, changed and looked at beside a gateway that runs."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway import clock
from gateway.model.errors import Refusal
from gateway.routing.ported_file import NotAPortedFile, PortedFile
from gateway.routing.ported_formats import TEMPLATES
from gateway.routing.ported_import import Import, Imported
from gateway.routing.tables import NOBODY, BadRow, BadRows
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings

BAD_CONFIG = 2
FAILED = 1
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
    type=click.Choice(sorted(TEMPLATES)),
    default="csv",
    show_default=True,
    help="; ".join(f"{name}: {one.title}" for name, one in TEMPLATES.items()) + ". Any of them may be packed by gzip.",
)
@click.option("--differences", is_flag=True, help="FILE has what changed; the rest stays. Else it is all there is.")
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out. Else nothing is taken when one is bad.")
@FILE
@CONFIG
def import_(source: Path, named: str, differences: bool, skip_bad: bool, into: Path | None, config: Path) -> None:
    """Make the file of imported numbers from FILE, or change it by FILE. A gateway that runs takes it within seconds.

    Exit 1 when it cannot be done, and the file of before stays; 2 when the configuration or the command is wrong.
    """
    settings = _load(config)
    target = _target(settings, into)
    started = clock.monotonic()
    try:
        done = Import(
            source,
            target,
            TEMPLATES[named],
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

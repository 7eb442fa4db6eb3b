"""From a file, and those that it includes, to `Settings`; or to every mistake in them at once, each with its place."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from gateway.model.errors import GatewayError
from gateway.routing.tables import BadRow, BadRows
from gateway.settings.files import Written
from gateway.settings.models import NumberSettings, PortabilitySettings, Settings, build_portability
from gateway.settings.references import references
from gateway.settings.routing_references import served
from gateway.settings.section import Section
from gateway.settings.tree import Mistake, Position
from gateway.settings.wording import said, where_of

_S = TypeVar("_S", bound=Section)


class SettingsError(GatewayError):
    """The configuration cannot be used. `mistakes` are all of them, in the order of files and lines."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def load(path: Path) -> Settings:
    """Read and judge a configuration. SettingsError has every mistake in it; none of them shows a password."""
    written = Written(path)
    settings = _settings(written)
    if not written.incomplete:
        for dangling in references(written.top):
            written.mistake(dangling.where, dangling.message)
    _number_files(written)
    if written.mistakes or settings is None:
        raise SettingsError(_in_order(written))
    return settings


def _settings(written: Written) -> Settings | None:
    try:
        return Settings.model_validate(written.top)
    except ValidationError as found:
        errors = found.errors(include_url=False, include_input=False)
    above = {where_of(error)[:length] for error in errors for length in range(len(where_of(error)))}
    for error in errors:
        where = where_of(error)
        # What is missing may be in the file that could not be read; a list is short only of the entries that are wrong.
        missed = error["type"] == "missing" and len(where) == 1 and written.incomplete
        if not missed and not (error["type"] == "too_short" and where in above):
            written.mistake(where, said(error, Settings))
    return None


def _number_files(written: Written) -> None:
    """Read the files of numbers too, if the sections that say how are sound."""
    numbers = _section(NumberSettings, written.top.get("numbers"))
    portability = _section(PortabilitySettings, written.top.get("portability", {}))
    if numbers is None or portability is None or written.incomplete:
        return
    sections = (written.top.get("carriers"), written.top.get("routes"))
    carriers = {name for section in sections if isinstance(section, dict) for name in section}
    carriers |= served(written.top)
    try:
        build_portability(numbers, portability, carriers)
    except BadRows as bad:
        for row in bad.rows:
            _bad_row(written, portability, row)


def _bad_row(written: Written, portability: PortabilitySettings, row: BadRow) -> None:
    if row.line:
        written.mistakes.append(Mistake(Position(row.file, row.line, 1), "", row.message))
        return
    for key in ("ported_files", "block_files"):
        files: tuple[Path, ...] = getattr(portability, key)
        if row.file in files:
            written.mistake(("portability", key, files.index(row.file)), row.message)


def _section(model: type[_S], value: object) -> _S | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None  # the whole has been judged already, and this part with it


def _in_order(written: Written) -> list[Mistake]:
    order = {file: place for place, file in enumerate(written.files)}
    last = len(order)  # files of numbers follow
    return sorted(written.mistakes, key=lambda one: (order.get(one.position.file, last), one.position, one.key))

"""Pages out of templates, and how numbers, times and answers look on them. Everything is escaped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from gateway.page.forms import JST
from gateway.page.throughput import HEIGHT, WIDTH, line
from gateway.page.words import ENGLISH, LANGUAGES, TONGUES

HERE = Path(__file__).parent
MINUTE, HOUR, DAY = 60, 3_600, 86_400
SEN = 100


def environment() -> Environment:
    """Strict, escaping; each template is compiled once, when it is first asked for."""
    # Read now: what a package manager puts in their place while we run is for the next start.
    sources = {path.name: path.read_text(encoding="utf-8") for path in (HERE / "templates").iterdir()}
    made = Environment(
        loader=DictLoader(sources),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"count": count, "rate": rate, "moment": moment, "minute": minute, "told": told, "yen": yen}
    made.globals |= {"languages": LANGUAGES, "line": line, "WIDTH": WIDTH, "HEIGHT": HEIGHT, "span": span}
    return made


class Renderer:
    """Whole pages by the name of their template."""

    def __init__(self, system_id: str) -> None:
        self._environment = environment()
        self._system_id = system_id

    def page(self, template: str, language: str, **values: Any) -> bytes:
        """The page, UTF-8. An error here is a bug of a template's."""
        text = self._environment.get_template(f"{template}.html").render(
            t=TONGUES[language], system_id=self._system_id, **values
        )
        return text.encode()


def count(value: float) -> str:
    """A whole number, in groups of three."""
    return f"{value:,.0f}"


def rate(value: float) -> str:
    """Per second: whole, or with one decimal where it is small."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def span(seconds: float, language: str) -> str:
    """A length of time in one unit, rounded down."""
    for size, japanese, english in ((DAY, "日", "d"), (HOUR, "時間", "h"), (MINUTE, "分", "min")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {english if language == ENGLISH else japanese}"
    return f"{int(seconds)} {'s' if language == ENGLISH else '秒'}"


def moment(ms: int | None) -> str:
    """A time in Japan to the millisecond; nothing for nothing."""
    return f"{_japan(ms):%Y-%m-%d %H:%M:%S}.{ms % 1000:03d}" if ms else ""


def minute(ms: int) -> str:
    """A time in Japan to the minute."""
    return f"{_japan(ms):%Y-%m-%d %H:%M}"


def _japan(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC) + JST


def yen(sen: int) -> str:
    """An amount."""
    return f"{sen // SEN:,}.{sen % SEN:02d}"


def told(value: object) -> str | Markup:
    """What a verb answered, whatever it is: words, lists, tables."""
    if value is None or value is False or value in ("", [], {}):
        return "–"
    if value is True:
        return "✓"
    if isinstance(value, Mapping):
        rows = (Markup("<dt>{}</dt><dd>{}</dd>").format(_plain(name), told(one)) for name, one in value.items())
        return Markup("<dl>{}</dl>").format(Markup("").join(rows))
    if isinstance(value, Sequence) and not isinstance(value, str):
        if isinstance(value[0], Mapping):
            return _table(value)
        return ", ".join(str(one) for one in value)
    return str(value)


def _table(rows: Sequence[Mapping[str, object]]) -> Markup:
    columns = list(rows[0])
    head = Markup("").join(Markup("<th scope=col>{}</th>").format(_plain(one)) for one in columns)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td data-label="{}">{}</td>').format(_plain(one), told(row.get(one))) for one in columns
            )
        )
        for row in rows
    )
    return Markup('<table class="cards"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(head, body)


def _plain(name: str) -> str:
    return name.replace("_", " ")

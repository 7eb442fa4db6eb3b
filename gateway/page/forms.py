"""The verbs as forms: what each asks for, and what a verb gets of what was typed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

JST = timedelta(hours=9)
MOST_CHARACTERS = 2_000  # of one field


class FormError(ValueError):
    """What was typed is no such thing; the field's name."""


class Field(NamedTuple):
    """`kind`: text, long, number, moment (ms since 1970), tick, or choice of `choices`.

    `names` offers carriers and binds; `label` is its word, `field_` and its name unless given.
    """

    name: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = True
    names: bool = False
    label: str = ""


_WHOM = (Field("what", "choice", ("carrier", "customer", "all")), Field("name", required=False, names=True))
_WHOSE_BINDS = (
    Field("what", "choice", ("bind", "carrier", "customer", "all")),
    Field("name", required=False, names=True),
)
_MESSAGE = (Field("id"), Field("customer", required=False))
_NUMBER = (Field("customer"), Field("number"))

FORMS: Mapping[str, tuple[Field, ...]] = {
    "hold": _WHOM,
    "release": _WHOM,
    "drain": _WHOSE_BINDS,
    "resume": _WHOSE_BINDS,
    "reroute": (Field("carrier", names=True), Field("to", required=False, names=True)),
    "cancel": _MESSAGE,
    "expire": _MESSAGE,
    "push-receipts": (
        Field("id", required=False),
        Field("customer", required=False),
        Field("since", "moment", required=False),
    ),
    "opt-out-add": _NUMBER,
    "opt-out-remove": _NUMBER,
    "announce-add": (
        Field("kind", "choice", ("fault", "maintenance")),
        Field("about", required=False, names=True),
        Field("begins", "moment", required=False),
        Field("ends", "moment", required=False),
        Field("ja", "long"),
        Field("en", "long"),
        Field("mail", "tick", required=False),
    ),
    "announce-end": (Field("id", label="field_announcement"),),
    "reload": (),
    "log-level": (Field("room"), Field("level", "choice", ("debug", "info", "warning", "error", "usual"))),
    "pdu-trace": (Field("bind", names=True), Field("minutes", "number")),
}


def arguments(fields: tuple[Field, ...], typed: Mapping[str, str]) -> dict[str, Any]:
    """What the verb gets; what was left empty is left out. FormError names the field that is wrong."""
    found: dict[str, Any] = {}
    for field in fields:
        word = typed.get(field.name, "").strip()
        if word:
            found[field.name] = _value(field, word)
        elif field.required:
            raise FormError(field.name)
    return found


def _value(field: Field, word: str) -> object:
    if len(word) > MOST_CHARACTERS:
        raise FormError(field.name)
    try:
        if field.kind == "number":
            return int(word)
        if field.kind == "moment":
            return milliseconds(word)
    except ValueError:
        raise FormError(field.name) from None
    if field.kind == "choice" and word not in field.choices:
        raise FormError(field.name)
    return True if field.kind == "tick" else word


def milliseconds(written: str) -> int:
    """A time in Japan as a browser's field gives it, in ms since 1970. ValueError."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC) - JST
    return int(moment.timestamp() * 1000)

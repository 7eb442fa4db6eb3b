"""Every key of the configuration as a page for people, made from the models: kind, limits, default, meaning."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.settings.models import Settings
from gateway.settings.passwords import Password, PasswordOrHash, Secret
from gateway.settings.section import Network, Section, YenAsSen
from gateway.settings.wording import bare

HEAD = "| key | holds | default | meaning |\n|---|---|---|---|\n"

KINDS: dict[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    Password: "password",
    PasswordOrHash: "password",
    Secret: "secret",
    bare(YenAsSen): "yen",
    bare(Network): "network",
}


def reference() -> str:
    """All sections, each under the path of its keys, as Markdown."""
    return "\n".join(f"## {title}\n\n{text}\n\n{HEAD}{rows}" for title, text, rows in _sections("", Settings))


def _sections(path: str, model: type[Section]) -> Iterator[tuple[str, str, str]]:
    title = f"`{path}`" if path else "At the top"
    rows = (_row(name, field) for name, field in model.model_fields.items())
    yield title, " ".join((model.__doc__ or "").split()), "".join(rows)
    for name, field in model.model_fields.items():
        inner, below = _inside(field.annotation, f"{path}.{name}" if path else name)
        if inner is not None:
            yield from _sections(below, inner)


def _inside(kind: Any, path: str) -> tuple[type[Section] | None, str]:
    """The section that a value holds, and the path of its keys; `NAME` and `[]` stand for what the operator has."""
    kind = bare(kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        return kind, path
    if get_origin(kind) is dict:
        return _inside(get_args(kind)[1], f"{path}.NAME")
    if get_origin(kind) is tuple:
        return _inside(get_args(kind)[0], f"{path}[]")
    return None, path


def _row(name: str, field: FieldInfo) -> str:
    cells = (f"`{name}`", f"{_kind(field.annotation)}{_limits(field)}", _default(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def _kind(kind: Any) -> str:
    kind = bare(kind)
    origin, inside = get_origin(kind), get_args(kind)
    if origin is tuple:
        return f"list: {_kind(inside[0])}"
    if origin is dict:
        return f"name -> {_kind(inside[1])}"
    if origin is Literal:
        return ", ".join(str(one) for one in inside)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(str(one.value) for one in kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        return "section"
    return KINDS.get(kind, "text")


def _limits(field: FieldInfo) -> str:
    said = []
    for limit in field.metadata:
        match limit:
            case Ge(ge):
                said.append(f"from {ge}")
            case Gt(gt):
                said.append(f"above {gt}")
            case Le(le):
                said.append(f"to {le}")
            case Lt(lt):
                said.append(f"below {lt}")
    return f" {' '.join(said)}" if said else ""


def _default(field: FieldInfo) -> str:
    default: object = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return "must be given"
    if default is None:
        return "null"
    if isinstance(default, Section):
        return "its defaults"
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return f"[{', '.join(map(str, default))}]"
    return "{}" if default == {} else str(default) or '""'


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 - what it is for

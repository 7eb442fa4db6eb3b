"""How a mistake is said: what the model found, in the operator's words, with the key that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from gateway.settings.tree import Where

# By pydantic's type of error, filled from its context; whatever is not here is said in pydantic's own words.
SAID = {
    "missing": "must be given",
    "extra_forbidden": "there is no such key{meant}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text, in quotes if it looks like something else",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "path_type": "must be the name of a file",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be {ge} or above",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be {le} or below",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_short": "must be longer: at least {min_length} characters",
    "string_too_long": "must be shorter: at most {max_length} characters",
    "too_short": "must have more entries: at least {min_length}",
    "too_long": "must have less entries: at most {max_length}",
    "finite_number": "must be a finite number",
    "value_error": "{error}",
}


def where_of(error: ErrorDetails) -> Where:
    """The path of the key that the error is about."""
    return tuple(step for step in error["loc"] if step != "[key]")


def said(error: ErrorDetails, model: type[BaseModel]) -> str:
    """The message. It tells limits and names of keys, never a value that was written."""
    kind, where = error["type"], where_of(error)
    context: dict[str, Any] = dict(error.get("ctx", {}))
    if kind == "extra_forbidden":
        context["meant"] = meant(str(where[-1]), keys_of(model, where[:-1]))
    template = SAID.get(kind)
    return error["msg"] if template is None else template.format_map(context)


def meant(written: str, known: Iterable[str]) -> str:
    """`; did you mean 'window'?`, or nothing when nothing known is near."""
    near = get_close_matches(written, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def keys_of(model: type[BaseModel], where: Where) -> tuple[str, ...]:
    """The keys that a section may have, found by its path from the top; none when there is no section."""
    kind: Any = model
    for step in where:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(step))
            kind = None if field is None else field.annotation
        else:
            kind = next((one for one in reversed(get_args(kind)) if one is not ...), None)
        kind = bare(kind)
    return tuple(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else ()


def bare(kind: Any) -> Any:
    """A type without what is annotated to it and without None beside it."""
    while get_origin(kind) in {Annotated, Union, UnionType}:
        kind = next(one for one in get_args(kind) if one is not type(None))
    return kind

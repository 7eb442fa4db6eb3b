"""What every section of a simulator's YAML file is made of: strict, frozen, and patterns and spans that are judged."""

import re
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

MOST_PATTERN = 200  # characters
MOST_SECONDS = 604_800.0  # a week

S = TypeVar("S", bound=BaseModel)


class BadConfig(ValueError):
    """The file can't be used; each of `mistakes` is a sentence that names the place."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class Section(BaseModel):
    """A mapping of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def compile_pattern(pattern: object) -> object:
    """A regular expression out of its text. ValueError says what is wrong with it."""
    if pattern is None or isinstance(pattern, re.Pattern):
        return pattern
    if not isinstance(pattern, str) or len(pattern) > MOST_PATTERN:
        raise ValueError(f"must be a regular expression, as text of at most {MOST_PATTERN} characters")
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError("must be [least, most]")
    return span


def _counted(span: tuple[int, int]) -> tuple[int, int]:
    if span[0] > span[1]:
        raise ValueError("must be [least, most]")
    return span


Pattern = Annotated[re.Pattern[str] | None, BeforeValidator(compile_pattern)]
Seconds = Annotated[float, Field(ge=0.0, le=MOST_SECONDS)]
SecondsSpan = Annotated[tuple[Seconds, Seconds], Field(strict=False), AfterValidator(_ordered)]
CountSpan = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1_000_000_000)], Annotated[int, Field(ge=1, le=1_000_000_000)]],
    Field(strict=False),
    AfterValidator(_counted),
]


def read_section(path: Path, kind: type[S]) -> S:
    """Read and judge a YAML file. BadConfig tells every mistake."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise BadConfig([f"{path}: is not UTF-8"]) from None
    except yaml.YAMLError as error:
        raise BadConfig([f"{path}: {' '.join(str(error).split())}"]) from None
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise BadConfig([f"{path}: {_place(one['loc'])}: {one['msg']}" for one in error.errors()]) from None


def _place(where: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in where) or "the file"

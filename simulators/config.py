"""What a simulated carrier is like, read from YAML: every mistake in the file is told at once."""

import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from simulators.wire import STATE_OF

MOST_RECEIPTS = 1_000_000
MOST_PATTERN = 200  # characters


class BadConfig(ValueError):
    """The file can't be used; each of `mistakes` is a sentence that names the place."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class IdLook(_Section):
    """How a message's number is written as its id."""

    radix: Literal["hex", "decimal"] = "decimal"
    upper: bool = Field(default=False, description="Hex digits in capitals.")
    width: int = Field(default=0, ge=0, le=64, description="Padded with zeros to so many digits.")

    def write(self, number: int) -> bytes:
        """The id as octets."""
        digits = f"{number:d}" if self.radix == "decimal" else f"{number:X}" if self.upper else f"{number:x}"
        return digits.zfill(self.width).encode()


class Receipts(_Section):
    """How receipts look, and when they come."""

    form: Literal["text_and_tlvs", "text", "tlvs"] = "text_and_tlvs"
    delay_seconds: float = Field(default=0.1, ge=0.0, le=86_400.0)
    jitter_seconds: float = Field(default=0.0, ge=0.0, le=86_400.0, description="Added by lot, out of `seed`.")
    window: int = Field(default=50, ge=1, le=10_000, description="Receipts on one bind that aren't answered yet.")
    again_seconds: float = Field(
        default=1.0, ge=0.01, le=3_600.0, description="A receipt that was refused comes again after so long."
    )
    most_waiting: int = Field(
        default=MOST_RECEIPTS, ge=1, le=MOST_RECEIPTS, description="Above it submit_sm is answered ESME_RMSGQFUL."
    )


class Outcome(_Section):
    """What becomes of segments that match: either a receipt of `stat` and `err`, or a refusal with `status`."""

    destination: re.Pattern[str] | None = Field(default=None, description="Searched in the destination's digits.")
    text: re.Pattern[str] | None = Field(default=None, description="Searched in the segment's text.")
    stat: str = Field(default="DELIVRD", description="As in the text of receipts: DELIVRD, UNDELIV, EXPIRED ...")
    err: str = Field(default="000", pattern=r"^[0-9]{3}$")
    status: int = Field(default=0, ge=0, le=0xFFFF_FFFF, description="command_status of the refusal; 0: none.")

    @field_validator("destination", "text", mode="before")
    @classmethod
    def _pattern(cls, pattern: object) -> object:
        if pattern is None:
            return None
        if not isinstance(pattern, str) or len(pattern) > MOST_PATTERN:
            raise ValueError(f"must be a regular expression, as text of at most {MOST_PATTERN} characters")
        try:
            return re.compile(pattern)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None

    @field_validator("stat")
    @classmethod
    def _known(cls, stat: str) -> str:
        if stat not in STATE_OF:
            raise ValueError(f"must be one of {', '.join(STATE_OF)}")
        return stat

    @model_validator(mode="after")
    def _matches_something(self) -> "Outcome":
        if self.destination is None and self.text is None:
            raise ValueError("needs `destination` or `text`")
        if self.status and self.model_fields_set & {"stat", "err"}:
            raise ValueError("a refusal (`status`) has no receipt: leave `stat` and `err` out")
        return self


class SmscConfig(_Section):
    """One carrier's message centre."""

    host: str = Field(default="127.0.0.1", min_length=1, max_length=255)
    port: int = Field(ge=0, le=65_535, description="0: the kernel chooses, the line `ready` tells.")
    system_id: Annotated[str, Field(pattern=r"^[!-~]{1,15}$")]
    password: Annotated[str, Field(pattern=r"^[!-~]{1,8}$")]
    system_type: Annotated[str, Field(pattern=r"^[!-~]{0,12}$")] = ""
    takes: Literal["udh8", "udh16", "payload", "anything"] = Field(
        default="anything",
        description="How longer text comes: in parts with an 8-bit or a 16-bit reference, or whole in "
        "message_payload. What comes otherwise is refused.",
    )
    id_in_response: IdLook = IdLook()
    id_in_receipt: IdLook = IdLook()
    receipts: Receipts = Receipts()
    most_per_second: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Segments in one second; more are answered ESME_RTHROTTLED."
    )
    answers_enquire_link: bool = True
    outcomes: tuple[Outcome, ...] = Field(
        default=(), max_length=1_000, strict=False, description="The first that matches decides; none: DELIVRD."
    )


class SimulatorConfig(_Section):
    """Message centres that live in one process."""

    seed: int = Field(default=1, description="Ids and jitter follow from it.")
    smscs: dict[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")], SmscConfig] = Field(min_length=1, max_length=100)


def read_config(path: Path) -> SimulatorConfig:
    """Read and judge a file. BadConfig tells every mistake."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise BadConfig([f"{path}: is not UTF-8"]) from None
    except yaml.YAMLError as error:
        raise BadConfig([f"{path}: {' '.join(str(error).split())}"]) from None
    try:
        return SimulatorConfig.model_validate(content)
    except ValidationError as error:
        raise BadConfig([f"{path}: {_place(one['loc'])}: {one['msg']}" for one in error.errors()]) from None


def _place(where: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in where) or "the file"

"""What a simulated carrier is like, read from YAML: every mistake in the file is told at once."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from simulators.characters import Character, known_stat
from simulators.handset import Script
from simulators.ids import IdLook
from simulators.receipts import Form
from simulators.sections import BadConfig, Pattern, Section, read_section
from simulators.segment import Takes

__all__ = ["BadConfig", "IdLook", "Outcome", "Receipts", "SimulatorConfig", "SmscConfig", "read_config"]

MOST_RECEIPTS = 1_000_000


class Receipts(Section):
    """How receipts look, and when they come."""

    form: Form = "text_and_tlvs"
    delay_seconds: float = Field(default=0.1, ge=0.0, le=86_400.0)
    jitter_seconds: float = Field(default=0.0, ge=0.0, le=86_400.0, description="Added by lot, out of `seed`.")
    window: int = Field(default=50, ge=1, le=10_000, description="Receipts on one bind that aren't answered yet.")
    again_seconds: float = Field(
        default=1.0, ge=0.01, le=3_600.0, description="A receipt that was refused comes again after so long."
    )
    most_waiting: int = Field(
        default=MOST_RECEIPTS, ge=1, le=MOST_RECEIPTS, description="Above it submit_sm is answered ESME_RMSGQFUL."
    )


class Outcome(Section):
    """What becomes of segments that match: either a receipt of `stat` and `err`, or a refusal with `status`."""

    destination: Pattern = Field(default=None, description="Searched in the destination's digits.")
    text: Pattern = Field(default=None, description="Searched in the segment's text.")
    stat: str = Field(default="DELIVRD", description="As in the text of receipts: DELIVRD, UNDELIV, EXPIRED ...")
    err: str = Field(default="000", pattern=r"^[0-9]{3}$")
    status: int = Field(default=0, ge=0, le=0xFFFF_FFFF, description="command_status of the refusal; 0: none.")

    @field_validator("stat")
    @classmethod
    def _known(cls, stat: str) -> str:
        return known_stat(stat)

    @model_validator(mode="after")
    def _matches_something(self) -> "Outcome":
        if self.destination is None and self.text is None:
            raise ValueError("needs `destination` or `text`")
        if self.status and self.model_fields_set & {"stat", "err"}:
            raise ValueError("a refusal (`status`) has no receipt: leave `stat` and `err` out")
        return self


class SmscConfig(Section):
    """One carrier's message centre."""

    host: str = Field(default="127.0.0.1", min_length=1, max_length=255)
    port: int = Field(ge=0, le=65_535, description="0: the kernel chooses, the line `ready` tells.")
    system_id: Annotated[str, Field(pattern=r"^[!-~]{1,15}$")]
    password: Annotated[str, Field(pattern=r"^[!-~]{1,8}$")]
    system_type: Annotated[str, Field(pattern=r"^[!-~]{0,12}$")] = ""
    takes: Takes = Field(
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
    characters: tuple[Character, ...] = Field(
        default=(), max_length=1_000, strict=False, description="How it misbehaves (docs/simulators.md)."
    )
    phones: tuple[Script, ...] = Field(
        default=(), max_length=1_000, strict=False, description="What subscribers send (docs/simulators.md)."
    )


class SimulatorConfig(Section):
    """Message centres that live in one process."""

    seed: int = Field(default=1, description="Ids and jitter follow from it.")
    smscs: dict[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")], SmscConfig] = Field(min_length=1, max_length=100)


def read_config(path: Path) -> SimulatorConfig:
    """Read and judge a file. BadConfig tells every mistake."""
    return read_section(path, SimulatorConfig)

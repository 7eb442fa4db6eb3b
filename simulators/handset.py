"""What subscribers send: scripted in the YAML file, at a time or in answer to what they read, whole or in parts."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from simulators import wire
from simulators.sections import Pattern, Seconds, Section

MOST_TEXT = 10_000  # characters
MOST_OCTETS = 140  # TP-User-Data
DIGITS = r"^[0-9]{1,20}$"
_HEADER = {8: 6, 16: 7}  # octets of the header by the width of the reference


class Script(Section):
    """One message from a phone, or many of the same."""

    text: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    source: str | None = Field(default=None, pattern=DIGITS, description="The phone, with `at_seconds`.")
    destination: str | None = Field(default=None, pattern=r"^[!-~]{1,20}$", description="Whom it writes to.")
    at_seconds: Seconds | None = Field(default=None, description="So long after the simulator's start.")
    times: int = Field(default=1, ge=1, le=1_000_000)
    every_seconds: float = Field(default=1.0, ge=0.001, le=604_800.0, description="Between them, if there are several.")
    answers_destination: Pattern = Field(default=None, description="A phone answers when its number matches this,")
    answers_text: Pattern = Field(default=None, description="and what it was sent this. To the sender.")
    after_seconds: Seconds = Field(default=0.5, description="From what it was sent to its answer.")
    octets: int = Field(
        default=MOST_OCTETS, ge=16, le=MOST_OCTETS, description="Longer text comes in parts of so many."
    )
    reference_bits: Literal[8, 16] = 8
    reversed_parts: bool = Field(default=False, description="The last part comes first.")
    in_payload: bool = Field(default=False, description="Whole in message_payload, without parts.")

    @model_validator(mode="after")
    def _has_a_reason(self) -> "Script":
        answers = self.answers_destination is not None or self.answers_text is not None
        if answers == (self.at_seconds is not None):
            raise ValueError("needs either `at_seconds`, or `answers_destination` or `answers_text`")
        if not answers and (self.source is None or self.destination is None):
            raise ValueError("`at_seconds` needs `source` and `destination`")
        if answers and (self.source is not None or self.destination is not None):
            raise ValueError("an answer goes from the phone to the sender: leave `source` and `destination` out")
        if answers and self.times > 1:
            raise ValueError("an answer comes once: leave `times` out")
        if self.in_payload and self.octets != MOST_OCTETS:
            raise ValueError("`in_payload` has no parts: leave `octets` out")
        if len(self.text.encode("utf_16_be")) > 255 * (self.octets - 8):
            raise ValueError("is too long for 255 parts")
        return self


class Mo(NamedTuple):
    """One deliver_sm's text."""

    esm_class: int
    octets: bytes
    tlvs: bytes


def pieces(script: Script, reference: int) -> list[Mo]:
    """The deliver_sm's of one message, in the order that they leave in."""
    octets = script.text.encode("utf_16_be")
    if script.in_payload:
        return [Mo(0, b"", wire.tlv(wire.MESSAGE_PAYLOAD, octets))]
    if len(octets) <= script.octets:
        return [Mo(0, octets, b"")]
    room = (script.octets - _HEADER[script.reference_bits]) // 2 * 2
    bodies = [octets[at : at + room] for at in range(0, len(octets), room)]
    found = []
    for number, body in enumerate(bodies, 1):
        if script.reference_bits == 8:
            head = bytes((5, 0, 3, reference % 256, len(bodies), number))
        else:
            head = bytes((6, 8, 4, reference // 256 % 256, reference % 256, len(bodies), number))
        found.append(Mo(wire.ESM_UDHI, head + body, b""))
    return found[::-1] if script.reversed_parts else found

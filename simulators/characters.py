"""How carriers misbehave: one section of the YAML file for each character; several of them play at once.

Those of messages are chosen by destination, text, share and time for each submit_sm; of several of the same kind the
first that matches. Those of links are drawn for each connection. `share` is by lot out of the simulator's seed.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from simulators import wire
from simulators.ids import IdLook
from simulators.receipts import Shape
from simulators.sections import CountSpan, Pattern, Seconds, SecondsSpan, Section

Status = Annotated[int, Field(ge=1, le=0xFFFF_FFFF)]
Err = Annotated[str, Field(pattern=r"^[0-9]{3}$")]


class _Character(Section):
    share: float = Field(default=1.0, gt=0.0, le=1.0, description="Of the messages, connections or binds, by lot.")
    from_seconds: Seconds = Field(default=0.0, description="It begins so long after the simulator's start.")
    to_seconds: Seconds | None = Field(default=None, description="And ends then; without: never.")

    @model_validator(mode="after")
    def _has_a_time(self) -> "_Character":
        if self.to_seconds is not None and self.to_seconds <= self.from_seconds:
            raise ValueError("`to_seconds` must be after `from_seconds`")
        return self

    def holds(self, seconds: float) -> bool:
        """Whether it plays so long after the start."""
        return self.from_seconds <= seconds and (self.to_seconds is None or seconds < self.to_seconds)


class OfMessages(_Character):
    """A character that is chosen for each submit_sm."""

    destination: Pattern = Field(default=None, description="Searched in the destination's digits.")
    text: Pattern = Field(default=None, description="Searched in the segment's text.")


class Slow(OfMessages):
    """The submit_sm_resp comes late."""

    kind: Literal["slow"]
    seconds: SecondsSpan
    spread: Literal["uniform", "exponential"] = Field(
        default="uniform", description="`exponential`: most are near the least, cut off at the most."
    )


class Throttling(OfMessages):
    """Too many in one second are refused; nobody was told how many are too many."""

    kind: Literal["throttling"]
    most_per_second: int = Field(ge=1, le=1_000_000)
    status: Status = Field(default=wire.ESME_RTHROTTLED, description="0x58, or 0x14 as others do.")
    congestion: bool = Field(default=False, description="congestion_state (SMPP 5.0) in every submit_sm_resp.")


class Refusing(OfMessages):
    """The submit_sm is refused with a status."""

    kind: Literal["refusing"]
    status: Status


class Silent(OfMessages):
    """No submit_sm_resp (`response`), no receipt (`receipt`), or neither, and not taken either (`message`)."""

    kind: Literal["silent"]
    about: Literal["response", "receipt", "message"]


class LyingIds(OfMessages):
    """Ids look otherwise than everywhere else, or were used before."""

    kind: Literal["lying_ids"]
    in_response: IdLook | None = None
    in_receipt: IdLook | None = None
    bits: int | None = Field(default=None, ge=33, le=200, description="The number has so many: 64 is above 2**63 - 1.")
    again_after: int | None = Field(default=None, ge=1, le=1_000_000, description="After so many they come again.")

    def number(self, number: int) -> int:
        """The number that is shown in place of the message's own."""
        if self.again_after is not None:
            number = 0x4000_0000 + number % self.again_after
        return number if self.bits is None else number | 1 << (self.bits - 1)


class Early(OfMessages):
    """The receipt comes at once, the submit_sm_resp after it."""

    kind: Literal["early"]
    seconds: SecondsSpan = Field(description="From the receipt to the response.")


class Repeating(OfMessages):
    """The receipt comes several times, though it was acknowledged."""

    kind: Literal["repeating"]
    times: int = Field(default=2, ge=2, le=10)
    gap_seconds: Seconds = 0.1


class Elsewhere(OfMessages):
    """Receipts come on another bind than the one that submitted, where there is one."""

    kind: Literal["elsewhere"]


class Contradicting(OfMessages):
    """After the final receipt comes another that says otherwise."""

    kind: Literal["contradicting"]
    stat: str = "UNDELIV"
    err: Err = "001"
    after_seconds: Seconds = 0.1

    @field_validator("stat")
    @classmethod
    def _known(cls, stat: str) -> str:
        return known_stat(stat)


class Intermediate(OfMessages):
    """Receipts of no final state come before the final one."""

    kind: Literal["intermediate"]
    stats: Annotated[tuple[str, ...], Field(min_length=1, max_length=10, strict=False)] = ("ACCEPTD",)
    notification: bool = Field(default=False, description="esm_class 0x20 in place of 0x04.")

    @field_validator("stats")
    @classmethod
    def _known(cls, stats: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known_stat(stat) for stat in stats)


class OddReceipts(OfMessages):
    """Receipts of another shape: fields missing or shuffled, other dates, text in message_payload, TLVs only."""

    kind: Literal["odd_receipts"]
    shape: Shape


class OfLinks(_Character):
    """A character that is drawn for each connection."""


class SplitWrites(OfLinks):
    """Octets leave few at a time."""

    kind: Literal["split_writes"]
    octets: int = Field(ge=1, le=1_000_000)
    pause_seconds: float = Field(default=0.001, ge=0.0001, le=3_600.0)


class LumpedWrites(OfLinks):
    """Several PDUs leave in one write."""

    kind: Literal["lumped_writes"]
    pdus: int = Field(ge=2, le=10_000)
    most_seconds: float = Field(default=0.1, ge=0.001, le=3_600.0, description="None waits longer than so.")


class _OnceIn(OfLinks):
    after_pdus: CountSpan | None = Field(default=None, description="PDUs that it sent, by lot.")
    after_seconds: SecondsSpan | None = Field(default=None, description="Since the bind, by lot.")

    @model_validator(mode="after")
    def _has_a_reason(self) -> "_OnceIn":
        if self.after_pdus is None and self.after_seconds is None:
            raise ValueError("needs `after_pdus` or `after_seconds`")
        return self


class HangingUp(_OnceIn):
    """The connection ends: by RST, by FIN, or by an unbind of the carrier's."""

    kind: Literal["hanging_up"]
    by: Literal["reset", "close", "unbind"] = "reset"
    within_pdu: bool = Field(default=False, description="With `after_pdus`: only half of the last PDU is sent.")


class HalfOpen(_OnceIn):
    """It stops reading and answering, and closes nothing."""

    kind: Literal["half_open"]
    for_seconds: Seconds | None = Field(default=None, description="Then it goes on; without: it never does.")


class Mute(OfLinks):
    """enquire_link isn't answered."""

    kind: Literal["mute"]
    after: int = Field(default=0, ge=0, le=1_000_000, description="So many on each connection are answered before.")


class RefusingBinds(OfLinks):
    """Binds are refused, whoever asks."""

    kind: Literal["refusing_binds"]
    status: Status = wire.ESME_RBINDFAIL
    first: int | None = Field(default=None, ge=1, le=1_000_000, description="Only so many; without: all in its time.")


class Restarting(OfLinks):
    """Everything falls, and comes up again after a while."""

    kind: Literal["restarting"]
    every_seconds: float = Field(ge=0.01, le=604_800.0)
    down_seconds: float = Field(default=1.0, ge=0.001, le=604_800.0)
    forgets: bool = Field(default=False, description="Receipts that it owed never come.")


Character = Annotated[
    Slow
    | Throttling
    | Refusing
    | Silent
    | LyingIds
    | Early
    | Repeating
    | Elsewhere
    | Contradicting
    | Intermediate
    | OddReceipts
    | SplitWrites
    | LumpedWrites
    | HangingUp
    | HalfOpen
    | Mute
    | RefusingBinds
    | Restarting,
    Field(discriminator="kind"),
]


def known_stat(stat: str) -> str:
    """ValueError for what no receipt says."""
    if stat not in wire.STATE_OF:
        raise ValueError(f"must be one of {', '.join(wire.STATE_OF)}")
    return stat

"""How a customer's account wants its receipts, and our words for a carrier's own error codes."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from gateway.model.deciding import Deciding
from gateway.settings.section import CommandStatusCode, Section

MOST_REASONS = 1_000

_QUOTED = re.compile(r"0[xX][0-9A-Fa-f]{1,8}|[1-9][0-9]{0,9}", re.ASCII)


def _code(written: object) -> object:
    return int(written, 0) if isinstance(written, str) and _QUOTED.fullmatch(written) else written


ErrCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,10}$")]
NetworkErrorCode = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{6}$")]
ReasonWord = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


StatusCode = Annotated[CommandStatusCode, BeforeValidator(_code)]
"""The key of a mapping, where JSON knows only text: in quotes or not."""


class CustomerReceiptSettings(Section):
    """How the account's receipts are written, and which it gets."""

    format: Literal["text_and_tlvs", "text", "tlvs", "payload"] = Field(
        default="text_and_tlvs",
        description="`text_and_tlvs`: the text of Appendix B in short_message, and the TLVs. `text` or `tlvs`: one of "
        "the two only. `payload`: the text in message_payload, and the TLVs.",
    )
    intermediate: bool = Field(
        default=False,
        description="A message whose registered_delivery has 0x10 has receipts before its end too: when the carrier "
        "has it, and what the carrier tells.",
    )
    per_segment: bool = Field(
        default=False, description="A receipt for each segment when it ends, in the place of one for the message."
    )
    decides: Annotated[Deciding, Field(strict=False)] = Field(
        default=Deciding.ALL,
        description="How a message of several segments ends: `all` (when all have ended; delivered if all were), "
        "`first_failure` (as soon as one was not delivered; what waits goes no more), or `last_segment` (as the last "
        "one, once the carrier has the others). The bill follows it.",
    )
    ids: Literal["hex", "decimal"] = Field(
        default="hex", description="How message ids are written, in responses and receipts. Both are read in requests."
    )
    times: Literal["jst", "utc"] = Field(default="jst", description="Whose time the dates of a receipt's text are.")
    reason_tlv: int | None = Field(
        default=None,
        ge=0x1400,
        le=0x3FFF,
        description="Tag of a TLV in which our word for why a message was not delivered goes along. null: none does.",
    )


class ReasonSettings(Section):
    """Our words for a carrier's codes. `redirected` is one that billing knows: see `tariffs.NAME.redirected`."""

    err: dict[ErrCode, ReasonWord] = Field(
        default_factory=dict,
        max_length=MOST_REASONS,
        description='By `err` of a receipt\'s text, in quotes: {"001": absent}. Case and leading zeros do not count.',
    )
    network: dict[NetworkErrorCode, ReasonWord] = Field(
        default_factory=dict,
        max_length=MOST_REASONS,
        description='By network_error_code, its three octets in hexadecimal: {"030022": absent}.',
    )
    status: dict[StatusCode, ReasonWord] = Field(
        default_factory=dict,
        max_length=MOST_REASONS,
        description="By command_status of a refusal for good: {0x0b: unknown_number}.",
    )

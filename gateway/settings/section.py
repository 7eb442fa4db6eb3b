"""What all parts of the configuration share: strictness, and the types of single values with their limits."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from gateway.model import origin
from gateway.model.money import Sen, sen

PRICE = re.compile(r"\d{1,6}(\.\d{1,2})?", re.ASCII)


class Section(BaseModel):
    """One mapping of the configuration. Unknown keys are mistakes; a value is never bent into another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=False)


def _price(written: object) -> object:
    if not isinstance(written, str) or not PRICE.fullmatch(written):
        raise ValueError('must be yen in quotes, at most two decimals: "9.5"')
    return int(sen(written))


def _network(written: object) -> object:
    try:
        return ip_network(written if isinstance(written, str) else "")
    except ValueError:
        message = "must be a network or an address, without bits below the prefix: 192.0.2.0/24"
        raise ValueError(message) from None


Network = Annotated[
    origin.Network,
    PlainValidator(_network),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "title": "Network"}),
]
"""A network of IP addresses, or a single one."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,30}$")]
"""A name that the operator gives: 1 to 31 lower-case letters, digits, `-` and `_`. It labels metrics and records."""

FilePath = Annotated[Path, Field(strict=False)]

Host = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.:_-]{1,253}$")]
Port = Annotated[int, Field(ge=1, le=65_535)]
ListenPort = Annotated[int, Field(ge=0, le=65_535)]

# C-octet strings of SMPP 3.4, sections 4.1.1 and 5.2.7-5.2.9, without the closing NUL.
SystemId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,15}$")]
SystemType = Annotated[str, StringConstraints(pattern=r"^[ -~]{0,12}$")]
SenderAddress = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,20}$")]

OwnNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{1,20}\*?$")]

TypeOfNumber = Annotated[int, Field(ge=0, le=6)]
NumberingPlan = Annotated[int, Field(ge=0, le=18)]
CommandStatusCode = Annotated[int, Field(ge=1, le=0xFFFF_FFFF)]

YenAsSen = Annotated[
    Sen, BeforeValidator(_price), WithJsonSchema({"type": "string", "pattern": f"^{PRICE.pattern}$", "title": "Yen"})
]
"""Written as decimal yen in quotes, kept as whole sen."""

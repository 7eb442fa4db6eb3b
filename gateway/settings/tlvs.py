"""Vendors' optional parameters: names and types for tags that the standard does not know."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.settings.section import Section
from gateway.settings.wording import meant
from gateway.smpp.tlv import LONGEST_INTEGER, MAX_LENGTH, TYPES, Kind, Tag, TlvType, Vocabulary


class TlvKind(Enum):
    """What the octets of a value are."""

    INTEGER = "integer"
    TEXT = "text"
    OCTETS = "octets"


KIND = {TlvKind.INTEGER: Kind.INTEGER, TlvKind.TEXT: Kind.C_OCTETS, TlvKind.OCTETS: Kind.OCTETS}

TlvName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A parameter by its name: one of `tlvs`, or the standard's in lower case. `tag_of` gives its tag."""


class TlvSettings(Section):
    """One vendor's parameter. A tag that is named nowhere is kept as it comes, octet by octet."""

    tag: int = Field(ge=0, le=MAX_LENGTH, description="Its tag, best as 0x1401; none of the standard's.")
    type: TlvKind = Field(
        strict=False, description="Integers are big-endian; text ends with NUL; octets are taken as they are."
    )
    least_octets: int = Field(default=1, ge=0, le=MAX_LENGTH, description="The shortest value; text counts its NUL.")
    most_octets: int | None = Field(
        default=None,
        ge=0,
        le=MAX_LENGTH,
        description="The longest value. null: 8 for integers, 65,535 for others.",
    )

    @model_validator(mode="after")
    def _sound(self) -> "TlvSettings":
        if self.tag in TYPES:
            raise ValueError(f"tag {self.tag:#06x} is the standard's {Vocabulary().name(self.tag)}")
        kind, least, most = self.tlv_type()
        if least > most:
            raise ValueError(f"{least}..{most} octets cannot be")
        if kind is Kind.INTEGER and most > LONGEST_INTEGER:
            raise ValueError(f"an integer has at most {LONGEST_INTEGER} octets")
        if kind is Kind.C_OCTETS and not least:
            raise ValueError("text has at least its NUL: least_octets is 1 or above")
        return self

    def tlv_type(self) -> TlvType:
        """The same as the protocol's tables have it."""
        longest = LONGEST_INTEGER if self.type is TlvKind.INTEGER else MAX_LENGTH
        return TlvType(KIND[self.type], self.least_octets, longest if self.most_octets is None else self.most_octets)


def tag_of(name: str, vendor_tlvs: Mapping[str, TlvSettings]) -> int:
    """The tag that a name stands for: one of `tlvs`, or the standard's. ValueError names the one that nobody knows."""
    if name in vendor_tlvs:
        return vendor_tlvs[name].tag
    known = {tag.name.lower(): int(tag) for tag in Tag}
    if name not in known:
        raise ValueError(f"no optional parameter is named {name!r} in `tlvs`{meant(name, (*vendor_tlvs, *known))}")
    return known[name]


def vocabulary(named: dict[str, TlvSettings]) -> Vocabulary:
    """The standard's names and these. ValueError when one of them has a meaning already."""
    return Vocabulary({name: (one.tag, one.tlv_type()) for name, one in named.items()})


def _sound(named: dict[str, TlvSettings]) -> dict[str, TlvSettings]:
    vocabulary(named)
    return named


VendorTlvs = Annotated[dict[TlvName, TlvSettings], AfterValidator(_sound)]
"""By name. A standard name, or a tag that is named twice, is a mistake."""

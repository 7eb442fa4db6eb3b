"""How a PDU is declared: the types of its fields, the class of values that it is, and the table read off it."""

from dataclasses import dataclass, fields
from typing import Annotated, ClassVar, TypeVar, dataclass_transform, get_args, get_origin

from gateway.smpp.commands import RESPONSE, CommandId
from gateway.smpp.fields import COctets, Field, Octet, ShortMessage, Time
from gateway.smpp.status import CommandStatus

Tlvs = tuple[tuple[int, bytes], ...]

Int8 = Annotated[int, Octet()]
SystemId = Annotated[bytes, COctets(16, CommandStatus.ESME_RINVSYSID)]
Password = Annotated[bytes, COctets(9, CommandStatus.ESME_RINVPASWD, secret=True)]
SystemType = Annotated[bytes, COctets(13, CommandStatus.ESME_RINVSYSTYP)]
AddressRange = Annotated[bytes, COctets(41, CommandStatus.ESME_RINVPARLEN)]
ServiceType = Annotated[bytes, COctets(6, CommandStatus.ESME_RINVSERTYP)]
SourceAddr = Annotated[bytes, COctets(21, CommandStatus.ESME_RINVSRCADR, secret=True)]
LongSourceAddr = Annotated[bytes, COctets(65, CommandStatus.ESME_RINVSRCADR, secret=True)]
DestinationAddr = Annotated[bytes, COctets(21, CommandStatus.ESME_RINVDSTADR, secret=True)]
CancelledAddr = Annotated[bytes, COctets(21, CommandStatus.ESME_RINVDSTADR, also_read=65, secret=True)]
LongDestinationAddr = Annotated[bytes, COctets(65, CommandStatus.ESME_RINVDSTADR, secret=True)]
MessageIdOctets = Annotated[bytes, COctets(65, CommandStatus.ESME_RINVMSGID)]
ScheduleTime = Annotated[bytes, Time(CommandStatus.ESME_RINVSCHED)]
ValidityTime = Annotated[bytes, Time(CommandStatus.ESME_RINVEXPIRY)]
FinalDate = Annotated[bytes, Time(CommandStatus.ESME_RINVPARLEN)]
Text = Annotated[bytes, ShortMessage()]

_T = TypeVar("_T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def value(cls: type[_T]) -> type[_T]:
    """A value class: keyword arguments, slots, equality with its type.

    Frozen for the type checker. At run time nothing guards it: the guard would cost more than decoding does.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True, repr=False)(cls)


@value
class Pdu:
    """What every PDU has. `tlvs` keeps unknown tags too, in the order they came."""

    command_id: ClassVar[CommandId]

    command_status: int = 0
    sequence_number: int = 0
    tlvs: Tlvs = ()

    def tlv(self, tag: int) -> bytes | None:
        """The octets of the first TLV with this tag; None when there is none."""
        for its_tag, octets in self.tlvs:
            if its_tag == tag:
                return octets
        return None

    def __repr__(self) -> str:
        """Without texts, passwords and numbers: their octets are counted only."""
        shown = [f"command_status={self.command_status:#x}", f"sequence_number={self.sequence_number}"]
        for name, kind in fields_of(type(self)):
            its = getattr(self, name)
            if getattr(kind, "secret", False):
                shown.append(f"{name}=<{len(its)} octets>")
            elif isinstance(its, tuple):
                shown.append(f"{name}=<{len(its)}>")
            elif its:
                shown.append(f"{name}={its!r}")
        shown += [f"{tag:#06x}=<{len(octets)} octets>" for tag, octets in self.tlvs]
        return f"{type(self).__name__}({', '.join(shown)})"


@value
class MessageResp(Pdu):
    """What the responses that name a message share."""

    message_id: MessageIdOctets = b""


_FIELDS: dict[type[Pdu], tuple[Field, ...]] = {}  # read off the declarations once a class


def fields_of(cls: type[Pdu]) -> tuple[Field, ...]:
    """The mandatory fields of a PDU in the order of the wire."""
    found = _FIELDS.get(cls)
    if found is None:
        declared = (field for field in fields(cls) if get_origin(field.type) is Annotated)
        found = _FIELDS[cls] = tuple(Field(field.name, get_args(field.type)[1]) for field in declared)
    return found


def is_response(cls: type[Pdu]) -> bool:
    """Whether it answers something; generic_nack does."""
    return bool(cls.command_id & RESPONSE)

"""The PDUs of SMPP 3.3, 3.4 and 5.0 as values. The declarations of their fields are the wire table.

Reading, writing, printing, test data and documentation derive from the fields' order, kinds and sizes here. Sources:
SMPP 3.4, section 4; 5.0, section 4. Lengths and counts (sm_length, number_of_dests, no_unsuccess) are not fields: they
follow from what they count. Of 3.3, its query_last_msgs, query_msg_details and param_retrieve are left out: 3.4 dropped
them, and nobody serves them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Annotated, ClassVar, TypeVar, dataclass_transform, get_args, get_origin

from gateway.smpp.commands import RESPONSE, CommandId
from gateway.smpp.constants import VERSION_3_4
from gateway.smpp.fields import (
    COctets,
    Destination,
    Destinations,
    Field,
    Octet,
    ShortMessage,
    Time,
    Unsuccess,
    Unsuccesses,
)
from gateway.smpp.status import CommandStatus as _Status

Tlvs = tuple[tuple[int, bytes], ...]

Int8 = Annotated[int, Octet()]
SystemId = Annotated[bytes, COctets(16, _Status.ESME_RINVSYSID)]
Password = Annotated[bytes, COctets(9, _Status.ESME_RINVPASWD, secret=True)]
SystemType = Annotated[bytes, COctets(13, _Status.ESME_RINVSYSTYP)]
AddressRange = Annotated[bytes, COctets(41, _Status.ESME_RINVPARLEN)]
ServiceType = Annotated[bytes, COctets(6, _Status.ESME_RINVSERTYP)]
SourceAddr = Annotated[bytes, COctets(21, _Status.ESME_RINVSRCADR, secret=True)]
LongSourceAddr = Annotated[bytes, COctets(65, _Status.ESME_RINVSRCADR, secret=True)]
DestinationAddr = Annotated[bytes, COctets(21, _Status.ESME_RINVDSTADR, secret=True)]
CancelledAddr = Annotated[bytes, COctets(21, _Status.ESME_RINVDSTADR, also_read=65, secret=True)]
LongDestinationAddr = Annotated[bytes, COctets(65, _Status.ESME_RINVDSTADR, secret=True)]
MessageIdOctets = Annotated[bytes, COctets(65, _Status.ESME_RINVMSGID)]
ScheduleTime = Annotated[bytes, Time(_Status.ESME_RINVSCHED)]
ValidityTime = Annotated[bytes, Time(_Status.ESME_RINVEXPIRY)]
FinalDate = Annotated[bytes, Time(_Status.ESME_RINVPARLEN)]
Text = Annotated[bytes, ShortMessage()]

_T = TypeVar("_T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def _value(cls: type[_T]) -> type[_T]:
    """A value class: keyword arguments, slots, equality with its type.

    Frozen for the type checker. At run time nothing guards it: the guard would cost more than decoding does.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True, repr=False)(cls)


@_value
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
            value = getattr(self, name)
            if getattr(kind, "secret", False):
                shown.append(f"{name}=<{len(value)} octets>")
            elif isinstance(value, tuple):
                shown.append(f"{name}=<{len(value)}>")
            elif value:
                shown.append(f"{name}={value!r}")
        shown += [f"{tag:#06x}=<{len(octets)} octets>" for tag, octets in self.tlvs]
        return f"{type(self).__name__}({', '.join(shown)})"


# Binding and unbinding.


@_value
class _Bind(Pdu):
    system_id: SystemId = b""
    password: Password = b""
    system_type: SystemType = b""
    interface_version: Int8 = VERSION_3_4
    addr_ton: Int8 = 0
    addr_npi: Int8 = 0
    address_range: AddressRange = b""


@_value
class _BindResp(Pdu):
    system_id: SystemId = b""


@_value
class BindTransmitter(_Bind):
    """An ESME wants to send (section 4.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER


@_value
class BindTransmitterResp(_BindResp):
    """Section 4.1.2."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER_RESP


@_value
class BindReceiver(_Bind):
    """An ESME wants to receive (section 4.1.3)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER


@_value
class BindReceiverResp(_BindResp):
    """Section 4.1.4."""

    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER_RESP


@_value
class BindTransceiver(_Bind):
    """An ESME wants both (section 4.1.5)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER


@_value
class BindTransceiverResp(_BindResp):
    """Section 4.1.6."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER_RESP


@_value
class Outbind(Pdu):
    """The message centre asks an ESME to bind as receiver (section 4.1.7). It has no response."""

    command_id: ClassVar[CommandId] = CommandId.OUTBIND

    system_id: SystemId = b""
    password: Password = b""


@_value
class Unbind(Pdu):
    """The end of a session (section 4.2.1)."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND


@_value
class UnbindResp(Pdu):
    """Section 4.2.2."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND_RESP


@_value
class EnquireLink(Pdu):
    """Are you there? (section 4.11.1)."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK


@_value
class EnquireLinkResp(Pdu):
    """Section 4.11.2."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK_RESP


@_value
class GenericNack(Pdu):
    """The answer to what could not be understood (section 4.3.1)."""

    command_id: ClassVar[CommandId] = CommandId.GENERIC_NACK


# Messages.


@_value
class _ShortMessage(Pdu):
    service_type: ServiceType = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""
    dest_addr_ton: Int8 = 0
    dest_addr_npi: Int8 = 0
    destination_addr: DestinationAddr = b""
    esm_class: Int8 = 0
    protocol_id: Int8 = 0
    priority_flag: Int8 = 0
    schedule_delivery_time: ScheduleTime = b""
    validity_period: ValidityTime = b""
    registered_delivery: Int8 = 0
    replace_if_present_flag: Int8 = 0
    data_coding: Int8 = 0
    sm_default_msg_id: Int8 = 0
    short_message: Text = b""


@_value
class _MessageResp(Pdu):
    message_id: MessageIdOctets = b""


@_value
class SubmitSm(_ShortMessage):
    """A message to one phone (section 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM


@_value
class SubmitSmResp(_MessageResp):
    """Section 4.4.2."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM_RESP


@_value
class DeliverSm(_ShortMessage):
    """A message from a phone, or a receipt (section 4.6.1)."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM


@_value
class DeliverSmResp(_MessageResp):
    """Section 4.6.2; its message_id is unused."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM_RESP


@_value
class SubmitMulti(Pdu):
    """A message to several phones or distribution lists (section 4.5.1)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI

    service_type: ServiceType = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""
    dest_addresses: Annotated[tuple[Destination, ...], Destinations()] = ()
    esm_class: Int8 = 0
    protocol_id: Int8 = 0
    priority_flag: Int8 = 0
    schedule_delivery_time: ScheduleTime = b""
    validity_period: ValidityTime = b""
    registered_delivery: Int8 = 0
    replace_if_present_flag: Int8 = 0
    data_coding: Int8 = 0
    sm_default_msg_id: Int8 = 0
    short_message: Text = b""


@_value
class SubmitMultiResp(_MessageResp):
    """Section 4.5.2."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI_RESP

    unsuccess_smes: Annotated[tuple[Unsuccess, ...], Unsuccesses()] = ()


@_value
class DataSm(Pdu):
    """A message whose text is the TLV message_payload, in either direction (section 4.7.1)."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM

    service_type: ServiceType = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: LongSourceAddr = b""
    dest_addr_ton: Int8 = 0
    dest_addr_npi: Int8 = 0
    destination_addr: LongDestinationAddr = b""
    esm_class: Int8 = 0
    registered_delivery: Int8 = 0
    data_coding: Int8 = 0


@_value
class DataSmResp(_MessageResp):
    """Section 4.7.2."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM_RESP


# What became of a message, and what shall.


@_value
class QuerySm(Pdu):
    """Where is it? (section 4.8.1)."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM

    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""


@_value
class QuerySmResp(_MessageResp):
    """Section 4.8.2."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM_RESP

    final_date: FinalDate = b""
    message_state: Int8 = 0
    error_code: Int8 = 0


@_value
class CancelSm(Pdu):
    """Do not send it, or all of these (section 4.9.1)."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM

    service_type: ServiceType = b""
    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""
    dest_addr_ton: Int8 = 0
    dest_addr_npi: Int8 = 0
    destination_addr: CancelledAddr = b""


@_value
class CancelSmResp(Pdu):
    """Section 4.9.2."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM_RESP


@_value
class ReplaceSm(Pdu):
    """Send this in its place (section 4.10.1). 3.4 has no service_type here, nor a data_coding."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM

    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""
    schedule_delivery_time: ScheduleTime = b""
    validity_period: ValidityTime = b""
    registered_delivery: Int8 = 0
    sm_default_msg_id: Int8 = 0
    short_message: Text = b""


@_value
class ReplaceSmResp(Pdu):
    """Section 4.10.2."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM_RESP


@_value
class AlertNotification(Pdu):
    """A phone can be reached again (section 4.12.1). It has no response."""

    command_id: ClassVar[CommandId] = CommandId.ALERT_NOTIFICATION

    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: LongSourceAddr = b""
    esme_addr_ton: Int8 = 0
    esme_addr_npi: Int8 = 0
    esme_addr: LongDestinationAddr = b""


# Cell broadcast (5.0, section 4.4).


@_value
class BroadcastSm(Pdu):
    """A message to an area (5.0, section 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.BROADCAST_SM

    service_type: ServiceType = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""
    message_id: MessageIdOctets = b""
    priority_flag: Int8 = 0
    schedule_delivery_time: ScheduleTime = b""
    validity_period: ValidityTime = b""
    registered_delivery: Int8 = 0
    replace_if_present_flag: Int8 = 0
    data_coding: Int8 = 0
    sm_default_msg_id: Int8 = 0


@_value
class BroadcastSmResp(_MessageResp):
    """5.0, section 4.4.1.2."""

    command_id: ClassVar[CommandId] = CommandId.BROADCAST_SM_RESP


@_value
class QueryBroadcastSm(Pdu):
    """5.0, section 4.6.1."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_BROADCAST_SM

    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""


@_value
class QueryBroadcastSmResp(_MessageResp):
    """5.0, section 4.6.1.3."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_BROADCAST_SM_RESP


@_value
class CancelBroadcastSm(Pdu):
    """5.0, section 4.6.2."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_BROADCAST_SM

    service_type: ServiceType = b""
    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""


@_value
class CancelBroadcastSmResp(Pdu):
    """5.0, section 4.6.2.3."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_BROADCAST_SM_RESP


def _concrete(cls: type[Pdu]) -> list[type[Pdu]]:
    found = [cls] if "command_id" in cls.__dict__ else []
    for below in cls.__subclasses__():
        found += _concrete(below)
    return found


PDUS: Mapping[int, type[Pdu]] = MappingProxyType({int(cls.command_id): cls for cls in _concrete(Pdu)})

# outbind and alert_notification have no response.
RESPONSE_OF: Mapping[type[Pdu], type[Pdu]] = MappingProxyType(
    {
        cls: PDUS[command_id | RESPONSE]
        for command_id, cls in PDUS.items()
        if command_id | RESPONSE in PDUS and command_id < RESPONSE
    }
)


def _fields(cls: type[Pdu]) -> tuple[Field, ...]:
    return tuple(
        Field(field.name, get_args(field.type)[1]) for field in fields(cls) if get_origin(field.type) is Annotated
    )


_FIELDS = {cls: _fields(cls) for cls in PDUS.values()}


def fields_of(cls: type[Pdu]) -> tuple[Field, ...]:
    """The mandatory fields of a PDU in the order of the wire."""
    return _FIELDS[cls]


def is_response(cls: type[Pdu]) -> bool:
    """Whether it answers something; generic_nack does."""
    return bool(cls.command_id & RESPONSE)

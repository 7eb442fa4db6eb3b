"""The PDUs of SMPP 3.3, 3.4 and 5.0 as values. The declarations of their fields are the wire table.

Reading, writing, printing, test data and documentation derive from the fields' order, kinds and sizes here. Sources:
SMPP 3.4, section 4; 5.0, section 4. Lengths and counts (sm_length, number_of_dests, no_unsuccess) are not fields: they
follow from what they count. Of 3.3, its query_last_msgs, query_msg_details and param_retrieve are left out: 3.4 dropped
them, and nobody serves them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from gateway.smpp.broadcast import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
)
from gateway.smpp.commands import RESPONSE, CommandId
from gateway.smpp.constants import VERSION_3_4
from gateway.smpp.declare import (
    AddressRange,
    CancelledAddr,
    DestinationAddr,
    FinalDate,
    Int8,
    LongDestinationAddr,
    LongSourceAddr,
    MessageIdOctets,
    MessageResp,
    Password,
    Pdu,
    ScheduleTime,
    ServiceType,
    SourceAddr,
    SystemId,
    SystemType,
    Text,
    Tlvs,
    ValidityTime,
    fields_of,
    is_response,
    value,
)
from gateway.smpp.fields import Destination, Destinations, Unsuccess, Unsuccesses

__all__ = [
    "PDUS", "RESPONSE_OF", "AlertNotification", "BindReceiver", "BindReceiverResp", "BindTransceiver",
    "BindTransceiverResp", "BindTransmitter", "BindTransmitterResp", "BroadcastSm", "BroadcastSmResp",
    "CancelBroadcastSm", "CancelBroadcastSmResp", "CancelSm", "CancelSmResp", "DataSm", "DataSmResp", "DeliverSm",
    "DeliverSmResp", "EnquireLink", "EnquireLinkResp", "GenericNack", "Outbind", "Pdu", "QueryBroadcastSm",
    "QueryBroadcastSmResp", "QuerySm", "QuerySmResp", "ReplaceSm", "ReplaceSmResp", "SubmitMulti", "SubmitMultiResp",
    "SubmitSm", "SubmitSmResp", "Tlvs", "Unbind", "UnbindResp", "fields_of", "is_response",
]  # fmt: skip


# Binding and unbinding.


@value
class _Bind(Pdu):
    system_id: SystemId = b""
    password: Password = b""
    system_type: SystemType = b""
    interface_version: Int8 = VERSION_3_4
    addr_ton: Int8 = 0
    addr_npi: Int8 = 0
    address_range: AddressRange = b""


@value
class _BindResp(Pdu):
    system_id: SystemId = b""


@value
class BindTransmitter(_Bind):
    """An ESME wants to send (section 4.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER


@value
class BindTransmitterResp(_BindResp):
    """Section 4.1.2."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER_RESP


@value
class BindReceiver(_Bind):
    """An ESME wants to receive (section 4.1.3)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER


@value
class BindReceiverResp(_BindResp):
    """Section 4.1.4."""

    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER_RESP


@value
class BindTransceiver(_Bind):
    """An ESME wants both (section 4.1.5)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER


@value
class BindTransceiverResp(_BindResp):
    """Section 4.1.6."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER_RESP


@value
class Outbind(Pdu):
    """The message centre asks an ESME to bind as receiver (section 4.1.7). It has no response."""

    command_id: ClassVar[CommandId] = CommandId.OUTBIND

    system_id: SystemId = b""
    password: Password = b""


@value
class Unbind(Pdu):
    """The end of a session (section 4.2.1)."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND


@value
class UnbindResp(Pdu):
    """Section 4.2.2."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND_RESP


@value
class EnquireLink(Pdu):
    """Are you there? (section 4.11.1)."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK


@value
class EnquireLinkResp(Pdu):
    """Section 4.11.2."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK_RESP


@value
class GenericNack(Pdu):
    """The answer to what could not be understood (section 4.3.1)."""

    command_id: ClassVar[CommandId] = CommandId.GENERIC_NACK


# Messages.


@value
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


@value
class SubmitSm(_ShortMessage):
    """A message to one phone (section 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM


@value
class SubmitSmResp(MessageResp):
    """Section 4.4.2."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM_RESP


@value
class DeliverSm(_ShortMessage):
    """A message from a phone, or a receipt (section 4.6.1)."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM


@value
class DeliverSmResp(MessageResp):
    """Section 4.6.2; its message_id is unused."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM_RESP


@value
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


@value
class SubmitMultiResp(MessageResp):
    """Section 4.5.2."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI_RESP

    unsuccess_smes: Annotated[tuple[Unsuccess, ...], Unsuccesses()] = ()


@value
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


@value
class DataSmResp(MessageResp):
    """Section 4.7.2."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM_RESP


# What became of a message, and what shall.


@value
class QuerySm(Pdu):
    """Where is it? (section 4.8.1)."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM

    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""


@value
class QuerySmResp(MessageResp):
    """Section 4.8.2."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM_RESP

    final_date: FinalDate = b""
    message_state: Int8 = 0
    error_code: Int8 = 0


@value
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


@value
class CancelSmResp(Pdu):
    """Section 4.9.2."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM_RESP


@value
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


@value
class ReplaceSmResp(Pdu):
    """Section 4.10.2."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM_RESP


@value
class AlertNotification(Pdu):
    """A phone can be reached again (section 4.12.1). It has no response."""

    command_id: ClassVar[CommandId] = CommandId.ALERT_NOTIFICATION

    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: LongSourceAddr = b""
    esme_addr_ton: Int8 = 0
    esme_addr_npi: Int8 = 0
    esme_addr: LongDestinationAddr = b""


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

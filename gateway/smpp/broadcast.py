"""The PDUs of cell broadcast (SMPP 5.0, sections 4.4 and 4.6)."""

from typing import ClassVar

from gateway.smpp.commands import CommandId
from gateway.smpp.declare import (
    Int8,
    MessageIdOctets,
    MessageResp,
    Pdu,
    ScheduleTime,
    ServiceType,
    SourceAddr,
    ValidityTime,
    value,
)


@value
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


@value
class BroadcastSmResp(MessageResp):
    """5.0, section 4.4.1.2."""

    command_id: ClassVar[CommandId] = CommandId.BROADCAST_SM_RESP


@value
class QueryBroadcastSm(Pdu):
    """5.0, section 4.6.1."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_BROADCAST_SM

    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""


@value
class QueryBroadcastSmResp(MessageResp):
    """5.0, section 4.6.1.3."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_BROADCAST_SM_RESP


@value
class CancelBroadcastSm(Pdu):
    """5.0, section 4.6.2."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_BROADCAST_SM

    service_type: ServiceType = b""
    message_id: MessageIdOctets = b""
    source_addr_ton: Int8 = 0
    source_addr_npi: Int8 = 0
    source_addr: SourceAddr = b""


@value
class CancelBroadcastSmResp(Pdu):
    """5.0, section 4.6.2.3."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_BROADCAST_SM_RESP

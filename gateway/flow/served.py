"""What is done with each PDU, field and optional parameter that a neighbour sends.

The conformance statement is made of it. The tests send every one through a whole gateway and hold each claim true.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from gateway.smpp import pdu as p
from gateway.smpp.pdu import Pdu
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag


class How(Enum):
    """The three things that can be done with what comes in."""

    SUPPORTED = "supported"
    IGNORED = "accepted and ignored"
    REFUSED = "refused"


class Use(NamedTuple):
    """What is done, the status of a refusal, and a word on it."""

    how: How
    status: CommandStatus = CommandStatus.ESME_ROK
    note: str = ""


def _supported(note: str = "") -> Use:
    return Use(How.SUPPORTED, note=note)


def _refused(status: CommandStatus, note: str = "") -> Use:
    return Use(How.REFUSED, status, note)


IGNORED = Use(How.IGNORED)
NOT_OFFERED = _refused(CommandStatus.ESME_RINVCMDID, "generic_nack")
NOT_THEIRS = _refused(CommandStatus.ESME_RINVBNDSTS, "the other side's to send")

_LINK: dict[type[Pdu], Use] = {
    p.EnquireLink: _supported("in every state"),
    p.Unbind: _supported("answered when nothing is owed any more"),
}

# Requests to us, on a session that is bound as a transceiver; the binds on one that is open.
FROM_CUSTOMER: Mapping[type[Pdu], Use] = {
    p.BindTransmitter: _supported(),
    p.BindReceiver: _supported(),
    p.BindTransceiver: _supported(),
    **_LINK,
    p.Outbind: _refused(CommandStatus.ESME_RINVBNDSTS, "generic_nack: the other side's to send"),
    p.SubmitSm: _supported(),
    p.SubmitMulti: _supported("numbers; no distribution lists"),
    p.DataSm: _supported("as submit_sm"),
    p.QuerySm: _supported(),
    p.CancelSm: _supported("what has not left for the carrier"),
    p.ReplaceSm: _supported("what has not left for the carrier"),
    p.DeliverSm: NOT_THEIRS,
    p.AlertNotification: _refused(CommandStatus.ESME_RINVBNDSTS, "generic_nack: the other side's to send"),
    p.BroadcastSm: NOT_OFFERED,
    p.QueryBroadcastSm: NOT_OFFERED,
    p.CancelBroadcastSm: NOT_OFFERED,
}

FROM_CARRIER: Mapping[type[Pdu], Use] = {
    p.BindTransmitter: NOT_THEIRS,
    p.BindReceiver: NOT_THEIRS,
    p.BindTransceiver: NOT_THEIRS,
    **_LINK,
    p.Outbind: _refused(
        CommandStatus.ESME_RINVBNDSTS, "generic_nack: we are bound; supported where it opens a connection that it made"
    ),
    p.SubmitSm: NOT_THEIRS,
    p.SubmitMulti: NOT_THEIRS,
    p.DataSm: _supported("as deliver_sm"),
    p.QuerySm: NOT_THEIRS,
    p.CancelSm: NOT_THEIRS,
    p.ReplaceSm: NOT_THEIRS,
    p.DeliverSm: _supported("receipts, and messages from phones to a customer's number"),
    p.AlertNotification: _supported("told to the customer whose number it names, if it is bound"),
    p.BroadcastSm: NOT_THEIRS,
    p.QueryBroadcastSm: NOT_THEIRS,
    p.CancelBroadcastSm: NOT_THEIRS,
}

SUBMIT_SM: Mapping[str, Use] = {
    "service_type": IGNORED,
    "source_addr_ton": _supported("to the carrier, and back in the receipt"),
    "source_addr_npi": _supported("to the carrier, and back in the receipt"),
    "source_addr": _supported("one of the account's, if the operator says which"),
    "dest_addr_ton": _supported("how the number is read"),
    "dest_addr_npi": _supported("how the number is read; back in the receipt"),
    "destination_addr": _supported("a mobile number"),
    "esm_class": _supported("the user data header's bit; the mode is ignored"),
    "protocol_id": IGNORED,
    "priority_flag": _supported("0 to 3; what is above counts as 3"),
    "schedule_delivery_time": _supported("absolute or relative, to 99 days ahead; past: at once"),
    "validity_period": _supported("absolute or relative"),
    "registered_delivery": _supported("bits 1-0; bit 4 for accounts with receipts.intermediate"),
    "replace_if_present_flag": _supported(
        "in place of what waits between the same addresses; above 1: ESME_RINVREPFLAG"
    ),
    "data_coding": _supported(),
    "sm_default_msg_id": _refused(CommandStatus.ESME_RINVDFTMSGID, "must be 0"),
    "short_message": _supported("to 255 octets"),
}

# What is not here is accepted and ignored.
TLVS_OF_SUBMIT_SM: Mapping[int, Use] = {
    Tag.USER_MESSAGE_REFERENCE: _supported("back in the receipt"),
    Tag.MESSAGE_PAYLOAD: _supported("the text, in place of short_message; ESME_RINVMSGLEN beside one"),
    Tag.SAR_MSG_REF_NUM: _supported("with the next two: a part of a longer message"),
    Tag.SAR_TOTAL_SEGMENTS: _supported("as above"),
    Tag.SAR_SEGMENT_SEQNUM: _supported("as above"),
}

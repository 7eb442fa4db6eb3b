"""What is done with each field of each PDU that a neighbour sends, and what we write into each that we send.

The conformance statement is made of it. The tests send every field with another value through a whole gateway, look at
all that it sends, and hold each claim true. A response's command_status and TLVs are told elsewhere.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from gateway.flow.served import SUBMIT_SM, How, Use
from gateway.smpp import pdu as p
from gateway.smpp.pdu import Pdu
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag


class Peer(Enum):
    """Whom a PDU comes from, or goes to."""

    CUSTOMER = "customers"
    CARRIER = "carriers"


class Filling(NamedTuple):
    """What a field that we send holds: always the same `constant`, or (None) what the note says."""

    constant: int | bytes | None
    note: str = ""


def _s(note: str = "") -> Use:
    return Use(How.SUPPORTED, note=note)


def _r(status: CommandStatus, note: str = "") -> Use:
    return Use(How.REFUSED, status, note)


_I = Use(How.IGNORED)

_BIND: Mapping[str, Use] = {
    "system_id": _s("which account"),
    "password": _s("one of the account's"),
    "system_type": _I,
    "interface_version": _s("below 3.4: no optional parameters, message ids of 8 characters"),
    "addr_ton": _I,
    "addr_npi": _I,
    "address_range": _I,
}
_BIND_RESP: Mapping[str, Use] = {"system_id": _I}

_OF_DATA_SM = (
    "service_type", "source_addr_ton", "source_addr_npi", "source_addr", "dest_addr_ton", "dest_addr_npi",
    "destination_addr", "esm_class", "registered_delivery", "data_coding",
)  # fmt: skip

_OF_A_PHONE: Mapping[str, Use] = {
    "service_type": _I,
    "source_addr_ton": _s("of a message from a phone: to the customer"),
    "source_addr_npi": _s("of a message from a phone: to the customer"),
    "source_addr": _s("of a message from a phone: to the customer"),
    "dest_addr_ton": _s("of a message from a phone: to the customer"),
    "dest_addr_npi": _s("of a message from a phone: to the customer"),
    "destination_addr": _s("of a message from a phone: whose number it is, and to that customer"),
    "esm_class": _s("receipt or message; user data header"),
    "protocol_id": _s("of a message from a phone: to the customer"),
    "priority_flag": _s("of a message from a phone: to the customer"),
    "schedule_delivery_time": _I,
    "validity_period": _I,
    "registered_delivery": _I,
    "replace_if_present_flag": _I,
    "data_coding": _s("of a message from a phone: to the customer; of a receipt's text, which is read all the same"),
    "sm_default_msg_id": _I,
    "short_message": _s("the receipt, or the text to the customer"),
}

RECEIVED: Mapping[tuple[Peer, type[Pdu]], Mapping[str, Use]] = {
    (Peer.CUSTOMER, p.BindTransmitter): _BIND,
    (Peer.CUSTOMER, p.BindReceiver): _BIND,
    (Peer.CUSTOMER, p.BindTransceiver): _BIND,
    (Peer.CUSTOMER, p.SubmitSm): SUBMIT_SM,
    (Peer.CUSTOMER, p.SubmitMulti): {
        **{name: use for name, use in SUBMIT_SM.items() if not name.startswith("dest")},
        "dest_addresses": _s("numbers; of a distribution list: ESME_RINVDLNAME for that destination"),
        "replace_if_present_flag": _r(CommandStatus.ESME_RINVSUBREP, "must be 0"),
    },
    (Peer.CUSTOMER, p.DataSm): {name: SUBMIT_SM[name] for name in _OF_DATA_SM},
    (Peer.CUSTOMER, p.QuerySm): {
        "message_id": _s("as it was told"),
        "source_addr_ton": _I,
        "source_addr_npi": _I,
        "source_addr": _s("must be that of the message, else ESME_RINVSRCADR"),
    },
    (Peer.CUSTOMER, p.CancelSm): {
        "service_type": Use(How.IGNORED, note="without a message_id: ESME_RINVSERTYP"),
        "message_id": _s("as it was told; empty: all between the two addresses"),
        "source_addr_ton": _I,
        "source_addr_npi": _I,
        "source_addr": _s("must be that of the message, else ESME_RINVSRCADR"),
        "dest_addr_ton": _s("how the number is read"),
        "dest_addr_npi": _I,
        "destination_addr": _s("if it is given, it must be that of the message"),
    },
    (Peer.CUSTOMER, p.ReplaceSm): {
        "message_id": _s("as it was told"),
        "source_addr_ton": _I,
        "source_addr_npi": _I,
        "source_addr": _s("must be that of the message, else ESME_RINVSRCADR"),
        "schedule_delivery_time": _s("absolute or relative; empty: as it was"),
        "validity_period": _s("empty: as it was"),
        "registered_delivery": _s("bits 1-0; bit 4 for accounts with receipts.intermediate"),
        "sm_default_msg_id": _r(CommandStatus.ESME_RINVDFTMSGID, "must be 0"),
        "short_message": _s("in the coding of the first text"),
    },
    (Peer.CUSTOMER, p.DeliverSmResp): {"message_id": _I},
    (Peer.CARRIER, p.BindTransmitterResp): _BIND_RESP,
    (Peer.CARRIER, p.BindReceiverResp): _BIND_RESP,
    (Peer.CARRIER, p.BindTransceiverResp): _BIND_RESP,
    (Peer.CARRIER, p.Outbind): {
        "system_id": _s("must be the carrier's, else ESME_RINVPASWD"),
        "password": _s("must be the carrier's if one is configured, else ESME_RINVPASWD"),
    },
    (Peer.CARRIER, p.SubmitSmResp): {"message_id": _s("what receipts name the segment by")},
    (Peer.CARRIER, p.DeliverSm): _OF_A_PHONE,
    (Peer.CARRIER, p.DataSm): {name: use for name, use in _OF_A_PHONE.items() if name in _OF_DATA_SM},
    (Peer.CARRIER, p.AlertNotification): {
        "source_addr_ton": _s("to the customer"),
        "source_addr_npi": _s("to the customer"),
        "source_addr": _s("to the customer"),
        "esme_addr_ton": _s("to the customer"),
        "esme_addr_npi": _s("to the customer"),
        "esme_addr": _s("whose number it is, and to that customer"),
    },
}

_TOLD = Filling(None, "our id of the message, 16 characters; 8 to peers of 3.3")
_OURS = Filling(None, "`system_id` of the configuration")
_BIND_TO_CARRIER: Mapping[str, Filling] = {
    "system_id": Filling(None, "the bind's"),
    "password": Filling(None, "the bind's"),
    "system_type": Filling(None, "the bind's"),
    "interface_version": Filling(None, "the bind's"),
    "addr_ton": Filling(0),
    "addr_npi": Filling(0),
    "address_range": Filling(b""),
}

SENT: Mapping[tuple[Peer, type[Pdu]], Mapping[str, Filling]] = {
    (Peer.CUSTOMER, p.BindTransmitterResp): {"system_id": _OURS},
    (Peer.CUSTOMER, p.BindReceiverResp): {"system_id": _OURS},
    (Peer.CUSTOMER, p.BindTransceiverResp): {"system_id": _OURS},
    (Peer.CUSTOMER, p.Outbind): {
        "system_id": Filling(None, "the account's `outbind.system_id`, or that of the configuration"),
        "password": Filling(None, "the account's `outbind.password`"),
    },
    (Peer.CUSTOMER, p.SubmitSmResp): {"message_id": _TOLD},
    (Peer.CUSTOMER, p.SubmitMultiResp): {
        "message_id": _TOLD,
        "unsuccess_smes": Filling(None, "the destinations that were refused, each with its status"),
    },
    (Peer.CUSTOMER, p.DataSmResp): {"message_id": _TOLD},
    (Peer.CUSTOMER, p.QuerySmResp): {
        "message_id": Filling(None, "the request's"),
        "final_date": Filling(None, "absolute, in Japan's time; empty while there is none"),
        "message_state": Filling(None, "of the message as a whole"),
        "error_code": Filling(None, "the carrier's own, if it fits"),
    },
    (Peer.CUSTOMER, p.DeliverSm): {
        "service_type": Filling(b""),
        "source_addr_ton": Filling(None, "the phone's"),
        "source_addr_npi": Filling(None, "the phone's"),
        "source_addr": Filling(None, "the phone's, of a receipt as the customer wrote it"),
        "dest_addr_ton": Filling(None, "the customer's"),
        "dest_addr_npi": Filling(None, "the customer's"),
        "destination_addr": Filling(None, "the customer's"),
        "esm_class": Filling(None, "4 for a receipt; of a message, the carrier's"),
        "protocol_id": Filling(None, "of a message, the carrier's"),
        "priority_flag": Filling(None, "of a message, the carrier's"),
        "schedule_delivery_time": Filling(b""),
        "validity_period": Filling(b""),
        "registered_delivery": Filling(0),
        "replace_if_present_flag": Filling(0),
        "data_coding": Filling(None, "0 for a receipt; of a message, the carrier's"),
        "sm_default_msg_id": Filling(0),
        "short_message": Filling(None, "the receipt of 3.4, appendix B; of a message, the carrier's"),
    },
    (Peer.CUSTOMER, p.AlertNotification): {
        name: Filling(None, "the carrier's")
        for name in ("source_addr_ton", "source_addr_npi", "source_addr", "esme_addr_ton", "esme_addr_npi", "esme_addr")
    },
    (Peer.CARRIER, p.BindTransmitter): _BIND_TO_CARRIER,
    (Peer.CARRIER, p.BindReceiver): _BIND_TO_CARRIER,
    (Peer.CARRIER, p.BindTransceiver): _BIND_TO_CARRIER,
    (Peer.CARRIER, p.SubmitSm): {
        "service_type": Filling(b""),
        "source_addr_ton": Filling(None, "the customer's"),
        "source_addr_npi": Filling(None, "the customer's"),
        "source_addr": Filling(None, "the customer's"),
        "dest_addr_ton": Filling(None, "the profile's `destination`"),
        "dest_addr_npi": Filling(None, "the profile's `destination`"),
        "destination_addr": Filling(None, "the number with its country code"),
        "esm_class": Filling(None, "0x40 with a user data header"),
        "protocol_id": Filling(0),
        "priority_flag": Filling(None, "the customer's"),
        "schedule_delivery_time": Filling(b""),
        "validity_period": Filling(None, "absolute, when it is shorter than the carrier's own"),
        "registered_delivery": Filling(1),
        "replace_if_present_flag": Filling(0),
        "data_coding": Filling(None, "0 or 8, as the profile has it"),
        "sm_default_msg_id": Filling(0),
        "short_message": Filling(None, "the segment; empty when it is in message_payload"),
    },
    (Peer.CARRIER, p.DeliverSmResp): {"message_id": Filling(b"")},
    (Peer.CARRIER, p.DataSmResp): {"message_id": Filling(b"")},
}

_RECEIPT = "in a receipt"
_PART = "of a message that the profile cuts with `sar`"

# By peer and PDU: tag and when it is there. Further tags of a message from a phone go on to the customer as they came.
TLVS_SENT: Mapping[tuple[Peer, type[Pdu]], Mapping[int, str]] = {
    (Peer.CUSTOMER, p.BindTransmitterResp): {Tag.SC_INTERFACE_VERSION: "always"},
    (Peer.CUSTOMER, p.BindReceiverResp): {Tag.SC_INTERFACE_VERSION: "always"},
    (Peer.CUSTOMER, p.BindTransceiverResp): {Tag.SC_INTERFACE_VERSION: "always"},
    (Peer.CUSTOMER, p.SubmitMultiResp): {Tag.ADDITIONAL_STATUS_INFO_TEXT: "when no destination was taken"},
    (Peer.CUSTOMER, p.DeliverSm): {
        Tag.RECEIPTED_MESSAGE_ID: _RECEIPT,
        Tag.MESSAGE_STATE: _RECEIPT,
        Tag.NETWORK_ERROR_CODE: "in a receipt, when the carrier's error is a number of at most three digits",
        Tag.USER_MESSAGE_REFERENCE: "in a receipt, when the submit_sm had one",
        Tag.MESSAGE_PAYLOAD: "of a message from a phone that is joined and too long for short_message",
    },
    (Peer.CARRIER, p.SubmitSm): {
        Tag.MESSAGE_PAYLOAD: "of a message that the profile sends with `payload`",
        Tag.SAR_MSG_REF_NUM: _PART,
        Tag.SAR_TOTAL_SEGMENTS: _PART,
        Tag.SAR_SEGMENT_SEQNUM: _PART,
        Tag.USER_MESSAGE_REFERENCE: "when the profile asks that the carrier give it back in the receipt",
    },
}

TLVS_FROM_CARRIERS: Mapping[int, str] = {
    Tag.SC_INTERFACE_VERSION: "of a bind's response: below 3.4 it gets no optional parameters",
    Tag.RECEIPTED_MESSAGE_ID: "of a receipt: before the id in its text",
    Tag.MESSAGE_STATE: "of a receipt: before the stat in its text",
    Tag.NETWORK_ERROR_CODE: "of a receipt: the error, if its text has none",
    Tag.MESSAGE_PAYLOAD: "the text, in place of short_message",
    Tag.USER_MESSAGE_REFERENCE: "of a receipt: which segment it is about, when its id says nothing",
    Tag.SAR_MSG_REF_NUM: "with the next two: a part of a longer message from a phone",
    Tag.SAR_TOTAL_SEGMENTS: "as above",
    Tag.SAR_SEGMENT_SEQNUM: "as above",
}

# What we answer to a deliver_sm or data_sm of a carrier.
TOLD_TO_CARRIERS: Mapping[CommandStatus, str] = {
    CommandStatus.ESME_ROK: "a receipt or a message from a phone is on disk",
    CommandStatus.ESME_RX_R_APPN: "nobody's number, or a text that cannot be taken: it comes to nothing again",
    CommandStatus.ESME_RX_T_APPN: "not now: send it again later",
}

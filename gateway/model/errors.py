"""Who is at fault, and what to answer: the peer (PeerFault), nobody (Refusal), or our own code (Bug)."""

from enum import Enum


class Reason(Enum):
    """Why we refuse a message. `gateway.flow.statuses` says which command_status each becomes on the wire."""

    THROTTLED = "the account sends faster than its limit"
    QUEUE_FULL = "too many messages wait; try again later"
    OVERLOADED = "the gateway has more than it can send, most of it yours; try again later"
    QUOTA = "the account's quota of the day or of the month is used up"
    QUOTA_THROTTLED = "the account's quota is used up, and its traffic is slowed until the next day or month"
    QUOTA_QUEUE_FULL = "the account's quota is used up; try again on the next day or in the next month"
    OPTED_OUT = "the recipient wants no messages of this account"
    STORE_UNAVAILABLE = "the message could not be made durable; try again later"
    DRAINING = "the gateway is shutting down; try another node or later"
    INVALID_DESTINATION = "the destination is not a telephone number"
    NOT_MOBILE = "the destination is not a mobile number"
    NO_CREDIT = "the prepaid balance does not cover the message"
    MONTHLY_CAP = "the account's monthly cap is reached"
    NO_ROUTE = "no carrier serves the destination"
    INVALID_SOURCE = "the source address is malformed or not allowed for this account"
    EMPTY_TEXT = "there is no text"
    TEXT_TOO_LONG = "the text is longer than the carrier takes"
    UNKNOWN_CODING = "this data_coding is not served"
    UNDECODABLE_TEXT = "the octets are not text in the given data_coding"
    MALFORMED_UDH = "the user data header is malformed"
    TWO_TEXTS = "short_message and message_payload are both present"
    INVALID_CHECK_DATE = "the date to check the recipient from is no date, or lies ahead"
    UNKNOWN_NAME = "an optional parameter names a carrier that we do not know, or a kind that is no name"
    INVALID_SCHEDULE = "the schedule_delivery_time is malformed or too far ahead"
    INVALID_VALIDITY = "the validity_period is malformed or over already"
    DEFAULT_MESSAGE = "messages stored under an sm_default_msg_id are not offered"
    REPLACE_FLAG = "replace_if_present_flag is neither 0 nor 1, or 1 for a part of a longer message"
    REPLACE_IN_MULTI = "replace_if_present_flag is not offered in a submit_multi"
    DISTRIBUTION_LIST = "distribution lists are not offered"
    ALL_DESTINATIONS_REFUSED = "no destination of the submit_multi was taken, for several reasons"
    INVALID_MESSAGE_ID = "the message_id is not written as ours are"
    SERVICE_TYPE = "messages are not told apart by service_type"
    UNKNOWN_TO_QUERY = "no message of this account has this message_id"
    NOTHING_TO_CANCEL = "no such message waits: unknown, ended, or on its way already"
    NOTHING_TO_REPLACE = "no such message waits, or it is none whose text can be replaced"


class GatewayError(Exception):
    """Root of all our errors."""


class PeerFault(GatewayError):
    """The peer broke the protocol. `command_status` is what it is told."""

    def __init__(self, command_status: int, explanation: str) -> None:
        super().__init__(explanation)
        self.command_status = command_status


class Refusal(GatewayError):
    """A sound request that we do not take, for a reason that the sender can act on."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason


class Bug(GatewayError):
    """Something that our own code promised could not happen. Never answered with its text."""

"""Optional parameters (TLVs): tags, the type and length of each one's value, and a vendor's own added by configuration.

Source: SMPP 5.0, section 4.8.4 (3.4: 5.3.2). A PDU keeps its TLVs as (tag, octets) in the order they came, known or
not; this is where the octets get a meaning.
"""

from collections.abc import Mapping
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import NamedTuple


class Tag(IntEnum):
    """Every tag of 3.4 and 5.0, and four of vendors that turn up in the field."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DEST_PORT = 0x020B
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    CONGESTION_STATE = 0x0428
    USSD_SERVICE_OP = 0x0501
    BROADCAST_CHANNEL_INDICATOR = 0x0600
    BROADCAST_CONTENT_TYPE = 0x0601
    BROADCAST_CONTENT_TYPE_INFO = 0x0602
    BROADCAST_MESSAGE_CLASS = 0x0603
    BROADCAST_REP_NUM = 0x0604
    BROADCAST_FREQUENCY_INTERVAL = 0x0605
    BROADCAST_AREA_IDENTIFIER = 0x0606
    BROADCAST_ERROR_STATUS = 0x0607
    BROADCAST_AREA_SUCCESS = 0x0608
    BROADCAST_END_TIME = 0x0609
    BROADCAST_SERVICE_GROUP = 0x060A
    BILLING_IDENTIFICATION = 0x060B
    SOURCE_NETWORK_ID = 0x060D
    DEST_NETWORK_ID = 0x060E
    SOURCE_NODE_ID = 0x060F
    DEST_NODE_ID = 0x0610
    DEST_ADDR_NP_RESOLUTION = 0x0611
    DEST_ADDR_NP_INFORMATION = 0x0612
    DEST_ADDR_NP_COUNTRY = 0x0613
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383
    VENDOR_SPECIFIC_SOURCE_MSC_ADDR = 0x1501
    VENDOR_SPECIFIC_DEST_MSC_ADDR = 0x1502
    ORIG_MSC_ADDR = 0x8081
    DEST_MSC_ADDR = 0x8082


class Kind(Enum):
    """What a TLV's octets are."""

    INTEGER = "integer"
    C_OCTETS = "C-octet string"
    OCTETS = "octet string"


class TlvType(NamedTuple):
    """A TLV's value: its kind, and the fewest and the most octets (a C-octet string's NUL counts)."""

    kind: Kind
    least: int
    most: int


Value = int | bytes | None

MAX_LENGTH = 0xFFFF
LONGEST_INTEGER = 8  # read whatever its declared size: peers widen and narrow integers

_I, _C, _O = Kind.INTEGER, Kind.C_OCTETS, Kind.OCTETS

TYPES: Mapping[int, TlvType] = MappingProxyType(
    {
        Tag.DEST_ADDR_SUBUNIT: TlvType(_I, 1, 1),
        Tag.DEST_NETWORK_TYPE: TlvType(_I, 1, 1),
        Tag.DEST_BEARER_TYPE: TlvType(_I, 1, 1),
        Tag.DEST_TELEMATICS_ID: TlvType(_I, 2, 2),
        Tag.SOURCE_ADDR_SUBUNIT: TlvType(_I, 1, 1),
        Tag.SOURCE_NETWORK_TYPE: TlvType(_I, 1, 1),
        Tag.SOURCE_BEARER_TYPE: TlvType(_I, 1, 1),
        Tag.SOURCE_TELEMATICS_ID: TlvType(_I, 1, 1),
        Tag.QOS_TIME_TO_LIVE: TlvType(_I, 4, 4),
        Tag.PAYLOAD_TYPE: TlvType(_I, 1, 1),
        Tag.ADDITIONAL_STATUS_INFO_TEXT: TlvType(_C, 1, 256),
        Tag.RECEIPTED_MESSAGE_ID: TlvType(_C, 1, 65),
        Tag.MS_MSG_WAIT_FACILITIES: TlvType(_I, 1, 1),
        Tag.PRIVACY_INDICATOR: TlvType(_I, 1, 1),
        Tag.SOURCE_SUBADDRESS: TlvType(_O, 2, 23),
        Tag.DEST_SUBADDRESS: TlvType(_O, 2, 23),
        Tag.USER_MESSAGE_REFERENCE: TlvType(_I, 2, 2),
        Tag.USER_RESPONSE_CODE: TlvType(_I, 1, 1),
        Tag.SOURCE_PORT: TlvType(_I, 2, 2),
        Tag.DEST_PORT: TlvType(_I, 2, 2),
        Tag.SAR_MSG_REF_NUM: TlvType(_I, 2, 2),
        Tag.LANGUAGE_INDICATOR: TlvType(_I, 1, 1),
        Tag.SAR_TOTAL_SEGMENTS: TlvType(_I, 1, 1),
        Tag.SAR_SEGMENT_SEQNUM: TlvType(_I, 1, 1),
        Tag.SC_INTERFACE_VERSION: TlvType(_I, 1, 1),
        Tag.CALLBACK_NUM_PRES_IND: TlvType(_I, 1, 1),
        Tag.CALLBACK_NUM_ATAG: TlvType(_O, 0, 65),
        Tag.NUMBER_OF_MESSAGES: TlvType(_I, 1, 1),
        Tag.CALLBACK_NUM: TlvType(_O, 4, 19),
        Tag.DPF_RESULT: TlvType(_I, 1, 1),
        Tag.SET_DPF: TlvType(_I, 1, 1),
        Tag.MS_AVAILABILITY_STATUS: TlvType(_I, 1, 1),
        Tag.NETWORK_ERROR_CODE: TlvType(_O, 3, 3),
        Tag.MESSAGE_PAYLOAD: TlvType(_O, 0, 65535),
        Tag.DELIVERY_FAILURE_REASON: TlvType(_I, 1, 1),
        Tag.MORE_MESSAGES_TO_SEND: TlvType(_I, 1, 1),
        Tag.MESSAGE_STATE: TlvType(_I, 1, 1),
        Tag.CONGESTION_STATE: TlvType(_I, 1, 1),
        Tag.USSD_SERVICE_OP: TlvType(_O, 1, 1),
        Tag.BROADCAST_CHANNEL_INDICATOR: TlvType(_I, 1, 1),
        Tag.BROADCAST_CONTENT_TYPE: TlvType(_O, 3, 3),
        Tag.BROADCAST_CONTENT_TYPE_INFO: TlvType(_O, 1, 255),
        Tag.BROADCAST_MESSAGE_CLASS: TlvType(_I, 1, 1),
        Tag.BROADCAST_REP_NUM: TlvType(_I, 2, 2),
        Tag.BROADCAST_FREQUENCY_INTERVAL: TlvType(_O, 3, 3),
        Tag.BROADCAST_AREA_IDENTIFIER: TlvType(_O, 1, 101),
        Tag.BROADCAST_ERROR_STATUS: TlvType(_I, 4, 4),
        Tag.BROADCAST_AREA_SUCCESS: TlvType(_I, 1, 1),
        Tag.BROADCAST_END_TIME: TlvType(_C, 1, 17),
        Tag.BROADCAST_SERVICE_GROUP: TlvType(_O, 1, 255),
        Tag.BILLING_IDENTIFICATION: TlvType(_O, 1, 1024),
        Tag.SOURCE_NETWORK_ID: TlvType(_C, 7, 65),
        Tag.DEST_NETWORK_ID: TlvType(_C, 7, 65),
        Tag.SOURCE_NODE_ID: TlvType(_O, 6, 6),
        Tag.DEST_NODE_ID: TlvType(_O, 6, 6),
        Tag.DEST_ADDR_NP_RESOLUTION: TlvType(_I, 1, 1),
        Tag.DEST_ADDR_NP_INFORMATION: TlvType(_O, 10, 10),
        Tag.DEST_ADDR_NP_COUNTRY: TlvType(_I, 1, 5),
        Tag.DISPLAY_TIME: TlvType(_I, 1, 1),
        Tag.SMS_SIGNAL: TlvType(_I, 2, 2),
        Tag.MS_VALIDITY: TlvType(_O, 1, 4),
        Tag.ALERT_ON_MESSAGE_DELIVERY: TlvType(_I, 0, 1),
        Tag.ITS_REPLY_TYPE: TlvType(_I, 1, 1),
        Tag.ITS_SESSION_INFO: TlvType(_O, 2, 2),
        Tag.VENDOR_SPECIFIC_SOURCE_MSC_ADDR: TlvType(_O, 0, 65),
        Tag.VENDOR_SPECIFIC_DEST_MSC_ADDR: TlvType(_O, 0, 65),
        Tag.ORIG_MSC_ADDR: TlvType(_O, 0, 65),
        Tag.DEST_MSC_ADDR: TlvType(_O, 0, 65),
    }
)

_UNKNOWN = TlvType(Kind.OCTETS, 0, MAX_LENGTH)


class Vocabulary:
    """The tags that have a name and a type: the standard's, and those that an operator adds for a carrier or customer.

    Immutable; make one per profile. A vendor's name or type for a standard tag is an error: ValueError.
    """

    __slots__ = ("_names", "_tags", "_types")

    def __init__(self, vendor: Mapping[str, tuple[int, TlvType]] | None = None) -> None:
        self._tags: dict[str, int] = {tag.name.lower(): int(tag) for tag in Tag}
        self._types: dict[int, TlvType] = dict(TYPES)
        for name, (tag, its_type) in (vendor or {}).items():
            if not 0 <= tag <= MAX_LENGTH:
                raise ValueError(f"{name}: a tag is 0..0xFFFF, not {tag:#x}")
            if name in self._tags or tag in self._types:
                raise ValueError(f"{name} ({tag:#06x}) has a meaning already")
            if not 0 <= its_type.least <= its_type.most <= MAX_LENGTH:
                raise ValueError(f"{name}: {its_type.least}..{its_type.most} octets cannot be")
            self._tags[name] = tag
            self._types[tag] = its_type
        self._names = {tag: name for name, tag in self._tags.items()}

    def name(self, tag: int) -> str:
        """The tag's name, or its number in hexadecimal."""
        return self._names.get(tag) or f"0x{tag:04X}"

    def tag(self, name: str) -> int:
        """The tag of this name. KeyError when there is none."""
        return self._tags[name]

    def type_of(self, tag: int) -> TlvType:
        """The type of its value; an octet string of any length for a tag that nobody named."""
        return self._types.get(tag, _UNKNOWN)

    def read_value(self, tag: int, octets: bytes) -> Value:
        """The value, read leniently: integers of any size up to 8 octets, strings with or without their NUL.

        None for an integer without octets. ValueError when an integer cannot be one.
        """
        kind = self.type_of(tag).kind
        if kind is Kind.INTEGER:
            if len(octets) > LONGEST_INTEGER:
                raise ValueError(f"{self.name(tag)}: an integer of {len(octets)} octets")
            return int.from_bytes(octets, "big") if octets else None
        return octets.removesuffix(b"\0") if kind is Kind.C_OCTETS else octets

    def write_value(self, tag: int, value: Value) -> bytes:
        """The octets of a value, strictly as the type says. ValueError when it does not fit."""
        kind, least, most = self.type_of(tag)
        if value is None:
            octets = b""
        elif isinstance(value, int) != (kind is Kind.INTEGER):
            raise ValueError(f"{self.name(tag)} is an {kind.value}, not {type(value).__name__}")
        elif isinstance(value, int):
            octets = self._integer(tag, value, least, most)
        elif kind is Kind.C_OCTETS:
            if 0 in value:
                raise ValueError(f"{self.name(tag)}: a NUL within a C-octet string")
            octets = value + b"\0"
        else:
            octets = value
        if not least <= len(octets) <= most:
            raise ValueError(f"{self.name(tag)}: {len(octets)} octets, not {least}..{most}")
        return octets

    def _integer(self, tag: int, value: int, least: int, most: int) -> bytes:
        if value < 0:
            raise ValueError(f"{self.name(tag)}: {value} is negative")
        size = max(least, 1, (value.bit_length() + 7) // 8)
        if size > most:
            raise ValueError(f"{self.name(tag)}: {value} does not fit {most} octets")
        return value.to_bytes(size, "big")


STANDARD = Vocabulary()


def read_value(tag: int, octets: bytes) -> Value:
    """`Vocabulary.read_value` of the standard's tags."""
    return STANDARD.read_value(tag, octets)


def write_value(tag: int, value: Value) -> bytes:
    """`Vocabulary.write_value` of the standard's tags."""
    return STANDARD.write_value(tag, value)

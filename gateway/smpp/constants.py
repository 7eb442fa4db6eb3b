"""Named values of fields: message states, the bits of esm_class and registered_delivery, TON, NPI, and their kin."""

from enum import IntEnum

# esm_class (SMPP 3.4, section 5.2.12; the masks part the octet completely)
ESM_MODE_MASK = 0x03
ESM_TYPE_MASK = 0x3C
ESM_FEATURE_MASK = 0xC0

ESM_DEFAULT_MODE = 0x00
ESM_DATAGRAM_MODE = 0x01
ESM_FORWARD_MODE = 0x02
ESM_STORE_AND_FORWARD_MODE = 0x03

ESM_RECEIPT = 0x04  # from the message centre
ESM_DELIVERY_ACKNOWLEDGEMENT = 0x08  # from the phone's application
ESM_USER_ACKNOWLEDGEMENT = 0x10
ESM_CONVERSATION_ABORT = 0x18
ESM_INTERMEDIATE_NOTIFICATION = 0x20

ESM_UDH_INDICATOR = 0x40
ESM_REPLY_PATH = 0x80

# registered_delivery (section 5.2.17). The text of 3.4 puts the intermediate notification at bit 5, its table and
# everybody's practice at bit 4.
RECEIPT_MASK = 0x03
RECEIPT_NONE = 0x00
RECEIPT_FINAL = 0x01
RECEIPT_ON_FAILURE = 0x02
RECEIPT_ON_SUCCESS = 0x03  # 5.0; reserved in 3.4
ACKNOWLEDGEMENT_MASK = 0x0C
ACKNOWLEDGEMENT_DELIVERY = 0x04
ACKNOWLEDGEMENT_USER = 0x08
INTERMEDIATE_NOTIFICATION = 0x10

# interface_version
VERSION_3_3 = 0x33
VERSION_3_4 = 0x34
VERSION_5_0 = 0x50


class MessageState(IntEnum):
    """message_state (3.4, section 5.2.28; 5.0 added the first and the last)."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9


# The specification calls ACCEPTED final; in the field a DELIVERED follows it.
INTERMEDIATE_STATES = frozenset({MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED})


class Ton(IntEnum):
    """Type of number (section 5.2.5)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER_NUMBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan indicator (section 5.2.6)."""

    UNKNOWN = 0
    ISDN = 1  # E.163, E.164
    DATA = 3  # X.121
    TELEX = 4  # F.69
    LAND_MOBILE = 6  # E.212
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    INTERNET = 14
    WAP = 18


class DataCoding(IntEnum):
    """data_coding (section 5.2.19): which alphabet, or none."""

    DEFAULT = 0x00  # whatever the message centre calls its default
    ASCII = 0x01  # IA5
    OCTETS = 0x02
    LATIN_1 = 0x03
    BINARY = 0x04
    JIS = 0x05  # X 0208-1990
    CYRILLIC = 0x06  # ISO 8859-5
    HEBREW = 0x07  # ISO 8859-8
    UCS2 = 0x08
    PICTOGRAM = 0x09
    MUSIC = 0x0A  # ISO-2022-JP
    EXTENDED_KANJI = 0x0D  # JIS X 0212-1990
    KS_C_5601 = 0x0E


class NetworkType(IntEnum):
    """First octet of network_error_code (section 5.3.2.31; 5.0, section 4.8.4.42)."""

    ANSI_136_ACCESS_DENIED = 1
    IS_95_ACCESS_DENIED = 2
    GSM = 3
    ANSI_136_CAUSE = 4
    IS_95_CAUSE = 5
    ANSI_41_ERROR = 6
    SMPP_ERROR = 7
    MESSAGE_CENTER = 8

"""What a response says: command_status, by the names of SMPP 3.4, with those that 5.0 added.

Source: SMPP 3.4, table 5-2; 5.0, table 4-45.
"""

from enum import IntEnum


class CommandStatus(IntEnum):
    """The third integer of a header. Requests carry ESME_ROK."""

    ESME_ROK = 0x0  # No Error
    ESME_RINVMSGLEN = 0x1  # Message Length is invalid
    ESME_RINVCMDLEN = 0x2  # Command Length is invalid
    ESME_RINVCMDID = 0x3  # Invalid Command ID
    ESME_RINVBNDSTS = 0x4  # Incorrect BIND Status for given command
    ESME_RALYBND = 0x5  # ESME Already in Bound State
    ESME_RINVPRTFLG = 0x6  # Invalid Priority Flag
    ESME_RINVREGDLVFLG = 0x7  # Invalid Registered Delivery Flag
    ESME_RSYSERR = 0x8  # System Error
    ESME_RINVSRCADR = 0xA  # Invalid Source Address
    ESME_RINVDSTADR = 0xB  # Invalid Destination Address
    ESME_RINVMSGID = 0xC  # Message ID is invalid
    ESME_RBINDFAIL = 0xD  # Bind Failed
    ESME_RINVPASWD = 0xE  # Invalid Password
    ESME_RINVSYSID = 0xF  # Invalid System ID
    ESME_RCANCELFAIL = 0x11  # Cancel SM Failed
    ESME_RREPLACEFAIL = 0x13  # Replace SM Failed
    ESME_RMSGQFUL = 0x14  # Message Queue Full
    ESME_RINVSERTYP = 0x15  # Invalid Service Type
    ESME_RINVNUMDESTS = 0x33  # Invalid number of destinations
    ESME_RINVDLNAME = 0x34  # Invalid Distribution List name
    ESME_RINVDESTFLAG = 0x40  # Destination flag is invalid (submit_multi)
    ESME_RINVSUBREP = 0x42  # replace_if_present asked for where not supported (typically submit_multi)
    ESME_RINVESMCLASS = 0x43  # Invalid esm_class field data
    ESME_RCNTSUBDL = 0x44  # Cannot Submit to Distribution List
    ESME_RSUBMITFAIL = 0x45  # submit_sm, data_sm or submit_multi failed
    ESME_RINVSRCTON = 0x48  # Invalid Source address TON
    ESME_RINVSRCNPI = 0x49  # Invalid Source address NPI
    ESME_RINVDSTTON = 0x50  # Invalid Destination address TON
    ESME_RINVDSTNPI = 0x51  # Invalid Destination address NPI
    ESME_RINVSYSTYP = 0x53  # Invalid system_type field
    ESME_RINVREPFLAG = 0x54  # Invalid replace_if_present flag
    ESME_RINVNUMMSGS = 0x55  # Invalid number of messages
    ESME_RTHROTTLED = 0x58  # Throttling error (ESME has exceeded allowed message limits)
    ESME_RINVSCHED = 0x61  # Invalid Scheduled Delivery Time
    ESME_RINVEXPIRY = 0x62  # Invalid message validity period (Expiry time)
    ESME_RINVDFTMSGID = 0x63  # Predefined Message ID is Invalid or specified predefined message was not found
    ESME_RX_T_APPN = 0x64  # ESME Receiver Temporary App Error Code
    ESME_RX_P_APPN = 0x65  # ESME Receiver Permanent App Error Code
    ESME_RX_R_APPN = 0x66  # ESME Receiver Reject Message Error Code
    ESME_RQUERYFAIL = 0x67  # query_sm request failed
    ESME_RINVOPTPARSTREAM = 0xC0  # Error in the optional part of the PDU Body
    ESME_ROPTPARNOTALLWD = 0xC1  # TLV not allowed
    ESME_RINVPARLEN = 0xC2  # Invalid Parameter Length
    ESME_RMISSINGOPTPARAM = 0xC3  # Expected TLV missing
    ESME_RINVOPTPARAMVAL = 0xC4  # Invalid TLV Value
    ESME_RDELIVERYFAILURE = 0xFE  # Transaction Delivery Failure
    ESME_RUNKNOWNERR = 0xFF  # Unknown Error
    ESME_RSERTYPUNAUTH = 0x100  # ESME Not authorized to use specified service_type
    ESME_RPROHIBITED = 0x101  # ESME Prohibited from using specified operation
    ESME_RSERTYPUNAVAIL = 0x102  # Specified service_type is unavailable
    ESME_RSERTYPDENIED = 0x103  # Specified service_type is denied
    ESME_RINVDCS = 0x104  # Invalid Data Coding Scheme
    ESME_RINVSRCADDRSUBUNIT = 0x105  # Source Address Sub unit is Invalid
    ESME_RINVDSTADDRSUBUNIT = 0x106  # Destination Address Sub unit is Invalid
    ESME_RINVBCASTFREQINT = 0x107  # Broadcast Frequency Interval is invalid
    ESME_RINVBCASTALIAS_NAME = 0x108  # Broadcast Alias Name is invalid
    ESME_RINVBCASTAREAFMT = 0x109  # Broadcast Area Format is invalid
    ESME_RINVNUMBCAST_AREAS = 0x10A  # Number of Broadcast Areas is invalid
    ESME_RINVBCASTCNTTYPE = 0x10B  # Broadcast Content Type is invalid
    ESME_RINVBCASTMSGCLASS = 0x10C  # Broadcast Message Class is invalid
    ESME_RBCASTFAIL = 0x10D  # broadcast_sm operation failed
    ESME_RBCASTQUERYFAIL = 0x10E  # query_broadcast_sm operation failed
    ESME_RBCASTCANCELFAIL = 0x10F  # cancel_broadcast_sm operation failed
    ESME_RINVBCAST_REP = 0x110  # Number of Repeated Broadcasts is invalid
    ESME_RINVBCASTSRVGRP = 0x111  # Broadcast Service Group is invalid
    ESME_RINVBCASTCHANIND = 0x112  # Broadcast Channel Indicator is invalid

    # 5.0 renamed five.
    ESME_RINVTLVSTREAM = 0xC0
    ESME_RTLVNOTALLWD = 0xC1
    ESME_RINVTLVLEN = 0xC2
    ESME_RMISSINGTLV = 0xC3
    ESME_RINVTLVVAL = 0xC4


_NAMES = {int(status): status.name for status in CommandStatus}


def describe(status: int) -> str:
    """The status's name; its number in hexadecimal when it has none: vendor's ranges, reserved values."""
    return _NAMES.get(status) or f"0x{status:08X}"

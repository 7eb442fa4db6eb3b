"""What is owed to a customer, as the deliver_sm that takes it there."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum

from gateway.flow.reasons import network_of, status_of
from gateway.model.ids import tell_id, tell_id_in_decimal
from gateway.smpp.constants import INTERMEDIATE_STATES, MessageState
from gateway.smpp.pdu import DeliverSm
from gateway.smpp.receipt import write_receipt
from gateway.smpp.tlv import Tag
from gateway.smpp.walker import read_tlvs
from gateway.store.contract import Owed, ReceiptOwed
from gateway.store.from_phones import MoOwed

JST = timezone(timedelta(hours=9), "JST")
REMEMBERED_MINUTES = 1_000
RECEIPT = 0x04  # esm_class, section 5.2.12
NOTIFICATION = 0x20
ESM_CLASS = tuple(NOTIFICATION if state in INTERMEDIATE_STATES else RECEIPT for state in MessageState)
ERR_OCTETS = 3
STATES = tuple(MessageState)
# Plain numbers and octets: an enumeration's are looked up, and this is done for every receipt.
ID_TAG, STATE_TAG = int(Tag.RECEIPTED_MESSAGE_ID), int(Tag.MESSAGE_STATE)
STATE_OCTET = tuple(bytes((state,)) for state in MessageState)
NETWORK_GSM = b"\x03"  # network_error_code, section 5.3.2.31
NETWORK_SMPP = b"\x07"  # 5.0, section 4.8.4.42: a command_status
MOST_NETWORK_ERROR = 0xFFFF


class Dates:
    """YYMMDDhhmm, in JST unless told otherwise; the last minutes are remembered, since receipts come in crowds."""

    def __init__(self, zone: tzinfo = JST) -> None:
        self._zone = zone
        self._minutes: dict[int, bytes] = {}

    def write(self, ms: int) -> bytes:
        """The minute of a time in ms since 1970."""
        minute = ms // 60_000
        text = self._minutes.get(minute)
        if text is None:
            if len(self._minutes) > REMEMBERED_MINUTES:
                self._minutes.clear()
            text = self._minutes[minute] = f"{datetime.fromtimestamp(minute * 60, self._zone):%y%m%d%H%M}".encode()
        return text


class ReceiptFormat(Enum):
    """What of a receipt is written."""

    TEXT_AND_TLVS = "text_and_tlvs"
    TEXT = "text"
    TLVS = "tlvs"
    PAYLOAD = "payload"  # the text in message_payload


@dataclass(frozen=True, slots=True)
class ReceiptStyle:
    """How an account wants its receipts.

    `intermediate`: those before the end too, to who asked for them. `per_segment`: one for each segment. `reason_tag`:
    the TLV in which our word for a failure goes along, None for none. `before_end`: there may be some before the end.
    """

    format: ReceiptFormat = ReceiptFormat.TEXT_AND_TLVS
    intermediate: bool = False
    per_segment: bool = False
    decimal_ids: bool = False
    utc: bool = False
    reason_tag: int | None = None
    before_end: bool = field(init=False)
    plain: bool = field(init=False)  # nothing but what every receipt has

    def __post_init__(self) -> None:
        object.__setattr__(self, "before_end", self.intermediate or self.per_segment)
        usual = (self.format, self.reason_tag) == (ReceiptFormat.TEXT_AND_TLVS, None)
        object.__setattr__(self, "plain", usual and not (self.before_end or self.decimal_ids or self.utc))


USUAL_STYLE = ReceiptStyle()


def deliver_sm(owed: Owed, dates: Dates, style: ReceiptStyle = USUAL_STYLE, *, takes_tlvs: bool = True) -> DeliverSm:
    """The PDU, without its sequence_number. To who `takes_tlvs` not, a receipt's text is its short_message."""
    if type(owed) is not ReceiptOwed:
        return _from_phone(owed)  # type: ignore[arg-type]
    return _receipt(owed, dates, style, takes_tlvs=takes_tlvs)


def _from_phone(mo: MoOwed) -> DeliverSm:
    return DeliverSm(
        source_addr_ton=mo.source_ton,
        source_addr_npi=mo.source_npi,
        source_addr=mo.source_addr,
        dest_addr_ton=mo.dest_ton,
        dest_addr_npi=mo.dest_npi,
        destination_addr=mo.destination_addr,
        esm_class=mo.esm_class,
        protocol_id=mo.protocol_id,
        priority_flag=mo.priority_flag,
        data_coding=mo.data_coding,
        short_message=mo.short_message,
        tlvs=read_tlvs(mo.tlvs, 0),
    )


def _receipt(receipt: ReceiptOwed, dates: Dates, style: ReceiptStyle, *, takes_tlvs: bool) -> DeliverSm:
    message_id = tell_id_in_decimal(receipt.message_id) if style.decimal_ids else tell_id(receipt.message_id)
    state = STATES[receipt.message_state]
    error = receipt.error
    code = network_error_code(error) if error else b""
    tlvs: list[tuple[int, bytes]] = [
        (ID_TAG, message_id + b"\0"),
        (STATE_TAG, STATE_OCTET[state]),
    ]
    if code:
        tlvs.append((Tag.NETWORK_ERROR_CODE, code))
    if receipt.user_message_reference:
        tlvs.append((Tag.USER_MESSAGE_REFERENCE, receipt.user_message_reference))
    if receipt.segment:
        tlvs.append((Tag.SAR_TOTAL_SEGMENTS, bytes((receipt.segments,))))
        tlvs.append((Tag.SAR_SEGMENT_SEQNUM, bytes((receipt.segment,))))
    text = write_receipt(
        message_id,
        state,
        _err(error, code) if len(error) > ERR_OCTETS else error,
        1 if receipt.segment else receipt.segments,
        receipt.delivered,
        dates.write(receipt.submitted_at),
        dates.write(receipt.done_at),
    )
    if not style.plain:
        if style.reason_tag is not None and receipt.reason:
            tlvs.append((style.reason_tag, receipt.reason.encode("ascii", "replace") + b"\0"))
        if style.format is ReceiptFormat.TEXT:
            tlvs = []
        elif style.format is ReceiptFormat.TLVS and takes_tlvs:
            text = b""
        elif style.format is ReceiptFormat.PAYLOAD and takes_tlvs:
            tlvs.append((Tag.MESSAGE_PAYLOAD, text))
            text = b""
    return DeliverSm(
        source_addr_ton=receipt.dest_ton,
        source_addr_npi=receipt.dest_npi,
        source_addr=receipt.destination_addr,
        dest_addr_ton=receipt.source_ton,
        dest_addr_npi=receipt.source_npi,
        destination_addr=receipt.source_addr,
        esm_class=ESM_CLASS[receipt.message_state],
        short_message=text,
        tlvs=tuple(tlvs),
    )


def network_error_code(error: bytes) -> bytes:
    """An error as segments keep it, as network_error_code (section 5.3.2.31); b"" when it is no number that fits."""
    status = status_of(error)
    if status is not None:
        return NETWORK_SMPP + status.to_bytes(4, "big")[2:] if status <= MOST_NETWORK_ERROR else b""
    if own := network_of(error):
        return own
    if error.isdigit() and int(error) <= MOST_NETWORK_ERROR:
        return NETWORK_GSM + int(error).to_bytes(2, "big")
    return b""


def _err(error: bytes, code: bytes) -> bytes:
    """Of a command_status the last three digits, of a network_error_code its number; else as it is."""
    if status_of(error) is not None:
        return error[-ERR_OCTETS:]
    return b"%03d" % int.from_bytes(code[1:], "big") if network_of(error) else error

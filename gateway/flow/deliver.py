"""What is owed to a customer, as the deliver_sm that takes it there."""

from datetime import datetime, timedelta, timezone

from gateway.model.ids import tell_id
from gateway.smpp.constants import MessageState
from gateway.smpp.pdu import DeliverSm
from gateway.smpp.receipt import write_receipt
from gateway.smpp.tlv import Tag
from gateway.smpp.walker import read_tlvs
from gateway.store.contract import Owed, ReceiptOwed
from gateway.store.from_phones import MoOwed

JST = timezone(timedelta(hours=9), "JST")
REMEMBERED_MINUTES = 1_000
RECEIPT = 0x04  # esm_class, section 5.2.12
NETWORK_GSM = b"\x03"  # network_error_code, section 5.3.2.31
MOST_NETWORK_ERROR = 0xFFFF


class Dates:
    """YYMMDDhhmm in JST; the last minutes are remembered, since receipts come in crowds."""

    def __init__(self) -> None:
        self._minutes: dict[int, bytes] = {}

    def write(self, ms: int) -> bytes:
        """The minute of a time in ms since 1970."""
        minute = ms // 60_000
        text = self._minutes.get(minute)
        if text is None:
            if len(self._minutes) > REMEMBERED_MINUTES:
                self._minutes.clear()
            text = self._minutes[minute] = f"{datetime.fromtimestamp(minute * 60, JST):%y%m%d%H%M}".encode()
        return text


def deliver_sm(owed: Owed, dates: Dates) -> DeliverSm:
    """The PDU, without its sequence_number."""
    return _receipt(owed, dates) if type(owed) is ReceiptOwed else _from_phone(owed)  # type: ignore[arg-type]


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


def _receipt(receipt: ReceiptOwed, dates: Dates) -> DeliverSm:
    message_id = tell_id(receipt.message_id)
    state = MessageState(receipt.message_state)
    tlvs: list[tuple[int, bytes]] = [
        (Tag.RECEIPTED_MESSAGE_ID, message_id + b"\0"),
        (Tag.MESSAGE_STATE, bytes((state,))),
    ]
    if receipt.error.isdigit() and int(receipt.error) <= MOST_NETWORK_ERROR:
        tlvs.append((Tag.NETWORK_ERROR_CODE, NETWORK_GSM + int(receipt.error).to_bytes(2, "big")))
    if receipt.user_message_reference:
        tlvs.append((Tag.USER_MESSAGE_REFERENCE, receipt.user_message_reference))
    return DeliverSm(
        source_addr_ton=receipt.dest_ton,
        source_addr_npi=receipt.dest_npi,
        source_addr=receipt.destination_addr,
        dest_addr_ton=receipt.source_ton,
        dest_addr_npi=receipt.source_npi,
        destination_addr=receipt.source_addr,
        esm_class=RECEIPT,
        short_message=write_receipt(
            message_id,
            state,
            receipt.error,
            receipt.segments,
            receipt.delivered,
            dates.write(receipt.submitted_at),
            dates.write(receipt.done_at),
        ),
        tlvs=tuple(tlvs),
    )

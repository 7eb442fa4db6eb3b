"""Delivery receipts: read forgivingly, written strictly (SMPP 3.4, Appendix B; TLVs of section 5.3.2)."""

import re
from datetime import datetime
from typing import NamedTuple

from gateway.smpp.constants import (
    ESM_INTERMEDIATE_NOTIFICATION,
    ESM_TYPE_MASK,
    ESM_UDH_INDICATOR,
    ESM_USER_ACKNOWLEDGEMENT,
    INTERMEDIATE_STATES,
    DataCoding,
    MessageState,
)
from gateway.smpp.pdu import DataSm, DeliverSm
from gateway.smpp.receipt_dates import read_date
from gateway.smpp.tlv import Tag

_STAT = {
    MessageState.SCHEDULED: b"SCHEDLD",
    MessageState.ENROUTE: b"ENROUTE",
    MessageState.DELIVERED: b"DELIVRD",
    MessageState.EXPIRED: b"EXPIRED",
    MessageState.DELETED: b"DELETED",
    MessageState.UNDELIVERABLE: b"UNDELIV",
    MessageState.ACCEPTED: b"ACCEPTD",
    MessageState.UNKNOWN: b"UNKNOWN",
    MessageState.REJECTED: b"REJECTD",
    MessageState.SKIPPED: b"SKIPPED",
}
_STATE_OF = (
    {stat: state for state, stat in _STAT.items()}
    | {state.name.encode(): state for state in MessageState}
    | {
        b"BUFFRED": MessageState.ENROUTE,
        b"BUFFERD": MessageState.ENROUTE,
        b"BUFFERED": MessageState.ENROUTE,
        b"FAILED": MessageState.UNDELIVERABLE,
    }
)
_STATES = tuple(MessageState)
_UNKNOWN = MessageState.UNKNOWN

_RECEIPTED_MESSAGE_ID = int(Tag.RECEIPTED_MESSAGE_ID)
_MESSAGE_STATE = int(Tag.MESSAGE_STATE)
_NETWORK_ERROR_CODE = int(Tag.NETWORK_ERROR_CODE)
_MESSAGE_PAYLOAD = int(Tag.MESSAGE_PAYLOAD)

_UCS2 = int(DataCoding.UCS2)
_NETWORK_ERROR_OCTETS = 3
_MAX_TEXT_OCTETS = 20
_ERR_OCTETS = 3


class Receipt(NamedTuple):
    """What a receipt says. Octet strings are as they came, b"" where the receipt is silent."""

    message_id: bytes
    state: MessageState | None  # None: it names a state that nobody knows, or none
    err: bytes = b""
    network_error_code: bytes = b""  # the TLV's three octets
    intermediate: bool = False  # the message is still on its way
    stat: bytes = b""
    sub: bytes = b""
    dlvrd: bytes = b""
    submitted: bytes = b""
    done: bytes = b""
    text: bytes = b""

    @property
    def submit_date(self) -> datetime | None:
        """When it was submitted; naive: whose time it is, the carrier's profile knows."""
        return read_date(self.submitted)

    @property
    def done_date(self) -> datetime | None:
        """When it ended, in the same time."""
        return read_date(self.done)


class _Text(NamedTuple):
    """The fields of a receipt's text, as they came."""

    message_id: bytes = b""
    sub: bytes = b""
    dlvrd: bytes = b""
    submit_date: bytes = b""
    done_date: bytes = b""
    stat: bytes = b""
    err: bytes = b""
    text: bytes = b""


# Appendix B to the letter, which is what most send; the rest goes by labels.
_APPENDIX_B = re.compile(
    rb"id:(\S*) sub:(\S*) dlvrd:(\S*) submit date:(\S*) done date:(\S*) stat:(\S*) err:(\S*) text:(.*)",
    re.IGNORECASE | re.DOTALL,
)
# One of ours, or a word that some carrier adds: it ends the field before it.
_LABEL = re.compile(
    rb"(?<![a-z0-9])(id|sub|dlvrd|submit[\s_]*date|done[\s_]*date|stat|err|text)\s*:|(?<=\s)[a-z][a-z0-9_]*:",
    re.IGNORECASE,
)
_SPACES = b" \t\r\n\v\f_"
_FIELD_OF_LABEL = {
    b"id": "message_id",
    b"sub": "sub",
    b"dlvrd": "dlvrd",
    b"submitdate": "submit_date",
    b"donedate": "done_date",
    b"stat": "stat",
    b"err": "err",
    b"text": "text",
}


def read_receipt(pdu: DeliverSm | DataSm) -> Receipt | None:
    """The receipt in a PDU; None when its esm_class says that it is none.

    A receipt that says nothing readable is still one: its message_id is b"" then. TLVs count before the text.
    """
    kind = pdu.esm_class & ESM_TYPE_MASK
    if not kind or kind & ESM_USER_ACKNOWLEDGEMENT:
        return None
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    message_id = network_error_code = b""
    state: MessageState | None = None
    for tag, value in pdu.tlvs:
        if tag == _RECEIPTED_MESSAGE_ID:
            message_id = value.removesuffix(b"\0")
        elif tag == _MESSAGE_STATE and len(value) == 1 and value[0] < len(_STATES):
            state = _STATES[value[0]]
        elif tag == _NETWORK_ERROR_CODE and len(value) == _NETWORK_ERROR_OCTETS:
            network_error_code = value
        elif tag == _MESSAGE_PAYLOAD and not octets:
            octets = value
    if pdu.esm_class & ESM_UDH_INDICATOR and octets:
        octets = octets[1 + octets[0] :]
    said = read_text(octets, pdu.data_coding)
    if state is None:
        state = _STATE_OF.get(said.stat.upper())
    if state is None or state is _UNKNOWN:
        intermediate = kind == ESM_INTERMEDIATE_NOTIFICATION
    else:
        intermediate = state in INTERMEDIATE_STATES
    return Receipt(
        message_id or said.message_id,
        state,
        said.err,
        network_error_code,
        intermediate,
        said.stat,
        said.sub,
        said.dlvrd,
        said.submit_date,
        said.done_date,
        said.text,
    )


def read_text(octets: bytes, data_coding: int = 0) -> _Text:
    """The fields of a receipt's text: any order and case, any of them missing, one NUL behind it."""
    if data_coding == _UCS2 and octets[:1] == b"\0":
        octets = octets.decode("utf-16-be", "replace").encode("latin-1", "replace")
    octets = octets.removesuffix(b"\0")
    found = _APPENDIX_B.fullmatch(octets)
    return _Text(*found.groups()) if found is not None else _by_labels(octets)


def _by_labels(octets: bytes) -> _Text:
    """Each label's first appearance counts. Behind id and stat, text takes all that is left, whatever it looks like."""
    found: dict[str, bytes] = {}
    name = ""
    begin = 0
    for label in _LABEL.finditer(octets):
        its_name = _FIELD_OF_LABEL[label[1].lower().translate(None, _SPACES)] if label[1] else ""
        if its_name and (its_name in found or its_name == name):
            continue
        if name == "text" and (not its_name or {"message_id", "stat"} <= found.keys()):
            continue
        if name:
            found[name] = octets[begin : label.start()].strip()
        name, begin = its_name, label.end()
    if name:
        found[name] = octets[begin:] if name == "text" else octets[begin:].strip()
    return _Text(**found)


def write_receipt(
    message_id: bytes,
    state: MessageState,
    error: bytes,
    segments: int,
    delivered: int,
    submit_date: bytes,
    done_date: bytes,
    text: bytes = b"",
) -> bytes:
    """The text of a receipt by Appendix B. `submit_date` and `done_date` are `YYMMDDhhmm`.

    `error` is the carrier's own word: up to three octets stand as they are, more are shortened to three.
    """
    return b"id:%b sub:%03d dlvrd:%03d submit date:%b done date:%b stat:%b err:%b text:%b" % (
        message_id,
        min(segments, 999),
        min(delivered, 999),
        submit_date,
        done_date,
        _STAT[state],
        error if len(error) == _ERR_OCTETS and error.isalnum() else _err(error),
        text[:_MAX_TEXT_OCTETS],
    )


def _err(error: bytes) -> bytes:
    """Three octets at most: of a number the last, of a word the first."""
    plain = b"".join(re.findall(rb"[0-9A-Za-z]", error)) if error else b""
    if not plain:
        return b"000"
    if len(plain) <= _ERR_OCTETS:
        return plain
    return plain[-_ERR_OCTETS:] if plain.isdigit() else plain[:_ERR_OCTETS]

"""Receipts as octets, in every shape that carriers give them (SMPP 3.4, appendix B is only a suggestion)."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from simulators import wire
from simulators.sections import Section

Form = Literal["text_and_tlvs", "text", "tlvs"]
Label = Literal["id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text"]
ORDER: tuple[Label, ...] = ("id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text")

# strftime patterns; `zeros` is what some write for a date that they don't know.
DATES = {
    "10": "%y%m%d%H%M",
    "12": "%y%m%d%H%M%S",
    "14": "%Y%m%d%H%M%S",
    "absolute": "%y%m%d%H%M%S0%%%%+",  # section 7.1.1; the offset from UTC in quarters of an hour replaces %%
    "zeros": "0000000000",
}


class Shape(Section):
    """How the octets of a receipt look."""

    form: Form | None = Field(default=None, description="Where it says it; without: as `receipts.form`.")
    dates: Literal["10", "12", "14", "absolute", "zeros"] = Field(default="10", description="Digits, or how else.")
    leave_out: Annotated[tuple[Label, ...], Field(strict=False)] = Field(
        default=(), description="Labels that are missing in the text."
    )
    shuffled: bool = Field(default=False, description="Labels in another order each time, by lot.")
    capitals: bool = Field(default=False, description="Labels as ID, STAT, ...")
    in_payload: bool = Field(default=False, description="The text in message_payload.")
    esm_class: int = Field(default=wire.ESM_RECEIPT, ge=0, le=255, description="Some set 0x44, 0x08 or 0x20.")
    nul: bool = Field(default=False, description="A NUL at the end of the text.")
    unknown_tlvs: bool = Field(default=False, description="Vendor TLVs beside the others.")


PLAIN = Shape()


class Told(NamedTuple):
    """What a receipt says."""

    message_id: bytes
    stat: str
    err: str
    submitted: datetime
    done: datetime


class Written(NamedTuple):
    """A receipt's share of a deliver_sm."""

    text: bytes
    tlvs: bytes
    esm_class: int


def write(told: Told, form: Form, shape: Shape, lot: Random) -> Written:
    """The octets of a receipt. `form` holds where the shape names none."""
    form = shape.form or form
    text = tlvs = b""
    if form != "tlvs":
        text = _text(told, shape, lot)
        if shape.in_payload:
            text, tlvs = b"", wire.tlv(wire.MESSAGE_PAYLOAD, text)
    if form != "text":
        tlvs += wire.receipt_tlvs(told.message_id, told.stat, told.err)
    if shape.unknown_tlvs:
        tlvs += wire.tlv(0x1501, b"\x01") + wire.tlv(0x1454, b"JP\0")
    return Written(text, tlvs, shape.esm_class)


def _text(told: Told, shape: Shape, lot: Random) -> bytes:
    values = {
        "id": told.message_id.decode("latin-1"),
        "sub": "001",
        "dlvrd": "001" if told.stat == "DELIVRD" else "000",
        "submit date": _date(told.submitted, shape.dates),
        "done date": _date(told.done, shape.dates),
        "stat": told.stat,
        "err": told.err,
        "text": "",
    }
    labels: Sequence[Label] = [label for label in ORDER if label not in shape.leave_out]
    if shape.shuffled:
        labels = lot.sample(labels, len(labels))
    said = " ".join(f"{label.upper() if shape.capitals else label}:{values[label]}" for label in labels)
    return said.encode("latin-1") + (b"\0" if shape.nul else b"")


def _date(moment: datetime, dates: str) -> str:
    written = moment.strftime(DATES[dates])
    if dates == "absolute":
        offset = moment.utcoffset()
        quarters = 0 if offset is None else int(offset.total_seconds()) // 900
        return written.replace("%%+", f"{abs(quarters):02d}{'-' if quarters < 0 else '+'}")
    return written

"""The call detail record: its fields, once for the export, its types and the page that documents them."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from gateway.finance.posting import result_of
from gateway.finance.source import Segment
from gateway.model.lifecycle import SegmentState
from gateway.store.contract import BillingRecord

_HIDDEN = "*"

Value = str | int | bool | None


class Holds(Enum):
    """What a field holds."""

    TEXT = "text"
    WHOLE = "whole number"
    TRUTH = "true or false"
    MOMENT = "time"  # ms since 1970; JST with milliseconds in CSV and JSON Lines, a timestamp in Parquet


class Field(NamedTuple):
    """One field of the record of a message. `read` is given the record and how many digits may be seen."""

    name: str
    holds: Holds
    meaning: str
    read: Callable[[BillingRecord, int], Value]


class SegmentField(NamedTuple):
    """One field that a segment has beside those of its message."""

    name: str
    holds: Holds
    meaning: str
    read: Callable[[Segment], Value]


def masked(number: str, visible: int) -> str:
    """A number with only its last digits: 819012345678 -> ********5678. What is shorter is hidden wholly."""
    kept = number[len(number) - visible :] if 0 < visible < len(number) else number if visible and not number else ""
    return _HIDDEN * (len(number) - len(kept)) + kept


_T, _W, _M = Holds.TEXT, Holds.WHOLE, Holds.MOMENT

FIELDS = (
    Field(
        "message_id", _T, "Our id, 16 hexadecimal digits, as in submit_sm_resp.", lambda r, _: f"{r.message_id:016x}"
    ),
    Field("customer", _T, "The account.", lambda r, _: r.customer),
    Field("carrier", _T, "Whose number it was.", lambda r, _: r.carrier),
    Field("route", _T, "The profile that took the message, whose table the units are of.", lambda r, _: r.route),
    Field("known_by", _T, "Where the look-up knew the carrier from.", lambda r, _: r.known_by),
    Field("ported", _T, "Whether the number had left the carrier of its block.", lambda r, _: r.ported),
    Field("source_addr", _T, "The sender that was shown.", lambda r, _: r.source_addr),
    Field(
        "destination_addr",
        _T,
        "The recipient, E.164 without `+`; masked but for `billing.visible_digits`.",
        lambda r, visible: masked(r.destination_addr, visible),
    ),
    Field("kind", _T, "The class of message: empty, `otp`, `notice` or `campaign`.", lambda r, _: r.kind),
    Field("characters", _W, "Length of the text in UTF-16 code units.", lambda r, _: r.characters),
    Field("segments", _W, "Segments that the message was cut into.", lambda r, _: r.segments),
    Field("delivered", _W, "Segments that were delivered.", lambda r, _: r.delivered),
    Field("units", _W, "Units by the carrier's table, charged or not.", lambda r, _: r.units),
    Field("outcome", _T, "Final state of the message, a name of the lifecycle.", lambda r, _: r.outcome),
    Field("result", _T, "The outcome in the words of the invoice.", lambda r, _: result_of(r)),
    Field("reason", _T, "Our word for why it failed; empty when it did not.", lambda r, _: r.reason),
    Field("error", _T, "The carrier's own code.", lambda r, _: r.error),
    Field("attempts", _W, "Tries to hand a segment over, all together.", lambda r, _: r.attempts),
    Field("submitted_at", _M, "When the customer's submit_sm came.", lambda r, _: r.submitted_at),
    Field(
        "sent_at", _M, "When the first segment was handed over; empty when none was.", lambda r, _: r.sent_at or None
    ),
    Field("done_at", _M, "When the message ended. Its month in Japan is the billing month.", lambda r, _: r.done_at),
    Field("tariff", _T, "Name and version of the price list.", lambda r, _: r.tariff),
    Field(
        "unit_price_sen", _W, "List price of a unit (the first tier), sen, tax excluded.", lambda r, _: r.unit_price_sen
    ),
    Field("charge_sen", _W, "Charge at list price, sen, tax excluded; the tier decides it.", lambda r, _: r.charge_sen),
    Field("check_sen", _W, "Charge for checks of the recipient, sen, tax excluded.", lambda r, _: r.check_sen),
    Field("test", Holds.TRUTH, "The operator's own test: not charged, not counted.", lambda r, _: bool(r.test)),
)

SEGMENT_FIELDS = (
    SegmentField("segment", _W, "Its number, from 1.", lambda s: s.number),
    SegmentField("segment_state", _T, "Its final state.", lambda s: SegmentState(s.state).name),
    SegmentField("carrier_message_id", _T, "The carrier's id, in canonical form.", lambda s: s.carrier_id),
    SegmentField("segment_error", _T, "The carrier's code for it.", lambda s: s.error),
)

HEAD = "| field | holds | meaning |\n|---|---|---|\n"


def described() -> str:
    """Both tables as Markdown, for docs/records.md."""
    message = "".join(f"| `{one.name}` | {one.holds.value} | {one.meaning} |\n" for one in FIELDS)
    segment = "".join(f"| `{one.name}` | {one.holds.value} | {one.meaning} |\n" for one in SEGMENT_FIELDS)
    return f"## A message\n\n{HEAD}{message}\n## A segment\n\nAll fields of its message, and these:\n\n{HEAD}{segment}"

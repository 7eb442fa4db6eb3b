"""A segment on its way to a carrier, and what a receipt of a segment in doubt is matched by."""

from typing import NamedTuple

from gateway.flow.carrier import CarrierBind
from gateway.flow.message import Message

# The last digits of a number, by which it is the same with and without its country code and trunk prefix.
SUBSCRIBER_DIGITS = 8
SPREAD = 0x9E37_79B9_7F4A_7C15  # Knuth's multiplicative hash


def reference_of(message: Message, index: int) -> bytes:
    """The user_message_reference that we give a segment, for carriers that give it back in receipts; 2 octets."""
    # All bits of the id count: its last ones are nearly always the same.
    return ((message.row.message_id * SPREAD >> 32) + index & 0xFFFF).to_bytes(2, "big")


def doubt_key(message: Message, index: int) -> tuple[bytes, bytes]:
    """What a receipt is matched by that gives back our reference. Carriers write numbers with and without country."""
    return message.row.e164[-SUBSCRIBER_DIGITS:], reference_of(message, index)


class Claim(NamedTuple):
    """A segment on its way over a bind."""

    bind: CarrierBind
    message: Message
    segment: int  # its index
    at: float  # when it was sent, monotonic seconds

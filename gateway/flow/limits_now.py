"""What keeps a carrier's, or a customer's, traffic from going faster at this moment. One word, from facts."""

from enum import Enum
from typing import NamedTuple


class Limit(Enum):
    """The value is the label in metrics, `status` and traces."""

    NOTHING = "nothing"
    RATE = "rate"
    WINDOW = "window"
    CARRIER_REFUSES = "carrier_refuses"
    CARRIER_DOWN = "carrier_down"
    LOOK_UP = "look_up"
    STORE = "store"
    SCHEDULE = "schedule"
    QUOTA = "quota"
    OVERLOAD = "overload"


class CarrierFacts(NamedTuple):
    """Of one carrier."""

    waiting: int  # segments that could go now, in memory or on disk
    scheduled: int  # messages that are not due
    usable_binds: int  # bound, not drained, and with receipts coming back
    room: int  # places in the windows
    refused_until: float  # the carrier said later; monotonic seconds
    lowered: bool  # it is sent less than the contract allows because it complained
    seconds_until_token: float
    store_held: bool  # the store is behind, nothing is claimed


def limit_of_carrier(facts: CarrierFacts, now: float) -> Limit:
    """The first that holds of: nothing waits, no bind, the store, refused for now, windows, rate."""
    if not facts.waiting:
        return Limit.SCHEDULE if facts.scheduled else Limit.NOTHING
    if not facts.usable_binds:
        return Limit.CARRIER_DOWN
    if facts.store_held:
        return Limit.STORE
    if now < facts.refused_until:
        return Limit.CARRIER_REFUSES
    if not facts.room:
        return Limit.WINDOW
    if facts.seconds_until_token > 0.0:
        return Limit.CARRIER_REFUSES if facts.lowered else Limit.RATE
    return Limit.NOTHING


class CustomerFacts(NamedTuple):
    """Of one customer."""

    quota_used_up: bool
    overload: bool  # it is refused for the sake of the others
    store_held: bool  # reading is paused, or the queue is full
    seconds_until_token: float  # of its own limit; 0.0 when it has none
    window_full: bool  # a bind of it has as many requests under way as it may
    looking_up: int  # of its messages
    waiting: int  # segments of it in lanes
    scheduled: int  # of its messages, not due


def limit_of_customer(facts: CustomerFacts, carriers: frozenset[Limit]) -> Limit:
    """What limits its sending to us first, then what holds its messages here.

    `carriers` are the limits of those that it has something waiting for.
    """
    for limit, holds in (
        (Limit.QUOTA, facts.quota_used_up),
        (Limit.OVERLOAD, facts.overload),
        (Limit.STORE, facts.store_held),
        (Limit.RATE, facts.seconds_until_token > 0.0),
        (Limit.WINDOW, facts.window_full),
        (Limit.LOOK_UP, facts.looking_up > 0),
    ):
        if holds:
            return limit
    if facts.waiting:
        worst = [limit for limit in _WORST_FIRST if limit in carriers]
        return worst[0] if worst else Limit.NOTHING
    return Limit.SCHEDULE if facts.scheduled else Limit.NOTHING


_WORST_FIRST = (Limit.CARRIER_DOWN, Limit.STORE, Limit.CARRIER_REFUSES, Limit.RATE, Limit.WINDOW)

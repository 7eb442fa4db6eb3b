"""What happens to a customer that sends above its limit: it is refused, or its bind is not read for a while."""

from enum import Enum
from typing import NamedTuple

from gateway.throttle.bucket import TokenBucket

LONGEST_HOLD_SECONDS = 5.0  # below the time after which clients take a silent connection for dead


class Above(Enum):
    """The account's choice."""

    THROTTLED = "refuse with ESME_RTHROTTLED"
    QUEUE_FULL = "refuse with ESME_RMSGQFUL"
    SLOW = "read its binds more slowly; TCP tells it"


class Entry(NamedTuple):
    """Whether a message comes in, and for how long its bind is not read afterwards, in seconds (0.0: go on)."""

    let_in: bool
    hold_seconds: float = 0.0


LET_IN = Entry(True)
REFUSED = Entry(False)


def enter(bucket: TokenBucket, above: Above, segments: int, now: float) -> Entry:
    """Judge a message of `segments` that was read already.

    Who is slowed is let in with what was read already, on credit; the bind is held until the credit is paid. So what is
    above the limit is at most what one read brought. When even the longest hold would not pay, it is refused.
    """
    if bucket.take(segments, now):
        return LET_IN
    if above is not Above.SLOW:
        return REFUSED
    wait = bucket.seconds_until(segments, now)
    if wait > LONGEST_HOLD_SECONDS:
        return REFUSED
    bucket.owe(segments, now)
    return Entry(True, wait)

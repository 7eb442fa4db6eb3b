"""What a carrier's refusal means, when a segment is tried again, and until when its receipt can come: data."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import Enum
from heapq import heappop, heappush
from random import random
from typing import Generic, NamedTuple, TypeVar

from gateway.smpp.status import CommandStatus


class Meaning(Enum):
    """Of a command_status that is not ESME_ROK, in answer to a submit_sm."""

    SLOWER = "temporary here, and for all: the carrier is sent too much"
    HERE = "temporary here: this segment later, on the same carrier"
    ELSEWHERE = "temporary here, another carrier may take it"
    PERMANENT = "refused for good"
    IN_DOUBT = "it may have been taken all the same"


class Judged(NamedTuple):
    """A meaning, and the words for a person."""

    meaning: Meaning
    reason: str


_SLOWER, _HERE, _PERMANENT = Meaning.SLOWER, Meaning.HERE, Meaning.PERMANENT

# What holds where a profile says nothing else. What is not named is refused for good.
USUAL: dict[int, Judged] = {
    CommandStatus.ESME_RTHROTTLED: Judged(_SLOWER, "faster than the contract allows"),
    CommandStatus.ESME_RMSGQFUL: Judged(_SLOWER, "the carrier's queue is full"),
    CommandStatus.ESME_RSYSERR: Judged(_HERE, "an error inside the carrier"),
    CommandStatus.ESME_RX_T_APPN: Judged(_HERE, "the carrier's application cannot take it now"),
    CommandStatus.ESME_RINVDSTADR: Judged(_PERMANENT, "no number of this carrier"),
    CommandStatus.ESME_RINVSRCADR: Judged(_PERMANENT, "the sender is not registered with the carrier"),
    CommandStatus.ESME_RX_P_APPN: Judged(_PERMANENT, "refused for good by the carrier's application"),
    CommandStatus.ESME_RX_R_APPN: Judged(_PERMANENT, "the message is refused by the carrier's application"),
}
_UNNAMED = Judged(_PERMANENT, "refused by the carrier")


class ErrorTable:
    """A profile's own rows before the usual ones. Total: every status means something."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Mapping[int, Judged]) -> None:
        self._rows = {**USUAL, **rows}

    @classmethod
    def of(cls, temporary: Collection[int], rows: Iterable[tuple[int, str, str]]) -> "ErrorTable":
        """From a profile: the codes that mean later, and rows (command_status, name of a Meaning, words) over them.

        What usually means later and is not among them refuses for good.
        """
        table: dict[int, Judged] = {}
        for status, usual in USUAL.items():
            if usual.meaning is not _PERMANENT and status not in temporary:
                table[status] = _UNNAMED
        for status in temporary:
            if USUAL.get(status, _UNNAMED).meaning is _PERMANENT:
                table[status] = Judged(_HERE, "refused for now")
        table |= {status: Judged(Meaning[name.upper()], words) for status, name, words in rows}
        return cls(table)

    def judge(self, command_status: int) -> Judged:
        """What this answer means."""
        return self._rows.get(command_status, _UNNAMED)


class Steps(NamedTuple):
    """Waits between tries, in seconds: `first`, then `factor` times the one before, up to `longest`.

    `jitter` is the share of a wait that chance decides, so that what failed together does not return together.
    """

    first: float = 1.0
    factor: float = 2.0
    longest: float = 600.0
    jitter: float = 0.3

    def wait(self, tries: int, chance: float) -> float:
        """Seconds after the `tries`-th try (from 1) that failed; `chance` is in [0, 1)."""
        # Above 64 doublings every sensible longest is reached, and a power would overflow.
        whole = min(self.longest, self.first * self.factor ** min(max(tries, 1) - 1, 64))
        return whole * (1.0 - self.jitter * chance)

    def next_try(self, tries: int, now: float, expires: float, chance: Callable[[], float]) -> float | None:
        """When it is tried again; None when its validity has ended by then. Any clock in seconds."""
        at = now + self.wait(tries, chance())
        return at if at < expires else None


MOST_RETRIES = 10_000  # segments of one carrier that wait for another try

T = TypeVar("T")


class Retries(Generic[T]):
    """What waits beside the lanes for its next try. Moments are monotonic seconds."""

    __slots__ = ("_chance", "_order", "_waiting", "steps")

    def __init__(self, steps: Steps, chance: Callable[[], float] = random) -> None:
        self.steps = steps
        self._chance = chance
        self._order = 0  # so that of two that are due at once the first goes first, and items are not compared
        self._waiting: list[tuple[float, int, T]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether not one more may wait here."""
        return len(self._waiting) >= MOST_RETRIES

    def wait(self, item: T, tries: int, now: float, expires: float) -> None:
        """The `tries`-th try failed. Not one more before it expires: it is left to its deadline."""
        at = self.steps.next_try(tries, now, expires, self._chance)
        if at is not None:
            self._order += 1
            heappush(self._waiting, (at, self._order, item))

    def due(self, now: float) -> Iterator[T]:
        """Take what has waited long enough, the earliest first."""
        while self._waiting and self._waiting[0][0] <= now:
            yield heappop(self._waiting)[2]

    def seconds_until(self, now: float) -> float | None:
        """Seconds until the next one is due; None when nothing waits."""
        return max(0.0, self._waiting[0][0] - now) if self._waiting else None


def receipt_due(accepted: float, expires: float, carrier_tries_seconds: float, margin_seconds: float) -> float:
    """Until when the receipt of a segment is waited for, by a clock in seconds.

    A carrier tries for `carrier_tries_seconds` by itself (its profile says so), or to the end of the validity that it
    was told, whichever is earlier. What has not come by then comes no more.
    """
    return max(accepted, min(expires, accepted + carrier_tries_seconds)) + margin_seconds

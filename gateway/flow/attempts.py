"""The last attempts to bind, each with what became of it: what a person at night looks at first. Bounded, in memory."""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from gateway.model.origin import Origin
from gateway.smpp.status import CommandStatus

MOST_ATTEMPTS = 1_000
MOST_NAMES = 16  # of one address and one outcome, one by one; who makes up more is one entry


class Outcome(Enum):
    """What becomes of an attempt to bind."""

    BOUND = "bound"
    DRAINING = "the gateway is shutting down"
    NO_ADDRESS = "its address cannot be read"
    LOCKED_OUT = "too many wrong passwords; it must wait"
    BUSY = "too many passwords wait to be checked"
    UNKNOWN_SYSTEM_ID = "no account has this system_id"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a reason, and no password
    ADDRESS_NOT_ALLOWED = "the account may not bind from this address"
    CERTIFICATE_NOT_ALLOWED = "the account demands another certificate, or any"
    DRAINED = "an operator took the account out of service"
    TOO_MANY_BINDS = "too many binds of the account"
    TOO_MANY_BINDS_OF_ADDRESS = "too many binds from the address"
    GONE = "it went away before it was answered"


_S = CommandStatus

STATUS_OF_OUTCOME: dict[Outcome, CommandStatus] = {
    Outcome.BOUND: _S.ESME_ROK,
    Outcome.DRAINING: _S.ESME_RBINDFAIL,
    Outcome.NO_ADDRESS: _S.ESME_RBINDFAIL,
    Outcome.LOCKED_OUT: _S.ESME_RTHROTTLED,
    Outcome.BUSY: _S.ESME_RTHROTTLED,
    Outcome.UNKNOWN_SYSTEM_ID: _S.ESME_RINVSYSID,
    Outcome.WRONG_PASSWORD: _S.ESME_RINVPASWD,
    Outcome.ADDRESS_NOT_ALLOWED: _S.ESME_RBINDFAIL,
    Outcome.CERTIFICATE_NOT_ALLOWED: _S.ESME_RBINDFAIL,
    Outcome.DRAINED: _S.ESME_RBINDFAIL,
    Outcome.TOO_MANY_BINDS: _S.ESME_RALYBND,
    Outcome.TOO_MANY_BINDS_OF_ADDRESS: _S.ESME_RALYBND,
    Outcome.GONE: _S.ESME_RBINDFAIL,  # nobody reads it
}


@dataclass(slots=True)
class Attempt:
    """The same again counts up. Times in milliseconds since 1970; `system_id` and `origin` are the last one's."""

    system_id: str
    origin: Origin
    outcome: Outcome
    count: int
    first_ms: int
    last_ms: int


_Key = tuple[bytes | None, str, Outcome]  # without a name: all further names of the address


class Attempts:
    """`counts` are of all since the start, by the outcome's name in lower case."""

    def __init__(self, most: int = MOST_ATTEMPTS) -> None:
        self._most = most
        self._last: OrderedDict[_Key, Attempt] = OrderedDict()
        self._names: Counter[tuple[str, Outcome]] = Counter()  # how many of them are of one address and outcome
        self.counts: Counter[str] = Counter()

    def note(self, system_id: bytes, origin: Origin, outcome: Outcome, now_ms: int) -> Attempt:
        """Remember one; the oldest make room."""
        self.counts[outcome.name.lower()] += 1
        household = origin.household
        key: _Key = (system_id, household, outcome)
        if key not in self._last and outcome is not Outcome.BOUND and self._names[household, outcome] >= MOST_NAMES:
            key = (None, household, outcome)
        attempt = self._last.get(key)
        if attempt is None:
            attempt = self._last[key] = Attempt("", origin, outcome, 0, now_ms, now_ms)
            self._names[household, outcome] += 1
            if len(self._last) > self._most:
                self._forget_the_oldest()
        attempt.system_id = system_id.decode("latin-1")
        attempt.count += 1
        attempt.last_ms = now_ms
        attempt.origin = origin
        self._last.move_to_end(key)
        return attempt

    def _forget_the_oldest(self) -> None:
        (_, household, outcome), _ = self._last.popitem(last=False)
        self._names[household, outcome] -= 1
        if not self._names[household, outcome]:
            del self._names[household, outcome]

    def last(self) -> Iterable[Attempt]:
        """The newest first."""
        return reversed(self._last.values())

    def __len__(self) -> int:
        return len(self._last)

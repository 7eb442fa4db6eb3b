"""Who has to wait after wrong passwords. Pure: the time is handed in.

Three tallies: the pair of system_id and address, the address, and the system_id. An address that the account bound from
before, or that its `allow_from` names, is no stranger: it waits for its own mistakes only, so that nobody can lock a
customer out from elsewhere. An address is a household: the /64 where it is IPv6.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from gateway.model.origin import Origin

MOST_TALLIES = 20_000
MOST_KNOWN_ADDRESSES = 256  # of one account
MOST_DOUBLINGS = 30

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """Wrong passwords before the first wait, seconds of waits, and how many may wait or be bound at a time."""

    hide_system_ids: bool = True
    free_attempts: int = 3
    free_attempts_of_address: int = 10
    free_attempts_of_system_id: int = 50
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 300.0
    forget_seconds: float = 3_600.0
    max_binds_of_address: int = 200
    max_verifying: int = 64


class Tallies(Generic[K]):
    """Wrong passwords by key; after `free` of them a wait, which doubles. At most `most` keys, the stalest leave."""

    def __init__(self, free: int, limits: DoorLimits, most: int = MOST_TALLIES) -> None:
        self._free = free
        self._limits = limits
        self._most = most
        self._tallies: OrderedDict[K, tuple[int, float]] = OrderedDict()  # wrong ones, time of the last

    def failed(self, key: K, now: float) -> None:
        """One more."""
        wrong, last = self._tallies.pop(key, (0, now))
        if now - last > self._limits.forget_seconds:
            wrong = 0
        self._tallies[key] = (wrong + 1, now)
        if len(self._tallies) > self._most:
            self._tallies.popitem(last=False)

    def forgive(self, key: K) -> None:
        """All is well again."""
        self._tallies.pop(key, None)

    def wait_seconds(self, key: K, now: float) -> float:
        """How long it must wait yet; 0: it may try."""
        wrong, last = self._tallies.get(key, (0, now))
        if wrong < self._free or now - last > self._limits.forget_seconds:
            return 0.0
        doublings = min(wrong - self._free, MOST_DOUBLINGS)
        wait: float = min(self._limits.first_wait_seconds * 2**doublings, self._limits.longest_wait_seconds)
        return max(0.0, wait - (now - last))

    def locked(self, now: float, most: int) -> int:
        """How many keys must wait now, `most` at most are looked at: those that failed last."""
        newest = islice(reversed(self._tallies), most)
        return sum(1 for key in newest if self.wait_seconds(key, now))

    def __len__(self) -> int:
        return len(self._tallies)


class Doors:
    """All tallies, and the addresses that each account bound from."""

    def __init__(self, limits: DoorLimits) -> None:
        self.pairs: Tallies[tuple[bytes, str]] = Tallies(limits.free_attempts, limits)
        self.addresses: Tallies[str] = Tallies(limits.free_attempts_of_address, limits)
        self.system_ids: Tallies[bytes] = Tallies(limits.free_attempts_of_system_id, limits)
        self._known: dict[bytes, OrderedDict[str, None]] = {}

    def locked(self, now: float, most: int) -> dict[str, int]:
        """How many pairs, addresses and names must wait now; of each, `most` are looked at."""
        by_what: dict[str, Tallies[Any]] = {
            "pair": self.pairs, "address": self.addresses, "system_id": self.system_ids
        }  # fmt: skip
        return {what: tallies.locked(now, most) for what, tallies in by_what.items()}

    def knows(self, system_id: bytes, origin: Origin) -> bool:
        """Whether it bound well from there before."""
        return origin.household in self._known.get(system_id, ())

    def wait_seconds(self, system_id: bytes, origin: Origin, now: float, *, stranger: bool) -> float:
        """How long an attempt from there must wait yet; 0: it is judged."""
        wait = self.pairs.wait_seconds((system_id, origin.household), now)
        if stranger:
            of_address = self.addresses.wait_seconds(origin.household, now)
            wait = max(wait, of_address, self.system_ids.wait_seconds(system_id, now))
        return wait

    def failed(self, system_id: bytes, origin: Origin, now: float, *, stranger: bool) -> None:
        """A wrong password, or a system_id that nobody has."""
        self.pairs.failed((system_id, origin.household), now)
        if stranger:
            self.addresses.failed(origin.household, now)
            self.system_ids.failed(system_id, now)

    def bound(self, system_id: bytes, origin: Origin) -> None:
        """It is bound. The address' other mistakes stay: whoever has one account may try others' passwords."""
        self.pairs.forgive((system_id, origin.household))
        known = self._known.setdefault(system_id, OrderedDict())
        known[origin.household] = None
        known.move_to_end(origin.household)
        if len(known) > MOST_KNOWN_ADDRESSES:
            known.popitem(last=False)

"""Whether a password is right: at once when it stands in place or was verified before, else when the verifier answers.

A hash costs some 20 ms to check, which nobody may make others pay: what waits is bounded, in all, for strangers and for
each address; the same password of the same account is checked once for all who wait for it; what was right once is
remembered as a keyed digest, in memory only. A wrong password costs the same number of checks whether the account has
two hashes, one, a password in place, or does not exist.
"""

import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterable
from enum import Enum
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from gateway.flow.access import Access

MOST_OF_ADDRESS = 8  # different passwords of one strange address that wait at a time

# Checks a password against a hash, elsewhere; calls back in the loop. False: it has too much to do and will not.
Verify: TypeAlias = Callable[[str, bytes, Callable[[bool], None]], bool]

_COST = re.compile(r"m=(\d+),t=(\d+)")
_NOBODY = Access()


class Verdict(Enum):
    """What is said of a password."""

    RIGHT = "right"
    WRONG = "wrong"
    REPEATED = "wrong, and counted already: the same one was waiting"
    BUSY = "too much waits; it was not judged"


Then: TypeAlias = Callable[[Verdict], None]


class _Waiting(NamedTuple):
    password: bytes
    household: str
    hashes: list[str]  # still to be tried, the last one first
    access: Access
    then: list[Then]


class Credentials:
    """`key` is random and of this process; `most_waiting` counts different passwords."""

    def __init__(self, accesses: Iterable[Access], verify: Verify, key: bytes, most_waiting: int) -> None:
        hashes = [access.hashes for access in accesses]
        self._verify = verify
        self._key = key
        self._most_waiting = most_waiting
        self._rounds = max(map(len, hashes), default=0)
        self._decoy = decoy_of(one for some in hashes for one in some)
        self._verified: dict[str, bytes] = {}  # by hash, so no longer than the configuration
        self._waiting: dict[bytes, _Waiting] = {}
        self._of_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def judge(
        self, access: Access | None, system_id: bytes, password: bytes, household: str, stranger: bool, then: Then
    ) -> None:
        """Call `then` with the verdict, now or later."""
        known = access or _NOBODY
        digest = blake2b(b"%b\0%b" % (system_id, password), key=self._key, digest_size=32).digest()
        if self._is_known(known, password, digest):
            then(Verdict.RIGHT)
        elif not self._rounds:
            then(Verdict.WRONG)
        elif digest in self._waiting:
            self._waiting[digest].then.append(then)
        elif self._is_full(household, stranger):
            then(Verdict.BUSY)
        else:
            hashes = [*[self._decoy] * (self._rounds - len(known.hashes)), *known.hashes]
            self._waiting[digest] = _Waiting(password, household, hashes, known, [then])
            self._of_address[household] += 1
            self._next(digest)

    def _is_known(self, access: Access, password: bytes, digest: bytes) -> bool:
        in_place = [hmac.compare_digest(one, password) for one in access.passwords]
        before = [hmac.compare_digest(self._verified.get(one, b""), digest) for one in access.hashes]
        return any(in_place) or any(before)

    def _is_full(self, household: str, stranger: bool) -> bool:
        if not stranger:
            return len(self._waiting) >= self._most_waiting
        return len(self._waiting) >= self._most_waiting // 2 or self._of_address[household] >= MOST_OF_ADDRESS

    def _next(self, digest: bytes) -> None:
        waiting = self._waiting[digest]
        if not waiting.hashes:
            self._end(digest, Verdict.WRONG)
            return
        one = waiting.hashes.pop()

        def answered(right: bool) -> None:
            if right and one in waiting.access.hashes:
                self._verified[one] = digest
                self._end(digest, Verdict.RIGHT)
            else:
                self._next(digest)

        if not self._verify(one, waiting.password, answered):
            self._end(digest, Verdict.BUSY)

    def _end(self, digest: bytes, verdict: Verdict) -> None:
        waiting = self._waiting.pop(digest)
        self._of_address[waiting.household] -= 1
        if not self._of_address[waiting.household]:
            del self._of_address[waiting.household]
        for then in waiting.then:
            then(verdict)
            if verdict is Verdict.WRONG:
                verdict = Verdict.REPEATED


def decoy_of(hashes: Iterable[str]) -> str:
    """A hash that no password has and that costs as much to check as the dearest of these; empty if there are none."""
    dearest = max(hashes, key=_cost, default="")
    head, _, digest = dearest.rpartition("$")
    return f"{head}${'A' * len(digest)}" if dearest else ""


def _cost(written: str) -> int:
    match = _COST.search(written)
    return int(match[1]) * int(match[2]) if match else 0

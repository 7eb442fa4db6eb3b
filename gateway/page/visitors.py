"""Who may search and steer: named tokens, and browsers that have shown one. Pure: the time is handed in."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from gateway.flow.doors import DoorLimits, Tallies

MOST_SESSIONS = 100  # browsers; the one that was let in first leaves
FREE_ATTEMPTS = 5  # wrong tokens of one address before it must wait
MOST_ADDRESSES = 1_000
LIMITS = DoorLimits(first_wait_seconds=1.0, longest_wait_seconds=60.0)
RANDOM_OCTETS = 32


class Visitor(NamedTuple):
    """A browser that was let in. `form_key` stands in each of its forms, and nobody else knows it."""

    name: str
    form_key: str
    until: float


class MustWait(Exception):
    """Too many wrong tokens came from there."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong tokens: try again in {seconds:.0f} seconds")
        self.seconds = seconds


class Visitors:
    """Tokens by name, and the browsers that are in."""

    def __init__(self, tokens: Mapping[str, str], session_seconds: float) -> None:
        self._digests = {name: _digest(token) for name, token in tokens.items()}
        self._session_seconds = session_seconds
        self._sessions: OrderedDict[str, Visitor] = OrderedDict()
        self._wrong: Tallies[str] = Tallies(FREE_ATTEMPTS, LIMITS, MOST_ADDRESSES)

    @property
    def any(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._digests)

    def name_of(self, token: str, peer: str, now: float) -> str | None:
        """Whose token it is; None: nobody's, which is counted. MustWait: it was not even looked at."""
        wait = self._wrong.wait_seconds(peer, now)
        if wait:
            raise MustWait(max(1.0, wait))
        shown = _digest(token)
        found = [name for name, digest in self._digests.items() if hmac.compare_digest(shown, digest)]
        if not found:
            self._wrong.failed(peer, now)
            return None
        self._wrong.forgive(peer)
        return found[0]

    def let_in(self, name: str, now: float) -> str:
        """Remember a browser that showed the token of `name`. Return what it is to keep."""
        cookie = secrets.token_urlsafe(RANDOM_OCTETS)
        self._sessions[cookie] = Visitor(name, secrets.token_urlsafe(RANDOM_OCTETS), now + self._session_seconds)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return cookie

    def visitor(self, cookie: str, now: float) -> Visitor | None:
        """The browser that keeps this, unless its time is over."""
        found = self._sessions.get(cookie)
        if found is not None and now >= found.until:
            del self._sessions[cookie]
            return None
        return found

    def leave(self, cookie: str) -> None:
        """It is out."""
        self._sessions.pop(cookie, None)


def same(shown: str, known: str) -> bool:
    """Whether two secrets are one, in a time that does not tell how alike they are."""
    return hmac.compare_digest(_digest(shown), _digest(known))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()

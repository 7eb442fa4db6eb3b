"""Hashed passwords are checked beside the loop: a few threads, a bounded queue, answers back in the loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's profile of argon2id with 19 MiB. A check uses the cost that the hash names, whatever it is.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def is_right(hashed: str, password: bytes) -> bool:
    """Check one, in some 20 ms. The interpreter runs on meanwhile, in other threads."""
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def verify_at_once(hashed: str, password: bytes, then: Callable[[bool], None]) -> bool:
    """The same where nobody else waits."""
    then(is_right(hashed, password))
    return True


class Verifier:
    """At most `most_waiting` at a time, on `threads` threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, threads: int, most_waiting: int) -> None:
        self._loop = loop
        self._most_waiting = most_waiting
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="verifier")
        self.waiting = 0

    def verify(self, hashed: str, password: bytes, then: Callable[[bool], None]) -> bool:
        """Call `then` in the loop when it was checked. False: too many wait, `then` will not be called."""
        if self.waiting >= self._most_waiting:
            return False
        self.waiting += 1

        def answered(future: Future[bool]) -> None:
            if not future.cancelled():
                self._loop.call_soon_threadsafe(self._answered, then, future)

        self._threads.submit(is_right, hashed, password).add_done_callback(answered)
        return True

    def _answered(self, then: Callable[[bool], None], future: Future[bool]) -> None:
        self.waiting -= 1
        then(future.result())

    def close(self) -> None:
        """Forget what waits, wait for what is being checked."""
        self._threads.shutdown(wait=True, cancel_futures=True)

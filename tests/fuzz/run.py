"""Runs a trial again and again for a time, each with a seed of its own that a failure tells."""

from collections.abc import Callable
from random import Random

from gateway import clock
from tests.fuzz.octets import frame
from tests.fuzz.pure import try_codec, try_session


class Failed(AssertionError):
    """A trial failed; the message has the seed with which it fails again."""


def again(trial: Callable[[Random], object], name: str, seconds: float, least: int = 100) -> int:
    """Trials for so long, but `least` of them; how many it were. Failed."""
    end = clock.monotonic() + seconds
    done = 0
    while done < least or clock.monotonic() < end:
        seed = f"{name} {done}"
        try:
            trial(Random(seed))
        except Exception as error:
            raise Failed(f"seed {seed!r}, first octets {frame(Random(seed)).hex()}: {error!r}") from error
        done += 1
    return done


def codec(seed: str, seconds: float, least: int = 100) -> int:
    """Frames through the codec."""
    return again(try_codec, f"{seed} codec", seconds, least)


def session(seed: str, seconds: float, least: int = 100) -> int:
    """Conversations with a session."""
    return again(try_session, f"{seed} session", seconds, least)

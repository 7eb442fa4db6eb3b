"""Connections on virtual time: octets arrive in order, late, cut anywhere; they stall, go silent, are reset."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Protocol

from tests.simulation.timeline import Timeline

LATENCY_SECONDS = 0.02  # at most, unless the wire is stalled
WHOLE = 0.7  # of what is sent arrives as it was sent
CRUMBS = 0.03  # of what is sent arrives octet by octet, if it is short
MOST_CRUMBS = 80


class End(Protocol):
    """One end of a connection."""

    def receive(self, octets: bytes) -> None:
        """Octets came."""

    def gone(self) -> None:
        """The connection ended: the last that is heard of it."""


class Way:
    """One direction."""

    def __init__(self, timeline: Timeline, lot: Random, end: End) -> None:
        self._timeline = timeline
        self._lot = lot
        self._end = end
        self._free_at = 0.0
        self.ended = False
        self.silent = False

    def send(self, octets: bytes) -> None:
        """They arrive, unless something happens to them."""
        if not self.ended:
            for piece in self._cut(octets):
                self._later(partial(self._arrive, piece))

    def _cut(self, octets: bytes) -> list[bytes]:
        fate = self._lot.random()
        if fate < CRUMBS and len(octets) <= MOST_CRUMBS:
            return [octets[at : at + 1] for at in range(len(octets))]
        if fate < WHOLE:
            return [octets]
        places = sorted(self._lot.randrange(len(octets) + 1) for _ in range(self._lot.randint(1, 3)))
        pieces = [octets[a:b] for a, b in zip([0, *places], [*places, len(octets)], strict=True)]
        return [piece for piece in pieces if piece]

    def _later(self, do: Callable[[], None]) -> None:
        self._free_at = max(self._free_at, self._timeline.now + self._lot.random() * LATENCY_SECONDS)
        self._timeline.at(self._free_at, do)

    def _arrive(self, octets: bytes) -> None:
        if not (self.ended or self.silent):
            self._end.receive(octets)

    def finish(self) -> None:
        """The end of the stream, behind what was sent."""
        self._later(self._gone)

    def _gone(self) -> None:
        if not (self.ended or self.silent):
            self.ended = True
            self._end.gone()

    def drop(self) -> None:
        """The end of the stream, before all that is on its way."""
        if not self.ended:
            self.ended = True
            self._timeline.after(self._lot.random() * LATENCY_SECONDS, self._end.gone)

    def stall(self, seconds: float) -> None:
        """Nothing arrives for so long; then all of it does."""
        self._free_at = max(self._free_at, self._timeline.now + seconds)


class Wire:
    """Between the gateway and a peer."""

    def __init__(self, timeline: Timeline, lot: Random, gateway: End, peer: End) -> None:
        self.to_gateway = Way(timeline, lot, gateway)
        self.to_peer = Way(timeline, lot, peer)

    def close_from_gateway(self) -> None:
        """The gateway reads no more."""
        self.to_gateway.ended = True
        self.to_peer.finish()

    def close_from_peer(self) -> None:
        """The peer reads no more."""
        self.to_peer.ended = True
        self.to_gateway.finish()

    def reset(self) -> None:
        """Both ends learn of it; what was on its way is lost."""
        self.to_gateway.drop()
        self.to_peer.drop()

    def silence(self) -> None:
        """Half-open, or worse: nothing arrives any more, and nobody is told."""
        self.to_gateway.silent = self.to_peer.silent = True

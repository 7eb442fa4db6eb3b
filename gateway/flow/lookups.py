"""Look-ups of numbers over the network, as the flow sees them: never two for one number at a time, sources in order.

No socket and no clock: what asks a source is a callable, and time comes from outside. What was answered is kept by the
cache's policy; what happens when nobody answers is the operator's choice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from gateway.routing.lookup_answers import Answer, Said
from gateway.routing.lookup_cache import LookupCache

# Asks one source for one number, elsewhere; calls back in the loop. False: it has too much to do and will not.
AskSource: TypeAlias = Callable[[str, bytes, Callable[[Answer], None]], bool]

NO_SOURCE = Answer(Said.UNKNOWN)
NOBODY_ASKED = Answer(Said.SILENT)


class Act(Enum):
    """What becomes of the message."""

    ROUTE = "go to the carrier that was named"
    BLOCKS = "go to the carrier of the number's block"
    FAIL = "end undelivered"


class Verdict(NamedTuple):
    """What to do, and the answer that it follows from."""

    act: Act
    answer: Answer


Then: TypeAlias = Callable[[Verdict], None]


class WhenSilent(Enum):
    """What becomes of a message when no source answered."""

    BLOCKS = "blocks"
    WAIT = "wait"  # ask again, until the message's validity is over
    FAIL = "fail"


class LookupPolicy(NamedTuple):
    """The operator's choices."""

    silent: WhenSilent = WhenSilent.BLOCKS
    unknown: Act = Act.BLOCKS  # every source answered, and none knows: BLOCKS or FAIL
    wait_seconds: float = 30.0  # between attempts
    most_waiting: int = 200_000  # who waits for an answer, in all; others are told SILENT at once


@dataclass(slots=True)
class LookupCounts:
    """Since the start."""

    asked: int = 0
    from_cache: int = 0
    joined: int = 0  # to a look-up of the same number that was under way
    refused: int = 0  # too many waited
    again: int = 0  # asked once more after a silence
    acts: dict[Act, int] = field(default_factory=lambda: dict.fromkeys(Act, 0))


class _Asker(NamedTuple):
    sources: tuple[str, ...]
    until: float
    then: Then


class _Flight(NamedTuple):
    """One number that is looked up: who waits, and what its sources said so far."""

    askers: list[_Asker]
    silent: list[bool]  # one entry as soon as a source of this round was silent


class Lookups:
    """Everybody who wants to know whose number it is asks here."""

    def __init__(
        self, ask: AskSource, cache: LookupCache, monotonic: Callable[[], float], policy: LookupPolicy
    ) -> None:
        self._ask = ask
        self._cache = cache
        self._monotonic = monotonic
        self._policy = policy
        self._flights: dict[bytes, _Flight] = {}
        self._later: list[tuple[float, int, bytes, list[_Asker]]] = []
        self._order = 0
        self._waiting = 0
        self.counts = LookupCounts()

    def __len__(self) -> int:
        """How many wait for an answer."""
        return self._waiting

    def under_way(self, e164: bytes) -> bool:
        """Whether a number is looked up now."""
        return e164 in self._flights

    def ask(self, e164: bytes, sources: tuple[str, ...], then: Then, until: float = float("inf")) -> None:
        """Call `then` with the verdict: at once when it is known or nobody may be asked, else later in the loop.

        `sources` are asked in order until one decides. `until` (monotonic seconds) ends the waiting for silent ones.
        """
        self.counts.asked += 1
        asker = _Asker(sources, until, then)
        flight = self._flights.get(e164)
        if flight is None:
            place, answer = self._remembered(e164, sources, 0)
            if answer is not None:
                self.counts.from_cache += 1
                self._tell(asker, self._act(answer), answer)
                return
            if self._policy.most_waiting <= self._waiting:
                self._refuse(asker)
                return
            self._waiting += 1
            self._start(e164, [asker], place)
        elif self._policy.most_waiting <= self._waiting:
            self._refuse(asker)
        else:
            self.counts.joined += 1
            self._waiting += 1
            flight.askers.append(asker)

    def remembered(self, e164: bytes, sources: tuple[str, ...]) -> Verdict | None:
        """The verdict by what is kept from before, nobody being asked; None when somebody must be."""
        answer = self._remembered(e164, sources, 0)[1]
        if answer is None:
            return None
        self.counts.from_cache += 1
        act = self._act(answer)
        self.counts.acts[act] += 1
        return Verdict(act, answer)

    def tick(self) -> None:
        """Ask again for those whose wait is over. Once a second is often enough."""
        now = self._monotonic()
        while self._later and self._later[0][0] <= now:
            _, _, e164, askers = heappop(self._later)
            flight = self._flights.get(e164)
            if flight is None:
                self.counts.again += 1
                self._start(e164, askers, 0)
            else:
                flight.askers.extend(askers)

    def _remembered(self, e164: bytes, sources: tuple[str, ...], place: int) -> tuple[int, Answer | None]:
        """The place of the first source that must be asked; or the answer that the cache has for all of this."""
        now = self._monotonic()
        last: Answer | None = None
        for at in range(place, len(sources)):
            last = self._cache.get(sources[at], e164, now)
            if last is None:
                return at, None
            if last.decides:
                return at, last
        return len(sources), last or NO_SOURCE

    def _start(self, e164: bytes, askers: list[_Asker], place: int) -> None:
        self._flights[e164] = _Flight(askers, [])
        self._go_on(e164, place)

    def _go_on(self, e164: bytes, place: int) -> None:
        """Ask the sources from this place on, those of the first who asked; what is remembered is not asked again."""
        flight = self._flights[e164]
        sources = flight.askers[0].sources
        answer: Answer | None = None
        while place < len(sources):
            place, answer = self._remembered(e164, sources, place)
            if answer is not None:
                break
            if self._ask_source(e164, sources[place], place):
                return
            flight.silent.append(True)
            place += 1
        if answer is None or (not answer.decides and flight.silent):
            answer = Answer(Said.SILENT if flight.silent else Said.UNKNOWN, sources[-1] if sources else "")
        self._land(e164, answer)

    def _ask_source(self, e164: bytes, source: str, place: int) -> bool:
        flight = self._flights[e164]

        def answered(answer: Answer) -> None:
            if self._flights.get(e164) is not flight:
                return  # it was told twice
            self._cache.put(e164, answer, self._monotonic())
            if answer.decides:
                self._land(e164, answer)
                return
            if answer.said is Said.SILENT:
                flight.silent.append(True)
            self._go_on(e164, place + 1)

        return self._ask(source, e164, answered)

    def _land(self, e164: bytes, answer: Answer) -> None:
        """Tell everybody for whom this is an answer; who trusts other sources gets a look-up of his own."""
        askers = self._flights.pop(e164).askers
        mine = askers[0].sources
        done: list[_Asker] = []
        wait: list[_Asker] = []
        others: list[_Asker] = []
        for one in askers:
            if one.sources != mine and not (answer.decides and answer.source in one.sources):
                others.append(one)
            elif self._waits(one, answer):
                wait.append(one)
            else:
                done.append(one)
        if wait:
            self._order += 1
            heappush(self._later, (self._monotonic() + self._policy.wait_seconds, self._order, e164, wait))
        if others:
            self._start(e164, others, 0)
        self._waiting -= len(done)
        for one in done:
            self._tell(one, self._act(answer), answer)

    def _waits(self, asker: _Asker, answer: Answer) -> bool:
        if answer.said is not Said.SILENT or self._policy.silent is not WhenSilent.WAIT or not asker.sources:
            return False
        return self._monotonic() + self._policy.wait_seconds < asker.until

    def _refuse(self, asker: _Asker) -> None:
        """There is no place to wait in: what waits elsewhere goes by blocks here."""
        self.counts.refused += 1
        self._tell(asker, Act.FAIL if self._policy.silent is WhenSilent.FAIL else Act.BLOCKS, NOBODY_ASKED)

    def _tell(self, asker: _Asker, act: Act, answer: Answer) -> None:
        self.counts.acts[act] += 1
        asker.then(Verdict(act, answer))

    def _act(self, answer: Answer) -> Act:
        if answer.said is Said.KNOWN:
            return Act.ROUTE
        if answer.said is Said.AT_HOME:
            return Act.BLOCKS
        if answer.said is Said.UNKNOWN:
            return self._policy.unknown
        return Act.BLOCKS if self._policy.silent is WhenSilent.BLOCKS else Act.FAIL

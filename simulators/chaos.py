"""What a bad network does to one connection, without sockets: octets and time come in, octets come out late."""

from collections import deque
from copy import copy
from random import Random
from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulators.sections import CountSpan, Seconds, SecondsSpan, Section

MOST_WAITING = 256 * 1024  # octets on their way in one direction; above it nothing more is read
MOST_FRAME = 70_000  # what says it is longer is no PDU

Direction = Literal["there", "back", "both"]


class _Trouble(Section):
    direction: Direction = Field(default="both", description="`there`: from who connects to the target.")
    share: float = Field(default=1.0, gt=0.0, le=1.0, description="Of the connections, by lot.")
    from_seconds: Seconds = Field(default=0.0, description="Connections from then on, since the proxy's start.")
    to_seconds: Seconds | None = Field(default=None, description="And until then.")


class Delay(_Trouble):
    """Octets come later, in their order."""

    kind: Literal["delay"]
    seconds: SecondsSpan = Field(description="Latency and jitter: least and most.")


class Bandwidth(_Trouble):
    """No more than so many octets in a second."""

    kind: Literal["bandwidth"]
    octets_per_second: int = Field(ge=1, le=1_000_000_000)


class Split(_Trouble):
    """Octets arrive few at a time."""

    kind: Literal["split"]
    octets: CountSpan


class _At(_Trouble):
    after_octets: CountSpan | None = None
    after_pdus: CountSpan | None = None
    plus_octets: int = Field(default=0, ge=0, le=MOST_FRAME, description="Behind the last of `after_pdus`.")

    @model_validator(mode="after")
    def _has_a_place(self) -> "_At":
        if (self.after_octets is None) == (self.after_pdus is None):
            raise ValueError("needs either `after_octets` or `after_pdus`")
        if self.plus_octets and self.after_pdus is None:
            raise ValueError("`plus_octets` goes with `after_pdus`")
        return self


class Stall(_At):
    """Nothing passes for a while."""

    kind: Literal["stall"]
    seconds: SecondsSpan


class Cut(_At):
    """The connection ends: both sides get an RST or a FIN, or neither is told (half_open)."""

    kind: Literal["cut"]
    by: Literal["reset", "close", "half_open"] = "reset"


Trouble = Annotated[Delay | Bandwidth | Split | Stall | Cut, Field(discriminator="kind")]


class Refusal(Section):
    """Nobody listens for a while."""

    from_seconds: Seconds
    to_seconds: Seconds

    @model_validator(mode="after")
    def _has_a_time(self) -> "Refusal":
        if self.to_seconds <= self.from_seconds:
            raise ValueError("`to_seconds` must be after `from_seconds`")
        return self


class Plan(Section):
    """The YAML file."""

    troubles: tuple[Trouble, ...] = Field(default=(), max_length=1_000, strict=False)
    refuses: tuple[Refusal, ...] = Field(
        default=(), max_length=1_000, strict=False, description="When connections are refused, since the start."
    )


class Counter:
    """Counts whole PDUs in a stream, without keeping it."""

    def __init__(self) -> None:
        self.octets = 0
        self.pdus = 0
        self._head = b""
        self._left = 0  # of the PDU under way

    def pdu_end(self, octets: bytes, pdus: int) -> int | None:
        """How many of `octets` belong to the first `pdus` PDUs of the stream; None: all, and there are more."""
        at, end = 0, len(octets)
        while at < end and self.pdus < pdus:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
            else:
                step = min(4 - len(self._head), end - at)
                self._head += octets[at : at + step]
                if len(self._head) == 4:
                    self._left = max(int.from_bytes(self._head, "big") - 4, 0)
            at += step
            if len(self._head) == 4 and not self._left:
                self.pdus, self._head = self.pdus + 1, b""
        self.octets += at
        return at if self.pdus >= pdus else None


class _Event:
    """Something that happens at a place in the stream."""

    def __init__(self, trouble: Stall | Cut, lot: Random) -> None:
        self.trouble = trouble
        self._octets = 0 if trouble.after_octets is None else lot.randint(*trouble.after_octets)  # still to pass
        self._pdus = 0 if trouble.after_pdus is None else lot.randint(*trouble.after_pdus)
        self._counter = Counter()
        self._plus = trouble.plus_octets

    def place(self, octets: bytes) -> int | None:
        """Where in `octets` it happens; None: behind them."""
        at: int | None = self._octets
        if self._pdus:
            at = copy(self._counter).pdu_end(octets, self._pdus)
            at = None if at is None else at + self._plus
        return at if at is not None and at <= len(octets) else None

    def passed(self, octets: bytes) -> None:
        """These are through."""
        if not self._pdus:
            self._octets -= len(octets)
            return
        end = self._counter.pdu_end(octets, self._pdus)
        if end is not None:
            self._plus -= len(octets) - end


class Pipe:
    """One direction of one connection. `ended` says how, once what passed before has been pulled."""

    def __init__(self, troubles: list[Trouble], lot: Random) -> None:
        self._lot = lot
        self._delays = [one for one in troubles if isinstance(one, Delay)]
        self._rates = [one.octets_per_second for one in troubles if isinstance(one, Bandwidth)]
        self._splits = [one for one in troubles if isinstance(one, Split)]
        self._events = [_Event(one, lot) for one in troubles if isinstance(one, Stall | Cut)]
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._last = float("-inf")  # when what came before is through
        self.octets = 0  # that wait
        self._end: Literal["reset", "close", "half_open"] | None = None
        self._eof = False

    @property
    def full(self) -> bool:
        """Whether nothing more is to be read."""
        return self.octets >= MOST_WAITING

    @property
    def ended(self) -> Literal["reset", "close", "half_open"] | None:
        """How it ended, if it did."""
        if self._waiting:
            return None
        return self._end or ("close" if self._eof else None)

    @property
    def due(self) -> float | None:
        """When there is something to pull."""
        return self._waiting[0][0] if self._waiting else None

    def finish(self) -> None:
        """The sender sends no more."""
        self._eof = True

    def push(self, octets: bytes, now: float) -> None:
        """Octets of the sender."""
        while octets and self._end is None:
            places = [(at, event) for event in self._events if (at := event.place(octets)) is not None]
            first = min((at for at, _ in places), default=len(octets))
            part, octets = octets[:first], octets[first:]
            happening = [event for at, event in places if at == first]
            self._events = [event for event in self._events if event not in happening]
            for event in self._events:
                event.passed(part)
            self._enqueue(part, now)
            for event in happening:
                self._happen(event.trouble, now)

    def _happen(self, trouble: Stall | Cut, now: float) -> None:
        if isinstance(trouble, Stall):
            self._last = max(self._last, now) + self._lot.uniform(*trouble.seconds)
        else:
            self._end = trouble.by

    def _enqueue(self, octets: bytes, now: float) -> None:
        while octets:
            size = min((self._lot.randint(*one.octets) for one in self._splits), default=len(octets))
            piece, octets = octets[:size], octets[size:]
            at = now + sum(self._lot.uniform(*one.seconds) for one in self._delays)
            at = max(at, self._last)
            for rate in self._rates:
                at = max(at, self._last, now) + len(piece) / rate
            if self._splits:
                at = max(at, self._last + 0.0005)
            self._last = at
            self._waiting.append((at, piece))
            self.octets += len(piece)

    def pull(self, now: float) -> list[bytes]:
        """What arrives by now, each piece a write of its own."""
        found = []
        while self._waiting and self._waiting[0][0] <= now:
            piece = self._waiting.popleft()[1]
            self.octets -= len(piece)
            found.append(piece)
        return found


class Network:
    """All connections of a proxy."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._seed = seed
        self._connections = 0

    def connect(self, seconds: float) -> tuple[Pipe, Pipe]:
        """The way there and the way back of a new connection, so long after the start."""
        self._connections += 1
        lot = Random(f"{self._seed} {self._connections}")
        drawn = [
            one
            for one in self._plan.troubles
            if one.from_seconds <= seconds
            and (one.to_seconds is None or seconds < one.to_seconds)
            and lot.random() < one.share
        ]
        there, back = (
            Pipe(
                [one for one in drawn if one.direction in {way, "both"}],
                Random(f"{self._seed} {self._connections} {way}"),
            )
            for way in ("there", "back")
        )
        return there, back

    def refuses(self, seconds: float) -> bool:
        """Whether nobody listens now."""
        return any(one.from_seconds <= seconds < one.to_seconds for one in self._plan.refuses)

    def next_change(self, seconds: float) -> float | None:
        """When that changes next."""
        edges = [edge for one in self._plan.refuses for edge in (one.from_seconds, one.to_seconds) if edge > seconds]
        return min(edges, default=None)

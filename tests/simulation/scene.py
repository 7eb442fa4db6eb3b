"""One seed: a gateway, its carriers and customers, what goes wrong, the healing, and the verdict."""

from collections.abc import Callable
from functools import partial
from random import Random

from gateway.assemble import Flow, assemble
from tests.simulation import setting
from tests.simulation.centre import Centre, Mood, Owed, SmscCentre
from tests.simulation.customer import Customer
from tests.simulation.disk import SlowStore, WatchedDisk
from tests.simulation.history import History
from tests.simulation.judge import judge, left_over
from tests.simulation.ledger import Ledger, Wrong
from tests.simulation.process import Crash, Process
from tests.simulation.timeline import Timeline
from tests.simulation.watch import Hands, Watch
from tests.simulation.wires import End, Wire

ACTIVE_SECONDS = 40.0
ACTS_A_SECOND = 5.0
FAULTS_A_SECOND = 0.4
REST_SECONDS = 3  # of quiet before the verdict
MOST_WALL_JUMP_SECONDS = 400
EDITED = 0.3  # of the gateway's lives begin with another configuration


class Scene:
    """`build` and `make_store` are how a test puts a known bug in."""

    def __init__(
        self,
        seed: int,
        build: Callable[..., Flow] = assemble,
        make_store: Callable[[WatchedDisk], SlowStore] = SlowStore,
    ) -> None:
        self.timeline = Timeline()
        self.history = History(self.timeline)
        self.ledger = Ledger()
        self._build = build
        self._make_store = make_store
        self._lot = Random(f"{seed} faults")
        self._settings = setting.draw(self._lot)
        self._in_doubt = self._settings.carriers["one"].in_doubt
        self._disk = WatchedDisk(self.history)
        lots = [Random(f"{seed} {name}") for name in ("one", "two", "wires")]
        self._wires_lot = lots[2]
        self._one = Centre("one", self.timeline, lots[0], self.history, self.ledger, self._disk)
        cast = tuple(sorted(self._lot.sample(range(len(setting.CHARACTERS)), self._lot.randint(0, 4))))
        self.ledger.lies = setting.lies(cast)
        self._two = SmscCentre(
            "two", setting.smsc_config(cast), seed, self.timeline, lots[1], self.history, self.ledger, self._disk
        )
        self._process: Process | None = None
        self._hands = Hands(self._disk, setting.RESPONSE_SECONDS)
        self._points_left: int | None = None
        self._die_at: str | None = None  # which kind of points is counted; None: all
        self._sync_seconds = self._lot.choice((0.004, 0.05))
        self._healing = False
        self._token = 0
        self._start()
        self._customers = [
            Customer(
                name,
                manners,
                self._connect,
                self.timeline,
                Random(f"{seed} {name}"),
                self.history,
                self.ledger,
                self._next_token,
            )
            for name, manners in setting.MANNERS.items()
        ]
        self._silenced: list[Wire] = []
        self._never = self._lot.random() < 0.3

    def _next_token(self) -> int:
        self._token += 1
        return self._token

    def _connect(self, name: str, end: End) -> Wire | None:
        if self._process is None:
            return None
        return self._process.accept(end, Watch(name, self._hands, self.timeline.monotonic))

    # The gateway's lives

    def _start(self) -> None:
        self._hands = Hands(self._disk, setting.RESPONSE_SECONDS)
        self._process = Process(
            self._settings,
            self._make_store(self._disk),
            {"one": self._one, "two": self._two},
            self.timeline,
            self._wires_lot,
            self.history,
            self._point,
            self._sync_seconds,
            self._build,
        )

    def _point(self, where: str) -> None:
        if self._points_left is not None and self._die_at in {None, where}:
            self._points_left -= 1
            if self._points_left <= 0:
                self._points_left = None
                raise Crash

    def _die(self) -> None:
        assert self._process is not None
        self._count_doubts()
        self._process.die()
        self._process = None
        if self._lot.random() < EDITED:
            self._settings = setting.draw(self._lot, self._in_doubt)
        self.timeline.after(self._lot.random() * 4.0, self._start)

    def _count_doubts(self) -> None:
        if self._process is not None:
            self.ledger.in_doubt += sum(one.counts.in_doubt for one in self._process.flow.carriers.values())

    # Time

    def run(self) -> None:
        """All of it. Wrong, or whatever the gateway raises."""
        end = self.timeline.now + ACTIVE_SECONDS
        self.timeline.after(0.5, self._act)
        self.timeline.after(self._lot.expovariate(FAULTS_A_SECOND), self._fault)
        self._pass_until(end)
        self._heal()
        self._rest()
        self._count_doubts()
        assert self._process is not None
        judge(self._disk, self.ledger, self._process, resends=self._in_doubt != "fail")
        self.history.note("judge", "all promises were kept")

    def _pass_until(self, end: float) -> None:
        while (do := self.timeline.take(end)) is not None:
            try:
                do()
            except Crash:
                self._die()

    def _act(self) -> None:
        if self._healing:
            return
        self._lot.choice(self._customers).act()
        if self._lot.random() < 0.06:
            self._from_a_phone()
        self.timeline.after(self._lot.expovariate(ACTS_A_SECOND), self._act)

    def _from_a_phone(self) -> None:
        to, owner = self._lot.choice(list(setting.OWNERS.items()))
        total = self._lot.choice((1, 1, 2, 3))
        source = b"8190300%05d" % self._lot.randrange(100_000)
        reference = self._lot.randrange(256)
        for number in range(1, total + 1):
            token = self._next_token()
            text = f"[{token:06d}] もしもし".encode("utf_16_be")
            head = b"\x05\x00\x03%c%c%c" % (reference, total, number) if total > 1 else b""
            owed = Owed(source, to, head + text, 0x40 if head else 0, 8)
            owed.mo = token, owner
            if self._lot.random() > 0.03:
                self._one.owe(owed, self._lot.random() * 2.0)

    # What goes wrong

    def _fault(self) -> None:
        if self._healing:
            return
        faults: tuple[tuple[Callable[[], None], int], ...] = (
            (self._crash, 8),
            (self._stop, 2),
            (self._stick, 3),
            (self._slow, 3),
            (self._down, 4),
            (self._moody, 10),
            (self._cut, 6),
            (self._stall, 4),
            (self._silence, 3),
            (self._set_clock, 1),
            (self._reload, 3),
        )
        fault = self._lot.choices([one for one, _ in faults], [weight for _, weight in faults])[0]
        self.history.note("fault", fault.__name__.removeprefix("_"))
        fault()
        self.timeline.after(self._lot.expovariate(FAULTS_A_SECOND), self._fault)

    def _crash(self) -> None:
        self._die_at = self._lot.choice((None, "written", "flushed"))
        self._points_left = self._lot.randint(1, 60) if self._die_at is None else self._lot.randint(1, 6)

    def _stop(self) -> None:
        """In an orderly way, as far as it comes."""
        process = self._process
        if process is not None:
            process.flow.hold()
            self.timeline.after(self._lot.random() * 5.0, lambda: self._die() if self._process is process else None)

    def _stick(self) -> None:
        if self._process is not None:
            store = self._process.store
            store.stuck = "disk full"
            self.timeline.after(self._lot.random() * 8.0, partial(setattr, store, "stuck", ""))

    def _slow(self) -> None:
        if self._process is not None:
            self._process.sync_seconds = 2.0
            self.timeline.after(
                self._lot.random() * 10.0, partial(setattr, self._process, "sync_seconds", self._sync_seconds)
            )

    def _down(self) -> None:
        centre = self._lot.choice((self._one, self._two))
        centre.mood.down = True
        for wire in centre.wires():
            wire.reset()
        self.timeline.after(self._lot.random() * 12.0, partial(setattr, centre.mood, "down", False))

    def _moody(self) -> None:
        mood = self._one.mood
        names = ("throttles", "refuses", "loses", "mute", "doubles", "answer_seconds", "receipt_seconds", "bind_status")
        name = self._lot.choice((*names, "never") if self._never else names)
        mood.__dict__[name] = {
            "answer_seconds": self._lot.choice((0.02, 2.0, 14.0)),
            "receipt_seconds": self._lot.choice((0.0, 0.01, 5.0)),
            "bind_status": self._lot.choice((0, 0x05, 0x0D)),
        }.get(name, self._lot.choice((0.0, 0.1, 0.5)))

    def _all_wires(self) -> list[Wire]:
        wires = [*self._one.wires(), *self._two.wires()]
        return wires + [wire for customer in self._customers for wire in customer.wires()]

    def _cut(self) -> None:
        wires = self._all_wires()
        if wires:
            self._lot.choice(wires).reset()

    def _stall(self) -> None:
        wires = self._all_wires()
        if wires:
            wire = self._lot.choice(wires)
            self._lot.choice((wire.to_gateway, wire.to_peer)).stall(self._lot.random() * 15.0)

    def _silence(self) -> None:
        wires = self._all_wires()
        if wires:
            wire = self._lot.choice(wires)
            wire.silence()
            self._silenced.append(wire)

    def _set_clock(self) -> None:
        seconds = self._lot.randint(-MOST_WALL_JUMP_SECONDS, MOST_WALL_JUMP_SECONDS)
        self.timeline.wall_offset_ms += seconds * 1000
        self.ledger.expired_early = self.ledger.expired_early or seconds > 0

    def _reload(self) -> None:
        """Another file, with the binds of this one."""
        drawn, carriers = setting.draw(self._lot, self._in_doubt), self._settings.carriers
        same = {key: one.model_copy(update={"session": carriers[key].session}) for key, one in drawn.carriers.items()}
        self._settings = drawn.model_copy(update={"carriers": same})
        if self._process is not None:
            self._process.reload(self._settings)

    # The end

    def _heal(self) -> None:
        self.history.note("fault", "healing begins")
        self._healing = True
        self._points_left = None
        self._one.mood = Mood()
        self._two.mood = Mood()
        if self._process is not None:
            self._process.store.stuck = ""
            self._process.sync_seconds = self._sync_seconds
        for customer in self._customers:
            customer.polite = True
        for wire in self._silenced:
            wire.reset()

    def _rest(self) -> None:
        """Until nothing is under way."""
        last = self.timeline.now + setting.VALIDITY_SECONDS + setting.MARGIN_SECONDS + MOST_WALL_JUMP_SECONDS * 2 + 120
        quiet = 0
        while quiet < REST_SECONDS:
            if self.timeline.now > last:
                raise Wrong(f"it does not come to rest: {', '.join(self._restless())}")
            self._pass_until(self.timeline.now + 1.0)
            for customer in self._customers:
                customer.catch_up()
            quiet = 0 if self._restless() else quiet + 1

    def _restless(self) -> list[str]:
        process = self._process
        if process is None:
            return ["the gateway is down"]
        found = [one.key for one in (self._one, self._two) if not one.resting]
        found += [one.name for one in self._customers if not one.resting]
        found += [f"{name} on disk: {count}" for name, count in left_over(self._disk).items()]
        if process.store.busy:
            found.append("the store")
        if len(process.flow.parking):
            found.append(f"{len(process.flow.parking)} messages parked")
        if len(process.flow.live):
            found.append(f"{len(process.flow.live)} messages alive")
        found += [f"a {one.side.name} session" for one in process.sessions if one.unanswered or one.owed]
        return found

"""What is owed is kept until it is acknowledged: windows, refusals, sessions that go, and a memory that is lost."""

from random import Random

from simulators import wire
from simulators.config import Receipts
from simulators.link import Session
from simulators.outbox import Delivery, Outbox
from simulators.timetable import Timetable


class Bench:
    """An outbox over sessions that are bound, and what leaves on each."""

    def __init__(self, sessions: int, window: int = 2) -> None:
        self.table = Timetable()
        self.table.tell(0.0)
        self.sessions = {self.bound(): None for _ in range(sessions)}
        self.sent: list[tuple[Session, bytes]] = []
        config = Receipts(window=window, again_seconds=5.0, most_waiting=4)
        self.outbox = Outbox(
            config, self.table, self.sessions, Random(1), lambda session, pdu: self.sent.append((session, pdu))
        )

    @staticmethod
    def bound() -> Session:
        session = Session()
        session.mode, session.system_id = wire.BIND_TRANSCEIVER, b"gateway"
        return session

    def promise(self, name: bytes, session: Session | None, due: float = 0.0, elsewhere: bool = False) -> None:
        delivery = Delivery(
            due, self.table.serial(), session, b"gateway", b"81", b"05", (1, 1), name, 4, 0, b"", elsewhere
        )
        self.outbox.promise(delivery)

    def run(self, now: float) -> list[tuple[Session, bytes]]:
        self.table.tell(now)
        self.outbox.run()
        return self.heard()

    def heard(self) -> list[tuple[Session, bytes]]:
        found = [(session, wire.parse_sm(pdu).short_message) for session, pdu in self.sent]
        self.sent.clear()
        return found


def test_own_first_then_what_is_nobodys_within_the_window() -> None:
    one = Bench(1)
    (session,) = one.sessions
    for name, of in ((b"a", session), (b"m", None), (b"b", session)):
        one.promise(name, of)
    assert [name for _, name in one.run(0.0)] == [b"a", b"b"]
    one.outbox.acknowledged(session, 0, 1)
    assert [name for _, name in one.heard()] == [b"m"]
    assert one.outbox.owing == 2


def test_refused_comes_again_later_and_is_owed_meanwhile() -> None:
    one = Bench(1)
    (session,) = one.sessions
    one.promise(b"a", session)
    one.run(1.0)
    one.outbox.acknowledged(session, wire.ESME_RX_T_APPN, 1)
    assert (one.outbox.due, one.outbox.owing, one.run(5.9)) == (6.0, 1, [])
    assert one.run(6.0) == [(session, b"a")]
    one.outbox.acknowledged(session, 0, 99)  # nobody asked
    one.outbox.acknowledged(session, 0, 2)
    one.outbox.acknowledged(session, 0, 2)
    assert one.outbox.owing == 0


def test_what_a_session_had_goes_to_another_in_its_order() -> None:
    one = Bench(2, window=10)
    first, second = one.sessions
    for place, name in enumerate((b"a", b"b", b"c")):
        one.promise(name, first, float(place))
    assert [session for session, _ in one.run(9.0)] == [first] * 3
    del one.sessions[first]
    one.outbox.take_back(first)
    assert one.heard() == [(second, b"a"), (second, b"b"), (second, b"c")]


def test_elsewhere_is_never_here_while_there_is_another() -> None:
    one = Bench(3, window=100)
    first = next(iter(one.sessions))
    for _ in range(30):
        one.promise(b"a", first, elsewhere=True)
    assert {session for session, _ in one.run(0.0)} == set(one.sessions) - {first}
    for session in list(one.sessions)[1:]:
        session.frozen = True
    one.promise(b"b", first, elsewhere=True)
    assert one.run(1.0) == [(first, b"b")]


def test_it_is_full_at_its_limit() -> None:
    one = Bench(1)
    told = []
    for _ in range(4):
        told.append(one.outbox.full)
        one.promise(b"a", None)
    assert (told, one.outbox.full) == ([False] * 4, True)


def test_a_lost_memory_owes_nothing() -> None:
    one = Bench(1)
    (session,) = one.sessions
    for due in (0.0, 0.0, 0.0, 50.0):
        one.promise(b"a", session, due)
    one.run(0.0)
    one.outbox.forget()
    assert (one.outbox.owing, one.outbox.due, session.in_flight, len(session.owed)) == (0, None, {}, 0)
    one.outbox.acknowledged(session, 0, 1)
    assert (one.outbox.owing, one.run(99.0)) == (0, [])

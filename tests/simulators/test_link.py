"""Sessions and links as values: what leaves, in which pieces, in any mixture of characters, is what was said."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import wire
from simulators.cast import Cast
from simulators.config import SmscConfig
from simulators.link import MOST_HELD, Links, Session
from simulators.timetable import Timetable


class Bench:
    """One session with characters, and a clock."""

    def __init__(self, *characters: dict[str, Any], seed: str = "1") -> None:
        whole = {"port": 0, "system_id": "gateway", "password": "pw", "characters": characters}
        self.table = Timetable()
        self.table.tell(0.0)
        self.changed: set[Session] = set()
        self.freed: list[Session] = []
        cast = Cast(SmscConfig.model_validate(whole).characters, seed)
        self.links = Links(cast, self.table, self.changed, self.freed.append)
        self.session = Session()
        self.links.connect(self.session)

    def write(self) -> bytes:
        """What the driver writes now."""
        self.changed.clear()
        out = bytes(self.session.out)
        self.session.out.clear()
        return out

    def until_quiet(self) -> bytes:
        out = self.write()
        while (due := self.table.due) is not None:
            self.table.tell(due)
            self.table.run()
            out += self.write()
        return out


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 40), st.integers(2, 9), st.booleans(), st.integers())
def test_octets_keep_their_order_whatever_plays(
    pauses: list[int], octets: int, pdus: int, lumps: bool, seed: int
) -> None:
    characters: list[dict[str, Any]] = [
        {"kind": "split_writes", "octets": octets, "pause_seconds": 0.3, "to_seconds": 7},
        {"kind": "half_open", "after_seconds": [0, 9], "for_seconds": 3},
        {"kind": "half_open", "after_pdus": [1, 9], "for_seconds": 2},
    ]
    if lumps:
        characters.append({"kind": "lumped_writes", "pdus": pdus, "most_seconds": 0.5})
    one = Bench(*characters, seed=str(seed))
    one.links.bound(one.session)
    said, heard = b"", b""
    for sequence, pause in enumerate(pauses):
        pdu = wire.enquire_link(sequence)
        said += pdu
        one.links.send(one.session, pdu)
        one.table.tell(one.table.now + pause)
        one.table.run()
        heard += one.write()
    assert heard + one.until_quiet() == said
    assert one.changed == set()


def test_a_plain_session_writes_at_once() -> None:
    one = Bench()
    one.links.send(one.session, b"pdu")
    assert one.changed == {one.session}
    assert (one.write(), one.table.due) == (b"pdu", None)


def test_what_is_held_is_bounded() -> None:
    one = Bench({"kind": "split_writes", "octets": 1, "pause_seconds": 60.0})
    for _ in range(40):
        one.links.send(one.session, bytes(60_000))
        assert len(one.session.held) <= MOST_HELD
    assert len(one.session.out) > MOST_HELD


def test_nothing_leaves_behind_an_rst() -> None:
    one = Bench({"kind": "hanging_up", "after_pdus": [2, 2], "within_pdu": True}, {"kind": "split_writes", "octets": 5})
    for sequence in range(4):
        one.links.send(one.session, wire.enquire_link(sequence))
    assert one.session.abort
    assert one.until_quiet() == wire.enquire_link(0) + wire.enquire_link(1)[:8]


def test_a_session_that_ended_is_left_alone() -> None:
    one = Bench(
        {"kind": "half_open", "after_seconds": [1, 1], "for_seconds": 1},
        {"kind": "hanging_up", "after_seconds": [5, 5], "by": "unbind"},
        {"kind": "split_writes", "octets": 1},
    )
    one.links.bound(one.session)
    one.links.send(one.session, b"abc")
    one.session.alive = False
    assert one.until_quiet() == b""
    assert one.freed == []
    assert not one.session.frozen


@pytest.mark.parametrize("mode", [0, wire.BIND_TRANSMITTER, wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER])
@pytest.mark.parametrize("state", ["", "ending", "abort", "frozen", "gone"])
def test_who_receives(mode: int, state: str) -> None:
    session = Session()
    session.mode = mode
    if state == "gone":
        session.alive = False
    elif state:
        setattr(session, state, True)
    assert session.receives == (not state and mode in {wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER})


def test_sequence_numbers_wrap() -> None:
    session = Session()
    session.sequence = wire.MOST_SEQUENCE - 1
    assert [session.next_sequence() for _ in range(2)] == [wire.MOST_SEQUENCE, 1]


def test_one_seed_draws_the_same() -> None:
    def drawn(seed: str) -> list[int | None]:
        one = Bench(
            {"kind": "hanging_up", "after_pdus": [1, 1_000]}, {"kind": "half_open", "after_pdus": [1, 999]}, seed=seed
        )
        return [at for _, at in one.session.links]

    assert drawn("1") == drawn("1")
    assert len({tuple(drawn(str(Random(place).random()))) for place in range(9)}) == 9

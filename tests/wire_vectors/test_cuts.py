"""Every vector through a session in every cut: whole, in two, byte by byte, with another PDU's beginning behind it.

However a frame is cut, the session says and reports the same.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from gateway.model.errors import PeerFault
from gateway.smpp.codec import HEADER_OCTETS, decode, encode
from gateway.smpp.events import Event, PeerUnbinds
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import (
    RESPONSE_OF,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    EnquireLink,
    GenericNack,
    Pdu,
    is_response,
)
from gateway.smpp.session import Session
from gateway.smpp.states import MAY_SEND, SessionState, Side, other
from gateway.smpp.status import CommandStatus
from tests.wire_vectors.load import load

BIND = BindTransceiver(system_id=b"shop", password=b"secret", interface_version=0x34, sequence_number=1)
BINDS = (BindReceiver, BindTransmitter, BindTransceiver)
BEGINNING = encode(EnquireLink(), 77)[:11]

SOUND = load("sound.txt")
SLOPPY = load("sloppy.txt")
BROKEN = {name: frame for name, frame in load("broken.txt").items() if len(frame) >= HEADER_OCTETS}


class Seen(NamedTuple):
    """All that a session made of the octets."""

    events: tuple[Event, ...]
    output: bytes
    state: SessionState
    closing: bool
    strays: int


def open_mc() -> Session:
    return Session(Side.MC, SessionLimits(), 0.0, lambda: None)


def bound_mc() -> Session:
    session = open_mc()
    session.receive(encode(BIND), 0.0)
    session.accept_bind(BIND, b"gateway")
    session.take_output()
    return session


def bound_esme() -> Session:
    session = Session(Side.ESME, SessionLimits(), 0.0, lambda: None)
    session.bind(BIND, 0.0)
    session.receive(encode(BindTransceiverResp(system_id=b"centre"), 1), 0.0)
    session.take_output()
    return session


SESSIONS = {"open": open_mc, "customer": bound_mc, "carrier": bound_esme}


def played(which: str, pieces: Iterator[bytes]) -> Seen:
    session = SESSIONS[which]()
    events: list[Event] = []
    output = b""
    for piece in pieces:
        events += session.receive(piece, 0.0)
        output += session.take_output()
    return Seen(tuple(events), output, session.state, session.closing, session.strays)


def cuts(octets: bytes) -> Iterator[tuple[bytes, ...]]:
    """Whole, byte by byte, and in two at every place."""
    yield tuple(octets[at : at + 1] for at in range(len(octets)))
    for at in range(len(octets) + 1):
        yield octets[:at], octets[at:]


CASES = [
    pytest.param(which, frame, id=f"{which}-{file}-{name}")
    for file, frames in (("sound", SOUND), ("sloppy", SLOPPY), ("broken", BROKEN))
    for name, frame in frames.items()
    for which in SESSIONS
]


@pytest.mark.parametrize(("which", "frame"), CASES)
def test_every_cut_says_the_same(which: str, frame: bytes) -> None:
    whole = played(which, iter((frame,)))
    for pieces in cuts(frame):
        assert played(which, iter(pieces)) == whole, [len(piece) for piece in pieces]


@pytest.mark.parametrize(("which", "frame"), CASES)
def test_a_beginning_behind_it_changes_nothing(which: str, frame: bytes) -> None:
    whole = played(which, iter((frame,)))
    if int.from_bytes(frame[:4], "big") != len(frame) and not whole.closing:
        pytest.skip("the length that it claims reaches into what is behind it")
    behind = played(which, iter((frame + BEGINNING,)))
    assert behind == whole
    for pieces in cuts(frame + BEGINNING):
        assert played(which, iter(pieces)) == whole


@pytest.mark.parametrize("which", SESSIONS)
@pytest.mark.parametrize("name", SOUND)
def test_what_a_sound_vector_becomes(which: str, name: str) -> None:
    """An event where the table allows it, else a refusal that has its number."""
    frame = SOUND[name]
    pdu = decode(frame)
    seen = played(which, iter((frame,)))
    session = SESSIONS[which]()
    answers = frames_of(seen.output)
    if is_response(type(pdu)):
        assert seen.events == ()
        assert answers == []
        assert seen.strays == 1
    elif type(pdu) is EnquireLink:
        assert [answer.sequence_number for answer in answers] == [pdu.sequence_number]
    elif pdu.command_id in MAY_SEND[other(session.side), session.state]:
        assert seen.events in {(pdu,), (PeerUnbinds(),)}
    else:
        (answer,) = answers
        assert seen.events == ()
        assert answer.sequence_number == pdu.sequence_number
        assert type(answer) is RESPONSE_OF.get(type(pdu), GenericNack)
        bound_twice = which == "customer" and isinstance(pdu, BINDS)
        expected = CommandStatus.ESME_RALYBND if bound_twice else CommandStatus.ESME_RINVBNDSTS
        assert answer.command_status == expected


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_broken_vector_becomes(name: str) -> None:
    """Refused with the status that its name ends with, under its own number, by its own response or a generic_nack."""
    frame = BROKEN[name]
    if int.from_bytes(frame[:4], "big") != len(frame):
        pytest.skip("the session waits for the rest, or reads a shorter one; test_session.py has lengths")
    command_id, sequence_number = int.from_bytes(frame[4:8], "big"), int.from_bytes(frame[12:16], "big")
    which = next(
        (key for key, make in SESSIONS.items() if command_id in MAY_SEND[other(make().side), make().state]), "customer"
    )
    seen = played(which, iter((frame,)))
    assert seen.events == ()
    if command_id & 0x8000_0000:
        assert seen.strays == 1
        return
    (answer,) = frames_of(seen.output)
    assert answer.sequence_number == sequence_number
    assert answer.command_status == CommandStatus[name.rpartition(":")[2]]
    with pytest.raises(PeerFault):
        decode(frame)


def frames_of(octets: bytes) -> list[Pdu]:
    found = []
    while octets:
        length = int.from_bytes(octets[:4], "big")
        found.append(decode(octets[:length]))
        octets = octets[length:]
    return found

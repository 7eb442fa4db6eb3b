"""What a trace says of PDUs: names, states, lengths; no text, no password, no whole number; and it ends."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import CapturingLogger

from gateway import pdu_trace
from gateway.net.connection import Connection
from gateway.net.turn import Turn
from gateway.pdu_trace import PduTraces, shown
from gateway.smpp.codec import encode
from gateway.smpp.pdu import BindTransceiver, EnquireLink, SubmitSm
from tests.gateway.flow.world import message, text


class Line:
    """A connection's end that a trace can tap, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.present: list[Connection] = [self.connection()]
        self.traces = PduTraces(lambda _: self.present, lambda: self.now)

    def connection(self) -> Connection:
        async def make() -> Connection:
            return Connection(Turn(self.loop, lambda: None), lambda: 0.0, lambda _, __: None, set())  # type: ignore[arg-type, return-value]

        return self.loop.run_until_complete(make())

    def say(self, octets: bytes, *, ours: bool = False) -> None:
        tap = self.present[0].tap
        if tap is not None:
            tap(octets, ours)


@pytest.fixture
def line() -> Iterator[Line]:
    one = Line()
    yield one
    asyncio.set_event_loop(None)
    one.loop.close()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The events of the trace."""
    logger = CapturingLogger()
    wrapped = structlog.wrap_logger(logger, processors=[])
    monkeypatch.setattr(pdu_trace, "log", wrapped)
    return logger.calls  # type: ignore[return-value]


def events(told: list[Any]) -> list[str]:
    return [call.kwargs["event"] for call in told]


def test_texts_and_passwords_are_lengths() -> None:
    one = shown(encode(message(tlvs=((0x0424, b"secret"), (0x1400, b"secret"), (0x0204, b"\x00\x01"))), 7))
    assert one["command"] == "submit_sm"
    assert (one["sequence"], one["status"], one["short_message_length"]) == (7, "ESME_ROK", 20)
    assert one["tlvs"] == ["message_payload: 6 octets", "0x1400: 6 octets", "user_message_reference: 0001"]
    bind = shown(encode(BindTransceiver(system_id=b"gw", password=b"hunter2", interface_version=0x34), 1))
    assert (bind["system_id"], bind["password_length"]) == (b"gw", 7)
    for told in (one, bind):
        assert "hunter2" not in repr(told)
        assert "secret" not in repr(told)
        assert repr(text(10)) not in repr(told)


def test_a_pdu_that_is_broken_is_told_as_such() -> None:
    frame = encode(SubmitSm(destination_addr=b"1"), 3)
    broken = shown((20).to_bytes(4, "big") + frame[4:20])
    assert (broken["command"], broken["sequence"]) == ("submit_sm", 3)
    assert broken["why"]


def test_every_cut_is_told_alike(line: Line, told: list[Any]) -> None:
    octets = b"".join(encode(EnquireLink(), number) for number in range(1, 4))
    for size in (1, 15, 16, 17, 48):
        line.traces.start("one", 60.0)
        for at in range(0, len(octets), size):
            line.say(octets[at : at + size])
        line.traces.stop("one")
    assert [call.kwargs["sequence"] for call in told] == [1, 2, 3] * 5
    assert {call.kwargs["way"] for call in told} == {"in"}


def test_who_begins_within_a_pdu_skips_to_the_next_read(line: Line, told: list[Any]) -> None:
    line.traces.start("one", 60.0)
    line.say(encode(message(), 1)[9:])
    line.say(encode(EnquireLink(), 2))
    line.say(encode(EnquireLink(), 3), ours=True)
    assert [(call.kwargs["sequence"], call.kwargs["way"]) for call in told] == [(2, "in"), (3, "out")]


def test_it_ends_with_its_time_and_follows_a_new_connection(line: Line, told: list[Any]) -> None:
    line.traces.start("one", 60.0)
    line.present = [line.connection()]
    line.say(encode(EnquireLink(), 1))
    assert told == []
    line.traces.tick()
    line.say(encode(EnquireLink(), 2))
    assert line.traces.running() == {"one": 60.0}
    line.now = 60.0
    line.traces.tick()
    line.say(encode(EnquireLink(), 3))
    assert events(told) == ["pdu", "pdu_trace_ended"]
    assert line.traces.running() == {}


def test_lines_and_traces_are_bounded(line: Line, told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdu_trace, "MOST_LINES", 3)
    for number in range(pdu_trace.MOST_TRACES):
        line.traces.start(f"b{number}", 60.0)
    with pytest.raises(ValueError, match="run already"):
        line.traces.start("more", 60.0)
    line.traces.start("b0", 90.0)  # one that runs may begin anew
    for number in range(1, 9):
        line.present[0].tap(encode(EnquireLink(), number), False)  # type: ignore[misc]
    assert events(told) == ["pdu"] * 3 + ["pdu_trace_full"]
    assert not line.traces.stop("never")

"""The sink, octets in and out: everything is answered once, receipts keep their window, and what comes twice shows."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import sink
from bench.messages import FIRST_NUMBER, SubmitTemplate
from bench.sink import Sink, SinkBind, segment_of
from simulators import wire

TEMPLATE = SubmitTemplate(70, 1, True)


class Transport(asyncio.Transport):
    """Keeps what is written, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False
        self.wrote = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))
        self.wrote.set()

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pdus(self) -> list[bytes]:
        """All that was written since the last call."""
        pdus, sound = wire.frames(bytearray(b"".join(self.writes)))
        assert sound
        self.writes.clear()
        return pdus


def make(*words: str) -> Sink:
    return Sink(sink.parser().parse_args(["--count", "100", *words]))


def bound(one: Sink) -> tuple[SinkBind, Transport]:
    bind, transport = SinkBind(one), Transport()
    bind.connection_made(transport)
    bind.data_received(wire.bind(wire.BIND_TRANSCEIVER, 1, b"demo", b"pw"))
    assert commands(transport.pdus()) == [(wire.RESPONSE | wire.BIND_TRANSCEIVER, 0, 1)]
    return bind, transport


def commands(pdus: list[bytes]) -> list[tuple[int, int, int]]:
    """command_id, command_status and sequence_number of each."""
    return [(head.command, head.status, head.sequence) for head in map(wire.header, pdus)]


async def test_a_read_is_answered_by_one_write() -> None:
    one = make()
    bind, transport = bound(one)
    bind.data_received(b"".join(TEMPLATE.submit_sm(item, 0, 2 + item) for item in range(3)))
    assert len(transport.writes) == 1
    pdus = transport.pdus()
    assert commands(pdus) == [
        *((wire.SUBMIT_SM_RESP, 0, sequence) for sequence in (2, 3, 4)),
        *((wire.DELIVER_SM, 0, sequence) for sequence in (1, 2, 3)),
    ]
    assert len({wire.parse_id(pdu) for pdu in pdus[:3]}) == 3
    assert one.result()["segments"] == 3


@pytest.mark.parametrize("cut", [1, 7, 16, 100])
async def test_octets_in_pieces(cut: int) -> None:
    one = make()
    bind, transport = bound(one)
    octets = b"".join(TEMPLATE.submit_sm(item, 0, 2 + item) for item in range(5))
    for place in range(0, len(octets), cut):
        bind.data_received(octets[place : place + cut])
    assert [command for command, *_ in commands(transport.pdus())].count(wire.SUBMIT_SM_RESP) == 5


@pytest.mark.parametrize(
    ("in_response", "in_receipt"), [("hex", "hex"), ("hex", "decimal"), ("decimal", "decimal"), ("decimal", "hex")]
)
async def test_a_receipt_tells_its_message(in_response: str, in_receipt: str) -> None:
    bind, transport = bound(make("--id-in-response", in_response, "--id-in-receipt", in_receipt))
    bind.data_received(TEMPLATE.submit_sm(5, 0, 2))
    response, receipt = transport.pdus()
    sm = wire.parse_sm(receipt)
    tlvs = wire.parse_tlvs(sm.tlvs)
    base = {"hex": 16, "decimal": 10}
    number = int(wire.parse_id(response), base[in_response])
    written = tlvs[wire.RECEIPTED_MESSAGE_ID].rstrip(b"\0")
    assert int(written, base[in_receipt]) == number
    assert sm.short_message.startswith(b"id:" + written + b" ")
    assert b"stat:DELIVRD" in sm.short_message
    assert tlvs[wire.MESSAGE_STATE] == b"\x02"
    assert sm.source == b"%d" % (FIRST_NUMBER + 5)
    assert sm.esm_class == wire.ESM_RECEIPT


async def test_no_receipt_that_was_not_asked_for() -> None:
    bind, transport = bound(make())
    bind.data_received(SubmitTemplate(70, 1, False).submit_sm(0, 0, 2))
    assert commands(transport.pdus()) == [(wire.SUBMIT_SM_RESP, 0, 2)]


async def test_receipts_keep_their_window() -> None:
    one = make("--receipt-window", "2")
    bind, transport = bound(one)
    bind.data_received(b"".join(TEMPLATE.submit_sm(item, 0, 2 + item) for item in range(5)))
    assert [command for command, *_ in commands(transport.pdus())].count(wire.DELIVER_SM) == 2
    bind.data_received(wire.deliver_sm_resp(1))
    assert commands(transport.pdus()) == [(wire.DELIVER_SM, 0, 3)]
    bind.data_received(wire.deliver_sm_resp(2) + wire.deliver_sm_resp(3))
    assert commands(transport.pdus()) == [(wire.DELIVER_SM, 0, 4), (wire.DELIVER_SM, 0, 5)]
    bind.data_received(wire.deliver_sm_resp(4) + wire.deliver_sm_resp(5) + wire.deliver_sm_resp(5))
    assert transport.pdus() == []
    told = one.result()
    assert (told["receipts_sent"], told["receipts_acknowledged"]) == (5, 5)
    assert told["faults"] == {"answer to no receipt": 1}


async def test_a_receipt_that_is_refused_for_now_comes_again_and_one_for_good_does_not() -> None:
    one = make()
    bind, transport = bound(one)
    bind.data_received(TEMPLATE.submit_sm(0, 0, 2) + TEMPLATE.submit_sm(1, 0, 3))
    first = transport.pdus()[2]
    transport.wrote.clear()
    bind.data_received(wire.deliver_sm_resp(1, wire.ESME_RMSGQFUL) + wire.deliver_sm_resp(2, wire.ESME_RINVDSTADR))
    await transport.wrote.wait()
    (again,) = transport.pdus()
    assert wire.parse_sm(again) == wire.parse_sm(first)
    assert wire.header(again).sequence == 3
    assert one.result()["receipts_refused"] == {"0x00000014": 1, "0x0000000b": 1}


async def test_what_comes_twice_shows() -> None:
    one = make()
    bind, _ = bound(one)
    other, _ = bound(one)
    bind.data_received(TEMPLATE.submit_sm(0, 0, 2) + TEMPLATE.submit_sm(1, 0, 3))
    other.data_received(TEMPLATE.submit_sm(0, 0, 2))
    assert (one.result()["segments"], one.result()["doubled"]) == (3, 1)


async def test_too_many_receipts_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "MOST_WAITING_RECEIPTS", 2)
    one = make("--receipt-window", "1")
    bind, transport = bound(one)
    for item in range(4):
        bind.data_received(TEMPLATE.submit_sm(item, 0, 2 + item))
    statuses = [status for command, status, _ in commands(transport.pdus()) if command == wire.SUBMIT_SM_RESP]
    assert statuses == [0, 0, 0, wire.ESME_RMSGQFUL]
    assert one.result()["segments"] == 3


async def test_other_requests() -> None:
    one = make()
    bind, transport = bound(one)
    bind.data_received(wire.enquire_link(5) + wire.pdu(0x03, 0, 6) + wire.unbind(7) + wire.enquire_link_resp(9))
    assert commands(transport.pdus()) == [
        (wire.ENQUIRE_LINK_RESP, 0, 5),
        (wire.GENERIC_NACK, wire.ESME_RINVCMDID, 6),
        (wire.UNBIND_RESP, 0, 7),
    ]
    assert one.result()["faults"] == {"command 0x00000003": 1}


async def test_a_submit_before_the_bind() -> None:
    one = make()
    bind, transport = SinkBind(one), Transport()
    bind.connection_made(transport)
    bind.data_received(TEMPLATE.submit_sm(0, 0, 1))
    assert commands(transport.pdus()) == [(wire.GENERIC_NACK, wire.ESME_RINVCMDID, 1)]
    assert one.result()["segments"] == 0


async def test_octets_that_are_no_smpp() -> None:
    one = make()
    bind, transport = bound(one)
    bind.data_received(b"\0\0\0\x02" + bytes(40))
    assert transport.closed
    assert one.result()["faults"] == {"unframed": 1}


async def test_a_submit_sm_that_cannot_be_read() -> None:
    one = make()
    bind, transport = bound(one)
    bind.data_received(wire.pdu(wire.SUBMIT_SM, 0, 2, b"\0\1\1") + wire.submit_sm(3, b"1", b"2", b"\x09\0", 0x40))
    assert commands(transport.pdus()) == [
        (wire.SUBMIT_SM_RESP, wire.ESME_RSYSERR, 2),
        (wire.SUBMIT_SM_RESP, wire.ESME_RSYSERR, 3),
    ]
    assert one.result()["segments"] == 0


async def test_binds_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    one = make("--expect-binds", "2")
    bind, _ = bound(one)
    assert capsys.readouterr().out == ""
    bound(one)
    assert capsys.readouterr().out == '{"event": "bound", "binds": 2}\n'
    bind.connection_lost(None)
    assert one.bound == 1


async def test_connections_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "MOST_CONNECTIONS", 1)
    one = make()
    bound(one)
    transport = Transport()
    SinkBind(one).connection_made(transport)
    assert transport.closed


def sm(octets: bytes, esm_class: int = 0, tlvs: bytes = b"") -> wire.Sm:
    return wire.parse_sm(wire.submit_sm(1, b"1", b"2", octets, esm_class, tlvs=tlvs))


SAR = wire.tlv(0x020C, b"\0\1") + wire.tlv(0x020E, b"\x03") + wire.tlv(0x020F, b"\x02")


@pytest.mark.parametrize(
    ("one", "segment"),
    [
        (sm(b"text"), (1, 1, b"text")),
        (sm(b"t" * 300), (1, 1, b"t" * 300)),
        (sm(b"\x05\x00\x03\xff\x03\x02text", 0x40), (3, 2, b"text")),
        (sm(b"\x06\x08\x04\xff\xff\x0b\x0atext", 0x40), (11, 10, b"text")),
        (sm(b"\x0a\x24\x01\x00\x05\x01\xff\x00\x03\xff\x03", 0x40), (1, 1, b"")),
        (sm(b"\x08\x24\x01\x00\x00\x03\xff\x03\x02text", 0x40), (3, 2, b"text")),
        (sm(b"\x03\x24\x01\x00text", 0x40), (1, 1, b"text")),
        (sm(b"\x00text", 0x40), (1, 1, b"text")),
        (sm(b"text", tlvs=SAR), (3, 2, b"text")),
        (sm(b"text", tlvs=SAR[:-5]), (1, 1, b"text")),
    ],
)
def test_which_segment_it_is(one: wire.Sm, segment: tuple[int, int, bytes]) -> None:
    assert segment_of(one) == segment


@pytest.mark.parametrize("octets", [b"", b"\x05", b"\x05\x00\x03\x01\x02"])
def test_a_header_that_is_longer_than_the_message(octets: bytes) -> None:
    with pytest.raises(ValueError, match="longer than the message"):
        segment_of(sm(octets, 0x40))


@pytest.mark.parametrize("words", [[], ["--seconds", "0.1"]])
def test_the_command_ends_on_sigterm_or_in_time(tmp_path: Path, words: list[str]) -> None:
    record = tmp_path / "record"
    command = [sys.executable, "-m", "bench.sink", "--record", str(record), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert '"listening"' in first
        if not words:
            process.send_signal(signal.SIGTERM)
        rest: Any = process.stdout.read()
    assert process.returncode == 0
    assert '"segments": 0' in rest
    assert record.read_text() == ""

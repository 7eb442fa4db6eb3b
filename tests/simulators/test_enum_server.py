"""The ENUM server, octet by octet, and as a process."""

import asyncio
import contextlib
import json
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.enum_server import (
    NO_ERROR,
    EnumConfig,
    EnumServer,
    Naptr,
    number_in,
    read_question,
    write_answer,
)

ROOT = Path(__file__).parents[2]
NAME = b"".join(b"\x01" + digit.to_bytes(1, "big") for digit in reversed(b"8190")) + b"\x04e164\x04arpa\x00"
QUERY = struct.pack(">HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + NAME + struct.pack(">HH", 35, 1)


def test_a_question() -> None:
    question = read_question(QUERY)
    assert (question.number, question.name, question.kind) == (0x1234, "0.9.1.8.e164.arpa", 35)
    assert question.octets == NAME + b"\0\x23\0\x01"
    assert number_in(question.name, "E164.ARPA") == "8190"


@pytest.mark.parametrize("cut", range(len(QUERY)))
def test_a_question_that_is_cut_off(cut: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_question(QUERY[:cut])


@given(st.binary(max_size=80))
def test_no_datagram_makes_it_stumble(datagram: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_question(datagram)


@pytest.mark.parametrize("name", ["e164.arpa", "x.e164.arpa", "12.e164.arpa", "1..2.e164.arpa", "1.2.e164.example", ""])
def test_no_number_of_the_tree(name: str) -> None:
    with pytest.raises(ValueError, match="tree"):
        number_in(name, "e164.arpa")


def test_an_answer() -> None:
    record = Naptr(order=1, preference=2, regexp="!^.*$!tel:+81!")
    octets = write_answer(read_question(QUERY), NO_ERROR, (record,), 77)
    assert octets[:12] == struct.pack(">HHHHHH", 0x1234, 0x8500, 1, 1, 0, 0)
    data = b"\0\x01\0\x02\x01u\x0cE2U+pstn:tel\x0e!^.*$!tel:+81!\0"
    assert octets[12 + len(NAME) + 4 :] == b"\xc0\x0c" + struct.pack(">HHIH", 35, 1, 77, len(data)) + data


class Peer(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.answers.put_nowait(data)


async def test_over_a_socket_and_faults_by_number() -> None:
    faults = ({"number": "^8190$", "fault": "wrong_id"},)
    server = EnumServer(EnumConfig.model_validate({"numbers": {"8190": ({"regexp": "!^.*$!tel:+81!"},)}}))
    host, port = (await server.listen()).split(":")
    transport, peer = await asyncio.get_running_loop().create_datagram_endpoint(Peer, remote_addr=(host, int(port)))
    transport.sendto(b"garbage")
    transport.sendto(QUERY)
    sound = await peer.answers.get()
    assert sound[:2] == QUERY[:2]
    server.faults = EnumConfig.model_validate({"faults": faults}).faults
    transport.sendto(QUERY)
    assert (await peer.answers.get())[2:] == sound[2:]
    assert server.asked == {"8190": 2}
    transport.close()
    await server.close()


def test_as_a_process(tmp_path: Path) -> None:
    config = tmp_path / "enum.yaml"
    config.write_text('numbers: {"8190": [{regexp: "!^.*$!tel:+81!"}]}\n', "utf-8")
    command = [sys.executable, "-m", "simulators.cli", "enum", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert list(ready["addresses"]) == ["enum"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0

"""The load client against a message centre that misbehaves by script: nothing that goes wrong is overlooked."""

import argparse
import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import load
from bench.messages import FIRST_NUMBER
from simulators import wire

Script = Callable[[int, wire.Sm, int], list[bytes]]


def receipt(number: int, sm: wire.Sm, message_id: bytes, stat: str = "DELIVRD", *, tlvs: bool = True) -> bytes:
    written = wire.receipt_tlvs(message_id, stat, "000") if tlvs else b""
    text = wire.receipt_text(message_id, stat, "000", "2604010900", "2604010901")
    return wire.deliver_sm(number, sm.destination, sm.source, text, wire.ESM_RECEIPT, tlvs=written)


def sound(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
    """Response and receipt."""
    return [wire.submit_sm_resp(sequence, b"id%d" % number), receipt(number, sm, b"id%d" % number)]


class Centre(asyncio.Protocol):
    """Answers each submit_sm by the script. `number` counts them over all binds, from 1."""

    def __init__(self, script: Script, refuse_binds: int = 0) -> None:
        self.submitted = 0
        self.unbinds = 0
        self.answers: list[tuple[int, int]] = []
        self.gone = asyncio.Event()
        self._script = script
        self._refuse = refuse_binds
        self._buffer = bytearray()
        self._transports: list[Any] = []

    def connection_made(self, transport: Any) -> None:
        self._transports.append(transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for pdu in wire.frames(self._buffer)[0]:
            head = wire.header(pdu)
            for octets in self._answer(pdu, head):
                self._transports[-1].write(octets)

    def _answer(self, pdu: bytes, head: wire.Header) -> list[bytes]:
        if head.command in wire.BINDS:
            return [wire.bind_resp(head.command, self._refuse, head.sequence, b"centre")]
        if head.command == wire.SUBMIT_SM:
            self.submitted += 1
            return self._script(self.submitted, wire.parse_sm(pdu), head.sequence)
        if head.command == wire.UNBIND:
            self.unbinds += 1
            return [wire.unbind_resp(head.sequence)]
        self.answers.append((head.command, head.sequence))
        return []

    def connection_lost(self, _: Exception | None) -> None:
        self.gone.set()

    def write(self, octets: bytes) -> None:
        self._transports[-1].write(octets)

    def hang_up(self) -> None:
        self._transports[-1].abort()


async def run(centre: Centre, *words: str) -> dict[str, Any]:
    server = await asyncio.get_running_loop().create_server(lambda: centre, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        options = load.parser().parse_args(["--port", str(port), "--binds", "1", "--patience", "0.2", *words])
        result = await load.run(options)
        await centre.gone.wait()
        for _ in range(10):  # for both ends of every bind to close
            await asyncio.sleep(0)
        return result


async def test_all_is_well(tmp_path: Path) -> None:
    centre = Centre(sound)
    path = tmp_path / "acknowledged"
    result = await run(centre, "--count", "20", "--window", "7", "--acknowledged", str(path))
    assert result["reason"] == "done"
    assert (result["sent"], result["acknowledged"], result["receipts"]) == (20, 20, 20)
    assert (result["unanswered"], result["receipts_missing"], result["receipts_doubled"]) == (0, 0, 0)
    assert (result["refused"], result["faults"], result["states"]) == ({}, {}, {"2": 20})
    assert 0 < result["resp_ms_p50"] <= result["resp_ms_p99"]
    assert 0 < result["receipt_ms_p50"] <= result["receipt_ms_p99"]
    assert result["seconds"] >= 0
    assert centre.answers == [(wire.DELIVER_SM_RESP, number) for number in range(1, 21)]
    assert centre.unbinds == 1
    assert path.read_text().splitlines() == [f"{FIRST_NUMBER + item} id{item + 1} 1" for item in range(20)]


async def test_a_refusal_is_no_acknowledgement(tmp_path: Path) -> None:
    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        if number in {2, 3}:
            return [wire.submit_sm_resp(sequence, b"", wire.ESME_RTHROTTLED)]
        return sound(number, sm, sequence)

    path = tmp_path / "acknowledged"
    result = await run(Centre(script), "--count", "5", "--acknowledged", str(path))
    assert (result["reason"], result["acknowledged"], result["refused"]) == ("done", 3, {"0x00000058": 2})
    assert [line.split()[1] for line in path.read_text().splitlines()] == ["id1", "id4", "id5"]


async def test_a_receipt_that_never_comes(tmp_path: Path) -> None:
    path = tmp_path / "acknowledged"
    result = await run(
        Centre(lambda number, sm, sequence: sound(number, sm, sequence)[: 1 + (number != 2)]),
        *("--count", "3", "--acknowledged", str(path)),
    )
    assert (result["reason"], result["receipts"], result["receipts_missing"]) == ("silence", 2, 1)
    assert path.read_text().splitlines()[1].endswith(" id2 0")


async def test_a_receipt_that_comes_twice() -> None:
    result = await run(
        Centre(
            lambda number, sm, sequence: sound(number, sm, sequence) + [receipt(99, sm, b"id%d" % number)][number - 2 :]
        ),
        *("--count", "3"),
    )
    assert (result["reason"], result["receipts"], result["receipts_doubled"]) == ("done", 3, 2)


async def test_a_receipt_that_overtakes_its_response() -> None:
    result = await run(Centre(lambda *asked: sound(*asked)[::-1]), "--count", "9", "--window", "2")
    assert (result["reason"], result["receipts"], result["receipts_unknown"]) == ("done", 9, 0)


async def test_an_early_receipt_that_comes_twice() -> None:
    result = await run(Centre(lambda *asked: [sound(*asked)[1]] * 2 + sound(*asked)[:1]), "--count", "2")
    assert (result["receipts"], result["receipts_doubled"]) == (2, 2)


async def test_a_receipt_for_nothing() -> None:
    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        return [*sound(number, sm, sequence), receipt(50, sm, b"nobodys")]

    result = await run(Centre(script), "--count", "1")
    assert (result["receipts"], result["receipts_unknown"]) == (1, 1)


async def test_a_response_that_comes_twice_and_one_to_nothing() -> None:
    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        return [*sound(number, sm, sequence), wire.submit_sm_resp(sequence, b"again"), wire.submit_sm_resp(77, b"x")]

    result = await run(Centre(script), "--count", "1")
    assert result["acknowledged"] == 1
    assert result["faults"] == {"second_response": 1, "command 0x80000004": 1}


async def test_a_message_id_that_is_given_twice() -> None:
    def script(_: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        return [wire.submit_sm_resp(sequence, b"same"), receipt(1, sm, b"same")]

    result = await run(Centre(script), "--count", "2")
    assert result["faults"] == {"reused_message_id": 1}
    assert result["receipts_missing"] == 1


@pytest.mark.parametrize(("stat", "state"), [("DELIVRD", "2"), ("UNDELIV", "5"), ("EXPIRED", "3")])
@pytest.mark.parametrize("tlvs", [True, False])
async def test_states_are_told_from_either_place(stat: str, state: str, tlvs: bool) -> None:
    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        return [wire.submit_sm_resp(sequence, b"a"), receipt(number, sm, b"a", stat, tlvs=tlvs)]

    result = await run(Centre(script), "--count", "1")
    assert (result["receipts"], result["states"]) == (1, {state: 1})


async def test_no_answer_at_all() -> None:
    result = await run(Centre(lambda *_: []), "--count", "100", "--window", "8")
    assert (result["reason"], result["sent"], result["unanswered"], result["acknowledged"]) == ("silence", 8, 8, 0)


async def test_a_bind_that_is_refused() -> None:
    result = await run(Centre(sound, wire.ESME_RINVPASWD), "--count", "1")
    assert (result["reason"], result["sent"]) == ("bind refused: 0x0000000e", 0)


async def test_a_connection_that_breaks() -> None:
    def script(*_: object) -> list[bytes]:
        centre.hang_up()
        return []

    centre = Centre(script)
    result = await run(centre, "--count", "5")
    assert (result["reason"], result["acknowledged"]) == ("disconnected", 0)


async def test_octets_that_are_no_smpp() -> None:
    result = await run(Centre(lambda *_: [b"\0\0\0\x01garbage"]), "--count", "1")
    assert (result["reason"], result["faults"]) == ("fault", {"unframed": 1})


async def test_links_are_answered() -> None:
    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        return [wire.enquire_link(44), *sound(number, sm, sequence)]

    centre = Centre(script)
    await run(centre, "--count", "1")
    assert (wire.ENQUIRE_LINK_RESP, 44) in centre.answers


async def test_no_receipts_are_asked_for() -> None:
    asked: list[int] = []

    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        asked.append(sm.registered_delivery)
        return sound(number, sm, sequence)[:1]

    result = await run(Centre(script), "--count", "3", "--no-receipts")
    assert (result["reason"], result["receipts_missing"], asked) == ("done", 0, [0, 0, 0])


async def test_parts_are_submissions_of_their_own() -> None:
    parts: list[tuple[bytes, bytes]] = []

    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        parts.append((sm.destination, sm.short_message[4:6]))
        return sound(number, sm, sequence)

    result = await run(Centre(script), "--count", "2", "--parts", "3", "--length", "200")
    assert (result["acknowledged"], result["receipts"]) == (6, 6)
    assert parts == [(b"%d" % (FIRST_NUMBER + item), bytes((3, part))) for item in (0, 1) for part in (1, 2, 3)]


async def test_a_rate_is_kept() -> None:
    result = await run(Centre(sound), "--count", "40", "--rate", "200")
    assert result["acknowledged"] == 40
    assert result["seconds"] >= 39 / 200


async def test_at_a_rate_a_full_window_counts_as_latency() -> None:
    loop = asyncio.get_running_loop()

    def script(number: int, sm: wire.Sm, sequence: int) -> list[bytes]:
        octets = sound(number, sm, sequence)
        if number == 1:
            loop.call_later(0.1, lambda: centre.write(b"".join(octets)))
            return []
        return octets

    centre = Centre(script)
    result = await run(centre, "--count", "10", "--rate", "1000", "--window", "1", "--patience", "5")
    assert result["acknowledged"] == 10
    assert result["resp_ms_p50"] > 50  # the nine that waited behind the first are not excused


async def test_the_time_is_up() -> None:
    result = await run(Centre(lambda *_: []), "--count", "1", "--seconds", "0.1", "--patience", "50")
    assert result["reason"] == "time is up"


def test_the_command_prints_its_result(capsys: pytest.CaptureFixture[str], unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        load.main(["--port", str(unused_tcp_port)])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["--binds", "0"], ["--count", "0"], ["--window", "x"], []])
def test_what_cannot_be_asked(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        load.parser().parse_args(["--port", "1", *words] if words else [])


def test_the_namespace_is_what_the_harness_fills() -> None:
    options = load.parser().parse_args(["--port", "1"])
    assert isinstance(options, argparse.Namespace)
    assert json.dumps(vars(options))

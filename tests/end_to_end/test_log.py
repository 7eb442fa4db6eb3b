"""All that a gateway logs under load and trouble, at its most talkative: no text, no password, no whole number."""

import asyncio
import contextlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from simulators import wire
from tests.end_to_end.rig import READY_SECONDS, STOP_SECONDS, Customer, Gateway, write_config
from tests.end_to_end.test_characters import CONTRADICTIONS, IDS, PRESSURE, RECEIPTS, RESETS, Carrier, profile
from tests.end_to_end.test_steering import Night

COUNT = 150
MOST_LOG = 1 << 24
TEXT = "ひみつの暗証番号4711です。"
FROM_PHONE = "電話からの秘密です"
WORDS = b"open-sesame-7"
WRONG_PASSWORD = b"Guess-9x"
PASSWORD = b"secret"  # of the customer, and to the carrier
PHONES = re.compile(rb"0300[0-9]{5}|0399[0-9]{5}")  # what is told of a subscriber's number ends before its last digits
SENDER = b"312345678"  # of rig.Customer


async def until_it_hangs_up(port: int, octets: bytes) -> None:
    """Send this to the gateway and wait until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(2):
            await reader.read()
    writer.close()


def traces_of(text: str) -> list[bytes]:
    """A text as it could be written to a log: as it is, escaped, and its octets in hexadecimal."""
    octets = text.encode("utf-16-be")
    return [text.encode(), json.dumps(text).strip('"').encode(), octets.hex().encode(), repr(octets).encode()[2:-1]]


async def loud(directory: Path) -> bytes:
    """A gateway in trouble, traced and at level debug. What it wrote on stdout and stderr."""
    characters: list[dict[str, Any]] = [*IDS, *CONTRADICTIONS, *RESETS]
    characters += RECEIPTS + PRESSURE
    characters += [
        {"kind": "silent", "about": "response", "share": 0.03},
        {"kind": "refusing", "status": 0x0B, "share": 0.1},
    ]
    phones = [{"text": FROM_PHONE, "answers_destination": "7$", "after_seconds": 0.05}]
    carrier = Carrier(characters, 1, phones=phones)
    _, port = await carrier.served.listen()
    config, listens = write_config(directory, port, log={"level": "debug"}, metrics={"host": "127.0.0.1", "port": 0})
    profile(
        config,
        receipts={"id_in_response": "hex", "id_in_receipt": "decimal"},
        session={"window": 20, "response_seconds": 1.0, "reconnect_min_seconds": 0.05, "reconnect_max_seconds": 0.2},
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "run", "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=MOST_LOG,
    )
    assert process.stdout is not None
    whole = b""
    async with asyncio.timeout(READY_SECONDS):
        while b'"event":"ready"' not in whole:
            line = await process.stdout.readline()
            assert line, whole
            whole += line
    customer = Customer(listens)
    await customer.connect()
    night = Night(directory, Gateway(process, {}), customer)
    for whose in ("customers", "carriers"):
        for one in (await night.do("binds"))[whose]:
            await night.do("pdu-trace", bind=one["bind"], minutes=1)
    for number in range(COUNT):
        destination = (b"8190300%05d" if number % 2 else b"090300%05d") % number
        customer.send(destination, TEXT * (1 if number % 3 else 9))
    customer.send(b"819039900001x", TEXT)
    customer.send_octets(b"81903990000", b"\x05\x00\x03\x07\x02\x01" + TEXT.encode("utf-16-be"), esm_class=0x40)
    await customer.until(lambda: not customer.unanswered)
    for _ in range(3):
        await until_it_hangs_up(listens, wire.bind(wire.BIND_TRANSCEIVER, 1, b"shop", WRONG_PASSWORD))
    await until_it_hangs_up(listens, WORDS * 9)
    await until_it_hangs_up(
        listens, wire.pdu(0x0FFF, 0, 1, WORDS) + wire.pdu(wire.SUBMIT_SM, 0, 2, b"\xff" * 40 + WORDS)
    )
    await customer.until(lambda: len(customer.receipts) > COUNT // 2)
    customer.close()
    process.terminate()
    async with asyncio.timeout(STOP_SECONDS):
        rest, _ = await process.communicate()
    carrier.served.close()
    assert process.returncode == 0
    return whole + rest


async def test_what_customers_and_carriers_say_is_not_in_the_log(tmp_path: Path) -> None:
    whole = await loud(tmp_path)
    lines = [json.loads(line) for line in whole.splitlines()]
    events = {line["event"] for line in lines}
    assert events >= {"ready", "pdu", "bind_refused", "carrier_gone", "customer_bound", "steered", "stopped"}
    assert b"8190300" in whole  # its beginning may be told
    assert sum(line["event"] == "pdu" for line in lines) > 4 * COUNT
    for text in (TEXT, FROM_PHONE, WORDS.decode()):
        for trace in traces_of(text):
            assert trace not in whole
    for password in (PASSWORD, WRONG_PASSWORD):
        assert password not in whole
    assert PHONES.findall(whole) == []
    assert SENDER not in whole
    assert all(list(line)[:4] == ["time", "level", "room", "event"] for line in lines)
    about = {"customer", "carrier", "bind", "peer", "listen", "system_id", "of", "what", "subject"}
    alone = {"ready", "draining", "stopped", "log_lines_dropped", "library", "steered", "pdu_trace_ended"}
    assert {line["event"] for line in lines if not about & line.keys()} <= alone

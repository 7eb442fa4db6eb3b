"""The programs of docs/integrators/, as they stand there, against a gateway that runs."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from interop.rig import HAS_NODE, HERE, NODE, PATIENCE_SECONDS, running
from simulators import wire
from simulators.ports import free_port
from tests.end_to_end.rig import Centre, Gateway, write_config

GUIDES = HERE.parent / "docs" / "integrators"
DEMO = {"system_id": "demo", "password": "demo-pw", "tariff": "standard", "repeats": {}}
# Six segments of the second message do not fit behind the first one's: it is refused for now.
NARROW = DEMO | {"throttle": {"segments_per_second": 12, "burst_segments": 6}}

NEEDS_NODE = pytest.mark.skipif(not HAS_NODE, reason="node or its smpp library is not installed: see `make interop`")
GUIDED = [("smpplib", "python"), ("aiosmpplib", "python"), pytest.param("node-smpp", "javascript", marks=NEEDS_NODE)]


def program(guide: str, language: str) -> str:
    """The only program of a page."""
    (found,) = re.findall(
        rf"^```{language}\n(.*?)^```", (GUIDES / f"{guide}.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(found)


async def started(text: str, language: str) -> Process:
    """The program as a process, with its standard output to read."""
    command = [sys.executable, "-c", text] if language == "python" else [str(NODE), "--eval", text]
    return await asyncio.create_subprocess_exec(*command, cwd=HERE, stdout=PIPE)


async def said(text: str, language: str) -> list[str]:
    """What the program prints until it ends by itself."""
    process = await started(text, language)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    return output.decode().splitlines()


def judge(lines: list[str]) -> None:
    """Two messages accepted, each with its receipt; the third refused, for it is no mobile number."""
    accepted = {words[1]: words[2] for words in map(str.split, lines) if words[0] == "accepted"}
    receipts = {words[1]: words[2] for words in map(str.split, lines) if words[0] == "receipt"}
    assert accepted.keys() == {"1", "2"}
    assert set(accepted.values()) == receipts.keys()
    assert set(receipts.values()) <= {"2", "DELIVRD"}
    assert [line for line in lines if line.startswith("refused")] == ["refused 3 0xb"]


@pytest.mark.parametrize("account", [DEMO, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(("guide", "language"), GUIDED)
async def test_it_sends_and_reads_its_receipts(guide: str, language: str, account: Any, tmp_path: Path) -> None:
    text = program(guide, language)
    assert text.count("2775") == 1
    async with running(tmp_path, customers={"demo": account}) as port:
        judge(await said(text.replace("2775", str(port)), language))


@asynccontextmanager
async def behind_tls(directory: Path, name: str) -> AsyncIterator[str]:
    """A gateway that shows a certificate for `name`; the guide's program for smpplib that connects to `localhost`."""
    authority, port = trustme.CA(), free_port()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    issued = authority.issue_cert(name)
    issued.private_key_pem.write_to_path(directory / "key.pem")
    issued.cert_chain_pems[0].write_to_path(directory / "certificate.pem")
    tls = {"certificate": str(directory / "certificate.pem"), "key": str(directory / "key.pem")}
    listen = [{"host": "127.0.0.1", "port": port, "tls": tls}]
    text = program("smpplib", "python").replace("2775", str(port)).replace("127.0.0.1", "localhost")
    context = f"ssl.create_default_context(cafile={str(directory / 'ca.pem')!r})"
    assert text.count("TLS = None") == 1
    async with running(directory, customers={"demo": DEMO}, listen=listen):
        yield text.replace("TLS = None", f"TLS = {context}")


async def test_over_tls(tmp_path: Path) -> None:
    async with behind_tls(tmp_path, "localhost") as text:
        judge(await said(text, "python"))


async def test_over_tls_to_somebody_else(tmp_path: Path) -> None:
    async with behind_tls(tmp_path, "elsewhere.example") as text:
        lines = await said(text.replace("time.sleep(wait)", "raise SystemExit"), "python")
    assert len(lines) == 1
    assert lines[0].startswith("again in 1 s")


@pytest.mark.parametrize(("guide", "language"), GUIDED)
async def test_it_outlives_a_gateway_that_is_killed(guide: str, language: str, tmp_path: Path) -> None:
    """Between the answers and the receipts: it connects again by itself, and misses none."""
    centre = Centre(delay_seconds=1.0)
    await centre.open()
    config, port = write_config(tmp_path, centre.port, customers={"demo": DEMO})
    gateway = await Gateway.start(config)
    client = await started(program(guide, language).replace("2775", str(port)), language)
    try:
        assert client.stdout is not None
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len([line for line in lines if line.startswith(("accepted", "refused"))]) < 3:
                lines.append((await client.stdout.readline()).decode().rstrip())
        gateway.process.kill()
        await gateway.process.wait()
        gateway = await Gateway.start(config)
        async with asyncio.timeout(PATIENCE_SECONDS):
            rest, _ = await client.communicate()
        judge(lines + rest.decode().splitlines())
    finally:
        centre.close()
        for process in (gateway.process, client):
            if process.returncode is None:
                process.kill()
                await process.wait()


@asynccontextmanager
async def losing_answers(port: int, most: int) -> AsyncIterator[int]:
    """A way to the gateway that is cut once, when it has swallowed `most` answers that took a message."""
    cut = asyncio.Event()
    ways: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lossy: bool) -> None:
        buffer, swallowed = bytearray(), 0
        while octets := await reader.read(65_536):
            buffer += octets
            for pdu in wire.frames(buffer)[0]:
                head = wire.header(pdu)
                if not lossy or head.command != wire.SUBMIT_SM_RESP:
                    writer.write(pdu)
                swallowed += lossy and head.command == wire.SUBMIT_SM_RESP and head.status == 0
            if swallowed == most:
                cut.set()
                break
        writer.close()

    async def way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lossy = not cut.is_set()
        there, back = await asyncio.open_connection("127.0.0.1", port)
        ways.extend((writer, back))
        await asyncio.gather(carry(reader, back, False), carry(there, writer, lossy), return_exceptions=True)

    server = await asyncio.start_server(way, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        assert cut.is_set()
        for one in ways:
            one.close()


@pytest.mark.parametrize(("guide", "language"), GUIDED)
async def test_what_was_accepted_without_an_answer_is_no_second_message(
    guide: str, language: str, tmp_path: Path
) -> None:
    centre = Centre()
    await centre.open()
    text = program(guide, language)
    for slow, quick in (("max_ttl_response=10.0", "max_ttl_response=1.0"), ("interval=5.0", "interval=0.2")):
        text = text.replace(slow, quick)  # of the one that waits for answers so long
    try:
        async with running(tmp_path, centre.port, customers={"demo": DEMO}) as port, losing_answers(port, 2) as lossy:
            judge(await said(text.replace("2775", str(lossy)), language))
    finally:
        centre.close()
    assert len(centre.segments) == 1 + 6

"""Kannel as a customer of ours, with the configuration and the request that docs/integrators/kannel.md shows."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import urllib.parse
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from interop.rig import HERE, PATIENCE_SECONDS, running
from simulators.ports import free_port

GUIDE = (HERE.parent / "docs" / "integrators" / "kannel.md").read_text("utf-8")
UNPACKED = HERE.parent / ".venv" / "debian"
LIBRARIES = ":".join(map(str, (*UNPACKED.glob("usr/lib/*-linux-gnu"), *UNPACKED.glob("lib/*-linux-gnu"))))
ENVIRONMENT = os.environ | ({"LD_LIBRARY_PATH": LIBRARIES} if LIBRARIES else {})
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", str(UNPACKED / "usr" / "sbin")))
BEARERBOX, SMSBOX = shutil.which("bearerbox", path=PLACES), shutil.which("smsbox", path=PLACES)


def runs(program: str | None) -> bool:
    """Unpacked without a library that it needs, it does not."""
    if program is None:
        return False
    return subprocess.run([program, "--version"], env=ENVIRONMENT, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(
    not (runs(BEARERBOX) and runs(SMSBOX)), reason="Kannel is not installed, or does not run (Debian: kannel)"
)

DEMO = {"system_id": "demo", "password": "demo-pw", "tariff": "standard", "repeats": {}}
DELIVERED, REFUSED = "1", "16"


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def configuration(directory: Path, port: int, sendsms: int) -> Path:
    """The guide's, with ports and directories of ours."""
    text = block("ini")
    for old, new in ((2775, port), (13000, free_port()), (13001, free_port()), (13013, sendsms)):
        assert text.count(str(old)) == 1
        text = text.replace(str(old), str(new))
    for name in ("store", "dlr"):
        (directory / name).mkdir()
    path = directory / "kannel.conf"
    path.write_text(text.replace("/var/spool/kannel", str(directory)), "utf-8")
    return path


def request(number: str, text: str, sendsms: int, reports: int) -> str:
    """The address that the guide's curl asks for, with another number, text and ports."""
    words = shlex.split(block("console").removeprefix("$ "))
    assert words[:2] == ["curl", "--get"]
    asked = dict(urllib.parse.parse_qsl(words[words.index("--data") + 1]))
    for option, word in pairwise(words):
        if option == "--data-urlencode":
            name, _, value = word.partition("=")
            asked[name] = value
    asked |= {"to": number, "text": text, "dlr-url": asked["dlr-url"].replace("8080", str(reports))}
    return f"{words[2].replace('13013', str(sendsms))}?{urllib.parse.urlencode(asked)}"


@contextmanager
def ended(process: Process) -> Iterator[Process]:
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()


@asynccontextmanager
async def box(program: str | None, config: Path, ready: str) -> AsyncIterator[None]:
    """One of Kannel's processes, from the line that says that it is ready to its orderly end."""
    assert program is not None
    command = [program, "-v", "1", str(config)]
    with ended(await asyncio.create_subprocess_exec(*command, stderr=PIPE, env=ENVIRONMENT)) as process:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while ready.encode() not in (line := await process.stderr.readline()):
                assert line, "it ended before it was ready"
        yield
        process.terminate()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await process.communicate()


@asynccontextmanager
async def reports() -> AsyncIterator[tuple[int, asyncio.Queue[dict[str, str]]]]:
    """Where Kannel reports to: the port, and what it told there."""
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        told.put_nowait(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(head.split()[1]).query)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], told


def ask(address: str) -> str:
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        return str(answer.read().decode())


async def test_a_long_message_and_a_wrong_number(tmp_path: Path) -> None:
    sendsms = free_port()
    async with running(tmp_path, customers={"demo": DEMO}) as port, reports() as (told_at, told):
        config = configuration(tmp_path, port, sendsms)
        async with (
            box(BEARERBOX, config, "entering mainloop"),
            box(SMSBOX, config, "Connected to bearerbox"),
            asyncio.timeout(PATIENCE_SECONDS),
        ):
            for number, kind in (("09030000001", DELIVERED), ("0312345678", REFUSED)):
                asked = request(number, "保険料のお知らせ。" * 30, sendsms, told_at)
                assert await asyncio.to_thread(ask, asked) == "0: Accepted for delivery"
                report = await told.get()
                assert report["type"] == kind, report
                if kind == DELIVERED:
                    assert report["receipt"].startswith(f"id:{report['id']} sub:005 dlvrd:005 ")

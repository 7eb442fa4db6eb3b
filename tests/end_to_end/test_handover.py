"""A supervisor that keeps the listening socket: over a restart nobody is refused, and who came meanwhile is bound."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from simulators import wire
from tests.end_to_end.rig import READY_SECONDS, STOP_SECONDS, write_config

# What systemd does between fork and exec; the variables tell whom they are meant for.
HANDS_OVER = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="smpp")
os.execv(sys.executable, [sys.executable, "-m", "gateway", "run", "--config", sys.argv[2]])
"""


class Life:
    """One life of a gateway that was handed a socket."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, listening: socket.socket, config: Path, supervisor: str) -> "Life":
        """Start it; it need not be ready yet."""
        number = listening.fileno()
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", HANDS_OVER, str(number), str(config)),
                pass_fds=[number],
                env={**os.environ, "NOTIFY_SOCKET": supervisor, "WATCHDOG_USEC": "400000"},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        )

    async def until(self, name: str) -> dict[str, Any]:
        """The next log line of this event."""
        assert self.process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            while line := await self.process.stdout.readline():
                event: dict[str, Any] = json.loads(line)
                if event["event"] == name:
                    return event
        raise AssertionError(f"it ended without {name}")

    async def end(self, number: signal.Signals) -> tuple[int | None, str]:
        """Wait for what comes of this signal: the exit code, and what was said beside the log."""
        self.process.send_signal(number)
        async with asyncio.timeout(STOP_SECONDS):
            _, said = await self.process.communicate()
        return self.process.returncode, said.decode()


async def bound(port: int, sequence: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connected at once, whoever runs; the bind is written and not answered yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(wire.bind(wire.BIND_TRANSCEIVER, sequence, b"shop", b"secret"))
    return reader, writer


async def status_of(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Of the bind_transceiver_resp that comes: its status and sequence number."""
    async with asyncio.timeout(READY_SECONDS):
        header = await reader.readexactly(16)
    command, status, sequence = (int.from_bytes(header[at : at + 4], "big") for at in (4, 8, 12))
    assert command == 0x80000009
    return status, sequence


async def test_over_a_restart_nobody_is_refused(tmp_path: Path) -> None:
    config, port = write_config(tmp_path, carrier_port=1)
    with (
        socket.create_server(("127.0.0.1", port), backlog=64) as listening,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard,
    ):
        heard.bind(str(tmp_path / "notify"))
        early = await bound(port, 1)  # before there is any gateway
        first = await Life.start(listening, config, str(tmp_path / "notify"))
        assert (await first.until("socket_inherited"))["listen"] == f"127.0.0.1:{port}"
        await first.until("ready")
        assert await status_of(early[0]) == (0, 1)
        told = await heard_until(heard, "STATUS=0 of 1 carriers up, 1 customers' binds, 0 waiting")
        assert "WATCHDOG=1" in told
        early[1].close()
        assert await first.end(signal.SIGTERM) == (0, "")

        waiting = [await bound(port, sequence) for sequence in range(2, 12)]  # nobody runs
        second = await Life.start(listening, config, str(tmp_path / "notify"))
        assert [await status_of(reader) for reader, _ in waiting] == [(0, sequence) for sequence in range(2, 12)]
        told += await heard_until(heard, "READY=1")
        for _, writer in waiting:
            writer.close()
        code, said = await second.end(signal.SIGABRT)  # what a watchdog does that lost patience
    assert (code, "most recent call first" in said) == (-signal.SIGABRT, True)
    assert [one for one in told if one in {"READY=1", "STOPPING=1"}] == ["READY=1", "STOPPING=1", "READY=1"]
    assert told[0].startswith("EXTEND_TIMEOUT_USEC=")  # it may take long to read what it remembers


async def heard_until(heard: socket.socket, last: str) -> list[str]:
    """The first line of every datagram until this one."""
    heard.setblocking(False)
    told: list[str] = []
    async with asyncio.timeout(READY_SECONDS):
        while last not in told:
            octets = await asyncio.get_running_loop().sock_recv(heard, 4_096)
            told.append(octets.decode().split("\n")[0])
    return told

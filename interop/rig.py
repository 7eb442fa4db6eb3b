"""A gateway, its carrier, and programs beside them that speak to it with libraries of other people."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.end_to_end.rig import Centre, Gateway, write_config

HERE = Path(__file__).parent
NODE = shutil.which("node")
HAS_NODE = NODE is not None and (HERE / "node_modules" / "smpp").is_dir()
PATIENCE_SECONDS = 30.0


@asynccontextmanager
async def running(directory: Path, carrier_port: int | None = None, **changes: Any) -> AsyncIterator[int]:
    """A gateway with one carrier, a simulated one unless it is told another; the port that customers connect to."""
    centre = Centre()
    await centre.open()
    config, port = write_config(directory, centre.port if carrier_port is None else carrier_port, **changes)
    gateway = await Gateway.start(config)
    try:
        yield port
        code, lines = await gateway.stop()
        assert code == 0
        assert [line for line in lines if line["level"] == "error"] == []
    finally:
        centre.close()
        if gateway.process.returncode is None:
            gateway.process.kill()
            await gateway.process.wait()


async def node(script: str, *arguments: str) -> asyncio.subprocess.Process:
    """A program of node's, with its standard output to read."""
    assert NODE is not None
    return await asyncio.create_subprocess_exec(NODE, str(HERE / script), *arguments, stdout=asyncio.subprocess.PIPE)


async def line_of(process: asyncio.subprocess.Process) -> Any:
    """Its next line, which is JSON."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        return json.loads(await process.stdout.readline())

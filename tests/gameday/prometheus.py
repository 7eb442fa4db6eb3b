"""A real Prometheus beside one gateway: it scrapes each second, with the rules on a shorter clock, and is asked."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from simulators.ports import free_port
from tests.gameday.rules import A_MINUTE_IS_A_SECOND, shorter
from tests.house.tree import ROOT

RULES = ROOT / "ops" / "prometheus" / "alerts.yaml"
ANSWER_SECONDS = 5.0
READY_SECONDS = 30.0
LOOK_SECONDS = 0.2


def program() -> str | None:
    """Where Prometheus is; None: it is not installed."""
    return shutil.which("prometheus")


async def fetch(url: str, headers: dict[str, str] | None = None, posted: bytes | None = None) -> str:
    """What is at this address, or what is answered to what is posted there; refusals too. OSError."""

    def read() -> str:
        try:
            with urlopen(Request(url, posted, headers or {}), timeout=ANSWER_SECONDS) as answer:
                found: bytes = answer.read()
        except HTTPError as refusal:
            with refusal:
                found = refusal.read()
        return found.decode()

    return await asyncio.to_thread(read)


async def a_moment() -> None:
    """Until one looks again."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await asyncio.Event().wait()
    except TimeoutError:
        return


class Prometheus:
    """Of one directory, on one target (host:port)."""

    def __init__(self, directory: Path, target: str) -> None:
        self._directory = directory
        self._target = target
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """And wait until it answers. AssertionError when it does not."""
        found = program()
        assert found is not None, "prometheus is not installed"
        self._directory.mkdir()
        (self._directory / "rules.yaml").write_text(shorter(RULES.read_text("utf-8"), A_MINUTE_IS_A_SECOND), "utf-8")
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "500ms"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": "smpp-gateway", "static_configs": [{"targets": [self._target]}]}],
        }
        file = self._directory / "prometheus.yaml"
        file.write_text(json.dumps(config), "utf-8")
        with (self._directory / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                found,
                f"--config.file={file}",
                f"--storage.tsdb.path={self._directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
                stdout=log,
                stderr=log,
                env=os.environ | {"GOMAXPROCS": "1"},
            )
        async with asyncio.timeout(READY_SECONDS):
            while not await self._answers():
                assert self._process.returncode is None, (self._directory / "log").read_text("utf-8")
                await a_moment()

    async def _answers(self) -> bool:
        try:
            return "Ready" in await fetch(f"http://127.0.0.1:{self._port}/-/ready")
        except (URLError, OSError):
            return False

    async def _ask(self, path: str, **arguments: str) -> Any:
        query = f"?{urlencode(arguments)}" if arguments else ""
        answer = json.loads(await fetch(f"http://127.0.0.1:{self._port}/api/v1/{path}{query}"))
        assert answer["status"] == "success", answer
        return answer["data"]

    async def firing(self, alert: str) -> bool:
        """Whether the alert fires, for whomever."""
        alerts = (await self._ask("alerts"))["alerts"]
        return any(one["labels"]["alertname"] == alert and one["state"] == "firing" for one in alerts)

    async def value(self, query: str) -> float:
        """The sum of what a query finds now; 0 when it finds nothing."""
        found = (await self._ask("query", query=query))["result"]
        return sum(float(one["value"][1]) for one in found)

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

"""A gateway as its own processes, a carrier and a customer around it, wires between that can be hurt; and the audit."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from simulators.auditor import Terms, Verdict, audit
from simulators.config import Outcome, Receipts, SmscConfig
from simulators.evidence import read_store
from simulators.phone import Segment
from simulators.ports import free_port
from simulators.serve import Recorder, Served
from simulators.smsc import Smsc
from tests.end_to_end.rig import READY_SECONDS, STOP_SECONDS, write_config
from tests.faults.crowd import Crowd
from tests.faults.plan import Plan
from tests.faults.relay import Relay

# What a disk that fails on purpose makes it say.
OF_THE_DISK = frozenset({"store_stuck", "archive_stuck"})

UNITS = (70, *range(132, 661, 66))
TERMS = Terms({"one": UNITS}, 1_000)
SESSIONS = {"enquire_link_seconds": 1.0, "response_seconds": 1.0}
CARRIER_SESSION = {
    "window": 20,
    "reconnect_min_seconds": 0.05,
    "reconnect_max_seconds": 0.2,
    "enquire_link_seconds": 0.5,
    "response_seconds": 1.0,
}
IN_DOUBT = "smpp_gateway_segments_in_doubt_total"
OUTCOMES = (
    Outcome.model_validate({"destination": "7$", "stat": "UNDELIV", "err": "001"}),
    Outcome.model_validate({"destination": "33$", "status": 0x0B}),
)


class Life:
    """One life of the gateway's processes."""

    def __init__(self, process: asyncio.subprocess.Process, ready: Mapping[str, Any]) -> None:
        self.process = process
        self.in_doubt: int = ready["in_doubt"]
        self.metrics: str = ready["metrics"]
        self.errors: list[str] = []
        self._reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        stream = self.process.stdout
        while stream is not None and (line := await stream.readline()):
            event = json.loads(line)
            if event["level"] in {"error", "critical"} and event["event"] not in OF_THE_DISK:
                self.errors.append(line.decode())

    @property
    def store_pid(self) -> int:
        """Its store process."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return int(children[0])

    @property
    def dead(self) -> bool:
        """Whether the gateway has ended."""
        return self.process.returncode is not None

    async def scrape(self) -> None:
        """Read its in-doubt count: it has the ones that were found at the start."""
        host, _, port = self.metrics.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
        said = (await reader.read()).decode()
        writer.close()
        figures = [line.rpartition(" ")[2] for line in said.splitlines() if line.startswith(IN_DOUBT)]
        self.in_doubt = max(self.in_doubt, sum(int(float(figure)) for figure in figures))

    async def ended(self) -> int:
        """Wait for the end; its exit code."""
        async with asyncio.timeout(STOP_SECONDS):
            code = await self.process.wait()
            await self._reader
        return code


class Scene:
    """What stays while gateways come and go."""

    def __init__(self, directory: Path, lot: Random, *, binds: int = 2, policy: str = "resend", **changes: Any) -> None:
        self.directory = directory
        self._lot = lot
        self.segments: list[Segment] = []
        self._recorder = Recorder(directory / "phones.jsonl")
        receipts = Receipts(delay_seconds=0.02, jitter_seconds=0.05, again_seconds=0.2)
        config = SmscConfig(port=0, system_id="gateway", password="secret", receipts=receipts, outcomes=OUTCOMES)
        smsc = Smsc("one", config, lot.randrange(1 << 30), lambda: datetime.now(UTC), self._seen)  # noqa: TID251
        self._centre = Served(smsc)
        self._binds = binds
        self._policy = policy
        self._changes = changes
        self.plan = Plan(directory / "plan")
        self.in_doubt = 0
        self.errors: list[str] = []
        self._life: Life | None = None

    def _seen(self, segment: Segment) -> None:
        self.segments.append(segment)
        self._recorder.add(segment)
        self._recorder.flush()

    async def open(self) -> None:
        """The carrier, the wires and the customer."""
        _, port = await self._centre.listen()
        self.to_carrier = Relay(port)
        await self.to_carrier.open()
        self.config, gateway_port = write_config(
            self.directory,
            self.to_carrier.port,
            metrics={"host": "127.0.0.1", "port": free_port()},
            sessions=SESSIONS,
            **self._changes,
        )
        whole = json.loads(self.config.read_text("utf-8"))
        whole["carriers"]["one"] |= {
            "session": CARRIER_SESSION,
            "in_doubt": self._policy,
            "in_doubt_wait_seconds": 1.0,
        }
        self.config.write_text(json.dumps(whole), "utf-8")
        self.to_gateway = Relay(gateway_port)
        await self.to_gateway.open()
        self.crowd = Crowd(self.to_gateway.port, self.directory / "journal.jsonl", self._lot, self._binds)
        self.crowd.start()

    @property
    def life(self) -> Life:
        """The gateway that lives."""
        assert self._life is not None
        return self._life

    async def begin(self, *, under_fault: bool = False) -> None:
        """Start a gateway and wait for the customer's binds."""
        module = ["tests.faults.gateway_under_fault", str(self.directory / "plan")] if under_fault else ["gateway"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, "run", "--config", str(self.config), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            while line := await process.stdout.readline():
                event = json.loads(line)
                if event["event"] == "ready":
                    self._life = Life(process, event)
                    break
            else:
                raise AssertionError(f"the gateway ended before it was ready: exit code {await process.wait()}")
        await self.crowd.bound()

    async def kill(self, victim: str) -> None:
        """kill -9 of the gateway, of its store process, or of both; wait until the gateway is gone."""
        store = self.life.store_pid
        if victim != "gateway":
            os.kill(store, signal.SIGKILL)
        if victim != "store":
            self.life.process.kill()
        await self.over(1 if victim == "store" else -signal.SIGKILL)

    async def over(self, *codes: int) -> None:
        """The gateway has ended, or is about to: with one of these codes."""
        code = await self.life.ended()
        assert code in codes, f"exit code {code}: {self.life.errors}"
        self.in_doubt += self.life.in_doubt
        if code == 0:
            self.errors += self.life.errors

    async def drained(self) -> None:
        """Wait until all that was promised whole is told, and nothing is on its way."""
        crowd = self.crowd
        try:
            await crowd.until(lambda: crowd.answered and not crowd.unsettled)
        except TimeoutError:
            raise AssertionError(f"no receipt came for {crowd.unsettled[:10]}, or no answer") from None
        await self.life.scrape()

    async def end(self) -> Verdict:
        """Unbind, stop the gateway, and judge."""
        await self.crowd.stop(politely=True)
        await self.life.scrape()
        self.life.process.send_signal(signal.SIGTERM)
        await self.over(0)
        self.close()
        assert self.errors == [], self.errors
        stored = read_store(self.directory / "state")
        verdict = audit(
            self.crowd.entries, self.segments, stored, TERMS, self.in_doubt, gives_up=self._policy == "fail"
        )
        assert verdict.waiting <= self.crowd.incomplete, "what was promised whole still waits"
        return verdict

    def close(self) -> None:
        """Nothing listens any more; a gateway that lives is killed."""
        self.to_carrier.close()
        self.to_gateway.close()
        self._centre.close()
        self.crowd.close()
        with self._recorder:
            pass

    async def abandon(self) -> None:
        """After a failure: leave nothing running."""
        await self.crowd.stop(politely=False)
        if self._life is not None and not self._life.dead:
            self._life.process.kill()
            await self._life.process.wait()
        self.close()

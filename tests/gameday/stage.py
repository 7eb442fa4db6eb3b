"""What a scene plays on: a gateway as its own processes with its page, two carriers, customers, and a Prometheus."""

import asyncio
import contextlib
import html
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from pydantic import TypeAdapter

from simulators.auditor import Terms, Verdict, audit
from simulators.characters import Character
from simulators.config import Receipts, SmscConfig
from simulators.evidence import read_store
from simulators.phone import Segment
from simulators.ports import free_port
from simulators.serve import Served
from simulators.smsc import Smsc
from tests.end_to_end.rig import READY_SECONDS, STOP_SECONDS, write_config
from tests.faults.crowd import SHOP, Crowd, Who
from tests.gameday.prometheus import Prometheus, a_moment, fetch

FLOOD = Who(b"flood", b"8190301", "f")
TOKEN = "the-token-of-the-game-day"
UNITS = (70, *range(132, 661, 66))
TERMS = Terms({"one": UNITS, "two": UNITS}, 1_000)
CARRIERS = ("one", "two")
SESSION = {"window": 50, "response_seconds": 2.0, "reconnect_min_seconds": 0.05, "reconnect_max_seconds": 0.5}
PACE = {"segments_per_second": 120.0, "burst_segments": 120}
STORE_OCTETS = 32 << 20
RECEIPT_SECONDS = 3.0
TICK = 0.1  # seconds between two handfuls of messages
CHARACTERS: TypeAdapter[tuple[Character, ...]] = TypeAdapter(tuple[Character, ...])


class Stage:
    """One gateway and all around it, in an empty directory."""

    def __init__(self, directory: Path, seed: str) -> None:
        self.directory = directory
        self.state = directory / "state"
        self.segments: list[Segment] = []
        self.typed: list[str] = []
        self._lot = Random(seed)
        self._smscs: dict[str, Smsc] = {}
        self._centres: dict[str, Served] = {}
        self._ports: dict[str, int] = {}
        self._crowds: dict[Who, Crowd] = {}
        self._rates: dict[Who, float] = {}
        self._sender: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._mounted = False
        self._others: list[asyncio.Task[None]] = []
        self.ready: dict[str, Any] = {}
        self.port = 0

    async def open(self, *, small_disk: bool = False) -> None:
        """Everything is up and two customers are bound; nobody sends yet."""
        self.state.mkdir()
        if small_disk:
            await self._mount()
        for name in CARRIERS:
            await self.open_centre(name)
        self._config, self.port = self._write()
        with (self.directory / "gateway.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "gateway", "run", "--config", str(self._config)), stdout=log, stderr=log
            )
        await self.until(self._is_ready, READY_SECONDS)
        self.prometheus = Prometheus(self.directory / "prometheus", self.ready["metrics"])
        await self.prometheus.start()
        for who in (SHOP, FLOOD):
            journal = self.directory / f"{who.letter}.jsonl"
            crowd = self._crowds[who] = Crowd(self.port, journal, self._lot, 2, who)
            crowd.start()
            await crowd.bound()
        self._sender = asyncio.get_running_loop().create_task(self._send())

    async def _mount(self) -> None:
        """A small disk for the store, where this user may do that."""
        if os.geteuid() == 0:
            with contextlib.suppress(AssertionError):
                await self.run("mount", "-t", "tmpfs", "-o", f"size={STORE_OCTETS}", "gameday", str(self.state))
                self._mounted = True

    def _write(self) -> tuple[Path, int]:
        """The gateway's file: both carriers may serve a number, `two` by an operator's word only."""
        customers = {
            "shop": {"system_id": "shop", "password": "secret", "tariff": "standard", "window": 1000},
            "flood": {"system_id": "flood", "password": "secret", "tariff": "standard", "window": 1000},
        }
        customers["flood"] |= {"throttle": {"segments_per_second": 50.0, "burst_segments": 50}}
        path, port = write_config(
            self.directory,
            self._ports["one"],
            customers=customers,
            metrics={"host": "127.0.0.1", "port": free_port()},
            page={"port": 0, "tokens": {"noc": TOKEN}},
            portability={"library_names": {"NTT Docomo": "one"}},
            routing={
                "down_seconds": 3_600.0,
                "routes": {"two": {"serves": ["one"]}},
                "rules": [{"name": "both", "routes": [{"to": "one"}, {"to": "two"}]}],
            },
        )
        whole = json.loads(path.read_text("utf-8"))
        one = whole["carriers"]["one"] | {"session": SESSION, "pace": PACE}
        two = one | {"title": "Two", "binds": [one["binds"][0] | {"port": self._ports["two"]}]}
        whole["carriers"] = {"one": one, "two": two}
        path.write_text(json.dumps(whole), "utf-8")
        return path, port

    async def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.log()
        lines = [json.loads(line) for line in self.log().splitlines() if '"event":"ready"' in line]
        self.ready = lines[0] if lines else {}
        return bool(lines)

    def log(self) -> str:
        """All that the gateway said."""
        return (self.directory / "gateway.log").read_text("utf-8", "replace").rpartition("\n")[0]

    # The carriers

    async def open_centre(self, name: str) -> None:
        """The carrier is there, at the place that it had, and knows what it owes."""
        if name not in self._smscs:
            receipts = Receipts(delay_seconds=0.05, again_seconds=0.2)
            port = self._ports[name] = free_port()
            config = SmscConfig(port=port, system_id="gateway", password="secret", receipts=receipts)
            self._smscs[name] = Smsc(
                name,
                config,
                self._lot.randrange(1 << 30),
                lambda: datetime.now(UTC),  # noqa: TID251
                self.segments.append,
            )
        served = self._centres[name] = Served(self._smscs[name])
        await served.listen()

    def close_centre(self, name: str) -> None:
        """The carrier is gone."""
        self._centres[name].close()

    def recast(self, name: str, *characters: dict[str, Any]) -> None:
        """The carrier behaves so from now on."""
        self._smscs[name].recast(CHARACTERS.validate_python(characters))

    # The configuration

    def write_nonsense(self) -> None:
        """A mistake in the file, and SIGHUP."""
        whole = json.loads(self._config.read_text("utf-8"))
        self._before = self._config.read_bytes()
        whole["customers"]["flood"]["tariff"] = "summer"
        self._config.write_text(json.dumps(whole), "utf-8")
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def write_sense(self) -> None:
        """The mistake is mended, and what was wanted is in the file."""
        whole = json.loads(self._before)
        whole["customers"]["flood"]["throttle"]["segments_per_second"] = 60.0
        self._config.write_text(json.dumps(whole), "utf-8")

    # The customers

    def rate(self, who: Who, per_second: float) -> None:
        """So many messages a second from now on."""
        self._rates[who] = per_second

    def burst(self, who: Who, count: int) -> None:
        """So many at once."""
        self._crowds[who].send(count)

    async def _send(self) -> None:
        owed = dict.fromkeys((SHOP, FLOOD), 0.0)
        while True:
            for who, rate in self._rates.items():
                owed[who] += rate * TICK
                self._crowds[who].send(int(owed[who]))
                owed[who] -= int(owed[who])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await asyncio.Event().wait()

    def also(self, *work: Coroutine[Any, Any, None]) -> None:
        """These run beside it from now on, and no others."""
        for task in self._others:
            task.cancel()
        self._others = [asyncio.get_running_loop().create_task(one) for one in work]

    # The disk

    def fill_disk(self) -> str:
        """No more can be written; how that was done."""
        if not self._mounted:
            resource.prlimit(self._store_pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            return "the store may write no file"
        with (self.state / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(1 << 16))
        return "a file fills the disk of the store"

    def make_room(self) -> str:
        """It can be written again."""
        if self._mounted:
            (self.state / "ballast").unlink()
            return "rm ballast"
        resource.prlimit(self._store_pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return "the limit taken back"

    @property
    def _store_pid(self) -> int:
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return int(children[0])

    # The operator

    async def run(self, *command: str) -> str:
        """A command's output. AssertionError when it fails."""
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, f"{' '.join(command)}: {output.decode()}"
        return output.decode()

    async def type(self, words: str) -> str:
        """A verb, typed as an operator does."""
        self.typed.append(words)
        more = ("--why", "game day", "--yes") if words.split(maxsplit=1)[0] not in {"attempts", "status"} else ()
        return await self.run(
            sys.executable, "-m", "gateway", *words.split(), *more, "--state-directory", str(self.state)
        )

    async def check_store(self) -> None:
        """All promises that the files keep. AssertionError tells those that they break."""
        await self.run(sys.executable, "-m", "gateway", "store", "check", str(self.state))

    async def page(self, path: str = "/") -> str:
        """The words of the status page, in English. Of a verb for programs with the token; what POST would do."""
        headers = {"Accept-Language": "en", "Authorization": f"Bearer {TOKEN}"}
        posted = None
        if path.startswith("POST "):
            path, posted = path.removeprefix("POST "), b'{"arguments": {}, "dry_run": true, "why": "game day"}'
            headers["Content-Type"] = "application/json"
        text = await fetch(f"http://{self.ready['page']}{path}", headers, posted)
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))

    async def until(self, condition: Callable[[], Awaitable[bool]], seconds: float) -> float:
        """Wait until it holds; how long that took. TimeoutError."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(seconds):
            while not await condition():
                await a_moment()
        return loop.time() - began

    # The end

    async def drained(self, seconds: float = 30.0) -> None:
        """Nobody sends, all that was sent is answered, and what can end has ended."""
        for who in self._rates:
            self._rates[who] = 0.0
        for crowd in self._crowds.values():
            await crowd.until(lambda crowd=crowd: crowd.answered, seconds)  # type: ignore[misc]
            with contextlib.suppress(TimeoutError):  # what a silent carrier took ends days later
                await crowd.until(lambda crowd=crowd: not crowd.unsettled, RECEIPT_SECONDS)  # type: ignore[misc]

    async def judged(self) -> Verdict:
        """Customers go, the gateway ends, and the auditor judges."""
        in_doubt = await self.prometheus.value("sum(smpp_gateway_segments_in_doubt_total)")
        for crowd in self._crowds.values():
            await crowd.stop(politely=True)
        await self._end()
        entries = [entry for crowd in self._crowds.values() for entry in crowd.entries]
        return audit(entries, self.segments, read_store(self.state), TERMS, int(in_doubt))

    async def _end(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        assert self._process.returncode == 0, self.log()[-2_000:]

    async def close(self) -> None:
        """Leave nothing running, whatever happened."""
        self.also()
        if self._sender is not None:
            self._sender.cancel()
        for crowd in self._crowds.values():
            await crowd.stop(politely=False)
            crowd.close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if hasattr(self, "prometheus"):
            await self.prometheus.stop()
        for centre in self._centres.values():
            centre.close()
        if self._mounted:
            await self.run("umount", str(self.state))
            self._mounted = False


def told(verdict: Verdict) -> str:
    """In a few words."""
    figures = verdict.figures()
    if not verdict.good:
        return "; ".join(verdict.as_table()[-4:])
    waiting = f", {verdict.waiting} wait for a receipt or a part that was refused" if verdict.waiting else ""
    doubled = f", {figures['doubled on the phone']} twice of {verdict.in_doubt} in doubt" if verdict.in_doubt else ""
    return f"nothing lost of {verdict.promised}{waiting}{doubled}"


def first_match(pattern: str, text: str) -> str:
    """What a page says; empty when it does not."""
    found = re.search(pattern, text)
    return found[0].strip() if found else ""

"""A gateway's page over real HTTP, its flow in memory and its clock moved by hand; and a browser's better half."""

import asyncio
import re
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar

from gateway.assemble import assemble
from gateway.carrier_binds import CarrierBinds
from gateway.flow.announcements import Announcements
from gateway.flow.clock import Clock
from gateway.net.turn import Turn
from gateway.ops.audit_log import AuditLog
from gateway.ops.steering import Steering
from gateway.page.door import PageDoor
from gateway.steer import Steer
from gateway.steer_status import SteerStatus
from gateway.store.archive import Archive
from gateway.store.memory import MemoryStore
from tests.gateway.flow.world import START_MS, settings
from tests.gateway.steered import Figures, read_now

TOKEN = "a-token-of-the-night-watch"
OTHER = "another-token-of-the-day"
PAGE: dict[str, Any] = {"port": 0, "tokens": {"noc": TOKEN, "day": OTHER}}


class Paged:
    """Everything but the daemon."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        self.directory = directory
        self.now = 1_000.0
        self.settings = settings(**({"page": PAGE} | changes))
        self.figures = Figures()

    async def open(self) -> "Paged":
        """Listen on a port of the kernel's choice."""
        store = MemoryStore()
        clock = Clock(lambda: self.now, lambda: START_MS + int(self.now * 1000))
        self.flow = flow = assemble(self.settings, store, clock, await store.load())
        turn = Turn(asyncio.get_running_loop(), lambda: None)
        binds = CarrierBinds(self.settings.carriers, flow, turn, lambda: self.now, set())
        self.status = SteerStatus(flow, binds, self.figures)
        self.announcements = Announcements(store, clock)
        steer = Steer(flow, binds, self.status, Archive(self.directory), read_now, lambda: (), lambda: None)
        self.audit = AuditLog(self.directory, clock.wall_ms)
        self.steering = Steering(self.directory, steer.verbs(), self.audit)
        self.door = PageDoor(
            self.settings, self.directory, flow, self.status, self.steering, self.audit, self.announcements
        )
        self.address = await self.door.open() or ""
        self.client = ClientSession(f"http://{self.address or 'nowhere'}", cookie_jar=CookieJar(unsafe=True))
        return self

    async def close(self) -> None:
        """End."""
        await self.client.close()
        await self.door.close()

    def held(self, carrier: str) -> bool:
        """Whether an operator holds it now."""
        return self.flow.carriers[carrier].held

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(path, headers=named) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, str]:
        """Status and text, where it leads to."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.post(path, data=fields, headers=named) as answer:
            return answer.status, await answer.text()

    async def sign_in(self, token: str = TOKEN) -> str:
        """Show a token; return the key that forms carry."""
        status, _ = await self.post("/sign-in", {"token": token, "to": "/"})
        assert status == 200
        _, text = await self.get("/search")
        (key, *_) = re.findall(r'name="form_key" value="([^"]+)"', text)
        return str(key)

    async def verb(self, verb: str, body: object, token: str = TOKEN) -> tuple[int, Any]:
        """Over the API."""
        headers = {"Authorization": f"Bearer {token}"}
        async with self.client.post(f"/api/{verb}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

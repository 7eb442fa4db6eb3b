"""The pages that show: how things are, a carrier, the customers, a message's life."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.page.doorway import Doorway
from gateway.page.throughput import Throughput
from gateway.page.view import View
from gateway.trace import Story
from gateway.trace_asked import KINDS

MOST_SEARCHES = 2  # at a time
MOST_SEARCHED = 128  # characters
STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
STATIC_DIRECTORY = Path(__file__).parent / "static"

# What was typed, and what it is, or None; read beside the loop. ValueError, OSError or sqlite3.Error.
Find = Callable[[str, str | None], list[Story]]


class Site:
    """Of one gateway."""

    def __init__(self, doorway: Doorway, view: View, throughput: Throughput, find: Find) -> None:
        self._doorway = doorway
        self._view = view
        self._throughput = throughput
        self._find = find
        self._searching = 0
        self._static = {name: (STATIC_DIRECTORY / name).read_bytes() for name in STATIC}

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [
            web.get("/", self.overview),
            web.get("/carriers/{name}", self.carrier),
            web.get("/customers", self.customers),
            web.get("/customers/{name}", self.customer),
            web.get("/search", self.search),
            web.post("/search", self.found),
            web.get("/static/{name}", self.static),
        ]

    async def static(self, request: web.Request) -> web.Response:
        """Style, script and icon."""
        name = request.match_info["name"]
        body = self._static.get(name)
        if body is None:
            return self._doorway.show(request, "missing", status=404)
        headers = {"Cache-Control": "max-age=300"}
        return web.Response(body=body, content_type=STATIC[name], charset="utf-8", headers=headers)

    async def overview(self, request: web.Request) -> web.Response:
        """All at a glance."""
        return self._doorway.show(
            request,
            "overview",
            fresh=True,
            view=self._view.overview(),
            announcements=self._view.announcements(),
            throughput=self._throughput,
        )

    async def carrier(self, request: web.Request) -> web.Response:
        """One carrier."""
        name = request.match_info["name"]
        carrier = self._view.carrier(name)
        if carrier is None:
            return self._doorway.show(request, "missing", status=404)
        rates = self._throughput.carrier(name).rates()
        return self._doorway.show(request, "carrier", fresh=True, carrier=carrier, rates=rates)

    async def customers(self, request: web.Request) -> web.Response:
        """Those that are looked for, some on a page."""
        search = request.query.get("q", "")[:MOST_SEARCHED]
        written = request.query.get("page", "1")
        page = int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 1
        found, pages = self._view.customers(search, page)
        page = min(max(page, 1), pages)
        return self._doorway.show(request, "customers", found=found, search=search, page=page, pages=pages)

    async def customer(self, request: web.Request) -> web.Response:
        """One customer."""
        customer = self._view.customer(request.match_info["name"])
        if customer is None:
            return self._doorway.show(request, "missing", status=404)
        return self._doorway.show(request, "customer", fresh=True, customer=customer)

    async def search(self, request: web.Request) -> web.Response:
        """The empty form."""
        return self._searched(request)

    async def found(self, request: web.Request) -> web.Response:
        """A message's life. It is posted, so that no number stands in a browser's history."""
        typed = await self._doorway.typed(request)
        if isinstance(typed, web.Response):
            return typed
        what, kind = typed.get("what", "").strip()[:MOST_SEARCHED], typed.get("kind", "")
        if not what:
            return self._searched(request)
        if self._searching >= MOST_SEARCHES:
            return self._searched(request, what=what, kind=kind, busy=True)
        self._searching += 1
        try:
            loop = asyncio.get_running_loop()
            stories = await loop.run_in_executor(None, self._find, what, kind if kind in KINDS else None)
        except (ValueError, OSError, sqlite3.Error) as error:
            return self._searched(request, what=what, kind=kind, why=str(error))
        finally:
            self._searching -= 1
        return self._searched(request, what=what, kind=kind, stories=stories[::-1])

    def _searched(self, request: web.Request, **found: Any) -> web.Response:
        if self._doorway.visitor(request) is None:
            return self._doorway.ask_for_token(request)
        usual: dict[str, Any] = {"what": "", "kind": "", "why": "", "busy": False, "stories": None, "kinds": KINDS}
        return self._doorway.show(request, "search", **(usual | found))
